import type { Store } from '@tenure/store';

/** Milliseconds after which an identity lifecycle without a decision, and with an unconfirmed account, counts as stalled. */
export const stalledAfter = 10 * 60_000;
/** Maximum number of identity lifecycles in one sweep. */
const most = 100;

/**
 * Wakes stalled identity lifecycles, as the third safety net: those that have an unconfirmed account, wait for nothing and nobody, and were not
 * decided about for ten minutes, so that their wake-up was lost. Those of targets that are not configured have no worker to do it.
 * @returns their identities
 */
export async function restartStalled(store: Store, targets: readonly string[], now: string): Promise<readonly string[]> {
  const context = { actor: { kind: 'system', id: 'sweep' }, correlationId: 'sweep', now } as const;
  return store.transaction(context, async (tx) => {
    if (!(await tx.upkeep.takeTurn())) return [];
    const lives = await tx.upkeep.stalled(targets, new Date(Date.parse(now) - stalledAfter).toISOString(), now, most);
    const wanted = lives.map((identityId) => ({ identityId }));
    await tx.outbox.addMissing(wanted, { trigger: 'restart', urgent: false, correlationId: 'sweep', createdAt: now });
    return lives;
  });
}
