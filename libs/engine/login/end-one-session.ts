import { InputInvalid, type Instant, NotFound } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Caller } from '../callers/caller.ts';

/**
 * Ends one session in Tenure or at an application with everything below it: by its person, or by an administrator or operator with a reason.
 * @returns its id, and when it ended
 * @throws NotFound where there is none, or it is somebody else's and the caller may not end it; InputInvalid for one that has ended, or without a reason
 */
export async function endOneSession(
  tx: Transaction,
  caller: Pick<Caller, 'kind' | 'id' | 'roles'>,
  { id, reason }: { readonly id: string; readonly reason: string | null },
): Promise<{ readonly id: string; readonly endedAt: Instant }> {
  const { now } = tx.context;
  const node = await tx.sessionTrees.node(id);
  const isTheirs = caller.kind === 'person' && node?.identityId === caller.id;
  const mayEnd = isTheirs || caller.roles.has('admin') || caller.roles.has('operator');
  if (node === null || !mayEnd || (node.kind !== 'session' && node.kind !== 'application-session')) throw new NotFound(`there is no session ${id}`, { id });
  if (!isTheirs && reason === null) throw new InputInvalid('reason: required for the session of somebody else', { id });
  if (node.endedAt !== null) throw new InputInvalid(`id: the session has ended at ${node.endedAt}`, { id });
  const why = isTheirs ? 'ended by the person' : 'revoked by an operator';
  await tx.sessions.revoke(id, why, now);
  const event = { subjectKind: 'session', subjectId: id, identityId: node.identityId, ...(reason === null ? {} : { personal: { reason } }) } as const;
  if (node.application === null) tx.audit.record({ ...event, action: 'session.ended', reason: { why } });
  else tx.audit.record({ ...event, action: 'application.sessionEnded', reason: { application: node.application, why } });
  return { id, endedAt: now };
}
