import type { Transaction } from '@tenure/store';

/** Names of the targets that are observed: Tenure plans nothing to be done there, and writes nothing. */
export async function observedTargets(tx: Transaction): Promise<ReadonlySet<string>> {
  const modes = await tx.targetModes.all();
  return new Set(modes.filter(({ mode }) => mode === 'observe').map(({ target }) => target));
}
