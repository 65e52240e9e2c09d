import type { Instant } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Caller } from '../callers/caller.ts';
import { answererOf } from '../cases/answerer.ts';
import { reviewKey } from './break-glass.ts';

/** True if the caller may answer the review of break-glass access of this request. */
export async function mayReview(tx: Transaction, caller: Caller, requestId: string, now: Instant): Promise<boolean> {
  const items = (await tx.requests.whole([requestId])).flatMap((whole) => whole.items.filter(({ isBreakGlass }) => isBreakGlass));
  const cases = await tx.cases.openOfKeys(items.map((item) => reviewKey(item.id)));
  const answerer = await answererOf(tx, caller, now, cases[0]?.identityId ?? null);
  const ids = cases.map(({ id }) => id);
  return (await tx.inbox.areFor(ids, answerer)).size > 0;
}
