import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate } from '../index.ts';
import { EXPIRING_ROWS } from '../upkeep/expiring-rows.ts';
import { createTestDatabase, type TestDatabase } from '../testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Restores the tables as they were before migration 0050. */
async function goBack(): Promise<void> {
  await database.execute('drop table batch_item');
  await database.execute('alter table wave drop column part_of, drop column approvable, drop column released_at, drop column problem');
  await database.execute('drop index if exists wave_under_way_index');
  await database.execute(
    'create table wave_record (wave_id uuid not null references wave (id), external_id text not null, source text not null, version text not null, record jsonb not null, identity_id uuid null, changes jsonb not null, held_at timestamptz(3) not null, primary key (wave_id, external_id))',
  );
  await database.execute(`delete from tenure_migration where name = '0050-batch-items'`);
}

it('an upgrade keeps what waits, carries out what was released and forgotten, and leaves ends for want of being named to the next import', async () => {
  await goBack();
  const wave = async (standing: string, times: string): Promise<string> => {
    const id = randomUUID();
    await database.execute(
      `insert into wave (id, trigger, is_decided, people, correlation_id, created_at, standing, source, plan, started_at, finished_at)
       values (?, 'record', true, 2, 'c', now() - interval '9 days', ?, 'hr', '{"digest":"d1","people":2,"changes":[]}', ${times})`,
      [id, standing],
    );
    for (const [key, vanished] of [
      ['explicit', false],
      ['vanished', true],
    ])
      await database.execute(
        `insert into wave_record values (?, ?, 'hr', '1', jsonb_build_object('hasVanished', ?::boolean), null, '[]', now() - interval '9 days')`,
        [id, key, vanished],
      );
    return id;
  };
  const [held, copied, finished] = [await wave('held', 'now(), null'), await wave('free', 'now(), null'), await wave('free', 'now(), now()')];
  expect(await migrate(database.url)).toEqual(['0050-batch-items']);
  const waves = new Map(
    (await database.execute('select id, started_at is null as waits, finished_at is null as unfinished, approvable from wave')).map(({ id, ...row }) => [
      id,
      row,
    ]),
  );
  expect(waves.get(held)).toEqual({ waits: false, unfinished: true, approvable: ['d1'] });
  expect([waves.get(copied), waves.get(finished)]).toEqual([copied, finished].map(() => ({ waits: true, unfinished: true, approvable: [] })));
  const items = await database.execute(`select batch_id, key, result, record is null as gone from batch_item order by key`);
  const of = (id: string) => items.filter(({ batch_id }) => batch_id === id).map(({ key, result, gone }) => `${String(key)} ${String(result)} ${String(gone)}`);
  expect(of(held)).toEqual(['explicit pending false', 'vanished pending false']);
  for (const id of [copied, finished]) expect(of(id)).toEqual(['explicit pending false', 'vanished fell-away true']);
});

