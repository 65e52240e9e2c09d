import { CaseClosed, Forbidden, NotFound } from '@tenure/domain';
import type { StoredRecord, Transaction } from '@tenure/store';
import { endTokens } from '../tokens/end-tokens.ts';
import type { Engine } from '../decide/engine.ts';
import { decideWithout, endBindings, externalIdOf } from './end-bindings.ts';
import type { LoginQuestion } from './login-case.ts';

/** Decision whether a login belongs to the person to whom it, or its record, is bound. */
export interface LoginDecision {
  readonly recordId: string;
  readonly why: LoginQuestion['why'];
  readonly samePerson: boolean;
  /** May name people: it is kept with the person's key. */
  readonly reason: string;
  readonly by: { readonly id: string; readonly isAdmin: boolean };
}

/**
 * Decides to whom a login belongs. The same person: it is confirmed, and its present claims are stored; another subject of theirs at this provider
 * ends. Somebody else: the binding ends with its sessions, and with the tokens that were made since, and the login belongs to no known person.
 * @throws NotFound, CaseClosed where it belongs to nobody any more, Forbidden to anybody who is no administrator, or is that person
 */
export async function decideLogin(tx: Transaction, engine: Engine, { recordId, why, samePerson, reason, by }: LoginDecision): Promise<string> {
  const known = await tx.records.get(recordId);
  const [record] = known === null ? [] : await tx.records.lock([known]);
  if (record === undefined) throw new NotFound(`there is no record ${recordId}`, { recordId });
  const { identityId } = record;
  if (identityId === null || record.withdrawnAt != null) throw new CaseClosed('the login is no longer bound to a person', { recordId });
  if (!by.isAdmin) throw new Forbidden('Only an administrator can decide to whom a login belongs.', { identityId });
  if (by.id === identityId) throw new Forbidden('You cannot decide about your own login.', { identityId });
  const decided = { ...record, identityId };
  if (samePerson) await accept(tx, engine, decided, why, reason);
  else await reject(tx, engine, decided, reason);
  return identityId;
}

type BoundRecord = StoredRecord & { readonly identityId: string };

async function accept(tx: Transaction, engine: Engine, record: BoundRecord, why: LoginDecision['why'], reason: string): Promise<void> {
  const { actor, now } = tx.context;
  const { id: recordId, identityId, source: provider } = record;
  const bound = await tx.logins.ofRecord(record);
  if (bound?.pending != null) await tx.logins.setSaid(bound, { ...bound.keys, ...bound.pending.keys }, bound.pending.nameIdFormat);
  await tx.logins.confirm({ recordId, identityId, provider }, `${actor.kind} ${actor.id}`, now);
  tx.audit.record({
    action: 'login.confirmed',
    subjectKind: 'identity',
    subjectId: identityId,
    identityId,
    reason: { provider, recordId, why },
    personal: { reason },
  });
  if (why !== 'another-subject') return;
  await endBindings(tx, { identityId, provider, keep: recordId, why: 'rebound', reason });
  await decideWithout(tx, engine, identityId);
}

async function reject(tx: Transaction, engine: Engine, record: BoundRecord, reason: string): Promise<void> {
  const { id: recordId, identityId, source: provider } = record;
  const bound = await tx.logins.ofRecord(record);
  const stays = (await tx.identities.subjectsOf(identityId)).find((one) => one.provider === provider && externalIdOf(one) !== record.externalId);
  if (bound === null) await tx.logins.end(null, recordId, tx.context.now);
  else {
    const others = stays === undefined ? null : ((await tx.records.lock([{ source: provider, externalId: externalIdOf(stays) }]))[0]?.id ?? null);
    await endBindings(tx, { identityId, provider, keep: others, why: 'somebody-else', reason });
    await endTokens(tx, { personIds: [identityId], since: bound.boundAt, why: 'a login was somebody else’s' });
  }
  await decideWithout(tx, engine, identityId);
}
