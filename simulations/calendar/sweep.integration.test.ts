import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createEngine, type Engine, decideIdentity } from '@tenure/engine/decide';
import { suspendProvisioning } from '@tenure/engine/suspensions';
import { loadConfiguration, readRetention } from '@tenure/config';
import { EXPIRING_ROWS, openStore, type Store, type Transaction } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { expireRows } from '../../apps/worker/expire-rows.ts';
import { restartStalled } from '../../apps/worker/restart-stalled.ts';
import { sweep } from '../../apps/worker/sweep.ts';
import { tenureYaml } from './configuration.ts';
import { takeRecord } from '@tenure/engine/intake';
import { publishPolicy } from '@tenure/engine/policy';

const accessYaml = `
entitlements: { ledger.staff: { target: ledger, value: staff } }
birthright: [{ name: everybody, when: 'true', entitlements: [ledger.staff] }]
lifecycle: [{ name: all, end: { grace: P30D, then: keep } }]
`;
const start = '2027-03-01T09:00:00.000Z';

let directory: string;
let database: TestDatabase;
/** A second worker, with connections of its own. */
let other: Store;
let engine: Engine;
let now: string;
let number = 0;
const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
  database.store.transaction({ actor: { kind: 'person', id: randomUUID() }, correlationId: randomUUID(), now }, work);
const later = (minutes: number): string => new Date(Date.parse(start) + minutes * 60_000).toISOString();

async function hire(): Promise<string> {
  number += 1;
  const facts = { employeeNumber: `s${number}`, displayName: `Person ${number}`, department: 'Other' };
  const record = { source: 'hr', externalId: `s${number}`, version: '1', facts, status: 'active' as const, endedAt: null };
  return (await act((tx) => takeRecord(tx, engine, record))).identityId ?? '';
}
const waiting = (): Promise<readonly Record<string, unknown>[]> => database.execute('select identity_id, trigger, urgent from outbox order by id');

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenure-sweep-'));
  await mkdir(join(directory, 'policy'));
  await writeFile(join(directory, 'tenure.yaml'), tenureYaml);
  await writeFile(join(directory, 'policy', 'access.yaml'), accessYaml);
  const configuration = await loadConfiguration({ directory, environment: { LEDGER_URL: 'postgresql://nobody:none@localhost:1/none' } });
  database = await createTestDatabase();
  other = await openStore({ url: database.url, vault: database.vault, poolSize: 3 });
  engine = createEngine({ configuration });
  now = start;
  await act((tx) => publishPolicy(tx, engine));
});
afterAll(async () => {
  await other.close();
  await database.drop();
  await rm(directory, { recursive: true });
});
beforeEach(async () => {
  now = start;
  await database.execute('update identity set next_wake_up = null');
  await database.execute(`update account set confirmed_at = now() where confirmed_at is null`);
  await database.execute('delete from outbox');
});

test('while Temporal is away, sweeps of several workers leave one wake-up for each overdue life and request', async () => {
  for (let person = 0; person < 20; person += 1) await hire();
  await database.execute('delete from outbox');
  await database.execute('update account set confirmed_at = now()');
  await database.execute(`update identity set next_wake_up = ? where id in (select id from identity order by created_at desc limit 20)`, [start]);
  const counts = [];
  for (let minute = 1; minute <= 5; minute += 1) {
    const both = await Promise.all([sweep(database.store, later(minute)), sweep(other, later(minute))]);
    counts.push(both.reduce((sum, { life }) => sum + life, 0));
  }
  expect(await waiting()).toHaveLength(20);
  // Messages that wait already are not counted again.
  expect(counts).toEqual([20, 0, 0, 0, 0]);
});

test('who is overdue and waits for a wake-up gets no other, but an urgent one, once, who leaves', async () => {
  const identityId = await hire();
  await database.execute('update identity set next_wake_up = ? where id = ?', [start, identityId]);
  await sweep(database.store, later(1));
  expect(await waiting()).toMatchObject([{ urgent: false }]);
  await database.execute(`update identity set state = 'leaving' where id = ?`, [identityId]);
  await sweep(database.store, later(2));
  await sweep(other, later(3));
  expect(await waiting()).toMatchObject([{ urgent: false }, { urgent: true, trigger: 'timer' }]);
});

/** A person whose wake-up was lost: an unconfirmed account, and nothing that would continue the work. */
async function stalled(): Promise<string> {
  const identityId = await hire();
  await database.execute('delete from outbox');
  return identityId;
}
const restarted = async (minutes: number): Promise<readonly string[]> => restartStalled(database.store, ['ledger'], later(minutes));

test('a life with an unconfirmed account that nobody has decided about for ten minutes is asked again, and once', async () => {
  const identityId = await stalled();
  expect(await restarted(9)).toEqual([]);
  expect(await restarted(11)).toEqual([identityId]);
  expect(await waiting()).toEqual([{ identity_id: identityId, trigger: 'restart', urgent: false }]);
  // Its wake-up waits; and once it was decided about, it is left alone for another ten minutes.
  expect(await restartStalled(other, ['ledger'], later(12))).toEqual([]);
  await database.execute('delete from outbox');
  now = later(12);
  await act((tx) => decideIdentity(tx, engine, identityId, 'restart'));
  expect(await restarted(13)).toEqual([]);
  expect(await restarted(30)).toEqual([identityId]);
});

