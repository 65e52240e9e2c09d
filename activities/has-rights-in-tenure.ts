import { grantsAt, TENURE_TARGET } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Loop } from './loop.ts';

/** Whether somebody holds a role in Tenure itself: who is taken for them could act as them. */
export async function hasRightsInTenure(tx: Transaction, loop: Pick<Loop, 'currentPolicy'>, identityId: string): Promise<boolean> {
  const { document } = await loop.currentPolicy(tx);
  const held = grantsAt(await tx.access.currentGrants([identityId]), tx.context.now);
  return held.some(({ kind, name }) => {
    const { target, value } = (kind === 'entitlement' ? document.entitlements[name] : undefined) ?? {};
    return target === TENURE_TARGET && value !== 'self';
  });
}
