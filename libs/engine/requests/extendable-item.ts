import { Forbidden, RequestRefused } from '@tenure/domain';
import type { RequestItem, Transaction } from '@tenure/store';

/** Approved item of this person, for which an extension may be requested. @throws Forbidden where it is not theirs; RequestRefused */
export async function extendableItem(tx: Transaction, itemId: string, personId: string): Promise<RequestItem> {
  const item = await tx.requests.item(itemId);
  if (item === null || item.identityId !== personId) throw new Forbidden('itemId: this access was not granted to you');
  if (item.isBreakGlass) throw new RequestRefused('NOT_REQUESTABLE', { name: item.name, reason: 'break-glass' });
  if (item.status !== 'approved') throw new RequestRefused('REQUEST_CLOSED', { itemId });
  return item;
}
