import { reconciliationOf } from '@tenure/config';
import type { Transaction } from '@tenure/store';
import type { ReconciledTarget } from './reconciled-target.ts';

/**
 * Records which canaries the listing of a run lacks: user names of the configuration by name, accounts of people by id.
 * @param hidden ids of accounts of Tenure that the listing lacks and the target shows alone
 * @returns number of the user names of the configuration
 */
export async function noteCanaries(tx: Transaction, { run, settings }: ReconciledTarget, hidden: readonly string[] = []): Promise<number> {
  const unlisted = await tx.signs.missing(run.id, reconciliationOf(settings).canaries);
  await tx.reconciliationRuns.lacks(run.id, run.readAt === null ? [] : [...unlisted, ...hidden]);
  return unlisted.length;
}
