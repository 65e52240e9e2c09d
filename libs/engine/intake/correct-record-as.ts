import { InputInvalid, NotFound } from '@tenure/domain';
import type { StoredRecord, Transaction } from '@tenure/store';
import type { Caller } from '../callers/caller.ts';
import type { Engine } from '../decide/engine.ts';
import { endingCaller } from '../leavers/ending-caller.ts';
import { withinUrgentEnds } from '../leavers/within-urgent-ends.ts';
import { checkContent } from './check-content.ts';
import { correctRecord, type DecidedRecord, withdrawRecord } from './correct-record.ts';
import type { SentRecord } from './sent-record.ts';

/** Record to decide about, in the version that the caller has read, and the reason. */
export type RecordToDecide = Pick<DecidedRecord, 'recordId' | 'version' | 'reason'>;

/** Content of a record in place of the source's. */
export interface CorrectedContent extends Pick<SentRecord, 'status' | 'endedAt' | 'attributes'> {
  /** Digits only; `null`: unchanged. */
  readonly newVersion: string | null;
}

/**
 * Corrects a source record for this caller. An end that follows from it counts against their urgent ends. @throws Forbidden, NotFound, InputInvalid
 */
export function correctRecordAs(tx: Transaction, engine: Engine, caller: Caller, decided: RecordToDecide, content: CorrectedContent): Promise<StoredRecord> {
  return within(tx, engine, caller, decided, async (by) => {
    const source = (await tx.records.get(decided.recordId))?.source;
    if (source === undefined) throw new NotFound(`there is no record ${decided.recordId}`, { recordId: decided.recordId });
    const { status, newVersion } = content;
    const checked = checkContent(content, engine.configuration, source);
    if ('problems' in checked) throw new InputInvalid(`input: ${checked.problems.join('; ')}`);
    const { facts, end } = checked;
    return correctRecord(tx, engine, by, { facts, status, end: { endedAt: end.endedAt, endedOn: end.endedOn ?? null }, version: newVersion });
  });
}

/**
 * Withdraws a source record for this caller. An end that follows from it counts against their urgent ends. @throws Forbidden, NotFound, InputInvalid
 */
export function withdrawRecordAs(tx: Transaction, engine: Engine, caller: Caller, decided: RecordToDecide): Promise<StoredRecord> {
  return within(tx, engine, caller, decided, (by) => withdrawRecord(tx, engine, by));
}

async function within(
  tx: Transaction,
  engine: Engine,
  caller: Caller,
  decided: RecordToDecide,
  work: (decided: DecidedRecord) => Promise<StoredRecord>,
): Promise<StoredRecord> {
  const by = { id: caller.personId ?? caller.id, isAdmin: caller.roles.has('admin') };
  const identityId = (await tx.records.get(decided.recordId))?.identityId ?? null;
  return withinUrgentEnds(tx, engine, await endingCaller(tx, caller), identityId, () => work({ ...decided, by }));
}
