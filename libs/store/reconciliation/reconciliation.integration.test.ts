import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Difference } from '@tenure/domain';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../testing.ts';
import type { Transaction } from '../open-store.ts';
import type { RunPage } from './runs.ts';
import type { AccountSigns } from './signs.ts';
import type { StagedRow } from './staging.ts';

let database: TestDatabase;
const now = '2026-03-01T12:00:00.000Z';
const later = '2026-03-02T12:00:00.000Z';

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.execute(
    'delete from finding; delete from reconciliation_run; delete from operation; delete from hold; delete from wave; delete from account; delete from identity',
  );
});

function act<T>(work: (tx: Transaction) => Promise<T>, at = now): Promise<T> {
  return database.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'c', now: at }, work);
}

const staged = (nativeId: string, more: Partial<StagedRow> = {}): StagedRow => ({
  nativeId,
  userName: `user-${nativeId}`,
  externalId: null,
  enabled: true,
  attributes: { mail: 'digest' },
  entitlements: ['Finance'],
  hash: `hash-${nativeId}`,
  ...more,
});

/** Creates a person with a confirmed account in `crm`. @param nativeId `null`: unknown to Tenure */
async function person(
  userName: string,
  nativeId: string | null,
  more: { readonly desired?: object; readonly state?: string } = {},
): Promise<{ readonly id: string; readonly accountId: string }> {
  const [id, accountId] = [randomUUID(), randomUUID()];
  await database.execute(
    `insert into identity (id, user_name, user_type, attributes, groups, created_at, search_text, state, activations, relationships, time_zone, endings, questions, reported_activity, revision) values (?, ?, 'employee', '{}', '[]', now(), '', ?, '[]', '[]', 'UTC', '{}', '[]', '[]', 1)`,
    [id, userName, more.state ?? 'active'],
  );
  const desired = { target: 'crm', userName, state: 'enabled', attributes: {}, entitlements: [], ...more.desired };
  await database.execute(
    `insert into account (id, identity_id, target, user_name, native_id, desired, observed, observed_at, confirmed_at, existed, ever_enabled, accepted, desired_since)
     values (?, ?, 'crm', ?, ?, ?::jsonb, '{"enabled": true}', ?, ?, true, true, '{"attributes": {}, "memberships": {}, "state": null}', ?)`,
    [accountId, id, userName, nativeId, JSON.stringify(desired), ...Array(3).fill('2026-02-01T00:00:00.000Z')],
  );
  return { id, accountId };
}

const page = (more: Partial<RunPage>): RunPage => ({ accounts: 1, total: null, isByPosition: false, doubt: null, nextPage: null, ...more });

test('a run counts its pages, and its next page and rows are written together or not at all', async () => {
  const { run } = await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', now));
  await act((tx) => tx.staging.create(run.id));
  const add = (pages: number, accounts: readonly StagedRow[], next: string | null, fail = false) =>
    act(async (tx) => {
      await tx.staging.addPage(run.id, accounts);
      await tx.reconciliationRuns.addPage({ id: run.id, pages }, page({ accounts: accounts.length, total: 3, nextPage: next }), now);
      if (fail) throw new Error('the worker is gone');
    });
  await add(0, [staged('1'), staged('2')], 'p2');
  await expect(add(1, [staged('3')], 'p3', true)).rejects.toThrow('the worker is gone');
  expect(await act((tx) => tx.reconciliationRuns.get(run.id))).toMatchObject({
    pages: 1,
    accounts: 2,
    nextPage: 'p2',
    readAt: null,
    total: 3,
    totalChanged: false,
  });
  await add(1, [staged('2', { userName: 'again' }), staged('3')], null);
  // A worker that was thought to be lost stores its page late.
  await expect(add(1, [staged('3')], 'p3')).rejects.toThrow('another worker goes on');
  expect(await act((tx) => tx.reconciliationRuns.get(run.id))).toMatchObject({ pages: 2, accounts: 4, repeated: 0, nextPage: null, readAt: now });
  const repeated = await act((tx) => tx.staging.complete(run.id));
  expect(repeated).toBe(1);
  expect(await act((tx) => tx.reconciliationRuns.hasRepeated(run.id, repeated))).toMatchObject({ accounts: 3, repeated: 1 });
  expect(await act((tx) => tx.staging.count(run.id))).toBe(3);
  // Of an account that was read twice, the first row counts.
  expect(await act((tx) => tx.signs.missing(run.id, ['user-2', 'again']))).toEqual(['again']);
  await act((tx) => tx.staging.drop(run.id));
  expect(await act((tx) => tx.staging.count(run.id))).toBeNull();
});

