import type { Configuration } from '@tenure/config';
import { NotFound } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { type FeedProof, type FinishedImport, finishImport } from './finish-import.ts';

/**
 * Finishes an import for a caller that speaks for these sources.
 * @throws NotFound where it is no import of theirs; InputInvalid when the proof is missing or wrong
 */
export async function finishOwnImport(
  tx: Transaction,
  configuration: Configuration,
  { importId, sources, proof }: { readonly importId: string; readonly sources: ReadonlySet<string>; readonly proof: FeedProof | null },
): Promise<FinishedImport> {
  const source = (await tx.imports.get(importId))?.source;
  if (source === undefined || !sources.has(source)) throw new NotFound(`there is no import ${importId}`, { importId });
  return finishImport(tx, configuration, { importId, source, proof });
}
