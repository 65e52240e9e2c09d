import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Configuration } from '@tenure/config';
import type { TargetConnector } from '@tenure/connectors';
import type { ObservedAccount } from '@tenure/domain';
import type { ActContext, StoredAccount } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { applyOperations } from './provision/apply-operations.ts';
import type { Loop } from '../libs/engine/decide/loop.ts';
import { noMeter } from '../libs/engine/decide/meter.ts';
import type { Decision } from '../libs/engine/decide/decision.ts';
import { createLoop } from '../libs/engine/decide/create-loop.ts';

const configuration: Configuration = {
  directory: '/',
  url: 'http://localhost:4000',
  timeZone: 'UTC',
  attributes: {},
  precedence: { default: ['hr'], attributes: {} },
  sources: { hr: { name: 'hr', title: 'HR', authoritative: true, mayCreate: true, userType: 'employee', trustedEmailDomains: [], correlate: [] } },
  identityProviders: {},
  targets: {
    crm: {
      kind: 'scim',
      name: 'crm',
      title: 'CRM',
      url: 'https://crm.example',
      token: '',
      timeout: 1000,
      concurrency: 1,
      ratePerSecond: 1,
      confirmWithin: 60_000,
      attributes: {},
    },
  },
  policy: {
    attributes: {},
    roles: {},
    entitlements: { 'crm.account': { name: 'crm.account', title: 'CRM', target: 'crm', value: null } },
    birthright: [{ name: 'everybody', when: 'true', roles: [], entitlements: ['crm.account'] }],
    groups: [],
    lifecycle: [{ name: 'all', start: {}, end: { grace: 'P30D', then: 'delete', lookAgain: 'PT6H' } }],
    separation: [],
  },
  applyPolicy: 'at-start',
  mail: null,
  webhooks: {},
  session: { lifetime: 3_600_000, idle: 3_600_000 },
};

let database: TestDatabase;
let loop: Loop;
let now: string;
let isEnabled: boolean | null;

const seen = (): ObservedAccount | null =>
  isEnabled === null
    ? null
    : { nativeId: `n-${identityId}`, userName: 'x', externalId: identityId, enabled: isEnabled, attributes: {}, entitlements: [], memberships: [] };
/** An application with one account. */
const crm: TargetConnector = {
  check: async () => [],
  list: async () => ({ items: [], next: null, total: 0, isByPosition: false, doubt: null }),
  observe: async () => seen(),
  async create({ enabled }) {
    isEnabled = enabled;
    return seen() as ObservedAccount;
  },
  update: async () => undefined,
  delete: async () => void (isEnabled = null),
  enable: async () => void (isEnabled = true),
  disable: async () => void (isEnabled = false),
  addMember: async () => null,
  removeMember: async () => undefined,
  close: async () => undefined,
};
let identityId: string;

const context = (): ActContext => ({ actor: { kind: 'system', id: 'worker' }, correlationId: randomUUID(), now });
const at = (hours: number): void => {
  now = new Date(Date.parse('2026-03-01T12:00:00.000Z') + hours * 3_600_000).toISOString();
};
const decide = (): Promise<Decision> => database.store.transaction(context(), (tx) => loop.decide(tx, identityId, 'timer'));
const apply = () =>
  applyOperations(
    { store: database.store, loop, connectors: { crm }, meter: noMeter },
    { identityId, target: 'crm', context: context(), alive: () => undefined },
  );
const account = (): Promise<StoredAccount | null> => database.store.read((tx) => tx.access.account(identityId, 'crm'));
const readings = async (): Promise<readonly (readonly [string, string, boolean])[]> =>
  (await database.store.read((tx) => tx.readings.ofIdentity(identityId))).map((one) => [one.at, one.found, one.isAsWanted] as const);
beforeAll(async () => {
  database = await createTestDatabase();
  loop = createLoop({ configuration });
  at(0);
  await database.store.transaction(context(), (tx) => loop.publishPolicy(tx));
});
afterAll(() => database.drop());

/** Somebody who left at the present instant, with what that did confirmed. */
beforeEach(async () => {
  at(-1);
  isEnabled = null;
  const externalId = randomUUID();
  const record = { source: 'hr', externalId, version: '1', facts: {}, status: 'active', endedAt: null } as const;
  identityId = (await database.store.transaction(context(), (tx) => loop.takeRecord(tx, record))).identityId ?? '';
  await apply();
  at(0);
  await database.store.transaction(context(), (tx) => loop.takeRecord(tx, { ...record, version: '2', status: 'ended' }));
  await apply();
  expect(isEnabled).toBe(false);
});

test('a confirmed end is read once more after the time that the rule names, and then no more', async () => {
  const decision = await decide();
  expect(decision).toMatchObject({ work: [], nextWakeUp: '2026-03-01T18:00:00.000Z' });
  at(6);
  expect(await decide()).toMatchObject({ work: [{ target: 'crm' }], stage: 'leaving' });
  await apply();
  expect(await decide()).toMatchObject({ work: [], nextWakeUp: '2026-03-31T12:00:00.000Z' });
  expect(await readings()).toEqual([
    ['2026-03-01T12:00:00.000Z', 'disabled', true],
    ['2026-03-01T18:00:00.000Z', 'disabled', true],
  ]);
  expect((await account())?.confirmedAt).toBe('2026-03-01T12:00:00.000Z');
});

test('an account that somebody has opened again by hand is closed again, told, and looked at once more', async () => {
  isEnabled = true;
  at(7);
  await decide();
  await apply();
  expect(isEnabled).toBe(false);
  expect(await readings()).toEqual([
    ['2026-03-01T12:00:00.000Z', 'disabled', true],
    ['2026-03-01T19:00:00.000Z', 'enabled', false],
    ['2026-03-01T19:00:00.000Z', 'disabled', true],
  ]);
  expect(await decide()).toMatchObject({ work: [], nextWakeUp: '2026-03-02T01:00:00.000Z' });
  const events = await database.store.read((tx) => tx.audit.ofIdentity(identityId, 50));
  expect(events.filter(({ action }) => action === 'account.changedThere')).toMatchObject([{ reason: { target: 'crm', enabled: true, wanted: 'disabled' } }]);
});

test("a worker whose clock is behind the decision's does not look for ever", async () => {
  at(6);
  await decide();
  at(5);
  await apply();
  at(6);
  expect((await decide()).work).toEqual([]);
});

test('deleting at the end of the grace is confirmed and looked at again as well', async () => {
  at(6);
  await decide();
  await apply();
  at(24 * 30);
  expect(await decide()).toMatchObject({ work: [{ target: 'crm' }], state: 'left' });
  await apply();
  expect(isEnabled).toBeNull();
  expect(await decide()).toMatchObject({ work: [], nextWakeUp: '2026-03-31T18:00:00.000Z' });
  at(24 * 30 + 6);
  await decide();
  await apply();
  expect((await readings()).map(([, found]) => found)).toEqual(['disabled', 'disabled', 'absent', 'absent']);
  expect(await decide()).toMatchObject({ work: [], nextWakeUp: null });
});
