import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection, ScheduleNotFoundError } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Activities } from '@tenure/activities';
import { restoreAccount } from '@tenure/engine/corrections';
import { pauseOf, postponeRun, requestRun } from '@tenure/engine/reconciliation';
import type { ReconciliationRun, RunTrigger, Transaction } from '@tenure/store';
import { reconcileTargetType, reconciliationScheduleId } from '@tenure/workflows/messages';
import { livesQueue, reconciliationQueue } from '@tenure/workflows/queues';
import { Client as SqlClient } from 'pg';
import { settleSchedules } from '../reconciliation-schedules.ts';
import { createInstallation, eventually, type Installation, ownNamespace, workflowBundle } from './installation.ts';
import { recordHistories } from './record-histories.ts';

let tenure: Installation;
/** Connection to the application that bypasses Tenure. */
let ledger: SqlClient;

beforeAll(async () => {
  tenure = await createInstallation();
  ledger = new SqlClient({ connectionString: targetOf(tenure).url });
  await ledger.connect();
});
afterAll(async () => {
  await ledger?.end();
  if (tenure !== undefined) await recordHistories(tenure.client);
  await tenure?.stop();
});

function targetOf({ configuration }: Installation) {
  const target = configuration.targets['ledger'];
  if (target === undefined) throw new Error('there is no target');
  return target;
}

async function request(): Promise<ReconciliationRun> {
  const context = { actor: { kind: 'person', id: 'operator' }, correlationId: 'request', now: new Date().toISOString() } as const;
  const run = await tenure.store.transaction(context, (tx) => requestRun(tx, { target: 'ledger', reason: 'somebody was seen there', expectsFewer: false }));
  tenure.nudge();
  return run;
}

function finished(id: string): Promise<ReconciliationRun> {
  return eventually(async () => {
    const run = await tenure.store.read((tx) => tx.reconciliationRuns.get(id));
    return run?.finishedAt == null ? null : run;
  });
}

test('each target has one schedule, which follows the configuration', async () => {
  const { client, configuration } = tenure;
  const handle = client.schedule.getHandle(reconciliationScheduleId('ledger'));
  await settleSchedules({ client, configuration });
  await settleSchedules({ client, configuration });
  expect(await handle.describe()).toMatchObject({
    spec: { intervals: [{ every: 86_400_000 }] },
    action: { workflowType: reconcileTargetType, taskQueue: livesQueue, args: [{ target: 'ledger' }] },
    state: { paused: false },
  });
  const changed = (reconciliation: object) => ({ targets: { ledger: { ...targetOf(tenure), reconciliation } } });
  await settleSchedules({ client, configuration: changed({ every: null }) });
  expect((await handle.describe()).state.paused).toBe(true);
  await settleSchedules({ client, configuration: changed({ every: 43_200_000 }) });
  expect(await handle.describe()).toMatchObject({ spec: { intervals: [{ every: 43_200_000 }] }, state: { paused: false } });
  const quietHours = { from: '08:00', to: '18:00', days: ['monday'], timeZone: 'Europe/Berlin' };
  await settleSchedules({ client, configuration: changed({ every: 43_200_000, quietHours }) });
  expect((await handle.describe()).state.note).toContain('Quiet hours: 08:00 to 18:00 (Europe/Berlin), monday');
  // Results of a search come a little after the change.
  await eventually(async () => {
    await settleSchedules({ client, configuration: { targets: {} } });
    return handle.describe().then(
      () => false,
      (error: unknown) => error instanceof ScheduleNotFoundError,
    );
  });
});

