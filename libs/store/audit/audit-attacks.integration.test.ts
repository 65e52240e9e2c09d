import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { openStore, type Store } from '../index.ts';
import { anchorLine, type TakenAnchor } from './audit-anchor.ts';
import type { ActContext } from './audit.ts';
import { createVault } from './vault.ts';
import { createTestDatabase, type TestDatabase } from '../testing.ts';

/** Attacked database: the attacker has all rights on it, but not the audit key. */
let database: TestDatabase;
let store: Store;
let minute = 0;
const at = (): string => new Date(Date.parse('2026-03-01T12:00:00.000Z') + minute * 60_000).toISOString();
const context = (): ActContext => ({ actor: { kind: 'system', id: 'test' }, correlationId: 'c', now: at() });
const write = (count: number): Promise<unknown> =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      store.transaction(context(), async (tx) =>
        tx.audit.record({ action: 'import.begun', subjectKind: 'test', subjectId: String(index), identityId: null, reason: { source: 'hr' } }),
      ),
    ),
  );
const problems = async (settings?: Parameters<Parameters<Parameters<Store['read']>[0]>[0]['audit']['verify']>[0]): Promise<string> =>
  (await store.read((tx) => tx.audit.verify(settings))).problems.join('\n');
const asAttacker = async (...statements: readonly string[]): Promise<void> => {
  for (const sql of [
    'alter table audit_event disable trigger all',
    'alter table audit_seal disable trigger all',
    'alter table audit_lane disable trigger all',
    ...statements,
  ])
    await database.execute(sql);
};
/** Takes an anchor as a process does each minute. */
const anchored = async (before: TakenAnchor | null = null, isLast = false): Promise<TakenAnchor> => {
  minute += 1;
  return store.anchorAudit(at(), before, isLast);
};
const linesOf = (...taken: readonly TakenAnchor[]): string[] => taken.map(({ anchor }) => anchorLine(anchor));
const proved = (...lines: readonly string[]): Promise<string> => problems({ anchors: store.readAnchors(lines).anchors });

beforeAll(async () => {
  database = await createTestDatabase();
  store = database.store;
});
afterAll(() => database.drop());
beforeEach(async () => {
  // Each test begins with an audit of its own, like a new installation.
  await asAttacker(
    'alter table audit_lane drop constraint if exists audit_lane_known',
    'alter table audit_event drop constraint if exists audit_event_lane_known',
  );
  await asAttacker(
    'delete from audit_event',
    'delete from audit_lane',
    `insert into audit_lane select lane, 0, '', '' from generate_series(1, 32) lane`,
    'delete from audit_seal',
  );
  store = await openStore({ url: database.url, vault: database.vault, poolSize: 5 });
  await write(100);
  expect(await problems()).toBe('');
});
afterEach(async () => {
  if (store !== database.store) await store.close();
});

