import type { PendingRecord, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { refreshBatches } from './refresh-batch.ts';

/** Newer source record of a person, which may supersede pending items of batches. */
export interface NewerRecord {
  readonly externalId: string;
  /** `null`: the person is only named, as by an import with an unchanged or invalid record of them. */
  readonly version: string | null;
  /** A complete import does not name the person. */
  readonly hasVanished?: boolean;
}

/**
 * Replaces pending items by newer information, and renews the plans of their batches: an end of a person who was missing is withdrawn as soon as the
 * source names them, approved or not; a record that waits for approval is withdrawn as soon as one that is not older is in force or waits in its
 * place.
 * @param pending of the same source, as `pendingRecords` found and locked it in this transaction
 * @param except the batch that replaces it
 */
export async function supersede(
  tx: Transaction,
  engine: Engine,
  pending: readonly PendingRecord[],
  newer: readonly NewerRecord[],
  except: string | null = null,
): Promise<void> {
  const said = new Map(newer.map((record) => [record.externalId, record]));
  const others = pending.filter(({ batchId }) => batchId !== except);
  const again = others.filter((one) => isNamedAgain(one, said.get(one.key)));
  const older = others.filter((one) => !again.includes(one) && isReplaced(one, said.get(one.key)));
  await tx.batchItems.fallAway(again, 'named-again', tx.context.now);
  await tx.batchItems.fallAway(older, 'superseded', tx.context.now);
  const touched = [...again, ...older].map(({ batchId }) => batchId);
  await refreshBatches(tx, engine, touched, true);
}

function isNamedAgain({ hasVanished, version }: PendingRecord, newer: NewerRecord | undefined): boolean {
  if (!hasVanished || newer === undefined || newer.hasVanished === true) return false;
  return newer.version === null || BigInt(newer.version) >= BigInt(version);
}

function isReplaced({ isApproved, version }: PendingRecord, newer: NewerRecord | undefined): boolean {
  if (isApproved || newer === undefined) return false;
  return newer.hasVanished === true || (newer.version !== null && BigInt(newer.version) >= BigInt(version));
}