test('every text that a target may show is kept as it is, and one that PostgreSQL cannot store is refused before anything is', async () => {
  const { run } = await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', now));
  await act((tx) => tx.staging.create(run.id));
  const texts = ['a\tb', 'a\nb\r', '\\', '\\N', '\\.', '\\x41', '"', "'", '{}', 'é', '\u{1F600}', '\u2028', '\\u0000', ' ', 'NULL'];
  const accounts = texts.map((text) =>
    staged(text, { userName: text, externalId: text, attributes: { [text]: text }, entitlements: [text, 'b'], enabled: null, hash: 'hash' }),
  );
  await act((tx) => tx.staging.addPage(run.id, accounts));
  for (const text of ['a\0b', '\ud800', 'a\udc00b'])
    for (const more of [{ nativeId: text }, { userName: text }, { externalId: text }, { entitlements: ['b', text] }])
      await expect(act((tx) => tx.staging.addPage(run.id, [staged('9'), staged('8', more)]))).rejects.toThrow('cannot be stored');
  const read = await act(async (tx) => {
    await tx.staging.complete(run.id);
    await tx.reconciledAccounts.drawDifferent(run.id, 'crm', now, now);
    return (await tx.staging.readAccounts(run.id, 'crm', null, 100)).map((row) => row.staged);
  });
  const byId = (one: { nativeId: string } | null, other: { nativeId: string } | null) => ((one?.nativeId ?? '') < (other?.nativeId ?? '') ? -1 : 1);
  expect(read.sort(byId)).toEqual(accounts.map(({ hash: _hash, ...account }) => account).sort(byId));
  expect(await act((tx) => tx.signs.groups(run.id))).toEqual(expect.arrayContaining(texts));
  await act((tx) => tx.staging.drop(run.id));
});

test('memberships that are listed by group go to the accounts that list none, once each, and change their hash', async () => {
  const hashes = async (isKnown: boolean, more: readonly string[] = []): Promise<readonly (readonly [string | undefined, unknown, unknown])[]> => {
    const { run } = await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', now));
    return act(async (tx) => {
      await tx.staging.create(run.id);
      await tx.staging.addPage(run.id, [staged('1', { entitlements: [] }), staged('2'), staged('3', { entitlements: [] })]);
      const held = ['Ops', 'Ops', 'Finance', ...more].map((entitlement) => ({ nativeId: '1', entitlement, isKnown }));
      await tx.staging.addMemberships(run.id, [...held, { nativeId: '2', entitlement: 'Ops', isKnown }, { nativeId: '9', entitlement: 'Ops', isKnown }]);
      await tx.staging.complete(run.id);
      await tx.reconciledAccounts.drawDifferent(run.id, 'crm', now, now);
      const rows = await tx.staging.readAccounts(run.id, 'crm', null, 10);
      await tx.staging.drop(run.id);
      return rows.map((row) => [row.staged?.nativeId, row.staged?.entitlements, row.stagedHash] as const);
    });
  };
  const known = await hashes(true);
  expect(known).toEqual([
    ['1', ['Finance', 'Ops'], expect.not.stringMatching('hash-1')],
    ['2', ['Finance'], 'hash-2'],
    ['3', [], 'hash-3'],
  ]);
  expect(await hashes(true)).toEqual(known);
  expect((await hashes(false))[0]?.[2]).not.toBe(known[0]?.[2]);
  expect((await hashes(true, ['Staff']))[0]?.[2]).not.toBe(known[0]?.[2]);
});

test('the staging table is unlogged, and the processes may create tables nowhere else', async () => {
  const id = randomUUID();
  await act((tx) => tx.staging.create(id));
  expect(await act((tx) => tx.staging.runs())).toEqual([id]);
  const [table] = await database.execute(`select relpersistence as kind from pg_class where relnamespace = 'staging'::regnamespace and relkind = 'r'`);
  expect(table).toEqual({ kind: 'u' });
  await act((tx) => tx.staging.drop(id));
  expect(await act((tx) => tx.staging.runs())).toEqual([]);
  const runtime = new pg.Client({ connectionString: database.url, options: '-c role=tenure_runtime' });
  await runtime.connect();
  try {
    await expect(runtime.query('create table public.stray (id int)')).rejects.toThrow('permission denied');
    await expect(runtime.query('create schema stray')).rejects.toThrow('permission denied');
  } finally {
    await runtime.end();
  }
  await expect(act((tx) => tx.staging.create('x; drop table identity'))).rejects.toThrow('not the id of a run');
});

