import type { Configuration, ProviderSettings } from '@tenure/config';
import type { LoginObjection, SubjectChange } from '@tenure/domain';
import type { LoginSubject, Transaction } from '@tenure/store';
import { type CorrelationValue, isSameKey } from '../intake/correlation-value.ts';
import type { KnownPerson } from '../intake/known-person.ts';
import { authoritativeSources } from '../intake/settings-of-source.ts';
import type { IncomingRecord } from '../intake/incoming-record.ts';

/** A login that a key matches to a person. */
export interface LoginLinking {
  readonly provider: ProviderSettings;
  readonly login: Pick<IncomingRecord, 'externalId' | 'login'>;
  readonly person: KnownPerson;
  /** The value that found them. */
  readonly value: CorrelationValue;
}

/** @returns `null`: nothing speaks against it */
export async function objectionToLogin(
  tx: Transaction,
  { configuration, hasRights }: { readonly configuration: Configuration; readonly hasRights: (identityId: string) => Promise<boolean> },
  { provider, login, person, value }: LoginLinking,
): Promise<{ readonly why: LoginObjection; readonly change?: SubjectChange } | null> {
  const { mayLink = [], linkTo } = provider;
  const subjects = await tx.identities.subjectsOf(person.identityId);
  const others = subjects.filter(({ issuer, subject }) => `${issuer}|${subject}` !== login.externalId);
  const own = others.filter((one) => one.provider === provider.name);
  if (own.length > 0) return { why: 'another-subject', change: changeTo(own, login) };
  if (linkTo === 'authoritative' && !isVouchedFor(configuration, person, value)) return { why: 'not-vouched' };
  if (!mayLink.includes('privileged') && (await hasRights(person.identityId))) return { why: 'privileged' };
  return !mayLink.includes('bound') && others.length > 0 ? { why: 'bound' } : null;
}

/** Difference between a login and the person's bound subjects at this provider; `subject` where none is bound. */
export async function changeOfSubject(
  tx: Transaction,
  { name }: Pick<ProviderSettings, 'name'>,
  identityId: string,
  login: LoginLinking['login'],
): Promise<SubjectChange> {
  return changeTo(
    (await tx.identities.subjectsOf(identityId)).filter(({ provider }) => provider === name),
    login,
  );
}

function changeTo(own: readonly LoginSubject[], { login }: LoginLinking['login']): SubjectChange {
  if (login === undefined || own.length === 0) return 'subject';
  if (own.every(({ issuer }) => issuer !== login.issuer)) return 'issuer';
  const isOtherFormat = own.every(({ nameIdFormat }) => nameIdFormat !== null && login.nameIdFormat !== null && nameIdFormat !== login.nameIdFormat);
  return isOtherFormat ? 'name-id-format' : 'subject';
}

/** True: an authoritative source states this key in a current record of the person. Values from other logins do not count. */
function isVouchedFor(configuration: Configuration, { living }: KnownPerson, { by, value, kind }: CorrelationValue): boolean {
  const authoritative = authoritativeSources(configuration);
  return living.some(
    ({ source, facts, emailTrusted }) => authoritative.includes(source) && isSameKey(facts[by], value) && (kind === 'attribute' || emailTrusted),
  );
}