test('a requested run waits for its schedule, reads the target on a queue of its own, and finds an account made by hand', async () => {
  const { client, configuration } = tenure;
  await tenure.record({ externalId: 'w-1', version: '1', facts: { displayName: 'Ann Miller', employeeNumber: '1' } });
  await eventually(async () => (await tenure.lookAtAll()).some(({ roles }) => roles.includes('reader')));
  await eventually(async () => {
    const rows = await tenure.database.execute('select 1 from account where confirmed_at is not null');
    return rows.length === 1;
  });
  await ledger.query("insert into accounts (login, active, full_name) values ('stray', true, 'Made By Hand')");
  const asked = await request();
  expect(await request()).toMatchObject({ id: asked.id });
  await settleSchedules({ client, configuration });
  const run = await finished(asked.id);
  expect(run).toMatchObject({ verdict: 'complete', trigger: 'request', accounts: 2, found: 1, opened: 1, reason: 'somebody was seen there' });
  expect(await tenure.store.read((tx) => tx.findings.page({ target: 'ledger', status: 'open' }, 10, null))).toMatchObject([
    { kind: 'orphan-account', userName: 'stray', runId: run.id },
  ]);
  expect(await tenure.look('stray')).toEqual({ enabled: true, roles: [] });
  const workflows = await eventually(async () => {
    const found = [];
    for await (const one of client.workflow.list({ query: `WorkflowType = "${reconcileTargetType}" and ExecutionStatus = "Completed"` })) found.push(one);
    return found.length > 0 && found;
  });
  expect(workflows.map(({ taskQueue }) => taskQueue)).toEqual([livesQueue]);
});

test('a target that refuses to be read ends the run at once, which concludes nothing and says why', async () => {
  await ledger.query('alter table accounts rename column login to login_name');
  const refused = await finished((await request()).id);
  expect(refused).toMatchObject({ verdict: 'partial', reasons: ['error'], failure: { code: 'CONNECTOR_REFUSED' }, accounts: 0, opened: 0, closed: 0 });
  await ledger.query('alter table accounts rename column login_name to login');
  const openCases = async () => (await tenure.store.read((tx) => tx.cases.page({ status: 'open' }, 10, null))).map(({ kind }) => kind).sort();
  expect(await openCases()).toContain('target-not-read');
  await ledger.query("delete from accounts where login = 'stray'");
  const again = await finished((await request()).id);
  expect(again).toMatchObject({ verdict: 'complete', accounts: 1, found: 0, closed: 1 });
  expect((await openCases()).filter((kind) => kind === 'target-not-read' || kind === 'reconciliation-findings')).toEqual([]);
});

test('what a run finds is corrected in the target, and an account of nobody goes into quarantine and comes back', async () => {
  const { store } = tenure;
  Object.assign(targetOf(tenure), { reconciliation: { findings: { 'orphan-account': 'correct', 'entitlement-outside-policy': 'correct' } } });
  const [ann] = await tenure.lookAtAll();
  const login = ann?.login ?? '';
  await ledger.query("insert into account_roles select id, 'clerk' from accounts where login = $1", [login]);
  await ledger.query("insert into accounts (login, active, full_name) values ('orphan', true, 'Made By Hand')");
  await ledger.query("insert into account_roles select id, 'reader' from accounts where login = 'orphan'");
  await finished((await request()).id);
  await eventually(async () => (await tenure.look(login))?.roles.join() === 'reader');
  await eventually(async () => (await tenure.look('orphan'))?.enabled === false);
  const quarantined = await eventually(async () => {
    const [one] = await store.read((tx) => tx.quarantinedAccounts.page({ target: 'ledger' }, 10, null));
    return one?.state === 'quarantined' && one;
  });
  expect(await tenure.look('orphan')).toEqual({ enabled: false, roles: [] });
  expect(quarantined).toMatchObject({ userName: 'orphan', wasEnabled: true, memberships: [{ entitlement: 'reader' }] });
  const [batch] = await store.read((tx) => tx.batchChanges.page({}, 10, null));
  expect(batch).toMatchObject({ standing: 'free', origin: { kind: 'corrections', target: 'ledger' }, people: 2 });
  const context = { actor: { kind: 'person', id: 'operator' }, correlationId: 'restore', now: new Date().toISOString() } as const;
  await store.transaction(context, (tx) => restoreAccount(tx, quarantined.id, 'It belongs to the scanner'));
  tenure.nudge();
  await eventually(async () => (await store.read((tx) => tx.quarantinedAccounts.get(quarantined.id)))?.state === 'restored');
  expect(await tenure.look('orphan')).toEqual({ enabled: true, roles: ['reader'] });
  // The workflows have ended before their histories are read.
  await eventually(async () => {
    const { count } = await tenure.client.workflow.count('WorkflowType = "tendQuarantine" and ExecutionStatus = "Completed"');
    return count >= 2;
  });
});

