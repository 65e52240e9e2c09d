import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { terminate, withdrawTermination } from '../leavers/terminate.ts';
import { createRepairWorld, type RepairWorld } from './testing/repair-world.ts';

let world: RepairWorld;
beforeAll(async () => {
  world = await createRepairWorld();
});
afterAll(() => world.stop());

const recordIdOf = async (source: string, externalId: string): Promise<string> =>
  (await world.act((tx) => tx.records.lock([{ source, externalId }])))[0]?.id ?? '';
const feed = (name: string, employeeNumber: string, version = '1') =>
  world.take({ source: 'feed', externalId: name, version, facts: { employeeNumber, department: 'Sales' } });
const move = (recordId: string, toIdentityId: string | null) => ({ kind: 'move-record', recordId, toIdentityId }) as const;

test('a record of the wrong person goes to the right one, who gets what follows from it; the next import finds it there', async () => {
  const wrong = await world.says('wrong', { employeeNumber: '1' });
  const right = await world.says('right', { employeeNumber: '2' });
  expect((await feed('f', '1')).identityId).toBe(wrong);
  expect(await world.view('wrong')).toMatchObject({ grants: ['crm.clerk'] });
  const recordId = await recordIdOf('feed', 'f');
  const plan = await world.plan(move(recordId, right));
  expect(plan.people.map(({ identityId, gained, lost }) => [identityId, gained, lost]).toSorted()).toEqual(
    [
      [wrong, [], ['crm.clerk']],
      [right, ['crm.clerk'], []],
    ].toSorted(),
  );
  const done = await world.carryOut(move(recordId, right), plan.digest);
  expect([await world.view('wrong'), await world.view('right')]).toMatchObject([{ state: 'active', grants: [] }, { grants: ['crm.clerk'] }]);
  expect((await feed('f', '2', '2')).identityId).toBe(right);
  const events = await world.read((tx) => tx.audit.page({ action: 'record.moved' }, 10, null));
  expect(events.map(({ identityId }) => identityId).sort()).toEqual([wrong, right].sort());
  await expect(world.plan(move(recordId, right))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await expect(world.plan(move(recordId, '00000000-0000-4000-8000-000000000000'))).rejects.toMatchObject({ code: 'NOT_FOUND' });

  await world.repair({ kind: 'undo', repairId: done.id });
  expect([await world.view('wrong'), await world.view('right')]).toMatchObject([{ grants: ['crm.clerk'] }, { grants: [] }]);
});

test('to a new identity of its own; the one to which nothing belongs any more ends, and is back when it is undone', async () => {
  const id = await world.says('alone', { employeeNumber: '3', department: 'Sales', givenName: 'Carla' });
  const plan = await world.plan(move(await recordIdOf('hr', 'alone'), null));
  expect(plan.people).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ identityId: null, before: null, after: 'active', gained: ['crm.clerk'] }),
      expect.objectContaining({ identityId: id, before: 'active', after: 'leaving', lost: ['crm.clerk'] }),
    ]),
  );
  // The plan is the same each time, though the new identity has no id yet.
  const done = await world.carryOut(move(await recordIdOf('hr', 'alone'), null), plan.digest);
  expect(done.otherId).not.toBeNull();
  expect((await world.read((tx) => tx.identities.get(done.otherId ?? '')))?.userName).toBe('carla2');
  expect(await world.says('alone', { employeeNumber: '3', department: 'Buying' })).toBe(done.otherId);
  await world.repair({ kind: 'undo', repairId: done.id });
  expect(await world.read(async (tx) => [(await tx.identities.get(id))?.state, (await tx.identities.get(done.otherId ?? ''))?.state])).toEqual([
    'active',
    'leaving',
  ]);
});

test('the binding of a login goes with its record, its sessions end, and an administrator has to confirm it again', async () => {
  const wrong = await world.says('w', { employeeNumber: '4' });
  const right = await world.says('r', { employeeNumber: '5' });
  await world.login(wrong, 's', 'corp');
  await world.act((tx) => tx.logins.confirm({ recordId: world.recordOf('s'), identityId: wrong, provider: 'corp' }, 'person x', world.now));
  const plan = await world.plan(move(world.recordOf('s'), right));
  expect(plan.people.find(({ identityId }) => identityId === wrong)?.sessionsEnded).toBe(1);
  await world.repair(move(world.recordOf('s'), right));
  expect(
    await world.read(async (tx) => [(await tx.identities.subjectsOf(right)).length, (await tx.sessions.openOf([wrong, right], world.now)).length]),
  ).toEqual([1, 0]);
  expect(await world.read((tx) => tx.logins.isConfirmed(right, 'corp', world.recordOf('s')))).toBe(false);
  // One subject of a provider for each person.
  await world.login(wrong, 't', 'corp');
  await expect(world.plan(move(world.recordOf('t'), right))).rejects.toMatchObject({ code: 'INPUT_INVALID', details: { provider: 'corp' } });
});

test('no record leaves with the access of somebody whom an operator has ended, and no login of a leaver becomes that of somebody else', async () => {
  const id = await world.says('thief', { employeeNumber: '6', department: 'Sales' });
  const friend = await world.says('friend', { employeeNumber: '7' });
  await world.login(id, 'thief', 'corp');
  await world.act((tx) => terminate(tx, world.engine, id, 'fraud'));
  const recordId = await recordIdOf('hr', 'thief');
  for (const to of [friend, null]) await expect(world.plan(move(recordId, to))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await expect(world.plan(move(world.recordOf('thief'), friend))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await world.act((tx) => withdrawTermination(tx, world.engine, id, 'it was somebody else'));
  expect(await world.plan(move(recordId, friend))).toMatchObject({ secondPerson: [] });
});
