import type { Trigger } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { wakeMany } from '../batches/open-batch.ts';
import { hasRightsInTenure } from '../callers/has-rights-in-tenure.ts';
import { type CheckPeople, decidePeople } from '../decide/decide-people.ts';
import type { Decision } from '../decide/decision.ts';
import type { Engine } from '../decide/engine.ts';
import { wake } from '../decide/wake.ts';
import { policyToDecideBy } from '../policy/read-policy.ts';
import type { IncomingRecord } from './incoming-record.ts';
import { type StoredIntake, storeRecords } from './store-records.ts';
import type { CheckRecords, RecordChanges, TakenRecord } from './taken-record.ts';

/** Takes one source's record of one person: correlates, creates where allowed, stores it, decides, wakes the identity lifecycle. Audited. */
export async function takeRecord(tx: Transaction, engine: Engine, incoming: IncomingRecord, trigger: Trigger = 'record'): Promise<TakenRecord> {
  const { stored, decisions } = await takeAndDecide(tx, engine, [incoming], trigger);
  const [taken] = stored.taken;
  if (taken === undefined) throw new Error('every record is taken or refused');
  const decision = decisions.values().next().value;
  if (decision === undefined) return taken;
  if (decision.changed && taken.identityId !== null) await wake(tx, taken.identityId, trigger, decision.stage === 'leaving');
  return { ...taken, state: decision.state, ...(decision.isSettled === undefined ? {} : { isSettled: decision.isSettled }) };
}

/**
 * Takes many records, decided together. From a certain number of people on they go to the targets as one batch, without a workflow for each.
 * @param check is given the changes before they are saved
 */
export async function takeRecords(tx: Transaction, engine: Engine, incoming: readonly IncomingRecord[], check?: CheckRecords): Promise<readonly TakenRecord[]> {
  const ofEach =
    check &&
    ((stored: StoredIntake): CheckPeople =>
      async (changes) =>
        check(changesOfRecords(incoming, stored, changes)));
  const { stored, decisions } = await takeAndDecide(tx, engine, incoming, 'record', ofEach);
  await wakeMany(tx, decisions, 'record');
  return stored.taken;
}

async function takeAndDecide(
  tx: Transaction,
  engine: Engine,
  incoming: readonly IncomingRecord[],
  trigger: Trigger,
  check?: (stored: StoredIntake) => CheckPeople,
): Promise<{ readonly stored: StoredIntake; readonly decisions: ReadonlyMap<string, Decision> }> {
  const { configuration, claims } = engine;
  // Before any lock on a record or a person: who waits for those must not be waited for by a version that comes into force.
  const policy = policyToDecideBy(tx, engine);
  const [stored] = await Promise.all([storeRecords(tx, { configuration, claims, hasRights: (id) => hasRightsInTenure(tx, engine, id) }, incoming), policy]);
  const news = stored.taken.filter(({ outcome }) => !nothingNew.includes(outcome));
  const ids = [...new Set(news.flatMap(({ identityId }) => identityId ?? []))];
  return { stored, decisions: ids.length === 0 ? new Map() : await decidePeople(tx, engine, policy, ids, trigger, stored.created, check?.(stored)) };
}

/** Outcomes of a taken record that carry no new information. */
const nothingNew: readonly TakenRecord['outcome'][] = ['unchanged', 'stale', 'conflict'];

function changesOfRecords(incoming: readonly IncomingRecord[], { taken }: StoredIntake, changes: Parameters<CheckPeople>[0]): readonly RecordChanges[] {
  return taken.flatMap((one, index): RecordChanges[] => {
    const record = incoming[index];
    const { changes: own = [], before = null, after = null } = changes.get(one.identityId ?? '') ?? {};
    return record === undefined ? [] : [{ incoming: record, taken: one, changes: own, before, after }];
  });
}
