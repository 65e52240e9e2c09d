import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Configuration } from '@tenure/config';
import type { TargetConnector } from '@tenure/connectors';
import type { ObservedAccount } from '@tenure/domain';
import type { ActContext, StoredIdentity } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { applyOperations } from './provision/apply-operations.ts';
import type { Loop } from '../libs/engine/decide/loop.ts';
import { noMeter } from '../libs/engine/decide/meter.ts';
import type { Decision } from '../libs/engine/decide/decision.ts';
import { createLoop } from '../libs/engine/decide/create-loop.ts';

const target = {
  name: 'crm',
  title: 'CRM',
  url: 'https://crm.example',
  timeout: 1000,
  concurrency: 1,
  ratePerSecond: 1,
  confirmWithin: 60_000,
  attributes: {},
};
const configuration: Configuration = {
  directory: '/',
  url: 'http://localhost:4000',
  timeZone: 'UTC',
  attributes: {},
  precedence: { default: ['hr'], attributes: {} },
  sources: { hr: { name: 'hr', title: 'HR', authoritative: true, mayCreate: true, userType: 'employee', trustedEmailDomains: [], correlate: [] } },
  identityProviders: {},
  mail: null,
  webhooks: {},
  targets: { crm: { ...target, kind: 'scim', token: '', lastActivity: 'signIn.last' } },
  policy: {
    attributes: {},
    roles: {},
    entitlements: { 'crm.account': { name: 'crm.account', title: 'CRM', target: 'crm', value: null } },
    birthright: [{ name: 'everybody', when: 'true', roles: [], entitlements: ['crm.account'] }],
    groups: [],
    lifecycle: [{ name: 'all', start: {}, end: { grace: 'P30D', then: 'delete' }, inactivity: { warn: 'P60D', disable: 'P90D' } }],
    separation: [],
  },
  applyPolicy: 'at-start',
  session: { lifetime: 3_600_000, idle: 3_600_000 },
};

let database: TestDatabase;
let loop: Loop;
let now = '2026-03-01T12:00:00.000Z';
let isEnabled: boolean | null = null;
let lastSeen: string | null = null;
let identityId: string;
const seen = (): ObservedAccount | null =>
  isEnabled === null
    ? null
    : {
        nativeId: 'n',
        userName: 'x',
        externalId: identityId,
        enabled: isEnabled,
        attributes: lastSeen === null ? {} : { 'signIn.last': lastSeen },
        entitlements: [],
        memberships: [],
      };
/** An application with one account, which tells when its person was there. */
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
const context = (): ActContext => ({ actor: { kind: 'system', id: 'worker' }, correlationId: randomUUID(), now });
const decide = (at: string): Promise<Decision> => {
  now = at;
  return database.store.transaction(context(), (tx) => loop.decide(tx, identityId, 'timer'));
};
const read = async (): Promise<Decision> => {
  await applyOperations(
    { store: database.store, loop, connectors: { crm }, meter: noMeter },
    { identityId, target: 'crm', context: context(), alive: () => undefined },
  );
  return decide(now);
};
const standing = async (): Promise<string | undefined> => (await person()).lifecycle?.inactivity?.standing;
const person = async (): Promise<StoredIdentity> => (await database.store.read((tx) => tx.identities.get(identityId))) as StoredIdentity;

beforeAll(async () => {
  database = await createTestDatabase();
  loop = createLoop({ configuration });
  await database.store.transaction(context(), (tx) => loop.publishPolicy(tx));
  const record = { source: 'hr', externalId: '1', version: '1', facts: {}, status: 'active', endedAt: null } as const;
  identityId = (await database.store.transaction(context(), (tx) => loop.takeRecord(tx, record))).identityId ?? '';
  await read();
});
afterAll(() => database.drop());

test('what a target knows of activity is read before somebody is warned, and before they are disabled', async () => {
  // Nothing is known yet: a cold start.
  expect(await decide('2026-03-02T12:00:00.000Z')).toMatchObject({ work: [], nextWakeUp: null });
  expect(await standing()).toBeUndefined();
  // The target begins to tell, and whatever changes the account reads it along. A value of the future is worth no more than the present.
  lastSeen = '2099-01-01T00:00:00Z';
  await read();
  expect(await person()).toMatchObject({ lastActivityAt: now, nextWakeUp: '2026-05-01T00:00:00.000Z' });

  lastSeen = '2026-04-30T10:00:00Z';
  expect(await decide('2026-05-01T00:00:00.000Z')).toMatchObject({ state: 'active', work: [{ target: 'crm' }] });
  expect(await read()).toMatchObject({ state: 'active', work: [], nextWakeUp: '2026-06-29T00:00:00.000Z' });
  expect(await standing()).toBe('watched');

  // Nothing new before the warning, and something before the last day.
  await decide('2026-06-29T00:00:00.000Z');
  expect(await read()).toMatchObject({ state: 'active', work: [], nextWakeUp: '2026-06-30T00:00:00.000Z' });
  expect(await decide('2026-06-30T00:00:00.000Z')).toMatchObject({ state: 'active', work: [], nextWakeUp: '2026-07-29T00:00:00.000Z' });
  expect(await standing()).toBe('warned');
  lastSeen = '2026-07-28T23:00:00Z';
  expect(await decide('2026-07-29T00:00:00.000Z')).toMatchObject({ state: 'active', work: [{ target: 'crm' }] });
  expect(await read()).toMatchObject({ state: 'active', work: [], nextWakeUp: '2026-09-26T00:00:00.000Z' });

  // And a target that does not answer keeps nobody: at the instant it is decided by what is known.
  await decide('2026-09-26T00:00:00.000Z');
  await read();
  expect(await decide('2026-10-26T00:00:00.000Z')).toMatchObject({ state: 'active', work: [{ target: 'crm' }], nextWakeUp: '2026-10-27T00:00:00.000Z' });
  expect(await decide('2026-10-27T00:00:00.000Z')).toMatchObject({ state: 'suspended', work: [{ target: 'crm' }] });
  await read();
  expect(isEnabled).toBe(false);
});
