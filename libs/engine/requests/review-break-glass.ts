import { Forbidden, RequestRefused } from '@tenure/domain';
import type { RequestItem, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { reviewKey } from './break-glass.ts';
import { endGranted } from './end-access.ts';
import { answersFor } from '../approvers/answering-owners.ts';
import { standsInFor } from '../approvers/stands-in-for.ts';
import { auditItem } from './audit-request.ts';
import { withOwner } from './with-owner.ts';
import { currentPolicy } from '../policy/read-policy.ts';

/** Reviewer: a person who is logged in, or an operator's token. */
export interface Reviewer {
  readonly id: string;
  readonly isPerson: boolean;
  /** Id of the person who made the token; nobody reviews their own access by one either. */
  readonly personId: string | null;
  readonly isOperator: boolean;
}

/**
 * Decides whether break-glass access was justified. Access that was not ends at once, with the sessions.
 * @throws Forbidden also when there is none; RequestRefused when it was reviewed already
 */
export async function reviewBreakGlass(
  tx: Transaction,
  engine: Engine,
  { itemId, isJustified, comment }: { readonly itemId: string; readonly isJustified: boolean; readonly comment: string },
  by: Reviewer,
): Promise<RequestItem> {
  const known = await tx.requests.item(itemId);
  if (known === null || !known.isBreakGlass || !(await mayReview(tx, engine, known, by)))
    throw new Forbidden('Only the reviewers of this break-glass access, and operators, can review it.');
  await tx.identities.lock(known.identityId);
  const item = await tx.requests.item(itemId);
  if (item === null || item.review !== null) throw new RequestRefused('REQUEST_CLOSED', { itemId });
  const { now, actor } = tx.context;
  const review = isJustified ? 'justified' : 'not-justified';
  const reviewed: RequestItem = { ...item, review, reviewComment: comment, reviewedBy: by.isPerson ? by.id : null, reviewedAt: now };
  await tx.requests.saveItem(reviewed);
  auditItem(tx, 'reviewed', item, { review, by: by.id }, { reason: comment });
  const open = await tx.cases.openOfKey(reviewKey(itemId));
  if (open !== null) {
    await tx.cases.close(open.id, `${actor.kind} ${actor.id}`, review, now);
    tx.audit.record({ action: 'case.closed', subjectKind: 'case', subjectId: open.id, identityId: open.identityId, reason: { resolution: review } });
  }
  return !isJustified && item.status === 'approved' ? endGranted(tx, engine, reviewed, 'dropped') : reviewed;
}

/** True for reviewers by policy, the owner of the case, and operators: never about themselves. */
async function mayReview(tx: Transaction, engine: Engine, item: RequestItem, { id, isPerson, personId, isOperator }: Reviewer): Promise<boolean> {
  if (personId === item.identityId) return false;
  if (isOperator) return true;
  if (!isPerson) return false;
  const places = [id, ...(await standsInFor(tx, id, tx.context.now, item.identityId)).map((one) => one.id)];
  const ownerId = (await tx.cases.openOfKey(reviewKey(item.id)))?.ownerId ?? null;
  if (ownerId !== null && places.includes(ownerId)) return true;
  // Owners to whom the case was escalated may answer too, when it was escalated further.
  const [whole] = await tx.requests.whole([item.requestId]);
  if (whole?.approvers.some((one) => one.itemId === item.id && places.includes(one.approverId) && one.level > 0)) return true;
  const policy = await currentPolicy(tx, engine);
  const rule = policy.document.breakGlass?.find(({ name }) => name === item.rule);
  return rule !== undefined && answersFor(tx, engine, withOwner(rule.reviewers, policy, item), item.identityId, id);
}
