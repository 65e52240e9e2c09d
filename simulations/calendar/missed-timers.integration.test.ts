import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { delegate } from '@tenure/engine/approvers';
import { tendCases } from '@tenure/engine/cases';
import { createEngine, type Engine, decideIdentity } from '@tenure/engine/decide';
import { suspendProvisioning } from '@tenure/engine/suspensions';
import { advanceRequest, breakGlass, openRequest } from '@tenure/engine/requests';
import { loadConfiguration } from '@tenure/config';
import type { Facts } from '@tenure/domain';
import { TIMED, type Timed, timerAllowance, type Transaction } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { sweep } from '../../apps/worker/sweep.ts';
import { tenureYaml } from './configuration.ts';
import { publishPolicy } from '@tenure/engine/policy';
import { takeRecord } from '@tenure/engine/intake';

const accessYaml = `
entitlements:
  ledger.staff: { target: ledger, value: staff }
  ledger.season: { target: ledger, value: season }
  ledger.project: { target: ledger, value: project }
  ledger.trial: { target: ledger, value: trial }
  ledger.moved: { target: ledger, value: moved }
  ledger.veteran: { target: ledger, value: veteran }
  ledger.archive: { target: ledger, value: archive }
  ledger.books: { target: ledger, value: books }
  ledger.fire: { target: ledger, value: fire }
relations:
  manager: { attribute: manager, by: employeeNumber }
  sponsor: { attribute: sponsor, by: employeeNumber }
requestable:
  - { name: archive, entitlements: [ledger.archive], maximumDuration: P30D, stages: [] }
  - { name: books, entitlements: [ledger.books], maximumDuration: P30D, stages: [{ name: manager, approvers: [manager], remindAfter: P1D, deadline: P3D }] }
breakGlass:
  - { name: fire, when: 'true', entitlements: [ledger.fire], maximumDuration: PT4H, reviewers: [manager], reviewWithin: P1D }
birthright:
  - { name: everybody, when: 'true', entitlements: [ledger.staff] }
  - { name: season, when: 'identity.department == "Season"', entitlements: [ledger.season], from: identity.seasonStart }
  - { name: project, when: 'identity.department == "Project"', entitlements: [ledger.project], until: identity.projectEnd }
  - { name: trial, when: 'identity.department == "Trial"', entitlements: [ledger.trial], duration: P5D }
  - { name: moved, when: 'identity.department == "Moving"', entitlements: [ledger.moved], grace: P6D }
  - { name: veterans, when: 'now >= identity.startDate + duration("240h")', entitlements: [ledger.veteran] }
cases:
  - { name: sponsors, kinds: [sponsor-missing], deadline: P2D }
lifecycle:
  - { name: contractors, when: 'identity.userType == "contractor"', extension: { askBefore: P10D, maximum: P60D }, end: { grace: P14D, then: delete } }
  - { name: watched, when: 'identity.department == "Watched"', inactivity: { warn: P10D, disable: P20D, remove: P40D }, end: { grace: P30D, then: keep } }
  - { name: employees, start: { createBefore: P7D }, end: { grace: P30D, then: keep } }
`;

let directory: string;
let database: TestDatabase;
let engine: Engine;
let now: string;
let version = 0;
/** Row of the table, so that each has people of its own. */
let row = 0;
const ids = new Map<string, string>();
const id = (name: string): string => ids.get(name) ?? '';
const context = () => ({ actor: { kind: 'system', id: 'test' }, correlationId: randomUUID(), now }) as const;
const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => database.store.transaction(context(), work);
const later = (at: string, milliseconds: number): string => new Date(Date.parse(at) + milliseconds).toISOString();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenure-timers-'));
  await mkdir(join(directory, 'policy'));
  const dates = '  seasonStart: { type: date }\n  projectEnd: { type: date }\n  endDate:';
  await writeFile(join(directory, 'tenure.yaml'), tenureYaml.replace('  endDate:', dates));
  await writeFile(join(directory, 'policy', 'access.yaml'), accessYaml);
  // Nothing speaks to the ledger: only the desired state is checked.
  const configuration = await loadConfiguration({ directory, environment: { LEDGER_URL: 'postgresql://nobody:none@localhost:1/none' } });
  database = await createTestDatabase();
  engine = createEngine({ configuration });
  now = '2027-03-01T09:00:00.000Z';
  await act((tx) => publishPolicy(tx, engine));
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});
beforeEach(async () => {
  now = '2027-03-01T09:00:00.000Z';
  row += 1;
  // People of earlier rows sleep for good.
  await database.execute('update identity set next_wake_up = null');
  await database.execute('update access_request set next_at = null');
  await database.execute('update case_file set tend_at = null, is_told = true');
  await database.execute('update hold set ended_at = until, is_told = true');
  await database.execute('delete from outbox');
});

const numberOf = (name: unknown): string => `${String(name)} ${row}`;

