import type { Transaction } from '@tenure/store';
import { decideIdentities } from '../decide/decide-identities.ts';
import type { Engine } from '../decide/engine.ts';
import { wakeMany } from '../batches/open-batch.ts';

/**
 * Has accounts corrected whose target shows another state than the desired one: they count as unconfirmed from now on, and the ordinary path looks at
 * each before it changes anything. @param accountIds accounts of known people
 */
export async function correctAccounts(tx: Transaction, engine: Engine, accountIds: readonly string[]): Promise<void> {
  const people = await tx.access.unconfirm(accountIds);
  await wakeMany(tx, await decideIdentities(tx, engine, people, 'decision'), 'decision');
}
