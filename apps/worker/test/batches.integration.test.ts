import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { approveBatch, discardBatch, undoBatchAs } from '@tenure/engine/batches';
import type { Caller } from '@tenure/engine/callers';
import { finishImport, type IncomingRecord, receiveRecords, stageRecords } from '@tenure/engine/intake';
import type { BatchTally, BatchChange } from '@tenure/store';
import { waveWorkflowId } from '@tenure/workflows/messages';
import { pino } from 'pino';
import { restartLives } from '../restart-lives.ts';
import { sweepBatches } from '../sweep-batches.ts';
import { createInstallation, eventually, type Installation } from './installation.ts';
import { recordHistories } from './record-histories.ts';

let tenure: Installation;
beforeAll(async () => {
  tenure = await createInstallation();
  await tenure.publish((policy) => ({ ...policy, budget: { limits: { disable: { count: 2, share: 1, from: 2 } } } }));
});
afterAll(async () => {
  await recordHistories(tenure.client);
  await tenure.stop();
});

/** Closes everything that still waits for approval: records of the same source in the next test would join it. */
afterEach(async () => {
  for (const { id } of await tenure.database.execute(`select id from wave where standing = 'held'`))
    await discardBatch(tenure, act('discard'), String(id), 'enough');
});

const act = (correlationId: string) => ({ actor: { kind: 'source', id: 'hr' }, correlationId, now: new Date().toISOString() }) as const;
const record = (externalId: string, version = 1, status: 'active' | 'ended' = 'active'): IncomingRecord => ({
  source: 'hr',
  externalId,
  version: String(version),
  facts: { displayName: `Person ${externalId}`, email: `${externalId}@example.com`, employeeNumber: externalId, department: 'Finance' },
  status,
  endedAt: null,
});
const many = (letter: string, count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${letter}${index}`);

/** Sends an import; the worker checks it. @param isComplete it names everybody */
async function send(records: readonly IncomingRecord[], isComplete = false): Promise<string> {
  const id = await tenure.store.transaction(act('import'), async (tx) => {
    const { id: importId } = await tx.imports.begin('hr', tx.context);
    const named = records.map(({ externalId }) => externalId);
    await stageRecords(tx, tenure.engine, { importId, source: 'hr', named: named.map((sent) => ({ sent, knownAs: sent })) }, records);
    const proof = { count: named.length, digest: createHash('sha256').update(named.toSorted().join('\n')).digest('hex') };
    await finishImport(tx, tenure.configuration, { importId, source: 'hr', proof: isComplete ? proof : null });
    return importId;
  });
  tenure.nudge();
  return id;
}

const batchOf = (id: string): Promise<BatchChange | null> => tenure.store.read((tx) => tx.batchChanges.get(id));
const held = (id: string): Promise<BatchChange> =>
  eventually(async () => {
    const batch = await batchOf(id);
    return batch?.standing === 'held' && batch.plan.digest !== '' ? batch : null;
  });
/** Finished, with all of it settled. */
const finished = (id: string): Promise<BatchTally> =>
  eventually(async () => ((await batchOf(id))?.finishedAt ? ((await tenure.store.read((tx) => tx.batchItems.tally([id]))).get(id) ?? null) : null));
const release = (batch: BatchChange, identityIds?: readonly string[]) =>
  approveBatch({ store: tenure.store, engine: tenure.engine }, act('release'), batch.id, {
    digest: batch.plan.digest,
    reason: 'checked',
    part: identityIds === undefined ? {} : { identityIds },
  });
const idsOf = async (externalIds: readonly string[]): Promise<readonly string[]> =>
  (
    await tenure.database.execute(`select identity_id from source_record where external_id = any(string_to_array(?, ',')) order by external_id`, [
      externalIds.join(),
    ])
  ).map(({ identity_id }) => String(identity_id));
/** Waits until the workflow that checked the batch has ended. */
const isOver = (id: string) => eventually(async () => (await tenure.client.workflow.getHandle(waveWorkflowId(id)).describe()).status.name === 'COMPLETED');
/** Records without an import, for which there never was a workflow. @returns the batch in which they wait */
async function holdAtOnce(records: readonly IncomingRecord[]): Promise<string> {
  const taken = await receiveRecords(tenure, act('records'), 'hr', records);
  expect(new Set(taken.map(({ outcome }) => outcome))).toEqual(new Set(['held']));
  return taken[0]?.batchId ?? '';
}
/** External ids of those whose account is there and open. */
async function openOf(externalIds: readonly string[]): Promise<readonly string[]> {
  const accounts = new Map((await tenure.lookAtAll()).map((account) => [account.login, account]));
  return externalIds.filter((one) => accounts.get(one)?.enabled === true);
}
/** Hires people, each with an account that is open: only then does a closed one show that an end was carried out. */
async function hire(externalIds: readonly string[]): Promise<void> {
  await finished(await send(externalIds.map((one) => record(one))));
  await eventually(async () => (await openOf(externalIds)).length === externalIds.length);
}
/** A service of an operator. */
const operator: Caller = {
  kind: 'service',
  id: '00000000-0000-4000-8000-0000000000aa',
  personId: null,
  roles: new Set(['operator']),
  sources: new Set(),
  sessionId: null,
  expiresAt: '2099-01-01T00:00:00.000Z',
};
/** Waits until no account of theirs is open any more. */
const closed = (externalIds: readonly string[]) => eventually(async () => (await openOf(externalIds)).length === 0);

describe('what is released is carried out', () => {
  it('when it is a part of an import that Temporal was told of before: 8 hires and 3 ends wait, the 3 are released, three have ended', async () => {
    const staff = many('a', 12);
    await hire(staff);
    const leavers = many('a', 3);
    const batch = await held(await send([...many('b', 8).map((one) => record(one)), ...leavers.map((one) => record(one, 2, 'ended'))]));
    // The run that checked it has ended: a later approval needs a run of its own.
    await isOver(batch.id);
    const { approval } = await release(batch, await idsOf(leavers));
    expect(approval).toMatchObject({ scheduled: 3, left: 8 });
    tenure.nudge();
    expect(await finished(approval.scheduledIn ?? '')).toMatchObject({ pending: 0, carriedOut: 3 });
    await closed(leavers);
    expect(await openOf(staff)).toEqual(staff.filter((one) => !leavers.includes(one)));
    expect(await tenure.look('b0')).toBeNull();
  });

  it('when it is released in the moment in which it is held, again and again', async () => {
    for (const letter of ['c', 'd', 'e', 'f', 'g', 'h']) {
      const staff = many(letter, 12);
      await hire(staff);
      const id = await send(staff.slice(0, 4).map((one) => record(one, 2, 'ended')));
      await release(await held(id));
      tenure.nudge();
      expect([letter, await finished(id)]).toEqual([letter, { pending: 0, carriedOut: 4, fellAway: 0, discarded: 0 }]);
      await closed(staff.slice(0, 4));
    }
  });

  /** Approves a batch that was handed to Temporal, which has lost it: in one statement, so that no dispatcher comes in between. */
  const lost = (id: string, ago: string) =>
    tenure.database.execute(`update wave set standing = 'free', released_at = now(), started_at = now() - ?::interval where id = ?`, [ago, id]);

  it.each(['is over', 'has never been'])('when its workflow %s: the sweep finds it, counts it, tells it, and it is started again', async (state) => {
    const staff = many(state === 'is over' ? 'i' : 'j', 12);
    await hire(staff);
    const ends = staff.slice(0, 4).map((one) => record(one, 2, 'ended'));
    const id = state === 'is over' ? (await held(await send(ends))).id : await holdAtOnce(ends);
    if (state === 'is over') await isOver(id);
    await lost(id, '1 hour');
    const [log, counted]: [string[], number[]] = [[], []];
    const logger = pino({}, { write: (line: string) => void log.push(line) });
    const onStopped = (count: number): void => void counted.push(count);
    const dependencies = { store: tenure.store, client: tenure.client, clock: () => new Date().toISOString(), logger, onStopped };
    const swept = await Promise.all([sweepBatches(dependencies), sweepBatches(dependencies)]);
    expect(swept.flat()).toEqual([id]);
    expect(counted).toEqual([1]);
    expect(log.join('')).toContain(id);
    tenure.nudge();
    expect(await finished(id)).toMatchObject({ pending: 0, carriedOut: 4 });
    expect(await sweepBatches(dependencies)).toEqual([]);
  });

  it('when the store of Temporal is lost while it is released: restarting the lives starts it', async () => {
    const staff = many('k', 12);
    await hire(staff);
    const { id } = await held(await send(staff.slice(0, 4).map((one) => record(one, 2, 'ended'))));
    await isOver(id);
    await lost(id, '1 second');
    await restartLives(tenure.store, tenure.client);
    tenure.nudge();
    expect(await finished(id)).toMatchObject({ pending: 0, carriedOut: 4 });
  });

  it('and undone while the target is away: names, roles and accounts are as before the wrong import when it is back', async () => {
    const staff = many('u', 12);
    await hire(staff);
    const there = async () => (await tenure.lookAtAll()).filter(({ login }) => staff.includes(login));
    const before = await eventually(async () => {
      const accounts = await there();
      return accounts.length === 12 && accounts.every(({ roles }) => roles.length === 2) ? accounts : null;
    });
    const wrong = (one: string): IncomingRecord => ({ ...record(one, 2), facts: { ...record(one).facts, displayName: 'Wrong', department: 'Sales' } });
    const { id } = await held(await send([...staff.slice(0, 8).map(wrong), ...staff.slice(8).map((one) => record(one, 2, 'ended'))]));
    await release(await held(id));
    tenure.nudge();
    await finished(id);
    await closed(staff.slice(8));
    await eventually(async () => (await there()).filter(({ name, roles }) => name === 'Wrong' && roles.join() === 'reader').length === 8);
    await tenure.takeDown();
    const undo = await undoBatchAs({ store: tenure.store, engine: tenure.engine, caller: operator }, act('undo'), id, 'the export was wrong');
    expect(undo).toMatchObject({ standing: 'held', people: 12, origin: { kind: 'undo', batchId: id } });
    await release(undo);
    tenure.nudge();
    expect(await finished(undo.id)).toMatchObject({ pending: 0, carriedOut: 12 });
    await tenure.bringBack();
    await eventually(async () => JSON.stringify(await there()) === JSON.stringify(before));
  });

  it('with the names of nobody in any history', async () => {
    const staff = many('l', 12);
    await hire(staff);
    const id = await send(staff.slice(0, 4).map((one) => record(one, 2, 'ended')));
    await release(await held(id));
    tenure.nudge();
    await finished(id);
    const waves = await tenure.database.execute(`select id from wave where (source = 'hr' or origin is not null) and finished_at is not null`);
    expect(waves.length).toBeGreaterThan(1);
    for (const { id } of waves) {
      const history = JSON.stringify(await tenure.client.workflow.getHandle(waveWorkflowId(String(id))).fetchHistory(), (_key, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
      );
      for (const value of ['Person ', 'example.com', 'Finance']) expect(history).not.toContain(value);
    }
  });

  it('and in the end nothing is released and unfinished', async () => {
    const left = await tenure.database.execute(
      `select w.id from wave w where w.standing = 'free' and (w.finished_at is null or exists (select 1 from batch_item i where i.batch_id = w.id and i.result = 'pending'))`,
    );
    expect(left).toEqual([]);
  });
});
