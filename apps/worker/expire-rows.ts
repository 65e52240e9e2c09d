import type { Retention } from '@tenure/domain';
import { EXPIRING_ROWS, type Store } from '@tenure/store';

/** Rows in one transaction, and transactions for each kind in one sweep: a backlog is deleted in steps that block nobody. */
const atATime = 1000;
const mostSteps = 10;

/**
 * Deletes rows that have been over for longer than they are kept.
 * @param onExpired called with the number of deleted rows, by kind; not for kinds without any
 */
export async function expireRows(store: Store, retention: Retention, now: string, onExpired?: (name: string, count: number) => void): Promise<void> {
  const context = { actor: { kind: 'system', id: 'sweep' }, correlationId: 'sweep', now } as const;
  for (const rows of EXPIRING_ROWS) {
    const before = new Date(Date.parse(now) - (typeof rows.after === 'number' ? rows.after : retention[rows.after])).toISOString();
    for (let step = 0; step < mostSteps; step += 1) {
      // Another worker's sweep continues it meanwhile.
      const count = await store.transaction(context, async (tx) => ((await tx.upkeep.takeTurn()) ? tx.upkeep.expire(rows, before, atATime) : 0));
      if (count > 0) onExpired?.(rows.name, count);
      if (count < atATime) break;
    }
  }
}