test.each<[why: string, arrange: (identityId: string) => Promise<unknown>]>([
  ['is confirmed', (id) => database.execute('update account set confirmed_at = now() where identity_id = ?', [id])],
  ['cannot be shown', (id) => database.execute('update account set not_visible_at = now() where identity_id = ?', [id])],
  ['has an operation that was refused', (id) => database.execute(`update operation set status = 'failed' where identity_id = ?`, [id])],
  [
    'was tried a minute ago',
    (id) => database.execute(`update operation set attempts = 9, last_error = jsonb_build_object('at', ?::text) where identity_id = ?`, [later(10), id]),
  ],
  ['is being worked on', (id) => database.execute(`update account set lease_until = clock_timestamp() + interval '1 minute' where identity_id = ?`, [id])],
  [
    'is on hold',
    (identityId) =>
      act((tx) => suspendProvisioning(tx, engine, { identityId, target: null, operationId: null, until: later(600), keepsAccess: false, reason: 'test' })),
  ],
  [
    'is in a target that does not work',
    () =>
      database.execute(
        `insert into connection_check (kind, name, is_working, checked_at, next_at) values ('target', 'ledger', false, now(), now()) on conflict (kind, name) do update set is_working = false`,
      ),
  ],
  [
    'is carried by a batch change',
    async (id) => {
      const wave = randomUUID();
      await database.execute(`insert into wave (id, trigger, is_decided, people, correlation_id, created_at) values (?, 'policy', true, 1, 'c', now())`, [
        wave,
      ]);
      await database.execute('insert into wave_member values (?, ?, false)', [wave, id]);
    },
  ],
])('a life whose account %s is not asked again', async (_, arrange) => {
  const identityId = await stalled();
  await arrange(identityId);
  try {
    expect(await restarted(11)).toEqual([]);
  } finally {
    await database.execute('delete from connection_check');
  }
  expect(await restartStalled(database.store, ['another'], later(11))).toEqual([]);
});

test('a sweep asks a hundred stalled lives at most', async () => {
  for (let person = 0; person < 120; person += 1) await hire();
  await database.execute('delete from outbox');
  expect(await restarted(11)).toHaveLength(100);
  expect(await restarted(12)).toHaveLength(20);
});

const days = 24 * 60;

test('what is over for longer than it is kept is deleted in steps, by one worker at a time; what something open refers to stays', async () => {
  const [done, held, open] = [await hire(), await hire(), await hire()];
  await database.execute(`update operation set status = 'done', finished_at = ? where identity_id in (?, ?)`, [start, done, held]);
  await database.execute(
    `insert into operation_attempt (id, operation_id, at, outcome) select gen_random_uuid(), id, created_at, 'done' from operation where identity_id in (?, ?, ?)`,
    [done, held, open],
  );
  await database.execute(
    `insert into hold (id, kind, operation_id, until, keeps_access, reason, placed_by, placed_at, is_told)
     select gen_random_uuid(), 'operation', id, ?, false, 'test', 'somebody', ?, true from operation where identity_id = ?`,
    [start, start, held],
  );
  const retention = { ...readRetention(), operations: 100 * days * 60_000 };
  const expired: Record<string, number> = {};
  const count = (name: string, rows: number): void => void (expired[name] = (expired[name] ?? 0) + rows);
  await expireRows(database.store, retention, later(99 * days), count);
  expect(expired).toEqual({});
  await Promise.all([expireRows(database.store, retention, later(101 * days), count), expireRows(other, retention, later(101 * days), count)]);
  const [planned] = await database.execute('select count(*)::int as count from operation where identity_id = ?', [open]);
  expect(expired).toEqual({ operations: planned?.['count'] });
  const left = await database.execute('select distinct identity_id from operation where identity_id in (?, ?, ?)', [done, held, open]);
  expect(new Set(left.map(({ identity_id }) => identity_id))).toEqual(new Set([held, open]));
  expect(await database.execute('select count(*)::int as count from operation_attempt where operation_id not in (select id from operation)')).toEqual([
    { count: 0 },
  ]);
});

test('a reading that proves an end cannot be deleted within a year, whatever is configured', async () => {
  const identityId = await hire();
  const add = (at: string) =>
    database.execute(
      `insert into account_reading (id, identity_id, account_id, target, at, found, entitlements, wanted, is_as_wanted, correlation_id)
       select gen_random_uuid(), identity_id, id, target, ?, 'disabled', '[]', 'disabled', true, 'c' from account where identity_id = ?`,
      [at, identityId],
    );
  const readings = EXPIRING_ROWS.filter(({ name }) => name === 'readings');
  const expire = async (): Promise<number> => {
    let count = 0;
    for (const rows of readings) count += await act((tx) => tx.upkeep.expire(rows, new Date().toISOString(), 10));
    return count;
  };
  await add(new Date(Date.now() - 366 * days * 60_000).toISOString());
  expect(await expire()).toBe(1);
  await add(new Date(Date.now() - 364 * days * 60_000).toISOString());
  await expect(expire()).rejects.toThrow('kept for a year at least');
});

test('every statement that deletes what is over deletes no more than it is told to', async () => {
  for (const rows of EXPIRING_ROWS) {
    expect(rows.delete).toMatch(/limit \$2/);
    await act((tx) => tx.upkeep.expire(rows, '2000-01-01T00:00:00.000Z', 1));
  }
});