test('accounts are joined by the id of the target, else by the mark where that id is not known', async () => {
  const ann = await person('ann', '1');
  const ben = await person('ben', null);
  const cleo = await person('cleo', '3');
  const dan = await person('dan', '4', { state: 'left', desired: { state: 'absent' } });
  const { run } = await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', now));
  await act(async (tx) => {
    await tx.staging.create(run.id);
    await tx.staging.addPage(run.id, [
      staged('1'),
      staged('2', { externalId: ben.id }),
      staged('B', { externalId: dan.id }),
      staged('a', { externalId: 'badge-7' }),
      staged('é'),
    ]);
  });
  const rows = await act(async (tx) => {
    await tx.staging.complete(run.id);
    expect(await tx.reconciledAccounts.drawDifferent(run.id, 'crm', now, now)).toBe(5);
    const first = await tx.staging.readAccounts(run.id, 'crm', null, 2);
    return [...first, ...(await tx.staging.readAccounts(run.id, 'crm', first.at(-1)?.staged?.nativeId ?? null, 10))];
  });
  expect(rows.map((row) => [row.staged?.nativeId, row.account?.id ?? null, row.marked])).toEqual([
    ['1', ann.accountId, null],
    ['2', ben.accountId, null],
    ['B', null, { identityId: dan.id, state: 'left' }],
    ['a', null, null],
    ['é', null, null],
  ]);
  const { hash: stagedHash, ...account } = staged('1');
  expect(rows[0]).toMatchObject({
    stagedHash,
    staged: account,
    account: { identityId: ann.id, nativeId: '1', existed: true, desiredSince: '2026-02-01T00:00:00.000Z', isPending: false, state: 'active' },
  });
  expect(await act((tx) => tx.looks.draw(run.id, 'crm', { canaries: 10, others: 10 }, null))).toBe(1);
  const unread = await act((tx) => tx.looks.waiting(run.id, 10));
  expect(unread.map(({ id }) => id)).toEqual([cleo.accountId]);
  expect(await act((tx) => tx.staging.known('crm'))).toBe(3);
  expect(await act((tx) => tx.staging.known('other'))).toBe(0);
  await act((tx) => tx.staging.drop(run.id));
});

test('an account is compared again when it, what is desired or the time has changed, while Tenure changes it, and while a finding is open', async () => {
  const names = ['same', 'read-otherwise', 'desired-otherwise', 'decided', 'unconfirmed', 'drifted', 'pending', 'found', 'over', 'not-over', 'new'];
  const people = new Map<string, { readonly id: string; readonly accountId: string }>();
  for (const name of names) people.set(name, await person(name, name));
  const idOf = (name: string): string => people.get(name)?.accountId ?? '';
  const { run: first } = await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', now));
  await act(async (tx) => {
    await tx.staging.create(first.id);
    await tx.staging.addPage(
      first.id,
      names.map((name) => staged(name)),
    );
    expect(await tx.reconciledAccounts.drawDifferent(first.id, 'crm', now, now)).toBe(names.length);
    for (const { staged: read, account, stagedHash = '' } of await tx.staging.readAccounts(first.id, 'crm', null, 100)) {
      if (account === null || read?.nativeId === 'new') continue;
      const holds = read?.nativeId === 'over' ? { validUntil: now } : read?.nativeId === 'not-over' ? { validUntil: later } : {};
      await tx.reconciledAccounts.save([{ accountId: account.id, stagedHash, desiredHash: account.desiredHash, ...holds }]);
    }
    await tx.staging.drop(first.id);
  });
  // A lock on the row of each account, as a foreign key takes it, would write a million rows.
  expect(await database.execute('select count(*)::int as count from account where xmax <> 0')).toEqual([{ count: 0 }]);
  await database.execute(`update account set desired = jsonb_set(desired, '{attributes}', '{"mail": "x"}') where user_name = 'desired-otherwise'`);
  await database.execute(`update account set desired_since = ? where user_name = 'decided'`, [now]);
  await database.execute(`update account set confirmed_at = null where user_name = 'unconfirmed'`);
  await database.execute(`update account set drifted_at = now() where user_name = 'drifted'`);
  await database.execute(
    `insert into operation (id, identity_id, account_id, target, kind, change, status, attempts, reason, correlation_id, position, created_at)
     values (?, ?, ?, 'crm', 'enable', '{"kind": "enable"}', 'pending', 0, '{}', 'c', 1, now())`,
    [randomUUID(), people.get('pending')?.id, idOf('pending')],
  );
  await act((tx) => tx.findings.see('crm', first.id, [difference(idOf('found'), { kind: 'attribute-drift', accountId: idOf('found') })], now));
  const { run: second } = await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', now));
  const compared = await act(async (tx) => {
    await tx.staging.create(second.id);
    await tx.staging.addPage(
      second.id,
      names.map((name) => staged(name, name === 'read-otherwise' ? { hash: 'other' } : {})),
    );
    await tx.reconciledAccounts.drawDifferent(second.id, 'crm', now, now);
    return (await tx.staging.readAccounts(second.id, 'crm', null, 100)).map((row) => row.staged?.nativeId);
  });
  expect(compared).toEqual(names.filter((name) => name !== 'same' && name !== 'not-over').sort());
  const kept = () => database.execute('select count(*)::int as count from reconciled_account');
  expect(await kept()).toEqual([{ count: names.length - 1 }]);
  await act((tx) => tx.reconciledAccounts.deleteOthers(second.id, 'crm'));
  // Of the account that was read otherwise and of the one that is desired otherwise.
  expect(await kept()).toEqual([{ count: names.length - 3 }]);
  await database.execute('delete from operation; delete from account');
  expect(await kept()).toEqual([{ count: 0 }]);
  await act((tx) => tx.staging.drop(second.id));
});