describe('without anchors, the ends of the chains are authenticated', () => {
  test('the last events of each chain deleted, and its end set to what is left', async () => {
    await asAttacker(
      'delete from audit_event e where sequence = (select max(sequence) from audit_event where lane = e.lane)',
      `update audit_lane l set sequence = coalesce((select max(sequence) from audit_event where lane = l.lane), 0), hash = coalesce((select hash from audit_event where lane = l.lane order by sequence desc limit 1), '')`,
    );
    expect(await problems()).toMatch(/changed: the end of chain \d+, which Tenure has not written/);
  });

  test('a chain emptied, with an end that says so, or with none', async () => {
    const [{ lane } = { lane: 0 }] = (await database.execute('select lane from audit_event order by lane limit 1')) as { lane: number }[];
    await asAttacker(`delete from audit_event where lane = ${lane}`, `update audit_lane set sequence = 0, hash = '' where lane = ${lane}`);
    expect(await problems()).toContain(`changed: the end of chain ${lane}`);
    await asAttacker(`update audit_lane set mac = '' where lane = ${lane}`);
    expect(await problems()).toContain(`changed: the end of chain ${lane}`);
    await asAttacker(`delete from audit_lane where lane = ${lane}`);
    expect(await problems()).toContain(`removed: the end of chain ${lane}`);
  });

  test('an event in a chain that does not exist, with an end of its own', async () => {
    await asAttacker(
      `insert into audit_event select 99, 1, gen_random_uuid(), at, actor_kind, actor_id, 'grant.given', subject_kind, subject_id, identity_id, reason, personal, correlation_id, '', hash from audit_event limit 1`,
    );
    expect(await problems()).toMatch(/inserted: 1 events in chain 99, which does not exist, such as event [0-9a-f-]{36}/);
    await asAttacker(`insert into audit_lane select 99, sequence, hash, mac from audit_lane where lane = 1`);
    expect(await problems()).toContain('inserted: the end of chain 99, which does not exist');
    // Nor does Tenure continue this chain.
    await write(80);
    expect((await database.execute('select count(*)::int as n from audit_event where lane = 99'))[0]).toEqual({ n: 1 });
  });

  test('the ends of two chains exchanged', async () => {
    await asAttacker(
      'update audit_lane l set sequence = o.sequence, hash = o.hash, mac = o.mac from audit_lane o where l.lane in (1, 2) and o.lane = 3 - l.lane',
    );
    expect(await problems()).toMatch(/changed: the end of chain 1[^\d]/);
  });

  test('Tenure does not go on from an end that it has not written, which would make it look like its own', async () => {
    await asAttacker(
      'delete from audit_event e where lane <= 31 and sequence = (select max(sequence) from audit_event where lane = e.lane)',
      `update audit_lane l set sequence = coalesce((select max(sequence) from audit_event where lane = l.lane), 0), hash = coalesce((select hash from audit_event where lane = l.lane order by sequence desc limit 1), '') where lane <= 31`,
    );
    const touched = await problems();
    await write(20);
    expect(await problems()).toBe(touched);
    await asAttacker(`update audit_lane set mac = 'x'`);
    await expect(write(1)).rejects.toThrow('no chain of the audit ends as Tenure has left it: npm run audit:verify says what was changed');
  });

  test('a process that has another key writes nothing, until an administrator begins anew', async () => {
    const other = await openStore({ url: database.url, vault: createVault({ master: randomBytes(32), audit: randomBytes(32) }), poolSize: 2 });
    try {
      const attempt = other.transaction(context(), async (tx) =>
        tx.outbox.add({ identityId: randomUUID(), trigger: 'timer', correlationId: 'c', urgent: false, createdAt: at() }),
      );
      await expect(attempt).rejects.toThrow('TENURE_AUDIT_KEY is not the key of this audit');
      expect(await problems()).toBe('');
      await other.resealAudit(context(), 'the key was lost');
      const events = await other.read((tx) => tx.audit.page({ action: 'audit.sealed' }, 10, null));
      expect(events.map(({ reason }) => reason)).toEqual([{ reason: 'the key was lost' }]);
      // Nothing proves the earlier events any more, and the result reports that.
      expect((await other.read((tx) => tx.audit.verify())).problems.filter((problem) => problem.startsWith('changed: event')).length).toBe(100);
    } finally {
      await other.close();
    }
  });
});

describe('what the database alone cannot show, anchors outside do', () => {
  test('an older end, kept by the attacker and put back with the events after it deleted', async () => {
    await asAttacker('drop table if exists stolen', 'create table stolen as select * from audit_lane');
    await write(100);
    const anchor = await anchored();
    await asAttacker(
      'delete from audit_event e where sequence > (select sequence from stolen s where s.lane = e.lane)',
      'update audit_lane l set sequence = s.sequence, hash = s.hash, mac = s.mac from stolen s where s.lane = l.lane',
    );
    expect(await problems()).toBe('');
    expect(await proved(...linesOf(anchor))).toMatch(/removed: chain \d+, which was anchored up to number \d+ at 2026-03-01/);
    // And a process that keeps running detects it within a minute.
    expect((await anchored(anchor)).problems.join()).toMatch(/chain \d+ ends at number \d+, but was anchored at number \d+/);
  });

  test('the seal removed, so that the next start takes what is left for the beginning', async () => {
    const anchor = await anchored();
    await asAttacker(
      'delete from audit_seal',
      'delete from audit_event e where sequence = (select max(sequence) from audit_event where lane = e.lane)',
      `update audit_lane l set mac = '', sequence = coalesce((select max(sequence) from audit_event where lane = l.lane), 0), hash = coalesce((select hash from audit_event where lane = l.lane order by sequence desc limit 1), '')`,
    );
    await store.close();
    store = await openStore({ url: database.url, vault: database.vault, poolSize: 5 });
    await write(1);
    // The database shows only when it was sealed.
    const { problems: found, sealedAt } = await store.read((tx) => tx.audit.verify());
    expect([found, sealedAt]).toEqual([[], at()]);
    expect(await proved(...linesOf(anchor))).toMatch(/removed: chain|is not the one that was anchored/);
  });

  test('anchors are forged, changed or left out', async () => {
    const one = await anchored();
    await write(5);
    const two = await anchored(one);
    await write(5);
    const three = await anchored(two);
    minute += 5;
    const four = await anchored(three, true);
    const [first = '', second = '', third = '', fourth = ''] = linesOf(one, two, three, four);
    expect(store.readAnchors([first, 'another line of the log', second, third, fourth])).toMatchObject({
      problems: [],
      anchors: [{}, {}, {}, { isLast: true }],
    });
    expect(store.readAnchors([first, second.replace('"last":false', '"last":true'), third]).problems).toEqual(['anchor changed: line 2']);
    expect(store.readAnchors([first, third.slice(0, -10), fourth]).problems).toEqual([
      'anchor changed: line 2',
      `anchor removed: the one before that of ${four.anchor.at}`,
    ]);
    const other = createVault({ master: randomBytes(32), audit: randomBytes(32) });
    const forger = await openStore({ url: database.url, vault: other, poolSize: 1 });
    expect(store.readAnchors(linesOf(await forger.anchorAudit(at(), null, false))).problems).toEqual(['anchor changed: line 1']);
    await forger.close();
    // The end of the file is cut off: events show that there were more anchors.
    minute += 10;
    await write(1);
    expect(await proved(first)).toMatch(new RegExp(`anchor missing: there is none after ${one.anchor.at}`));
    expect(await proved(first, second, third, fourth, ...linesOf(await anchored(three)))).toBe('');
  });

  test('a proof since an instant reads what came after it, and takes no other beginning', async () => {
    const one = await anchored();
    const since = one.anchor.at;
    minute += 1;
    await write(40);
    const two = await anchored(one);
    const { anchors } = store.readAnchors(linesOf(one, two));
    const { events, problems: found } = await store.read((tx) => tx.audit.verify({ anchors, since }));
    expect([events, found]).toEqual([40, []]);
    await asAttacker(`update audit_event set action = 'other' where id = (select e.id from audit_event e where at > '${since}' limit 1)`);
    expect(await problems({ anchors, since })).toMatch(/changed: event/);
    const grown = one.anchor.heads.find(({ sequence }) => sequence > 0);
    await asAttacker(`update audit_event set hash = 'x' where lane = ${grown?.lane} and sequence = ${grown?.sequence}`);
    expect(await problems({ anchors, since })).toContain(`changed or removed: chain ${grown?.lane}, number ${grown?.sequence}, which was anchored`);
  });
});