async function says(name: string, facts: Facts = {}, { source = 'hr', endsAt = null as string | null } = {}): Promise<void> {
  const related = Object.entries(facts).map(([key, value]) => [key, key === 'manager' || key === 'sponsor' ? numberOf(value) : value] as const);
  const said = { displayName: name, department: 'Other', ...Object.fromEntries(related), employeeNumber: numberOf(name) };
  const status = endsAt === null ? ('active' as const) : ('ended' as const);
  const taken = await act((tx) =>
    takeRecord(tx, engine, { source, externalId: numberOf(name), version: String((version += 1)), facts: said, status, endedAt: endsAt }),
  );
  ids.set(name, taken.identityId ?? '');
}

const logIn = (name: string): Promise<unknown> =>
  act((tx) =>
    takeRecord(
      tx,
      engine,
      {
        source: 'contoso',
        externalId: numberOf(name),
        version: String((version += 1)),
        facts: { employeeNumber: numberOf(name) },
        status: null,
        endedAt: null,
      },
      'login',
    ),
  );

/** Confirms every account, as if it had been read then and found in its desired state. */
async function confirmAll(readAt = now): Promise<void> {
  await database.execute('update account set confirmed_at = ?, observed_at = ?', [now, readAt]);
  await act((tx) => decideIdentity(tx, engine, id('ada'), 'timer'));
}

/** Does the work of the timers: everything that is due up to then, when it is due. */
async function pass(to: string): Promise<void> {
  for (;;) {
    await follow();
    const [next] = await database.execute(
      `select 'life' as kind, id, next_wake_up as at from identity where next_wake_up <= ? union all
       select 'request', id, next_at from access_request where status = 'open' and next_at <= ? order by at limit 1`,
      [to, to],
    );
    if (next === undefined) break;
    now = new Date(next['at'] as string | Date).toISOString();
    await act<unknown>((tx) =>
      next['kind'] === 'life' ? decideIdentity(tx, engine, String(next['id']), 'timer') : advanceRequest(tx, engine, String(next['id'])),
    );
  }
  now = to;
  await tendCases({ store: database.store, engine, context });
}

/** Hands over rows as the dispatcher would. */
async function follow(): Promise<void> {
  const messages = await act(async (tx) => {
    const taken = await tx.outbox.take(100);
    await tx.outbox.remove(taken.map((message) => message.id));
    await tx.cases.signalNew();
    await tx.suspensions.signalNew();
    return taken;
  });
  for (const { requestId } of messages) if (requestId != null) await act((tx) => advanceRequest(tx, engine, requestId));
}

/** Messages that wait to be handed over. */
async function told(): Promise<readonly unknown[]> {
  const rows = await database.execute(
    `select case when request_id is null then 'life' else 'request' end as kind from outbox union all
     select 'case' from case_file where not is_told union all select 'hold' from hold where not is_told order by kind`,
  );
  return rows.map(({ kind }) => kind);
}

const leave = async (): Promise<void> => {
  await says('ada');
  await says('ada', {}, { endsAt: now });
};
const idle = async (): Promise<void> => {
  await says('ada', { department: 'Watched' });
  await logIn('ada');
};
const contract = async (): Promise<void> => {
  await says('sponsor');
  await says('ada', { sponsor: 'sponsor', endDate: '2027-05-20' }, { source: 'vendors' });
};
const askForBooks = async (): Promise<void> => {
  for (const [name, manager] of [
    ['boss', null],
    ['mia', 'boss'],
    ['joe', 'boss'],
    ['ada', 'mia'],
  ] as const)
    await says(name, { manager });
  const items = [{ kind: 'entitlement', name: 'ledger.books', duration: null }] as const;
  await act((tx) => openRequest(tx, engine, { identityId: id('ada'), requestedBy: id('ada'), justification: 'needed', items }));
};
const take = (name: string, emergency: boolean): Promise<unknown> =>
  act<unknown>((tx) =>
    emergency
      ? breakGlass(tx, engine, { identityId: id('ada'), kind: 'entitlement', name, duration: null, justification: 'fire' })
      : openRequest(tx, engine, {
          identityId: id('ada'),
          requestedBy: id('ada'),
          justification: 'needed',
          items: [{ kind: 'entitlement', name, duration: 'P3D' }],
        }),
  );

const hold = (identityId: string | null, target: string | null) =>
  act((tx) =>
    suspendProvisioning(tx, engine, { identityId, target, operationId: null, until: '2027-03-03T09:00:00.000Z', keepsAccess: false, reason: 'test' }),
  );
const stands = (validFrom: string, validUntil: string) =>
  act((tx) => delegate(tx, { fromId: id('mia'), toId: id('joe'), validFrom, validUntil, reason: 'away', kinds: ['approvals'] }));