test('of the accounts that were not read, those confirmed last are requested first, and the others are counted', async () => {
  const names = ['ann', 'ben', 'cleo', 'dan', 'eve'];
  const people = new Map<string, string>();
  for (const name of names) people.set(name, (await person(name, `of-${name}`)).accountId);
  await database.execute(`update account set confirmed_at = '2026-02-02T00:00:00.000Z' where user_name = 'dan'`);
  await database.execute(`update account set confirmed_at = null where user_name = 'eve'`);
  const nameOf = (id: string): string | undefined => names.find((name) => people.get(name) === id);
  const { run } = await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', now));
  await act(async (tx) => {
    await tx.staging.create(run.id);
    await tx.staging.addPage(run.id, [staged('of-ann')]);
  });
  expect(await act((tx) => tx.looks.draw(run.id, 'crm', { canaries: 3, others: 0 }, null))).toBe(3);
  const [first, second, third] = await act((tx) => tx.looks.waiting(run.id, 10));
  expect(nameOf(first?.id ?? '')).toBe('dan');
  const gone = { kind: 'gone', isCanary: true, staged: null, memberships: [] } as const;
  await act(async (tx) => {
    await tx.looks.answer(run.id, first?.id ?? '', { ...gone, kind: 'there', staged: staged('of-dan') });
    await tx.looks.answer(run.id, second?.id ?? '', { ...gone, kind: 'unanswered' });
  });
  expect((await act((tx) => tx.looks.waiting(run.id, 10))).map(({ id }) => id)).toEqual([third?.id]);
  expect(await act((tx) => tx.looks.canaries(run.id))).toEqual({ hidden: 1, unanswered: 1 });
  const [answered, ...more] = await act((tx) => tx.looks.answered(run.id, 0, 10));
  expect(answered).toMatchObject({ position: 1, account: { id: first?.id, userName: 'dan' }, look: { kind: 'there', staged: { nativeId: 'of-dan' } } });
  expect(more.map(({ position, look }) => [position, look.kind])).toEqual([[2, 'unanswered']]);
  const others = await act((tx) => tx.looks.others(run.id, 'crm', null, 10));
  expect(others).toEqual([third?.id, people.get('eve')].sort());
  expect(await act((tx) => tx.looks.others(run.id, 'crm', others[0] ?? null, 10))).toEqual(others.slice(1));
  await act((tx) => tx.staging.drop(run.id));
});

test('of the accounts that were not read, each has its turn in one of the next runs, however many there are', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 7; count += 1) ids.push((await person(`unread-${count}`, `id-${count}`)).accountId);
  let minutes = 0;
  const requestedBy = async (answers: number): Promise<readonly string[]> => {
    minutes += 1;
    const begun = new Date(Date.parse(now) + minutes * 60_000).toISOString();
    const { run } = await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', begun));
    await act((tx) => tx.staging.create(run.id));
    const { unlistedTo = null } = await act((tx) => tx.reconciliationRuns.lookedTo('crm'));
    await act((tx) => tx.looks.draw(run.id, 'crm', { canaries: 1, others: 3 }, unlistedTo));
    const drawn = await act((tx) => tx.looks.waiting(run.id, 10));
    const gone = { kind: 'gone', isCanary: false, staged: null, memberships: [] } as const;
    for (const { id } of drawn.slice(0, answers)) await act((tx) => tx.looks.answer(run.id, id, gone));
    const last = await act((tx) => tx.looks.lastOther(run.id, 1));
    const progress = { step: 'finish', after: null, looks: 0, found: 0, opened: 0, unproven: 0, unlistedTo: last ?? unlistedTo } as const;
    await act((tx) => tx.reconciliationRuns.advance(run, progress));
    await act((tx) => tx.reconciliationRuns.finish(run.id, { verdict: 'complete', reasons: [] }, { found: 0, opened: 0, closed: 0, unproven: 0 }, now));
    await act((tx) => tx.staging.drop(run.id));
    return drawn.slice(0, answers).map(({ id }) => id);
  };
  // All of them are confirmed: each run begins with the canary, and three of the others follow; one run has to stop after two of them.
  const runs = [await requestedBy(4), await requestedBy(3), await requestedBy(4), await requestedBy(4)];
  const [canary = ''] = runs[0] ?? [];
  expect(runs.map(([first]) => first)).toEqual(runs.map(() => canary));
  const others = ids.filter((id) => id !== canary).sort();
  expect(runs.flatMap(([, ...rest]) => rest)).toEqual([...others, ...others].slice(0, 11));
});