describe('whatever is done to it', () => {
  test('is named, by heads or anchors', async () => {
    let state = jest.getSeed();
    const below = (most: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * most);
    };
    await asAttacker('drop table if exists stolen', 'create table stolen as select * from audit_lane');
    await write(60);
    const anchor = await anchored();
    const lines = linesOf(anchor);
    await asAttacker('drop table if exists whole, ends', 'create table whole as select * from audit_event', 'create table ends as select * from audit_lane');
    const any = (): string => `(select id from audit_event order by md5(id::text || '${below(1e9)}') limit 1)`;
    const acts: readonly (() => string)[] = [
      () => `delete from audit_event where id = ${any()}`,
      () => `update audit_event set at = at + interval '1 second' where id = ${any()}`,
      () => `update audit_event set actor_id = 'nobody' where id = ${any()}`,
      () => `update audit_event set reason = '{"a": 1}' where id = ${any()}`,
      () => `delete from audit_event where lane = ${1 + below(32)} and sequence > ${below(4)}`,
      () => `update audit_event set lane = lane + 100 where id = ${any()}`,
      () =>
        `insert into audit_event select lane, sequence + 1000, gen_random_uuid(), at, actor_kind, actor_id, action, subject_kind, subject_id, identity_id, reason, personal, correlation_id, hash, hash from audit_event where id = ${any()}`,
      () => `update audit_lane l set sequence = s.sequence, hash = s.hash, mac = s.mac from stolen s where s.lane = l.lane and l.lane = ${1 + below(32)}`,
      () => `update audit_lane set sequence = sequence + 1 where lane = ${1 + below(32)}`,
      () => `delete from audit_lane where lane = ${1 + below(32)}`,
      () =>
        `with cut as (delete from audit_event e where sequence > (select sequence from stolen s where s.lane = e.lane) returning lane)
          update audit_lane l set sequence = s.sequence, hash = s.hash, mac = s.mac from stolen s where s.lane = l.lane`,
    ];
    for (let round = 0; round < 60; round += 1) {
      const done = Array.from({ length: 1 + below(3) }, () => acts[below(acts.length)]?.() ?? '');
      for (const sql of done) await asAttacker(sql).catch((error: Error & { code?: string }) => error.code === '23505' || Promise.reject(error));
      const [{ same } = { same: true }] = (await database.execute(
        `select not exists (table audit_event except table whole) and not exists (table whole except table audit_event)
          and not exists (table audit_lane except table ends) and not exists (table ends except table audit_lane) as same`,
      )) as { same: boolean }[];
      expect({ round, done, isWhole: (await proved(...lines)) === '' }).toEqual({ round, done, isWhole: same });
      await asAttacker('delete from audit_event', 'insert into audit_event table whole', 'delete from audit_lane', 'insert into audit_lane table ends');
    }
  });
});
