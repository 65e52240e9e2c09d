import { grantsAt, TENURE_TARGET } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Loop } from './loop.ts';

/** True when the identity has a grant of a role in Tenure itself other than `self`: somebody linked to it by mistake could act with that role. */
export async function hasRightsInTenure(tx: Transaction, loop: Pick<Loop, 'currentPolicy'>, identityId: string): Promise<boolean> {
  const { document } = await loop.currentPolicy(tx);
  const held = grantsAt(await tx.access.currentGrants([identityId]), tx.context.now);
  return held.some(({ kind, name }) => {
    const { target, value } = (kind === 'entitlement' ? document.entitlements[name] : undefined) ?? {};
    return target === TENURE_TARGET && value !== 'self';
  });
}
