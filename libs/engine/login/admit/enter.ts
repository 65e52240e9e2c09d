import type { KeysOfLogin, LoginLink, Transaction } from '@tenure/store';
import type { Engine } from '../../decide/engine.ts';
import { decideWithout, endBindings } from '../end-bindings.ts';
import { mayEnter } from '../may-enter.ts';
import type { Entering } from './checks/entering.ts';
import type { ProvenLogin } from './proven-login.ts';

/** A login whose person is found. */
export interface FoundPerson {
  readonly identityId: string;
  readonly recordId: string;
  readonly keys: KeysOfLogin;
  readonly isBound: boolean;
  readonly link: LoginLink | null;
}

/** Reads the data for the checks of `entry`. */
export async function entering(tx: Transaction, engine: Engine, login: ProvenLogin, person: FoundPerson): Promise<Entering> {
  const { provider, issuer, subject, nameIdFormat } = login;
  const { identityId, recordId, isBound, link } = person;
  // Its own first login may have come by two ways at once, and the other was faster.
  const subjects = isBound && link === null ? [] : (await tx.identities.subjectsOf(identityId)).filter((one) => one.provider === provider.name);
  const hasOtherSubject = subjects.some((one) => one.issuer !== issuer || one.subject !== subject);
  // Evaluated only where it matters.
  const isVouchedFor = link !== null || hasOtherSubject || (await mayEnter(tx, engine, provider, identityId, recordId));
  return { provider, nameIdFormat, ...person, hasOtherSubject, mayEnter: isVouchedFor };
}

/** A one-time link confirms the login, and replaces another subject of the person. */
export async function useVouching(tx: Transaction, engine: Engine, { provider, identityId, recordId, link, hasOtherSubject }: Entering): Promise<void> {
  if (link === null) return;
  if (hasOtherSubject) {
    await endBindings(tx, { identityId, provider: provider.name, keep: recordId, why: 'rebound', reason: null });
    await decideWithout(tx, engine, identityId);
  }
  await tx.logins.confirm({ recordId, identityId, provider: provider.name }, link.createdBy, tx.context.now);
}
