import { ConnectorUnavailable } from '@tenure/domain';
import type { ActContext, ClaimedAccount, Store } from '@tenure/store';
import { wake } from '@tenure/engine/decide';

/** Milliseconds that a person who stays gives way for: enough for leavers to be woken and to be in front. */
const wayFor = 3_000;

/**
 * Lets leavers pass, when a target answers again. The first person who has waited for it, and stays, wakes all leavers who wait for it too, wherever
 * they are between two attempts, and gives way to them; once, so that a leaver's own errors block nobody.
 * @throws ConnectorUnavailable when it is others' turn
 */
export async function letLeaversPass(store: Store, context: ActContext, { account, operations }: ClaimedAccount): Promise<void> {
  const hasWaited = operations.some(({ status, lastError }) => status === 'pending' && lastError !== null);
  if (account.desired.state !== 'enabled' || !hasWaited) return;
  const givesWay = await store.transaction(context, async (tx) => {
    if (!(await tx.access.leaversWait(account.target))) return false;
    await tx.access.forgetFailures(account.id);
    for (const identityId of await tx.access.recallLeavers(account.target)) await wake(tx, identityId, 'decision', true);
    return true;
  });
  if (givesWay) throw new ConnectorUnavailable('leavers have priority in this target', { target: account.target }, { retryAfter: wayFor });
}
