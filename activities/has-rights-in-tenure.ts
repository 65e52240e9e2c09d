import type { Transaction } from '@tenure/store';
import type { Loop } from './loop.ts';
import { rolesInTenure } from './roles-in-tenure.ts';

/** Whether somebody holds a role in Tenure itself: who is taken for them could act as them. */
export async function hasRightsInTenure(tx: Transaction, loop: Loop, identityId: string): Promise<boolean> {
  return (await rolesInTenure(tx, loop, identityId, tx.context.now)).size > 0;
}
