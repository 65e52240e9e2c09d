import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { terminate, withdrawTermination } from '../leavers/terminate.ts';
import { createLoginLink } from '../login/login-link.ts';
import { openRequest } from '../requests/open-request.ts';
import { createRepairWorld, type RepairWorld } from './testing/repair-world.ts';

let world: RepairWorld;
beforeAll(async () => {
  world = await createRepairWorld();
});
afterAll(() => world.stop());

test('what a merge moved goes back, with its accounts; what ended with it does not, and the repair says so', async () => {
  const from = await world.says('bob', { employeeNumber: 'bob', department: 'Buying' });
  const into = await world.says('robert', { employeeNumber: 'robert', department: 'Buying' });
  const item = { kind: 'entitlement', name: 'crm.clerk', duration: 'P60D', exceptions: [] } as const;
  await world.act((tx) => openRequest(tx, world.engine, { identityId: from, requestedBy: from, justification: 'because', items: [item] }));
  await world.login(from, 'bob', 'corp');
  for (const name of ['bob', 'robert']) await world.has(name, { observed: { crm: { at: world.now }, ...(name === 'bob' ? { erp: { at: world.now } } : {}) } });
  const before = [await world.view(from), await world.view(into)];
  const done = await world.repair(world.merge('bob', 'robert', ['crm', 'erp']));
  expect(done.plan.forGood).toEqual(['sessions']);
  expect(await world.view('robert')).toMatchObject({
    accounts: [
      ['crm', 'enabled', 'n-bob'],
      ['erp', 'enabled', 'n-bob'],
    ],
  });
  // Something newer: HR has sent the record again.
  await world.says('bob', { employeeNumber: 'bob', department: 'Buying', displayName: 'Bob' });
  const undone = await world.repair({ kind: 'undo', repairId: done.id });
  expect(undone.plan.forGood).toEqual(['sessions']);
  expect([await world.view(from), await world.view(into)]).toEqual(before);
  expect(
    await world.read(async (tx) => [
      (await tx.identities.subjectsOf(from)).length,
      (await tx.requests.inForce(from)).length,
      (await tx.requests.inForce(into)).length,
    ]),
  ).toEqual([1, 1, 0]);
  expect(await world.says('bob', { employeeNumber: 'bob' })).toBe(from);
  await expect(world.plan({ kind: 'undo', repairId: undone.id })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});

test('a merged identity is not revived by hand, and an undo does not take anybody away from an end that came since', async () => {
  const from = await world.says('eve', { employeeNumber: 'eve', department: 'Sales' });
  const into = await world.says('eva', { employeeNumber: 'eva' });
  const done = await world.repair(world.merge('eve', 'eva'));
  await expect(world.act((tx) => withdrawTermination(tx, world.engine, from, 'back'))).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    details: { identityId: into },
  });
  const link = { identityId: from, provider: 'corp', hours: 1, reason: 'x', createdBy: 'service x' };
  await expect(world.act((tx) => createLoginLink(tx, world.engine.configuration, link))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await world.act((tx) => terminate(tx, world.engine, into, 'fraud'));
  await expect(world.plan({ kind: 'undo', repairId: done.id })).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: expect.stringContaining('withdrawTermination'),
  });
  await world.act((tx) => withdrawTermination(tx, world.engine, into, 'it was somebody else'));
  await world.repair({ kind: 'undo', repairId: done.id });
  expect([await world.view('eve'), await world.view('eva')]).toMatchObject([
    { state: 'active', grants: ['crm.clerk'] },
    { state: 'active', grants: [] },
  ]);
});

test('a chain of merges is read as one, and undone from its end', async () => {
  const [a, b, c] = [
    await world.says('a', { employeeNumber: 'a' }),
    await world.says('b', { employeeNumber: 'b' }),
    await world.says('c', { employeeNumber: 'c' }),
  ];
  const first = await world.repair(world.merge('a', 'b'));
  const second = await world.repair(world.merge('b', 'c'));
  expect(await world.read((tx) => tx.repairs.mergedInto([c]))).toEqual(new Map([[c, [a, b].sort()]]));
  await expect(world.plan({ kind: 'undo', repairId: first.id })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await world.repair({ kind: 'undo', repairId: second.id });
  await world.repair({ kind: 'undo', repairId: first.id });
  expect(await world.read((tx) => tx.repairs.mergedInto([b, c]))).toEqual(new Map());
});

test('ends that a merge brings about count as urgent ends of the caller, beyond which a second person decides', async () => {
  await world.use({ ...world.engine.configuration, policy: { ...world.engine.configuration.policy, budget: { urgentEnds: 1 } } });
  await world.says('adam', { employeeNumber: 'adam', department: 'IT' });
  const adam = world.admin(world.id('adam'));
  for (const name of ['p', 'q', 'r', 's']) await world.says(name, { employeeNumber: name });
  expect(await world.repair(world.merge('p', 'q'), adam)).toMatchObject({ status: 'done' });
  expect(await world.repair(world.merge('r', 's'), adam)).toMatchObject({ status: 'waiting', plan: { secondPerson: ['urgent-ends'] } });
});
