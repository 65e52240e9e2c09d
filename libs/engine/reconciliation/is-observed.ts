import type { Transaction } from '@tenure/store';

/** True if a target is only observed, so that nothing is corrected there. */
export async function isObserved(tx: Transaction, target: string): Promise<boolean> {
  return (await tx.targetModes.get(target))?.mode === 'observe';
}