test('two workers do not go on with one run', async () => {
  const { run } = await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', now));
  const progress = { step: 'look', after: null, looks: 0, found: 0, opened: 0, unproven: 0 } as const;
  const advanced = await act((tx) => tx.reconciliationRuns.advance(run, progress));
  expect(advanced.progress).toEqual(progress);
  await expect(act((tx) => tx.reconciliationRuns.advance(run, { ...progress, looks: 9 }))).rejects.toThrow('another worker');
  expect(await act((tx) => tx.reconciliationRuns.advance(advanced, { ...progress, found: 2 }))).toMatchObject({ progress: { found: 2, looks: 0 } });
});

const difference = (subject: string, more: Partial<Difference> = {}): Difference => ({
  kind: 'orphan-account',
  subject,
  name: '',
  identityId: null,
  accountId: null,
  nativeId: subject,
  userName: `user-${subject}`,
  isUrgent: false,
  isProven: true,
  evidence: { enabled: true, seenBy: 'listing' },
  ...more,
});

test('a finding is opened once, seen again, kept where a run says nothing about it, closed when it is gone, and opened anew', async () => {
  const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
  const accountId = randomUUID();
  const seen = [difference('1'), difference('2'), difference('2'), difference('3', { kind: 'attribute-drift', name: 'mail', accountId })];
  expect(await act((tx) => tx.findings.see('crm', first, seen, now))).toBe(3);
  expect(await act((tx) => tx.findings.see('crm', second, [difference('1', { isUrgent: true })], later))).toBe(0);
  await act((tx) => tx.findings.keep('crm', second, [accountId], []));
  expect(await act((tx) => tx.findings.counts('crm', now))).toEqual([
    { kind: 'attribute-drift', name: 'mail', count: 1, urgent: 0, correctable: 1 },
    { kind: 'orphan-account', name: '', count: 2, urgent: 1, correctable: 1 },
  ]);
  expect(await act((tx) => tx.findings.closeOthers('crm', second, later))).toBe(1);
  const open = await act((tx) => tx.findings.page({ target: 'crm', status: 'open' }, 10, null));
  expect(open.map(({ subject, firstSeenAt, lastSeenAt, runId }) => [subject, firstSeenAt, lastSeenAt, runId]).sort()).toEqual([
    ['1', now, later, second],
    ['3', now, now, first],
  ]);
  const [closed] = await act((tx) => tx.findings.page({ status: 'closed' }, 10, null));
  expect(closed).toMatchObject({ subject: '2', closedAt: later, closedRunId: second });
  expect(await act((tx) => tx.findings.see('crm', third, [difference('2')], later))).toBe(1);
  await act((tx) => tx.findings.keep('crm', third, [], [difference('1')]));
  expect(await act((tx) => tx.findings.closeOthers('crm', third, later))).toBe(1);
  expect(await act((tx) => tx.findings.count({ target: 'crm', kind: 'orphan-account', status: 'open' }))).toBe(2);
  expect(await act((tx) => tx.findings.count({ target: 'other' }))).toBe(0);
  const [newest] = await act((tx) => tx.findings.page({ target: 'crm' }, 1, null));
  expect(await act((tx) => tx.findings.get(newest?.id ?? ''))).toEqual(newest);
});

test('one request waits for each target, the run of it is begun once, and one that a lost worker left behind is ended', async () => {
  const wish = { target: 'crm', trigger: 'request', requestedBy: 'identity:x', reason: 'audit', expectsFewer: true } as const;
  const asked = await act((tx) =>
    tx.reconciliationRuns.request({ id: randomUUID(), ...wish, trigger: 'recovery', requestedBy: null, reason: null, expectsFewer: false }, now),
  );
  const again = await act((tx) => tx.reconciliationRuns.request({ id: randomUUID(), ...wish }, later));
  expect(again).toMatchObject({ id: asked.id, trigger: 'request', requestedBy: 'identity:x', expectsFewer: true, requestedAt: now });
  const take = (before: string) => act((tx) => tx.reconciliationRuns.waiting(before, 10, now));
  expect(await take(now)).toEqual([{ id: asked.id, target: 'crm' }]);
  await act((tx) => tx.reconciliationRuns.handed([asked.id], now));
  expect(await take(now)).toEqual([]);
  expect(await take(later)).toHaveLength(1);
  const begun = await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', now));
  expect(begun).toMatchObject({ run: { id: asked.id, startedAt: now }, abandoned: [] });
  const next = await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', later));
  expect(next).toMatchObject({ run: { trigger: 'schedule', expectsFewer: false }, abandoned: [asked.id] });
  expect(await act((tx) => tx.reconciliationRuns.get(asked.id))).toMatchObject({ verdict: 'partial', reasons: ['unfinished'], finishedAt: later });
  const result = { found: 1, opened: 1, closed: 0, unproven: 0 };
  await act((tx) => tx.reconciliationRuns.failed(next.run.id, { code: 'CONNECTOR_UNAVAILABLE', reason: 'HTTP_500' }));
  expect(await act((tx) => tx.reconciliationRuns.get(next.run.id))).toMatchObject({ failure: { reason: 'HTTP_500' } });
  await act((tx) => tx.reconciliationRuns.finish(next.run.id, { verdict: 'complete', reasons: [] }, result, later));
  expect(await act((tx) => tx.reconciliationRuns.lastComplete('crm'))).toMatchObject({ id: next.run.id, ...result });
  await act((tx) => tx.findings.see('crm', next.run.id, [difference('1'), difference('2')], now));
  expect(await database.store.pulse('2026-03-02T12:00:05.000Z')).toMatchObject({
    findings: [{ target: 'crm', kind: 'orphan-account', count: 2, oldest: 86_405_000 }],
    completeRuns: [{ target: 'crm', age: 5000 }],
  });
  const runs = await act((tx) => tx.reconciliationRuns.page({ target: 'crm' }, 10, null));
  expect(runs.map(({ id }) => id)).toEqual([next.run.id, asked.id]);
  expect(await act((tx) => tx.reconciliationRuns.page({ verdict: 'partial' }, 10, { at: later, id: next.run.id }))).toMatchObject([{ id: asked.id }]);
});