/** Each kind of bound: the row that keeps it, its instant, and the steps that make it the next one ahead. */
const bounds: readonly (readonly [bound: string, of: readonly Timed[], at: string, arrange: () => Promise<unknown>])[] = [
  ['accounts before the first day', ['life'], '2027-03-25T23:00:00.000Z', () => says('ada', { startDate: '2027-04-02' })],
  ['a first day', ['life'], '2027-03-05T23:00:00.000Z', () => says('ada', { startDate: '2027-03-06' })],
  ['a last day', ['life'], '2027-03-28T22:00:00.000Z', () => says('ada', { endDate: '2027-03-28' })],
  ['an end with notice', ['life'], '2027-03-04T10:00:00.000Z', () => says('ada').then(() => says('ada', {}, { endsAt: '2027-03-04T10:00:00.000Z' }))],
  ['the end of the grace', ['life'], '2027-03-31T08:00:00.000Z', () => leave().then(() => confirmAll('2027-03-01T14:00:00.000Z'))],
  ['the beginning of a leave', ['life'], '2027-03-09T23:00:00.000Z', () => says('ada', { leaveStart: '2027-03-10' })],
  ['the end of a leave', ['life'], '2027-03-12T23:00:00.000Z', () => says('ada', { leaveStart: '2027-02-10', leaveEnd: '2027-03-12' })],
  ['the start of a grant', ['life'], '2027-03-19T23:00:00.000Z', () => says('ada', { department: 'Season', seasonStart: '2027-03-20' })],
  ['the end of a grant', ['life'], '2027-03-19T23:00:00.000Z', () => says('ada', { department: 'Project', projectEnd: '2027-03-20' })],
  ['the duration of a grant', ['life'], '2027-03-06T09:00:00.000Z', () => says('ada', { department: 'Trial' })],
  ['the grace of a mover', ['life'], '2027-03-07T09:00:00.000Z', () => says('ada', { department: 'Moving' }).then(() => says('ada', { department: 'Other' }))],
  ['a condition on now', ['life'], '2027-03-04T23:00:00.000Z', () => says('ada', { startDate: '2027-02-23' })],
  ['when the sponsor is asked', ['life'], '2027-05-10T22:00:00.000Z', contract],
  ['the end of a contract, and of asking', ['case', 'life'], '2027-05-20T22:00:00.000Z', () => contract().then(() => pass('2027-05-11T22:00:00.000Z'))],
  ['when who is idle is warned', ['life'], '2027-03-11T23:00:00.000Z', idle],
  ['when who is idle is disabled', ['life'], '2027-03-21T23:00:00.000Z', () => idle().then(() => pass('2027-03-12T00:00:00.000Z'))],
  ['when who is idle is removed', ['life'], '2027-04-10T22:00:00.000Z', () => idle().then(() => pass('2027-04-10T00:00:00.000Z'))],
  ['the end of requested access', ['life'], '2027-03-04T09:00:00.000Z', () => says('ada').then(() => take('ledger.archive', false))],
  ['the end of emergency access', ['life'], '2027-03-01T13:00:00.000Z', () => says('ada').then(() => take('ledger.fire', true))],
  ['by when an end has to be confirmed', ['life'], '2027-03-01T10:00:00.001Z', leave],
  ['the later look at a leaver', ['life'], '2027-03-01T13:00:00.000Z', () => leave().then(() => confirmAll())],
  ['the end of a hold that somebody waits for', ['hold', 'life'], '2027-03-03T09:00:00.000Z', () => says('ada').then(() => hold(id('ada'), null))],
  ['the end of a hold of a target', ['hold'], '2027-03-03T09:00:00.000Z', () => hold(null, 'ledger')],
  ['a reminder of approvers', ['request'], '2027-03-02T09:00:00.000Z', askForBooks],
  ['the deadline of approvers', ['request'], '2027-03-04T09:00:00.000Z', () => askForBooks().then(() => pass('2027-03-03T10:00:00.000Z'))],
  ['the deadline of the next in line', ['request'], '2027-03-07T09:00:00.000Z', () => askForBooks().then(() => pass('2027-03-06T10:00:00.000Z'))],
  [
    'the beginning of a delegation',
    ['request'],
    '2027-03-02T00:00:00.000Z',
    () => askForBooks().then(() => stands('2027-03-02T00:00:00.000Z', '2027-03-02T06:00:00.000Z')),
  ],
  ['the end of a delegation', ['request'], '2027-03-02T06:00:00.000Z', () => askForBooks().then(() => stands(now, '2027-03-02T06:00:00.000Z'))],
  ['the deadline of a case', ['case'], '2027-03-03T09:00:00.000Z', () => says('ada', { sponsor: 'nobody', endDate: '2027-06-30' }, { source: 'vendors' })],
];

const none = Object.fromEntries(TIMED.map((kind) => [kind, 0]));

test.each(bounds)('%s: the sweep wakes what sleeps until then, once its timer has missed it, and counts it', async (_, of, at, arrange) => {
  const { store } = database;
  await arrange();
  await pass(now);
  expect(await sweep(store, later(at, timerAllowance))).toEqual(none);
  expect(await told()).toEqual([]);
  const missed = { ...none, ...Object.fromEntries(of.map((kind) => [kind, 1])) };
  const late = later(at, timerAllowance + 1);
  expect((await store.pulse(late)).overdue).toEqual(missed);
  expect(await sweep(store, late)).toEqual(missed);
  expect(await told()).toEqual(of);
  // The woken workflow finds that its time has come, and sleeps until then no more.
  await pass(at);
  expect(await sweep(store, late)).toEqual(none);
});
