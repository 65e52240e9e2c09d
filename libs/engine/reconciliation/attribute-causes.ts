import { isRebuilt, provesAbsence, type ReadingVerdict, restoredSince } from '@tenure/domain';
import type { ReconciliationRun, Transaction } from '@tenure/store';

/** Milliseconds. Changes that are older are in every backup from which a target is likely to be restored. */
const COMPARED = 30 * 86_400_000;
/** Number of accounts whose last changes are compared. */
const MOST = 5000;
/** Least number of differing accounts, as in `restoredSince`. */
const LEAST = 3;

/** Adds to the findings of a run what may have caused them; a target that shows an older state, or other ids, is the cause of all that follows from it. */
export async function attributeCauses(tx: Transaction, { id, target }: ReconciliationRun, verdict: ReadingVerdict): Promise<void> {
  const { now } = tx.context;
  await tx.findingCauses.attribute(id, target, now);
  if (!provesAbsence(verdict) || (await tx.findingCauses.differing(id)) < LEAST) return;
  const { renumbered, same } = await tx.findingCauses.renumbered(id, target);
  if (isRebuilt(renumbered + same, renumbered)) {
    await tx.findingCauses.rebuilt(id, { kind: 'rebuilt' });
    return;
  }
  const since = new Date(Date.parse(now) - COMPARED).toISOString();
  const { accounts, older } = await tx.findingCauses.changes(id, target, since, MOST);
  const restored = restoredSince(accounts, older);
  if (restored !== null) await tx.findingCauses.restored(id, restored.accountIds, { kind: 'restored', since: restored.since });
}