test('in quiet hours a run that is due is postponed to their end, one under way pauses between pages, and a person need not wait', async () => {
  const hours = { days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'], timeZone: 'UTC', from: '08:00', to: '18:00' } as const;
  const settings = { ...targetOf(tenure), reconciliation: { quietHours: hours } };
  const at = <T>(now: string, work: (tx: Transaction) => Promise<T>): Promise<T> =>
    tenure.store.transaction({ actor: { kind: 'system', id: 'worker' }, correlationId: 'quiet', now }, work);
  const [night, noon, evening, end] = ['07:59:00', '12:00:00', '17:59:00', '18:00:00'].map((time) => `2026-03-02T${time}.000Z`) as [
    string,
    string,
    string,
    string,
  ];
  // Another target, which no schedule reads.
  const other = { ...settings, name: 'quiet' };
  const run = (trigger: RunTrigger) => ({ target: 'quiet', trigger }) as ReconciliationRun;
  expect(await at(night, (tx) => postponeRun(tx, other))).toBeNull();
  expect(await at(noon, (tx) => postponeRun(tx, other))).toBe(end);
  expect(await at(noon, (tx) => pauseOf(tx, run('schedule'), other))).toBe(300_000);
  expect(await at(evening, (tx) => pauseOf(tx, run('recovery'), other))).toBe(60_000);
  expect(await at(end, (tx) => pauseOf(tx, run('schedule'), other))).toBe(0);
  expect(await at(noon, (tx) => pauseOf(tx, run('request'), other))).toBe(0);
  // Somebody requests a run: it begins, and the one under way, which it has to wait for, goes on.
  await at(noon, (tx) => requestRun(tx, { target: 'quiet', reason: 'now', expectsFewer: false }));
  expect(await at(noon, (tx) => pauseOf(tx, run('schedule'), other))).toBe(0);
  expect(await at(noon, (tx) => postponeRun(tx, other))).toBeNull();
});

test('the workflow of a run sleeps through quiet hours and goes on with the next page, and ends where the run is postponed', async () => {
  const address = process.env['TENURE_TEST_TEMPORAL_ADDRESS'] ?? '';
  const namespace = await ownNamespace(address);
  const connection = await NativeConnection.connect({ address });
  const ofClient = await Connection.connect({ address });
  const client = new Client({ connection: ofClient, namespace });
  const pauses = [0, 20, 20, 0];
  const concluded = { verdict: 'complete', reasons: [], accounts: 3, found: 0, opened: 0, closed: 0, unproven: 0 } as const;
  const asked: string[] = [];
  const activities: Pick<Activities, 'beginReconciliation' | 'readAccounts' | 'concludeReconciliation'> = {
    beginReconciliation: async ({ target }) => (target === 'quiet' ? { runId: null, postponedUntil: '2026-03-02T18:00:00.000Z' } : { runId: 'run' }),
    async readAccounts({ runId }) {
      asked.push(runId);
      const pauseFor = pauses.shift() ?? 0;
      return { isRead: pauses.length === 0, accounts: 3, pauseFor };
    },
    concludeReconciliation: async () => concluded,
  };
  const shared = { connection, namespace };
  const workers = await Promise.all([
    Worker.create({ ...shared, taskQueue: livesQueue, workflowBundle }),
    Worker.create({ ...shared, taskQueue: reconciliationQueue, activities }),
  ]);
  const done = workers.map((worker) => worker.run());
  const start = (target: string) =>
    client.workflow.execute(reconcileTargetType, { workflowId: reconciliationScheduleId(target), taskQueue: livesQueue, args: [{ target }] });
  expect(await start('ledger')).toEqual(concluded);
  expect(asked).toEqual(['run', 'run', 'run', 'run']);
  const { events } = await client.workflow.getHandle(reconciliationScheduleId('ledger')).fetchHistory();
  expect(events?.filter(({ timerFiredEventAttributes }) => timerFiredEventAttributes != null)).toHaveLength(2);
  expect(await start('quiet')).toBeNull();
  expect(asked).toHaveLength(4);
  await recordHistories(client);
  for (const worker of workers) worker.shutdown();
  await Promise.all(done);
  await ofClient.close();
  await connection.close();
});
