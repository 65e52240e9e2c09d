import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Decision, decideIdentity, noMeter } from '@tenure/engine/decide';
import { createOneAccount, createTestEngine, crmTarget, testConfiguration, type TestEngine } from '@tenure/engine/testing';
import type { StoredAccount } from '@tenure/store';
import { applyOperations } from './provision/apply-operations.ts';

const configuration = testConfiguration({
  targets: { crm: crmTarget() },
  policy: {
    entitlements: { 'crm.account': { name: 'crm.account', title: 'CRM', target: 'crm', value: null } },
    birthright: [{ name: 'everybody', when: 'true', roles: [], entitlements: ['crm.account'] }],
    lifecycle: [{ name: 'all', start: {}, end: { grace: 'P30D', then: 'delete', lookAgain: 'PT6H' } }],
  },
});
const crm = createOneAccount();
let world: TestEngine;
let now: string;
let identityId: string;

const at = (hours: number): void => {
  now = new Date(Date.parse('2026-03-01T12:00:00.000Z') + hours * 3_600_000).toISOString();
};
const decide = (): Promise<Decision> => world.act((tx) => decideIdentity(tx, world.engine, identityId, 'timer'));
const apply = () =>
  applyOperations(
    { store: world.database.store, engine: world.engine, connectors: { crm: crm.connector }, meter: noMeter },
    { identityId, target: 'crm', context: world.context(), alive: () => undefined },
  );
const account = (): Promise<StoredAccount | null> => world.read((tx) => tx.access.account(identityId, 'crm'));
const readings = async (): Promise<readonly (readonly [string, string, boolean])[]> =>
  (await world.read((tx) => tx.readings.ofIdentity(identityId))).map((one) => [one.at, one.found, one.isAsWanted] as const);
beforeAll(async () => {
  at(0);
  world = await createTestEngine(configuration, () => now);
});
afterAll(() => world.stop());

/** A person who has left at the present instant, with the closed accounts confirmed. */
beforeEach(async () => {
  at(-1);
  crm.isEnabled = null;
  const name = randomUUID();
  identityId = crm.identityId = await world.says(name);
  await apply();
  at(0);
  await world.says(name, {}, { status: 'ended' });
  await apply();
  expect(crm.isEnabled).toBe(false);
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
  crm.isEnabled = true;
  at(7);
  await decide();
  await apply();
  expect(crm.isEnabled).toBe(false);
  expect(await readings()).toEqual([
    ['2026-03-01T12:00:00.000Z', 'disabled', true],
    ['2026-03-01T19:00:00.000Z', 'enabled', false],
    ['2026-03-01T19:00:00.000Z', 'disabled', true],
  ]);
  expect(await decide()).toMatchObject({ work: [], nextWakeUp: '2026-03-02T01:00:00.000Z' });
  const events = await world.read((tx) => tx.audit.ofIdentity(identityId, 50));
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
  expect(crm.isEnabled).toBeNull();
  expect(await decide()).toMatchObject({ work: [], nextWakeUp: '2026-03-31T18:00:00.000Z' });
  at(24 * 30 + 6);
  await decide();
  await apply();
  expect((await readings()).map(([, found]) => found)).toEqual(['disabled', 'disabled', 'absent', 'absent']);
  expect(await decide()).toMatchObject({ work: [], nextWakeUp: null });
});
