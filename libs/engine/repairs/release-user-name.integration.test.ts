import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RepairInput } from '@tenure/domain';
import { leaverCertificate } from '../leavers/leaver-certificate.ts';
import { createRepairWorld, type RepairWorld } from './testing/repair-world.ts';

let world: RepairWorld;
beforeAll(async () => {
  world = await createRepairWorld();
});
afterAll(() => world.stop());

const release = (name: string): RepairInput => ({ kind: 'release-user-name', identityId: world.id(name) });
const named = (name: string) => ({ givenName: name, employeeNumber: name, department: 'Sales' });
const userNameOf = async (name: string) => (await world.read((tx) => tx.identities.get(world.id(name))))?.userName;
const ends = (name: string, endedAt: string) => world.says(name, named(name), { status: 'ended', endedAt });

/** Account in crm as a worker has seen it; `null`: it is not there any more. */
const seen = (name: string, is: 'there' | 'gone', isConfirmed = true) =>
  world.database.execute(
    `update account set existed = true, observed = ?::jsonb, observed_at = ?::timestamptz, native_id = ?, confirmed_at = ?::timestamptz where identity_id = ? and target = 'crm'`,
    [
      is === 'there'
        ? JSON.stringify({ nativeId: `n-${name}`, userName: name, externalId: null, enabled: false, attributes: {}, entitlements: [], memberships: [] })
        : null,
      world.now,
      is === 'there' ? `n-${name}` : null,
      isConfirmed ? world.now : null,
      world.id(name),
    ],
  );

test('a name goes to somebody else only when its holder has left and no account bears it; who had it stays known', async () => {
  await world.says('anna', named('anna'));
  await seen('anna', 'there');
  await expect(world.plan(release('anna'))).rejects.toMatchObject({ code: 'INPUT_INVALID', details: { state: 'active' } });
  await ends('anna', world.now);
  await expect(world.plan(release('anna'))).rejects.toMatchObject({ code: 'INPUT_INVALID', details: { state: 'leaving' } });
  world.now = '2026-03-12T09:00:00.000Z';
  await world.decide('anna');
  // Deleted by Tenure, and not read back yet; read back as gone, and not confirmed; confirmed.
  await expect(world.plan(release('anna'))).rejects.toMatchObject({ details: { targets: 'crm' } });
  await seen('anna', 'gone', false);
  await expect(world.plan(release('anna'))).rejects.toMatchObject({ details: { targets: 'crm' } });
  await seen('anna', 'gone');
  const done = await world.repair(release('anna'));
  expect(done).toMatchObject({ kind: 'release-user-name', status: 'done', identityId: world.id('anna') });
  expect(await userNameOf('anna')).toBe(`anna-${world.id('anna').slice(0, 8)}`);
  expect(await world.read((tx) => tx.repairs.releasedBy([world.id('anna')]))).toMatchObject([{ userName: 'anna', releasedAt: world.now, repairId: done.id }]);
  const [event] = await world.read((tx) => tx.audit.page({ action: 'identity.userNameReleased' }, 1, null));
  expect(event).toMatchObject({ identityId: world.id('anna'), personal: { userName: 'anna', reason: 'it is one person, says Ann' } });
  await expect(world.plan(release('anna'))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  const certificate = await world.act((tx) => leaverCertificate(tx, world.engine, world.id('anna'), world.now));
  expect(certificate.otherUserNames).toEqual([{ userName: 'anna', identityId: world.id('anna'), releasedAt: world.now }]);

  await world.take({ externalId: 'anna-2', facts: { givenName: 'anna', employeeNumber: 'anna-2', department: 'Sales' } });
  expect((await world.read((tx) => tx.identities.byUserName('anna')))?.id).not.toBe(world.id('anna'));
  // Somebody else has it by now.
  await expect(world.repair({ kind: 'undo', repairId: done.id })).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: expect.stringContaining('somebody else'),
  });
});

test('an account of that name that reconciliation has found blocks it, and a release can be undone while nobody else has the name', async () => {
  await world.says('berta', named('berta'));
  await ends('berta', '2026-03-01T09:00:00.000Z');
  world.now = '2026-03-20T09:00:00.000Z';
  await world.decide('berta');
  await seen('berta', 'gone');
  const run = '00000000-0000-4000-8000-000000000001';
  await world.act((tx) =>
    tx.findings.see(
      'crm',
      run,
      [
        {
          kind: 'orphan-account',
          subject: 'x',
          name: '',
          identityId: null,
          accountId: null,
          nativeId: 'x',
          userName: 'Berta',
          isUrgent: false,
          evidence: {},
          isProven: true,
        },
      ] as never,
      world.now,
    ),
  );
  await expect(world.plan(release('berta'))).rejects.toMatchObject({ details: { targets: 'crm' } });
  await world.act((tx) => tx.findings.closeOthers('crm', '00000000-0000-4000-8000-000000000002', world.now));
  const done = await world.repair(release('berta'));
  await world.repair({ kind: 'undo', repairId: done.id });
  expect(await userNameOf('berta')).toBe('berta');
  expect(await world.read((tx) => tx.repairs.get(done.id))).toMatchObject({ status: 'undone' });
  await expect(world.plan({ kind: 'undo', repairId: done.id })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});
