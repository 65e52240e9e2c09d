import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { terminate } from '@tenure/engine/leavers';
import { livesQueue } from '@tenure/workflows/queues';
import { triggerAttribute } from '@tenure/workflows/search-attributes';
import { factsChangedSignal, identityWorkflowId, nextWakeUpQuery } from '@tenure/workflows/messages';
import { createInstallation, eventually, type Installation, inTime } from './installation.ts';
import { recordHistories } from './record-histories.ts';

// Nothing takes work from the queue of identity lifecycles any more: closed accounts have waited for no lifecycle workflow, as when thousands wait
// before it.

let tenure: Installation;
const ids = new Map<string, string>();
/** Person whose end date comes while nothing takes work from that queue. */
let dated = '';
const idOf = (name: string): string => ids.get(name) ?? '';
const factsOf = (name: string) => ({ displayName: name, email: `${name}@example.com`, employeeNumber: name, department: 'Finance' });
const recordOf = (name: string, version: string) => ({ externalId: name, version, facts: factsOf(name) });
const isOpen = async (name: string) => (await tenure.look(name))?.enabled === true;
const isClosed = async (name: string) => {
  const seen = await tenure.look(name);
  return seen === null || (!seen.enabled && seen.roles.length === 0);
};
const far = new Date(Date.now() + 90 * 24 * 3_600_000).toISOString();

beforeAll(async () => {
  tenure = await createInstallation();
  const hire = async (name: string, more: object): Promise<void> => {
    const { identityId } = await tenure.record({ ...recordOf(name, '1'), facts: { ...factsOf(name), ...more } });
    ids.set(name, identityId ?? '');
  };
  const facts = { record: {}, sleeper: { endDate: far }, operator: { endDate: far }, batch: {}, signalled: { endDate: far } };
  for (const [name, more] of Object.entries(facts)) await hire(name, more);
  for (const name of ids.keys()) await eventually(() => isOpen(name));
  // Their workflow sleeps until then, and is never woken: its queue is stopped before.
  await inTime(2, async (endDate, attempt) => {
    dated = `date${attempt}`;
    await hire(dated, { endDate });
    const left = (): number => Date.parse(endDate) - Date.now();
    await eventually(() => isOpen(dated), left());
    await eventually(async () => (await tenure.client.workflow.getHandle(identityWorkflowId(idOf(dated))).query(nextWakeUpQuery)) === endDate, left());
    await tenure.stopQueue(livesQueue);
    if (left() > 0) return;
    await tenure.restartWorkers();
    throw new Error(`the queue of ${dated} was stopped too late`);
  });
});
afterAll(async () => {
  await recordHistories(tenure.client);
  await tenure.stop();
});

it('hires nobody', async () => {
  await tenure.record(recordOf('hired', '1'));
  await eventually(async () => (await tenure.store.read((tx) => tx.outbox.lag(new Date().toISOString()))).waiting === 0);
  expect(await tenure.look('hired')).toBeNull();
});

it.each(['record', 'sleeper'])('closes somebody whose record ends (%s)', async (name) => {
  await tenure.record({ ...recordOf(name, '2'), status: 'ended' });
  await eventually(() => isClosed(name));
});

it('closes whom an operator terminates', async () => {
  const context = { actor: { kind: 'person', id: randomUUID() }, correlationId: 'terminate', now: new Date().toISOString() } as const;
  await tenure.store.transaction(context, (tx) => terminate(tx, tenure.engine, idOf('operator'), 'stolen laptop'));
  tenure.nudge();
  await eventually(() => isClosed('operator'));
});

it('closes those who end in a batch with many who are hired', async () => {
  const hires = Array.from({ length: 12 }, (_, index) => recordOf(`batch-${index}`, '1'));
  await tenure.recordMany([...hires, { ...recordOf('batch', '2'), status: 'ended' }]);
  await eventually(() => isClosed('batch'));
  expect(await tenure.look('batch-0')).toBeNull();
});

it('closes those whose date has come, which no timer of theirs can say any more', async () => {
  await eventually(() => isClosed(dated));
});

it('closes those who had left already when the Temporal store was lost', async () => {
  await tenure.takeDown();
  await tenure.record({ ...recordOf('signalled', '2'), facts: { ...factsOf('signalled'), endDate: far }, status: 'ended' });
  await tenure.database.execute('delete from outbox');
  await tenure.bringBack();
  await tenure.restartLives();
  await eventually(() => isClosed('signalled'));
});

it('has lives hear of it afterwards, which see to what comes later; a human decision is not forgotten for what comes after it', async () => {
  const life = tenure.client.workflow.getHandle(identityWorkflowId(idOf('sleeper')));
  await life.signal(factsChangedSignal, { trigger: 'decision', correlationId: 'first' });
  await life.signal(factsChangedSignal, { trigger: 'record', correlationId: 'second' });
  await tenure.restartWorkers();
  await eventually(async () => {
    const { events } = await life.fetchHistory();
    return events?.some(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) => {
      const data = upsert?.searchAttributes?.indexedFields?.[triggerAttribute.name]?.data;
      return data != null && Buffer.from(data).toString('utf8') === '"decision"';
    });
  });
  // Their grace period is over: the accounts are deleted, by their lifecycle workflows.
  for (const name of ['record', 'sleeper', 'operator', 'batch', dated, 'signalled']) await eventually(async () => (await tenure.look(name)) === null);
  await eventually(() => isOpen('hired'));
});
