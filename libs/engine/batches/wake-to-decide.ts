import type { Trigger } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { wake } from '../decide/wake.ts';
import { fromPeople, openBatch } from './open-batch.ts';

/** Has people decided again, once this transaction commits: few by their identity lifecycle workflows, many by one batch run. */
export async function wakeToDecide(tx: Transaction, identityIds: readonly string[], trigger: Trigger): Promise<void> {
  const people = [...new Set(identityIds)];
  if (people.length >= fromPeople) await openBatch(tx, trigger, { undecided: people });
  else for (const identityId of people) await wake(tx, identityId, trigger);
}
