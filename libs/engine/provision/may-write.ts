import type { Transaction } from '@tenure/store';

/** True if Tenure may write to a target: it was contacted, and is not observed. Asked in the database right before each change, never remembered. */
export async function mayWrite(tx: Transaction, target: string): Promise<boolean> {
  const mode = await tx.targetModes.get(target);
  return mode !== null && mode.mode === 'enforce' && mode.writtenAt !== null;
}
