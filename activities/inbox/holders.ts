import type { Transaction } from '@tenure/store';
import { isThere } from '../requests/related-person.ts';

/** People of a group who are looked at. */
const most = 200;

/** Who of those who hold a role or entitlement can answer a case: they are there, and it is not about them. */
export async function answeringHolders(tx: Transaction, name: string, about: string | null): Promise<readonly string[]> {
  const found = await tx.identities.many(await tx.requests.holders(name, tx.context.now, most));
  return found.filter((one) => one.id !== about && isThere(one, tx.context.now)).map(({ id }) => id);
}