it('tells which items have which result, page by page, and knows what is pending for a source alone', async () => {
  const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'c', now: '2026-03-01T12:00:00.000Z' } as const;
  const { store } = database;
  const id = await store.transaction(context, async (tx) => {
    const batch = await tx.batchChanges.open({ trigger: 'record', source: 'hr', people: 3, plan: { digest: 'd', people: 3, changes: [] } }, context);
    const items = ['a', 'b', 'c'].map((key) => ({ key, source: 'hr', version: '7', record: { key }, hasVanished: key === 'c', identityId: null, changes: [] }));
    await tx.batchItems.add(batch.id, items, context.now);
    await tx.batchItems.settle(batch.id, [{ key: 'a', identityId: null, result: 'carried-out', reason: null }], context.now);
    // A repeated call does not change items that have a result.
    await tx.batchItems.fallAway([{ batchId: batch.id, key: 'a' }], 'superseded', context.now);
    await tx.batchItems.replan(batch.id, [
      { key: 'a', version: '7', identityId: null, changes: [{ target: 'crm', kind: 'create' }] },
      { key: 'b', version: '6', identityId: null, changes: [{ target: 'crm', kind: 'create' }] },
    ]);
    return batch.id;
  });
  await store.read(async (tx) => {
    expect((await tx.batchItems.tally([id])).get(id)).toEqual({ pending: 2, carriedOut: 1, fellAway: 0, discarded: 0 });
    const [first, ...rest] = await tx.batchItems.page(id, ['pending', 'carried-out'], 3, null);
    expect(first).toMatchObject({ key: 'a', result: 'carried-out', record: null, settledAt: context.now, changes: [] });
    expect(rest.map(({ key, changes, record }) => [key, changes, record])).toEqual([
      ['b', [], { key: 'b' }],
      ['c', [], { key: 'c' }],
    ]);
    expect((await tx.batchItems.page(id, ['pending'], 3, 'b')).map(({ key }) => key)).toEqual(['c']);
  });
  await store.transaction(context, async (tx) => {
    expect(await tx.batchItems.pendingRecords('payroll', ['a', 'b', 'c'])).toEqual([]);
    expect(await tx.batchItems.pendingRecords('hr', ['a', 'c'])).toMatchObject([{ batchId: id, key: 'c', version: '7', hasVanished: true, isApproved: false }]);
  });
});

it("counts the time for which a batch waited for approval as nobody's delay", async () => {
  const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'c', now: '2026-03-01T12:00:00.000Z' } as const;
  const { store } = database;
  await database.execute('update wave set finished_at = now(), started_at = now()');
  await store.transaction(context, async (tx) => {
    const { id } = await tx.batchChanges.open({ trigger: 'record', source: 'hr', people: 1, plan: { digest: 'd', people: 1, changes: [] } }, context);
    await tx.batchChanges.release(id, { by: 'test', reason: 'test', at: '2026-03-05T12:00:00.000Z', correlationId: 'c' });
  });
  const { outbox, batches } = await store.pulse('2026-03-05T12:00:02.000Z');
  expect([outbox, batches]).toEqual([
    { waiting: 1, oldest: 2000 },
    { underWay: 1, oldest: 2000 },
  ]);
});

it('forgets the items of what was finished or discarded long ago, so many at a time, and nothing that waits', async () => {
  const { store } = database;
  const context = (now: string) => ({ actor: { kind: 'system', id: 'test' }, correlationId: 'c', now }) as const;
  const batch = (now: string, discardedAt: string | null): Promise<string> =>
    store.transaction(context(now), async (tx) => {
      const { id } = await tx.batchChanges.open({ trigger: 'record', source: 'hr', people: 2, plan: { digest: 'd', people: 2, changes: [] } }, context(now));
      const items = ['a', 'b'].map((key) => ({ key, source: 'hr', version: '7', record: { key }, hasVanished: false, identityId: null, changes: [] }));
      await tx.batchItems.add(id, items, now);
      if (discardedAt !== null) await tx.batchChanges.discard(id, { by: 'test', reason: 'test', at: discardedAt, correlationId: 'c' });
      return id;
    });
  const begun = '2025-01-01T12:00:00.000Z';
  const ids = [await batch(begun, '2025-01-02T12:00:00.000Z'), await batch(begun, '2026-01-02T12:00:00.000Z'), await batch(begun, null)];
  const left = () => store.read(async (tx) => Promise.all(ids.map(async (id) => (await tx.batchItems.page(id, ['pending', 'discarded'], 9, null)).length)));
  const items = EXPIRING_ROWS.filter(({ name }) => name === 'batch-items');
  const sweep = (limit: number) =>
    store.transaction(context('2026-03-01T12:00:00.000Z'), async (tx) => {
      const [rows] = items;
      return rows === undefined ? null : tx.upkeep.expire(rows, '2025-06-01T12:00:00.000Z', limit);
    });
  expect(await sweep(1)).toBe(1);
  expect(await left()).toEqual([1, 2, 2]);
  expect([await sweep(9), await sweep(9)]).toEqual([1, 0]);
  expect(await left()).toEqual([0, 2, 2]);
});
