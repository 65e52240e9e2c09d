import { protectedNamesOf } from '@tenure/config';
import type { TargetConnector } from '@tenure/connectors';
import { type AdoptionObjection, ConnectorUnavailable, DomainError, keyText, type NotNobodys, type ObservedAccount, whyNotNobodys } from '@tenure/domain';
import type { ActContext, Finding, Store, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { keyTextsOf } from '../reconciliation/people-keys.ts';
import { adoptAccount } from './adopt-account.ts';
import { inMilliseconds, isMarked } from './quarantine.ts';
import { waitBefore } from './wait-before.ts';

export interface AdoptionDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly connector: TargetConnector;
  readonly context: () => ActContext;
}

/** An account that is not as the requester of its adoption believed. */
interface Objection {
  readonly code: AdoptionObjection;
  readonly message: string;
}

/**
 * Binds an account to the person for whom its adoption was requested, if the target shows it as it was found: by its id alone, under the same name, with
 * nobody else's mark and, where its keys led to the person, with these. The result is kept with the finding: bound, or refused with a reason. A target
 * that does not answer is asked again. Safe to repeat.
 */
export async function proveAdoption(dependencies: AdoptionDependencies, findingId: string): Promise<void> {
  const { store, connector, context } = dependencies;
  const { now } = context();
  const finding = await store.read((tx) => tx.findings.get(findingId));
  const { adoption, nativeId, userName } = finding ?? {};
  if (finding == null || adoption?.state !== 'requested' || adoption.nextAt === null || adoption.nextAt > now) return;
  try {
    const observed = await connector.observe({ nativeId: nativeId ?? null, userName: userName ?? '' });
    await store.transaction(context(), (tx) => bind(tx, dependencies.engine, finding, observed?.nativeId === nativeId ? observed : null));
  } catch (error) {
    if (!(error instanceof DomainError) || error.code === 'DATABASE_UNAVAILABLE') throw error;
    await store.transaction(context(), (tx) => failed(tx, finding, error));
  }
}

/** Binds the account as it was just observed, or refuses to: both are settled together with what they rest on. */
async function bind(tx: Transaction, engine: Engine, { id, target, nativeId }: Finding, observed: ObservedAccount | null): Promise<void> {
  const [finding] = await tx.findings.openOf([id]);
  const { adoption } = finding ?? (await tx.findings.get(id)) ?? {};
  if (adoption?.state !== 'requested') return;
  if (finding === undefined) {
    const code = (await tx.access.ownerOf(target, nativeId ?? '')) === null ? 'gone' : 'known';
    return refuse(tx, id, adoption, { code, message: messages[code] });
  }
  const objection = await objectionTo(tx, engine, finding, adoption.identityId, observed);
  if (objection !== null) return refuse(tx, id, adoption, objection);
  const account = await tx.access.account(adoption.identityId, target);
  if (account !== null && (await tx.access.leasedOf([account.id])).length > 0)
    throw new ConnectorUnavailable('a worker is provisioning the account of the person', { target });
  await adoptAccount(tx, engine, { findingId: id, identityId: adoption.identityId, by: 'decision' });
  await tx.findings.saveAdoption(id, { ...adoption, state: 'adopted', code: null, message: null, nextAt: null, settledAt: tx.context.now });
}

async function objectionTo(tx: Transaction, engine: Engine, finding: Finding, identityId: string, observed: ObservedAccount | null): Promise<Objection | null> {
  const { target, nativeId, userName, evidence } = finding;
  const mark = observed?.externalId ?? null;
  const why = whyNotNobodys({ userName: userName ?? '' }, observed, {
    isKnown: (await tx.access.ownerOf(target, nativeId ?? '')) !== null,
    isMarked: mark !== identityId && (await isMarked(tx, mark)),
    protectedNames: protectedNamesOf(engine.configuration.targets[target] ?? {}),
  });
  if (why !== null) return { code: why, message: messages[why] };
  if (evidence.ownedBy !== 'keys' || finding.identityId !== identityId || observed === null) return null;
  const person = await tx.identities.get(identityId);
  const theirs = person === null ? {} : keyTextsOf(engine, target, person);
  const isTheirs = (evidence.keys ?? []).every((name) => keyText(observed.attributes[name]) !== null && keyText(observed.attributes[name]) === theirs[name]);
  return isTheirs ? null : { code: 'other-keys', message: 'the keys of the account are no longer those of the person' };
}

async function refuse(
  tx: Transaction,
  findingId: string,
  adoption: NonNullable<Finding['adoption']>,
  { code, message }: { readonly code: string; readonly message: string },
): Promise<void> {
  await tx.findings.saveAdoption(findingId, { ...adoption, state: 'refused', code, message, nextAt: null, settledAt: tx.context.now });
  tx.audit.record({
    action: 'account.adoptionRefused',
    subjectKind: 'finding',
    subjectId: findingId,
    identityId: adoption.identityId,
    reason: { findingId, code },
  });
}

/** Keeps an error: a temporary one with the time of the next look, another one as the result. */
async function failed(tx: Transaction, { id }: Finding, { code, message, retryable }: DomainError): Promise<void> {
  const { adoption } = (await tx.findings.get(id)) ?? {};
  if (adoption?.state !== 'requested') return;
  // What the target or the person does not allow; the message says which.
  if (!retryable) return refuse(tx, id, adoption, { code: code === 'INPUT_INVALID' || code === 'NOT_FOUND' ? 'not-possible' : code, message });
  const attempts = adoption.attempts + 1;
  await tx.findings.saveAdoption(id, { ...adoption, attempts, code, message, nextAt: inMilliseconds(tx.context.now, waitBefore(attempts)) });
}

const messages: Readonly<Record<NotNobodys, string>> = {
  gone: 'the account no longer exists',
  renamed: 'the account of this id has another user name: the target may have given the id to somebody else',
  known: 'the account is a person’s by now',
  marked: 'the account bears the mark of another person',
  protected: 'the account is protected',
  elsewhere: 'the account was moved out of the place of the target’s accounts',
};
