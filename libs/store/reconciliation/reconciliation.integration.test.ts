import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Difference } from '@tenure/domain';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../testing.ts';
import type { Transaction } from '../open-store.ts';
import type { RunPage } from './runs.ts';
import type { StagedRow } from './staging.ts';

let database: TestDatabase;
const now = '2026-03-01T12:00:00.000Z';
const later = '2026-03-02T12:00:00.000Z';

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.execute('delete from finding; delete from reconciliation_run; delete from operation; delete from account; delete from identity');
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

const page = (more: Partial<RunPage>): RunPage => ({ accounts: 1, repeated: 0, total: null, isByPosition: false, doubt: null, nextPage: null, ...more });

test('a run counts its pages, and its next page and rows are written together or not at all', async () => {
  const { run } = await act((tx) => tx.reconciliationRuns.begin(randomUUID(), 'crm', now));
  await act((tx) => tx.staging.create(run.id));
  const add = (accounts: readonly StagedRow[], next: string | null, fail = false) =>
    act(async (tx) => {
      const added = await tx.staging.addPage(run.id, accounts);
      await tx.reconciliationRuns.addPage(run.id, page({ accounts: added, repeated: accounts.length - added, total: 3, nextPage: next }), now);
      if (fail) throw new Error('the worker is gone');
    });
  await add([staged('1'), staged('2')], 'p2');
  await expect(add([staged('3')], 'p3', true)).rejects.toThrow('the worker is gone');
  expect(await act((tx) => tx.reconciliationRuns.get(run.id))).toMatchObject({
    pages: 1,
    accounts: 2,
    nextPage: 'p2',
    readAt: null,
    total: 3,
    totalChanged: false,
  });
  await add([staged('2'), staged('3')], null);
  expect(await act((tx) => tx.reconciliationRuns.get(run.id))).toMatchObject({ pages: 2, accounts: 3, repeated: 1, nextPage: null, readAt: now });
  expect(await act((tx) => tx.staging.count(run.id))).toBe(3);
  await act((tx) => tx.staging.drop(run.id));
  expect(await act((tx) => tx.staging.count(run.id))).toBeNull();
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
  expect(await act((tx) => tx.looks.draw(run.id, 'crm', 10))).toBe(1);
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
  expect(await act((tx) => tx.looks.draw(run.id, 'crm', 3))).toBe(3);
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
  const take = (before: string) => act((tx) => tx.reconciliationRuns.waiting(before, 10));
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
