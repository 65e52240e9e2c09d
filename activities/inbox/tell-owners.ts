import type { NoticeRecipient } from '@tenure/domain';
import type { Case, Transaction } from '@tenure/store';
import { noticeOfCase } from '../cases.ts';
import { answeringHolders } from './holders.ts';

/** People of a group who are told at most; the inbox shows it to all of them. */
const mostTold = 50;

/**
 * Tells those whose a case is now. What nobody has answered and nobody further is named for is the administrators' to hear of.
 * @param escalated how often it has gone further up, now for the last time; `null`: it was only given to somebody else
 */
export async function tellOwners(tx: Transaction, found: Case, escalated: number | null): Promise<void> {
  const { ownerId, ownerGroup, identityId } = found;
  const holders = ownerGroup === null ? [] : await answeringHolders(tx, ownerGroup, identityId);
  const people = ownerId === null ? holders.slice(0, mostTold) : [ownerId].filter((id) => id !== identityId);
  const recipients: NoticeRecipient[] = people.map((id) => ({ identityId: id }));
  if (escalated !== null && ownerId === null && ownerGroup === null) recipients.push({ role: 'admin' });
  const notices = recipients.map((recipient) => noticeOfCase(found, recipient));
  // Each time it goes further up is told once, also to those who have heard of it before.
  const key = escalated !== null && escalated > 1 ? `${found.id}/${escalated}` : found.id;
  await tx.notices.add(...(escalated === null ? notices : notices.map((notice) => ({ ...notice, key, kind: 'case-escalated' as const }))));
}