describe('a run that is due in quiet hours', () => {
  const until = '2026-03-01T18:00:00.000Z';
  const waiting = (at: string) => act((tx) => tx.reconciliationRuns.waiting(at, 10, at));

  test('waits for their end, once for each target', async () => {
    expect(await act((tx) => tx.reconciliationRuns.postpone(randomUUID(), 'crm', until, now))).toBe(true);
    expect(await act((tx) => tx.reconciliationRuns.postpone(randomUUID(), 'crm', until, now))).toBe(true);
    expect(await waiting(now)).toEqual([]);
    const [due, ...others] = await waiting(until);
    expect(others).toEqual([]);
    await act((tx) => tx.reconciliationRuns.handed([due?.id ?? ''], until));
    // Postponed again: it is handed over anew at the end of the next quiet hours.
    expect(await act((tx) => tx.reconciliationRuns.postpone(randomUUID(), 'crm', later, until))).toBe(true);
    expect(await waiting(until)).toEqual([]);
    expect(await waiting(later)).toHaveLength(1);
    expect(await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', later))).toMatchObject({ run: { id: due?.id, trigger: 'schedule' } });
  });

  test('begins at once when a person requests it, and one that a person requested is not postponed', async () => {
    const wish = { target: 'crm', trigger: 'request', requestedBy: 'person:x', reason: 'audit', expectsFewer: false } as const;
    await act((tx) => tx.reconciliationRuns.postpone(randomUUID(), 'crm', until, now));
    expect(await act((tx) => tx.reconciliationRuns.isRequested('crm'))).toBe(false);
    await act((tx) => tx.reconciliationRuns.request({ id: randomUUID(), ...wish, trigger: 'recovery', requestedBy: null, reason: null }, now));
    expect(await waiting(now)).toEqual([]);
    await act((tx) => tx.reconciliationRuns.request({ id: randomUUID(), ...wish }, now));
    expect(await act((tx) => tx.reconciliationRuns.isRequested('crm'))).toBe(true);
    expect(await waiting(now)).toHaveLength(1);
    expect(await act((tx) => tx.reconciliationRuns.postpone(randomUUID(), 'crm', until, now))).toBe(false);
    expect(await waiting(now)).toHaveLength(1);
  });
});

test('the capacity of a target is reserved by all workers in turn, and what was not used for longer than a second is lost', async () => {
  const reserve = (milliseconds: number) => act((tx) => tx.targetPaces.reserve('crm', milliseconds));
  expect(await reserve(60_000)).toBe(0);
  // The clock of the database goes on meanwhile.
  const wait = await reserve(60_000);
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(10_000);
  await database.execute("update target_pace set free_at = now() - interval '1 hour'");
  expect(await reserve(1_001)).toBe(0);
  expect(await act((tx) => tx.targetPaces.reserve('ledger', 50))).toBe(0);
  const [row] = await database.execute(`select free_at > now() - interval '1 minute' as is_recent from target_pace where target = 'crm'`);
  expect(row).toEqual({ is_recent: true });
});

describe('what may have caused a finding', () => {
  const finding = (accountId: string, identityId: string, more: Partial<Difference>): Difference => ({
    ...difference(accountId),
    subject: accountId,
    accountId,
    identityId,
    ...more,
  });
  async function operation(
    accountId: string,
    identityId: string,
    more: { kind: string; change?: object; status: string; correlationId?: string; at?: string },
  ): Promise<string> {
    const id = randomUUID();
    await database.execute(
      `insert into operation (id, identity_id, account_id, target, kind, change, status, attempts, reason, correlation_id, position, created_at, finished_at)
       values (?, ?, ?, 'crm', ?, ?::jsonb, ?, 1, '{}', ?, 0, ?, ?)`,
      [
        id,
        identityId,
        accountId,
        more.kind,
        JSON.stringify({ kind: more.kind, ...more.change }),
        more.status,
        more.correlationId ?? 'c',
        more.at ?? now,
        more.at ?? now,
      ],
    );
    return id;
  }
  async function causes(...found: readonly Difference[]): Promise<readonly unknown[]> {
    const { run } = await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', now));
    await act((tx) => tx.findings.see('crm', run.id, found, now));
    await act((tx) => tx.findingCauses.attribute(run.id, 'crm', now));
    const rows = await act((tx) => tx.findings.page({ target: 'crm' }, 10, null));
    return found.map(({ subject, name }) => rows.find((row) => row.subject === subject && row.name === name)?.evidence.cause ?? null);
  }

  test('nothing that Tenure knows', async () => {
    const ann = await person('ann', '1');
    await operation(ann.accountId, ann.id, { kind: 'removeMember', change: { entitlement: 'Sales' }, status: 'done' });
    expect(await causes(finding(ann.accountId, ann.id, { kind: 'entitlement-outside-policy', name: 'Sales' }), difference('stray'))).toEqual([null, null]);
  });

  test('the last operation about the same thing, where it failed or was abandoned', async () => {
    const ann = await person('ann', '1');
    await operation(ann.accountId, ann.id, { kind: 'removeMember', change: { entitlement: 'Sales' }, status: 'failed' });
    const last = await operation(ann.accountId, ann.id, { kind: 'removeMember', change: { entitlement: 'Sales' }, status: 'given-up', at: later });
    await operation(ann.accountId, ann.id, { kind: 'disable', status: 'failed' });
    await operation(ann.accountId, ann.id, { kind: 'disable', status: 'done', at: later });
    expect(
      await causes(
        finding(ann.accountId, ann.id, { kind: 'entitlement-outside-policy', name: 'Sales' }),
        finding(ann.accountId, ann.id, { kind: 'entitlement-outside-policy', name: 'Finance' }),
        finding(ann.accountId, ann.id, { kind: 'account-enabled', name: '' }),
      ),
    ).toEqual([{ kind: 'operation', operationId: last, status: 'given-up' }, null, null]);
  });

  test('a suspension in force, of the target or the person', async () => {
    const [ann, ben] = [await person('ann', '1'), await person('ben', '2')];
    const suspend = (id: string, kind: string, identityId: string | null, target: string | null, until: string) =>
      database.execute(
        `insert into hold (id, kind, identity_id, target, until, keeps_access, reason, placed_by, placed_at, is_told) values (?, ?, ?, ?, ?, false, 'audit', 'person x', ?, true)`,
        [id, kind, identityId, target, until, now],
      );
    const [one, over] = [randomUUID(), randomUUID()];
    await suspend(one, 'identity', ann.id, null, later);
    await suspend(over, 'target', null, 'crm', now);
    const of = ({ id, accountId }: typeof ann) => finding(accountId, id, { kind: 'missing-account' });
    expect(await causes(of(ann), of(ben))).toEqual([{ kind: 'suspension', suspensionId: one }, null]);
  });

  test('the last batch change that changed the account', async () => {
    const ann = await person('ann', '1');
    const [batchId] = [randomUUID()];
    await database.execute(
      `insert into wave (id, trigger, is_decided, people, correlation_id, created_at, standing, approvable) values (?, 'policy', true, 1, 'batch-1', ?, 'free', '[]')`,
      [batchId, now],
    );
    await operation(ann.accountId, ann.id, { kind: 'update', change: { attributes: { mail: 'x' } }, status: 'done', correlationId: 'batch-1' });
    expect(await causes(finding(ann.accountId, ann.id, { kind: 'attribute-drift', name: 'mail' }))).toEqual([{ kind: 'batch', batchId }]);
  });
});

test('what an older state of the target may explain is counted once for each account, with all of its findings', async () => {
  const { run } = await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', now));
  const people = new Map<string, string>();
  for (const name of ['old', 'old-differs', 'new', 'new-differs', 'other-run']) people.set(name, (await person(name, name)).accountId);
  const idOf = (name: string): string => people.get(name) ?? '';
  await database.execute(`update account set desired_since = '2026-02-20T00:00:00.000Z' where user_name in ('new', 'new-differs')`);
  await act(async (tx) => {
    const drift = (name: string, more: Partial<Difference>) => difference(idOf(name), { accountId: idOf(name), kind: 'attribute-drift', ...more });
    await tx.findings.see('crm', randomUUID(), [drift('other-run', { name: 'mail' })], now);
    const ofRun = ['old-differs', 'new-differs'].flatMap((name) => [drift(name, { name: 'mail' }), drift(name, { kind: 'account-disabled' })]);
    await tx.findings.see('crm', run.id, [...ofRun, difference('of-nobody'), drift('old', { kind: 'dormant-account' })], now);
  });
  const changes = (limit: number) => act((tx) => tx.findingCauses.changes(run.id, 'crm', '2026-02-10T00:00:00.000Z', limit));
  const { accounts, older } = await changes(10);
  expect(older).toEqual({ same: 2, differing: 1 });
  expect(accounts.map(({ accountId }) => accountId).sort()).toEqual([idOf('new'), idOf('new-differs')].sort());
  expect(accounts.find(({ accountId }) => accountId === idOf('new'))?.differences).toEqual([]);
  expect(accounts.find(({ accountId }) => accountId === idOf('new-differs'))?.differences).toEqual(
    expect.arrayContaining([
      { kind: 'attribute-drift', name: 'mail' },
      { kind: 'account-disabled', name: '' },
    ]),
  );
  expect(await act((tx) => tx.findingCauses.differing(run.id))).toBe(2);
});

describe('what a listing shows beside states, attributes and memberships', () => {
  const ofRun = async (accounts: readonly StagedRow[], signs: readonly AccountSigns[]): Promise<string> => {
    const { run } = await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', now));
    await act(async (tx) => {
      await tx.staging.create(run.id);
      await tx.staging.addPage(run.id, accounts);
      await tx.signs.add(run.id, 'crm', signs);
    });
    return run.id;
  };
  const sign = (nativeId: string, more: Partial<AccountSigns>): AccountSigns => ({ nativeId, lastUsedAt: null, keys: {}, ...more });
  afterEach(async () => {
    for (const id of await act((tx) => tx.staging.runs())) await act((tx) => tx.staging.drop(id));
  });

  test('keys are kept of accounts that Tenure does not know, and owners come by marks before keys', async () => {
    const [ann, ben] = [await person('ann', '1'), await person('ben', '2')];
    const accounts = [staged('1'), staged('7', { externalId: ann.id }), staged('8', { externalId: ben.id }), staged('9')];
    const runId = await ofRun(
      accounts,
      ['1', '7', '9'].map((id) => sign(id, { keys: { mail: `digest ${id}` } })),
    );
    expect(await act((tx) => tx.signs.keyed(runId, 10))).toEqual(
      new Map([
        ['7', { mail: 'digest 7' }],
        ['9', { mail: 'digest 9' }],
      ]),
    );
    await act((tx) =>
      tx.signs.own(
        runId,
        ['7', '9'].map((nativeId) => ({ nativeId, identityId: ben.id, state: 'active', keys: ['mail'] })),
      ),
    );
    expect(await act((tx) => tx.signs.owners(runId, 'crm', ['1', '7', '8', '9']))).toEqual([
      { nativeId: '7', identityId: ann.id, state: 'active', by: 'mark', keys: [], hasAccount: true },
      { nativeId: '8', identityId: ben.id, state: 'active', by: 'mark', keys: [], hasAccount: false },
      { nativeId: '9', identityId: ben.id, state: 'active', by: 'keys', keys: ['mail'], hasAccount: false },
    ]);
  });

  test('accounts of people count as unused by their last use, else by their creation through Tenure, and only those that can be used', async () => {
    const people = await Promise.all(['old', 'new', 'never', 'hand', 'off'].map((name) => person(name, name)));
    const created = (one: { id: string; accountId: string } | undefined, at: string) =>
      database.execute(
        `insert into operation (id, identity_id, account_id, target, kind, change, status, attempts, reason, correlation_id, position, created_at, finished_at)
         values (?, ?, ?, 'crm', 'create', '{}', 'done', 1, '{}', 'c', 0, ?, ?)`,
        [randomUUID(), one?.id, one?.accountId, at, at],
      );
    await created(people[1], '2025-01-01T00:00:00.000Z');
    await created(people[2], '2025-01-01T00:00:00.000Z');
    const accounts = ['old', 'new', 'never', 'hand', 'stray'].map((id) => staged(id));
    const used = (id: string, lastUsedAt: string) => sign(id, { lastUsedAt });
    const signs = [
      used('old', '2025-06-01T00:00:00.000Z'),
      used('new', now),
      used('off', '2025-06-01T00:00:00.000Z'),
      used('stray', '2025-06-01T00:00:00.000Z'),
    ];
    const runId = await ofRun([...accounts, staged('off', { enabled: false })], signs);
    const unused = await act((tx) => tx.signs.unusedSince(runId, 'crm', '2026-01-01T00:00:00.000Z', null, 10));
    expect(unused).toMatchObject([
      { nativeId: 'never', accountId: people[2]?.accountId, lastUsedAt: null, createdAt: '2025-01-01T00:00:00.000Z' },
      { nativeId: 'old', accountId: people[0]?.accountId, lastUsedAt: '2025-06-01T00:00:00.000Z', createdAt: null },
    ]);
    expect(await act((tx) => tx.signs.unusedSince(runId, 'crm', '2026-01-01T00:00:00.000Z', 'never', 10))).toHaveLength(1);
    expect(await act((tx) => tx.signs.showsUse(runId))).toBe(true);
    expect(await act((tx) => tx.signs.groups(runId))).toEqual(['Finance']);
    expect(await act((tx) => tx.signs.missing(runId, ['USER-Old', 'user-gone']))).toEqual(['user-gone']);
  });
});
