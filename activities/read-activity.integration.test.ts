import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Decision, decideIdentity, noMeter } from '@tenure/engine/decide';
import { createOneAccount, createTestEngine, crmTarget, testConfiguration, type TestEngine } from '@tenure/engine/testing';
import type { StoredIdentity } from '@tenure/store';
import { applyOperations } from './provision/apply-operations.ts';

const configuration = testConfiguration({
  targets: { crm: crmTarget({ lastActivity: 'signIn.last' }) },
  policy: {
    entitlements: { 'crm.account': { name: 'crm.account', title: 'CRM', target: 'crm', value: null } },
    birthright: [{ name: 'everybody', when: 'true', roles: [], entitlements: ['crm.account'] }],
    lifecycle: [{ name: 'all', start: {}, end: { grace: 'P30D', then: 'delete' }, inactivity: { warn: 'P60D', disable: 'P90D' } }],
  },
});
/** Application that reports when its person was last active. */
const crm = createOneAccount();
const lastSeen = (instant: string): void => {
  crm.attributes = { 'signIn.last': instant };
};
let world: TestEngine;
let now = '2026-03-01T12:00:00.000Z';
let identityId: string;

const decide = (at: string): Promise<Decision> => {
  now = at;
  return world.act((tx) => decideIdentity(tx, world.engine, identityId, 'timer'));
};
const read = async (): Promise<Decision> => {
  await applyOperations(
    { store: world.database.store, engine: world.engine, connectors: { crm: crm.connector }, meter: noMeter },
    { identityId, target: 'crm', context: world.context(), alive: () => undefined },
  );
  return decide(now);
};
const standing = async (): Promise<string | undefined> => (await person()).lifecycle?.inactivity?.standing;
const person = async (): Promise<StoredIdentity> => (await world.read((tx) => tx.identities.get(identityId))) as StoredIdentity;

beforeAll(async () => {
  world = await createTestEngine(configuration, () => now);
  identityId = crm.identityId = await world.says('ada');
  await read();
});
afterAll(() => world.stop());

test('what a target knows of activity is read before somebody is warned, and before they are disabled', async () => {
  // Nothing is known yet: a cold start.
  expect(await decide('2026-03-02T12:00:00.000Z')).toMatchObject({ work: [], nextWakeUp: null });
  expect(await standing()).toBeUndefined();
  // The target begins to report activity, and any change of the account reads it too. A value in the future counts as the present.
  lastSeen('2099-01-01T00:00:00Z');
  await read();
  expect(await person()).toMatchObject({ lastActivityAt: now, nextWakeUp: '2026-05-01T00:00:00.000Z' });

  lastSeen('2026-04-30T10:00:00Z');
  expect(await decide('2026-05-01T00:00:00.000Z')).toMatchObject({ state: 'active', work: [{ target: 'crm' }] });
  expect(await read()).toMatchObject({ state: 'active', work: [], nextWakeUp: '2026-06-29T00:00:00.000Z' });
  expect(await standing()).toBe('watched');

  // Nothing new before the warning, and something before the last day.
  await decide('2026-06-29T00:00:00.000Z');
  expect(await read()).toMatchObject({ state: 'active', work: [], nextWakeUp: '2026-06-30T00:00:00.000Z' });
  expect(await decide('2026-06-30T00:00:00.000Z')).toMatchObject({ state: 'active', work: [], nextWakeUp: '2026-07-29T00:00:00.000Z' });
  expect(await standing()).toBe('warned');
  lastSeen('2026-07-28T23:00:00Z');
  expect(await decide('2026-07-29T00:00:00.000Z')).toMatchObject({ state: 'active', work: [{ target: 'crm' }] });
  expect(await read()).toMatchObject({ state: 'active', work: [], nextWakeUp: '2026-09-26T00:00:00.000Z' });

  // And a target that does not answer delays nothing: at the due instant the decision uses the known data.
  await decide('2026-09-26T00:00:00.000Z');
  await read();
  expect(await decide('2026-10-26T00:00:00.000Z')).toMatchObject({ state: 'active', work: [{ target: 'crm' }], nextWakeUp: '2026-10-27T00:00:00.000Z' });
  expect(await decide('2026-10-27T00:00:00.000Z')).toMatchObject({ state: 'suspended', work: [{ target: 'crm' }] });
  await read();
  expect(crm.isEnabled).toBe(false);
});
