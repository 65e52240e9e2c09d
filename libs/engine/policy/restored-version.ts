import type { Transaction } from '@tenure/store';

/** The version that a version has brought into force again, where it came from undoing another one; otherwise itself. */
export async function restoredVersion(tx: Transaction, version: number): Promise<number> {
  const undone = await undoneBy(tx, version);
  return undone === null ? version : restoredVersion(tx, undone - 1);
}

/** The version that this one undoes; `null`: none. */
export async function undoneBy(tx: Transaction, version: number): Promise<number | null> {
  const { origin = null } = (await tx.batchChanges.ofVersion(version)) ?? {};
  if (origin?.kind !== 'undo') return null;
  return (await tx.batchChanges.get(origin.batchId))?.policyVersion ?? null;
}
