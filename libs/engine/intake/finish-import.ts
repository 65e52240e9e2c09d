import type { Configuration } from '@tenure/config';
import { InputInvalid } from '@tenure/domain';
import type { Import, Transaction } from '@tenure/store';
import { mustCollect } from './stage-records.ts';

/** Proof that an import names everybody of its source. */
export interface FeedProof {
  /** Number of people in the import. */
  readonly count: number;
  /** SHA-256 (hexadecimal) of their ids in the order of their bytes, one a line, without a line break at the end. */
  readonly digest: string;
}

export interface FinishedImport {
  readonly import: Import;
  /** Records that are new or have changed, with those who are not named any more. */
  readonly records: number;
  /** People who are not named any more. */
  readonly vanished: number;
}

/**
 * Closes an import for more batches: the worker checks all of it, then carries it out. With proof that it was complete, everybody else of the source
 * is ended, since the source does not know them any more. Absence counts only with proof.
 * @throws InputInvalid when the proof is missing or wrong; the import stays open for missing batches
 */
export async function finishImport(
  tx: Transaction,
  configuration: Configuration,
  { importId, source, proof }: { readonly importId: string; readonly source: string; readonly proof: FeedProof | null },
): Promise<FinishedImport> {
  const open = mustCollect(await tx.imports.lock(importId), importId, source);
  const seen = await tx.imports.proof(importId);
  if (proof !== null) mustBeComplete(configuration, source, proof, seen);
  const repeated = await tx.imports.storeRepeats(importId, source, tx.context.now);
  const vanished = proof === null ? 0 : await tx.imports.endUnnamed(importId, source, tx.context.now);
  await tx.imports.close(importId, tx.context);
  const records = (await tx.imports.get(importId))?.people ?? 0;
  tx.audit.record({
    action: 'import.finished',
    subjectKind: 'wave',
    subjectId: importId,
    identityId: null,
    reason: { source, records, repeated, vanished, named: seen.count, isComplete: proof !== null },
  });
  return { import: { ...open, standing: 'free' }, records, vanished };
}

function mustBeComplete({ sources }: Configuration, source: string, claimed: FeedProof, seen: FeedProof): void {
  if (sources[source]?.authoritative !== true)
    throw new InputInvalid(`complete: source "${source}" is not authoritative in tenure.yaml, so a missing record terminates nobody`, { source });
  if (seen.count === 0) throw new InputInvalid('complete: an import without records cannot be complete', { source });
  if (claimed.count !== seen.count)
    throw new InputInvalid(
      `complete.count: the import has named ${seen.count} people, and not ${claimed.count}, so nobody is terminated; send the missing records, or start another import`,
      {
        named: String(seen.count),
        claimed: String(claimed.count),
      },
    );
  if (claimed.digest.toLowerCase() !== seen.digest)
    throw new InputInvalid(
      'complete.digest does not match the people in the import, so nobody is terminated; send the missing records, or start another import',
      {
        named: String(seen.count),
        digest: seen.digest,
      },
    );
}
