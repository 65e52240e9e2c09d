import type { LoginSubject, StoredRecord, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { wake } from '../decide/wake.ts';
import { decideIdentity } from '../decide/decide-identities.ts';

/** Logins of a person to end, and the reason. */
export interface BindingsToEnd {
  readonly identityId: string;
  readonly provider: string;
  /** The record of the login that stays; `null`: all end. */
  readonly keep: string | null;
  /** Code of the reason for the audit. */
  readonly why: 'rebound' | 'somebody-else' | 'ended-by-hand' | 'merged';
  /** Reason of the person who ends it; may contain personal data. `null`: none was given. */
  readonly reason: string | null;
}

/**
 * Ends bindings of a person's logins at one provider: their sessions end, their claims about the person no longer count (groups neither), and a later
 * login with them matches no known person. Audited. The following decision about the person is the caller's task.
 * @returns those that have ended
 */
export async function endBindings(tx: Transaction, { identityId, provider, keep, why, reason }: BindingsToEnd): Promise<readonly LoginSubject[]> {
  const { now } = tx.context;
  const subjects = (await tx.identities.subjectsOf(identityId)).filter((one) => one.provider === provider);
  const records = await tx.records.lock(subjects.map((one) => ({ source: provider, externalId: externalIdOf(one) })));
  const ended = subjects.flatMap((subject) => {
    const record = records.find(({ externalId }) => externalId === externalIdOf(subject)) ?? null;
    return keep !== null && record?.id === keep ? [] : [{ subject, record }];
  });
  for (const { subject, record } of ended) {
    await tx.logins.end(subject, record?.id ?? null, now);
    tell(tx, { identityId, provider, why, reason }, subject, record);
  }
  if (ended.length > 0) await tx.sessions.revokeThrough(identityId, provider, 'the login was unbound', now);
  return ended.map(({ subject }) => subject);
}

/** Decides about the person again, without the claims of the ended logins. */
export async function decideWithout(tx: Transaction, engine: Engine, identityId: string): Promise<void> {
  const { changed, stage } = await decideIdentity(tx, engine, identityId, 'decision');
  if (changed) await wake(tx, identityId, 'decision', stage === 'leaving');
}

/** External id of the record of a login: `<issuer>|<subject>`. */
export function externalIdOf({ issuer, subject }: Pick<LoginSubject, 'issuer' | 'subject'>): string {
  return `${issuer}|${subject}`;
}

function tell(
  tx: Transaction,
  { identityId, provider, why, reason }: Omit<BindingsToEnd, 'keep'>,
  { issuer, subject }: LoginSubject,
  record: StoredRecord | null,
): void {
  tx.audit.record({
    action: 'login.unbound',
    subjectKind: 'identity',
    subjectId: identityId,
    identityId,
    reason: { provider, why, recordId: record?.id ?? null },
    personal: { issuer, subject, ...(reason === null ? {} : { reason }) },
  });
}
