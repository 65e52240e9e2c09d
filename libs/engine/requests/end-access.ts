import { Forbidden, NotFound, RequestRefused } from '@tenure/domain';
import type { RequestItem, Transaction } from '@tenure/store';
import { closeCase } from '../cases/open-case.ts';
import { endTokens } from '../tokens/end-tokens.ts';
import type { Engine } from '../decide/engine.ts';
import { auditItem, wakeRequest } from './audit-request.ts';
import { wake } from '../decide/wake.ts';
import { decideIdentity } from '../decide/decide-identities.ts';

/** Withdraws items that have not been decided yet; the requester and the person it is for may do so. @throws Forbidden, RequestRefused */
export async function withdrawRequest(tx: Transaction, requestId: string, by: string): Promise<void> {
  const known = await tx.requests.get(requestId);
  // The same message whether or not there is such a request.
  if (known === null || (known.identityId !== by && known.requestedBy !== by))
    throw new Forbidden('You may not withdraw this request: it is neither by you nor for you.');
  await tx.identities.lock(known.identityId);
  const whole = await tx.requests.lock(requestId);
  const open = whole?.items.filter(({ status }) => status === 'open') ?? [];
  if (open.length === 0) throw new RequestRefused('REQUEST_CLOSED', { requestId });
  for (const item of open) await endItem(tx, item, 'withdrawn');
  await tx.requests.close(requestId, tx.context.now);
  await wakeRequest(tx, known);
}

/** Returns access that is no longer needed; the person it is for may do so before it expires. @throws Forbidden, RequestRefused */
export async function returnAccess(tx: Transaction, engine: Engine, itemId: string, by: string): Promise<RequestItem> {
  const known = await tx.requests.item(itemId);
  if (known === null || known.identityId !== by) throw new Forbidden('itemId: this access was not granted to you');
  return endGranted(tx, engine, known, 'returned');
}

/**
 * Keeps or drops access that policy would no longer let the person request, after a move.
 * @throws NotFound, RequestRefused when it has ended already
 */
export async function decideRequestedAccess(tx: Transaction, engine: Engine, itemId: string, decision: 'keep' | 'drop', reason: string): Promise<RequestItem> {
  const known = await tx.requests.item(itemId);
  if (known === null) throw new NotFound(`there is no item ${itemId}`, { itemId });
  const { requestId, identityId, kind, name } = known;
  tx.audit.record({
    action: 'request.judged',
    subjectKind: 'request',
    subjectId: requestId,
    identityId,
    reason: { itemId, kind, name, decision },
    personal: { reason },
  });
  if (decision === 'drop') return endGranted(tx, engine, known, 'dropped');
  const item = await grantedItem(tx, known);
  const kept: RequestItem = { ...item, keptAt: tx.context.now };
  await tx.requests.saveItem(kept);
  await decideAgain(tx, engine, item.identityId);
  return kept;
}

/** Ends a grant, and with break-glass access the sessions. */
export async function endGranted(tx: Transaction, engine: Engine, known: RequestItem, status: 'returned' | 'dropped'): Promise<RequestItem> {
  const ended = await endItem(tx, await grantedItem(tx, known), status);
  if (ended.isBreakGlass) await endSessions(tx, ended);
  await decideAgain(tx, engine, known.identityId);
  return ended;
}

/** Item as it is once the person is locked against other decisions. */
async function grantedItem(tx: Transaction, { id, identityId }: RequestItem): Promise<RequestItem> {
  await tx.identities.lock(identityId);
  const item = await tx.requests.item(id);
  if (item === null || item.status !== 'approved') throw new RequestRefused('REQUEST_CLOSED', { itemId: id });
  return item;
}

async function endItem(tx: Transaction, item: RequestItem, status: 'withdrawn' | 'returned' | 'dropped'): Promise<RequestItem> {
  const { now } = tx.context;
  const ended: RequestItem = { ...item, status, reason: status, endedAt: now, dueAt: null, remindAt: null, decidedAt: item.decidedAt ?? now };
  await tx.requests.saveItem(ended);
  auditItem(tx, status, item, {});
  await closeCase(tx, await tx.cases.openOfKey(`request-without-approver/${item.id}`), `the item is ${status}`);
  return ended;
}

/** Ends sessions and the tokens that were made meanwhile, which would bypass the end. */
async function endSessions(tx: Transaction, { identityId, validFrom }: RequestItem): Promise<void> {
  const why = 'break-glass access has ended';
  const count = await tx.sessions.revokeAll(identityId, why, tx.context.now);
  if (count > 0) tx.audit.record({ action: 'sessions.revoked', subjectKind: 'identity', subjectId: identityId, identityId, reason: { count, why } });
  if (validFrom !== null) await endTokens(tx, { personIds: [identityId], since: validFrom, why });
}

async function decideAgain(tx: Transaction, engine: Engine, identityId: string): Promise<void> {
  if ((await decideIdentity(tx, engine, identityId, 'decision')).changed) await wake(tx, identityId, 'decision');
}
