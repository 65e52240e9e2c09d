import { isDeepStrictEqual } from 'node:util';
import type { AnsweredLogin, Transaction } from '@tenure/store';
import type { TakenRecord } from '../../intake/taken-record.ts';
import type { LeftOutClaims, ProvenLogin } from './proven-login.ts';

interface Accepted {
  readonly sessionId: string;
  readonly identityId: string;
  readonly recordId: string;
  readonly outcome: TakenRecord['outcome'];
}

/** Audits an accepted login, and ends the sessions that it replaces. */
export async function accept(
  tx: Transaction,
  { provider, issuer, subject, replaces }: ProvenLogin,
  { request }: AnsweredLogin,
  { sessionId, identityId, recordId, outcome }: Accepted,
): Promise<void> {
  tx.audit.record({
    action: 'login.accepted',
    subjectKind: 'session',
    subjectId: sessionId,
    identityId,
    reason: { provider: provider.name, recordId, outcome },
    personal: { issuer, subject },
  });
  for (const before of new Set([replaces, request?.replaces])) if (before != null) await endReplaced(tx, before);
}

/** Ends the session that a login replaces. One browser has one session: otherwise the user of the previous one could continue it unnoticed. */
async function endReplaced(tx: Transaction, sessionId: string): Promise<void> {
  const why = 'a new login in the same browser';
  for (const { id, kind, identityId } of await tx.sessions.revoke(sessionId, why, tx.context.now))
    if (kind === 'session') tx.audit.record({ action: 'session.ended', subjectKind: 'session', subjectId: id, identityId, reason: { why } });
}

/**
 * Audits claims that were left out: access that stays by absence could be access that the provider has taken away. Where each login leaves out the
 * same, only the first one is audited.
 */
export async function auditLeftOut(
  tx: Transaction,
  { provider, isPartial = false }: ProvenLogin,
  { identityId, recordId }: TakenRecord,
  { kept, elsewhere }: LeftOutClaims,
): Promise<void> {
  if (kept.length === 0 && elsewhere.length === 0) return;
  const reason = { provider: provider.name, kept, elsewhere, ...(isPartial ? { isUserInfoRefused: true } : {}) };
  const action = 'login.claimsLeftOut';
  const subjectId = recordId ?? '';
  const [last] = await tx.audit.page({ subjectId, action }, 1, null);
  if (last === undefined || !isDeepStrictEqual(last.reason, reason)) tx.audit.record({ action, subjectKind: 'record', subjectId, identityId, reason });
}
