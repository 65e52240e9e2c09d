import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type ApprovalStage, DELEGATED_KINDS, type DelegatedKind } from '@tenure/domain';
import { createActivities } from './activities.ts';
import { noMeter } from '@tenure/engine/decide';
import { delegate, revokeDelegation, standsInFor } from '@tenure/engine/approvers';
import { withdrawRequest } from '@tenure/engine/requests';
import { createRequestWorld, HOUR, type RequestWorld } from '../libs/engine/requests/testing/request-world.ts';

const stage = (more: Partial<ApprovalStage>): ApprovalStage => ({
  name: 'stage',
  approvers: [{ kind: 'manager' }],
  quorum: 1,
  deadline: 'P2D',
  escalateTo: [],
  otherwise: 'deny',
  ...more,
});
const rule = (name: string, stages: readonly ApprovalStage[]) => ({ name, roles: [], entitlements: [name], longest: 'P90D', stages });
const people = { boss: null, ann: 'boss', bob: 'boss', cat: 'ann', dan: 'ann', eve: 'bob' } as const;

let world: RequestWorld;
beforeAll(async () => {
  world = await createRequestWorld([
    rule('tenure.operator', [stage({})]),
    rule('tenure.auditor', [stage({ approvers: [{ kind: 'manager' }, { kind: 'person', userName: 'bob' }], quorum: 2 })]),
    rule('tenure.self', [stage({ approvers: [{ kind: 'sponsor' }] })]),
    rule('tenure.approver', [stage({ name: 'manager' }), stage({ name: 'manager again' })]),
    rule('tenure.admin', [stage({ approvers: [{ kind: 'holders', name: 'tenure.approver' }] })]),
  ]);
  for (const [name, manager] of Object.entries(people))
    await world.says(name, { manager, department: name === 'bob' || name === 'eve' ? 'Approver' : 'Other' });
});
afterAll(() => world.stop());

beforeEach(async () => {
  for (const name of Object.keys(people)) {
    for (const { id } of await world.database.store.read((tx) => tx.delegations.givenBy([world.id(name)], world.now)))
      await world.act((tx) => revokeDelegation(tx, id, { id: '', isOperator: true }));
    await world.says(name, { leaveStart: null });
  }
  for (const { id, requestedBy } of await world.database.store.read((tx) => tx.requests.open(50, null)))
    await world.act((tx) => withdrawRequest(tx, id, requestedBy));
});

const lets = (from: string, to: string, hours = 24, after = 0, kinds: readonly DelegatedKind[] = DELEGATED_KINDS) => {
  const at = (ahead: number): string => new Date(Date.parse(world.now) + ahead * HOUR).toISOString();
  return world.act((tx) =>
    delegate(tx, { fromId: world.id(from), toId: world.id(to), validFrom: at(after), validUntil: at(after + hours), reason: 'a holiday', kinds }),
  );
};
const isAway = (name: string) => world.says(name, { leaveStart: world.now });

describe('what waits for somebody', () => {
  test('moves at once, and comes back when the delegation is over', async () => {
    const request = await world.ask('dan', 'tenure.operator');
    expect(await world.asked(request)).toEqual(['ann']);
    await lets('ann', 'bob', 10);
    expect(await world.asked(request)).toEqual(['bob for ann']);
    expect(await world.answer(request, 'ann')).toBe('NOT_YOUR_DECISION');
    await world.pass(10 * HOUR - 1);
    expect(await world.asked(request)).toEqual(['bob for ann']);
    await world.pass(1);
    expect(await world.asked(request)).toEqual(['ann']);
    expect(await world.answer(request, 'bob')).toBe('NOT_YOUR_DECISION');
    expect(await world.answer(request, 'ann')).toBe('counted');
  });

  test('moves when a delegation begins that was given ahead', async () => {
    await lets('ann', 'bob', 10, 5);
    const request = await world.ask('dan', 'tenure.operator');
    expect(await world.asked(request)).toEqual(['ann']);
    await world.pass(5 * HOUR);
    expect(await world.asked(request)).toEqual(['bob for ann']);
  });

  test('moves when its timer fires, also by a worker whose clock is behind that of Temporal', async () => {
    await lets('ann', 'bob', 10, 5);
    const request = await world.ask('dan', 'tenure.operator');
    const { store } = world.database;
    const fired: unknown[] = [];
    const meter = { ...noMeter, timerFired: (...one: readonly string[]) => void fired.push(one) };
    const behind = createActivities({ store, engine: world.engine, connectors: {}, clock: () => world.now, alive: () => undefined, meter });
    const { nextAt } = (await world.whole(request)).request;
    await behind.advanceRequest({ requestId: request, correlationId: 'woken', now: world.now });
    expect(fired).toEqual([]);
    const standing = await behind.advanceRequest({ requestId: request, correlationId: 'timer', now: nextAt ?? '' });
    expect(fired).toEqual([['request', nextAt]]);
    expect(await world.asked(request)).toEqual(['bob for ann']);
    expect([standing.nextAt, (await world.whole(request)).request.nextAt]).toEqual([expect.not.stringMatching(`^${nextAt}$`), standing.nextAt]);
  });

  test('comes back when it is revoked, by whichever of the two, and stays with strangers', async () => {
    const { id } = await lets('ann', 'bob');
    const request = await world.ask('dan', 'tenure.operator');
    await expect(world.act((tx) => revokeDelegation(tx, id, { id: world.id('eve'), isOperator: false }))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await world.act((tx) => revokeDelegation(tx, id, { id: world.id('bob'), isOperator: false }));
    expect(await world.asked(request)).toEqual(['ann']);
  });

  test('goes on to whom these have delegated, and round no circle', async () => {
    await lets('ann', 'bob');
    const toEve = await lets('bob', 'eve');
    const request = await world.ask('dan', 'tenure.operator');
    expect(await world.asked(request)).toEqual(['eve for ann']);
    await lets('eve', 'ann');
    expect(await world.asked(request)).toEqual(['eve for ann']);
    await world.act((tx) => revokeDelegation(tx, toEve.id, { id: world.id('bob'), isOperator: false }));
    expect(await world.asked(request)).toEqual(['bob for ann']);
  });

  test('is never decided by whom it is for, nor by who asked', async () => {
    await lets('ann', 'dan');
    const request = await world.ask('dan', 'tenure.operator');
    expect(await world.asked(request)).toEqual(['ann']);
    expect(await world.answer(request, 'dan')).toBe('OWN_REQUEST');
    await isAway('ann');
    expect(await world.asked(request)).toEqual(['boss for ann']);
    const other = await world.ask('cat', 'tenure.operator');
    expect(await world.asked(other)).toEqual(['dan for ann']);
  });

  test('is not decided either by whom they chose who asked, or whom it is for', async () => {
    await lets('bob', 'cat');
    expect(await world.asked(await world.ask('bob', 'tenure.admin'))).toEqual(['eve']);
    await lets('ann', 'eve');
    expect(await world.asked(await world.ask('dan', 'tenure.operator', { by: 'ann' }))).toEqual(['boss for ann']);
    await lets('eve', 'dan');
    await lets('dan', 'cat');
    expect(await world.asked(await world.ask('dan', 'tenure.auditor'))).toEqual(['cat for bob', 'eve for ann']);
  });

  test('goes to the manager of today at once, when whom it is for has another', async () => {
    const request = await world.ask('dan', 'tenure.operator');
    await world.says('dan', { manager: 'bob' });
    expect(await world.asked(request)).toEqual(['bob']);
    expect(await world.answer(request, 'ann')).toBe('NOT_YOUR_DECISION');
    await world.says('dan', { manager: 'ann' });
  });

  test('goes to the sponsor where policy says so, and to their manager while they are away', async () => {
    await world.says('dan', { sponsor: 'bob' });
    const request = await world.ask('dan', 'tenure.self');
    expect(await world.asked(request)).toEqual(['bob']);
    await isAway('bob');
    expect(await world.asked(request)).toEqual(['boss for bob']);
    await world.says('dan', { sponsor: 'eve' });
    expect(await world.asked(request)).toEqual(['eve']);
    expect([await world.answer(request, 'boss'), await world.answer(request, 'eve')]).toEqual(['NOT_YOUR_DECISION', 'counted']);
    expect(await world.held('dan')).toContain('tenure.self');
  });

  test('stays where whoever it was delegated to is not there, or has left', async () => {
    await lets('ann', 'bob');
    await lets('bob', 'eve', 48, 0, ['cases']);
    await isAway('bob');
    const request = await world.ask('dan', 'tenure.operator');
    expect(await world.asked(request)).toEqual(['ann']);
  });

  test('is answered in the place of somebody on leave, and no longer by the word of one who has left', async () => {
    await lets('ann', 'bob');
    await isAway('ann');
    const request = await world.ask('dan', 'tenure.operator');
    expect(await world.asked(request)).toEqual(['bob for ann']);
    await world.says('ann', {}, 'ended');
    expect(await world.asked(request)).toEqual(['boss for ann']);
    await world.says('ann');
    expect(await world.asked(request)).toEqual(['bob for ann']);
  });

  test('of a group moves one by one, and asks nobody twice', async () => {
    const request = await world.ask('dan', 'tenure.admin');
    expect(await world.asked(request)).toEqual(['bob', 'eve']);
    await lets('bob', 'eve');
    expect(await world.asked(request)).toEqual(['eve']);
    await lets('eve', 'cat');
    expect(await world.asked(request)).toEqual([expect.stringMatching(/^cat for (bob|eve)$/)]);
  });

  test('goes at its deadline to the manager of who delegated, not of the other', async () => {
    await lets('ann', 'eve', 100);
    const request = await world.ask('dan', 'tenure.operator');
    await world.pass(48 * HOUR);
    expect(await world.asked(request)).toEqual(['boss', 'eve for ann']);
  });
});

describe('whoever comes back is asked at once', () => {
  const isBack = (name: string) => world.says(name, { leaveStart: null });

  test('as one of a group, and so is whoever comes to be one', async () => {
    await isAway('eve');
    const request = await world.ask('dan', 'tenure.admin');
    expect(await world.asked(request)).toEqual(['bob']);
    await isBack('eve');
    expect(await world.asked(request)).toEqual(['bob', 'eve']);
    await world.says('cat', { department: 'Approver' });
    expect(await world.asked(request)).toEqual(['bob', 'cat', 'eve']);
    await world.says('cat', { department: 'Other' });
    expect(await world.asked(request)).toEqual(['bob', 'eve']);
  });

  test('on the day on which their leave is over', async () => {
    await world.says('eve', { leaveStart: world.now, leaveEnd: new Date(Date.parse(world.now) + 5 * HOUR).toISOString() });
    const request = await world.ask('dan', 'tenure.admin');
    await world.pass(5 * HOUR - 1);
    expect(await world.asked(request)).toEqual(['bob']);
    await world.pass(1);
    expect(await world.asked(request)).toEqual(['bob', 'eve']);
    await world.says('eve', { leaveStart: null, leaveEnd: null });
  });

  test('though nobody at all had been there, or a higher one had taken the place', async () => {
    await world.says('top', { manager: null, department: 'Other' });
    await world.says('boss', { manager: 'top', leaveStart: world.now });
    await isAway('ann');
    const [first, second] = [await world.ask('dan', 'tenure.operator'), await world.ask('cat', 'tenure.operator')];
    expect(await world.asked(first)).toEqual(['top for ann']);
    await isBack('boss');
    expect(await world.asked(first)).toEqual(['boss for ann']);
    await isAway('boss');
    await isAway('top');
    expect(await world.asked(second)).toEqual([]);
    await isBack('boss');
    expect(await world.asked(second)).toContain('boss for ann');
    await isBack('ann');
    expect(await world.asked(second)).toContain('ann');
    await world.says('boss', { manager: null });
  });

  test('as whom somebody lets answer in their place', async () => {
    await lets('ann', 'bob');
    await isAway('bob');
    const request = await world.ask('dan', 'tenure.operator');
    expect(await world.asked(request)).toEqual(['ann']);
    await isBack('bob');
    expect(await world.asked(request)).toEqual(['bob for ann']);
  });
});

test('one place counts once: whoever approves and then delegates has not approved twice', async () => {
  const request = await world.ask('dan', 'tenure.auditor');
  expect(await world.asked(request)).toEqual(['ann', 'bob']);
  expect(await world.answer(request, 'ann')).toBe('counted');
  await lets('ann', 'eve');
  expect(await world.answer(request, 'eve')).toBe('counted');
  expect((await world.item(request)).status).toBe('open');
  expect(await world.answer(request, 'bob')).toBe('counted');
  expect((await world.item(request)).status).toBe('approved');
  const events = await world.database.store.read((tx) => tx.audit.ofIdentity(world.id('dan'), 200));
  expect(events.filter(({ action }) => action === 'request.answered').map(({ reason }) => [reason['by'], reason['inPlaceOf']])).toContainEqual([
    world.id('eve'),
    world.id('ann'),
  ]);
});

test('a quorum keeps what was answered, and whoever stands in for several takes the place that is still open', async () => {
  const request = await world.ask('dan', 'tenure.auditor');
  expect(await world.answer(request, 'ann')).toBe('counted');
  await isAway('ann');
  await isAway('bob');
  expect(await world.asked(request)).toEqual(['boss for bob']);
  expect(await world.answer(request, 'boss')).toBe('counted');
  expect((await world.item(request)).status).toBe('approved');
});

test('what was meant for one stage is not counted in the next, though the same person is asked there', async () => {
  const request = await world.ask('dan', 'tenure.approver');
  expect([await world.answer(request, 'ann', true, 0), await world.answer(request, 'ann', true, 0)]).toEqual(['counted', 'counted']);
  expect(await world.item(request)).toMatchObject({ status: 'open', stage: 1 });
  expect(await world.answer(request, 'ann', false, 0)).toBe('REQUEST_CLOSED');
  expect(await world.answer(request, 'bob', true, 0)).toBe('NOT_YOUR_DECISION');
  expect(await world.item(request)).toMatchObject({ status: 'open', stage: 1 });
  expect(await world.answer(request, 'ann', true, 1)).toBe('counted');
  expect(await world.item(request)).toMatchObject({ status: 'approved' });
});

test('cases are answered in the place of whom somebody stands in for, and of whom these do', async () => {
  const forWhom = async (name: string) => (await world.act((tx) => standsInFor(tx, world.id(name), world.now))).map(({ id }) => world.nameOf(id)).sort();
  await lets('ann', 'bob', 10, 0, ['cases']);
  await lets('bob', 'eve', 5);
  await lets('eve', 'ann', 5);
  expect([await forWhom('bob'), await forWhom('eve'), await forWhom('dan')]).toEqual([['ann', 'eve'], ['ann', 'bob'], []]);
  await world.pass(5 * HOUR);
  expect([await forWhom('bob'), await forWhom('eve')]).toEqual([['ann'], []]);
  await lets('dan', 'bob', 1, 0, ['approvals']);
  await isAway('ann');
  expect(await forWhom('bob')).toEqual(['ann']);
  await world.says('ann', {}, 'ended');
  expect(await forWhom('bob')).toEqual([]);
  await world.says('ann');
});

describe('a delegation is refused', () => {
  const nobody = '00000000-0000-4000-8000-000000000000';
  test.each([
    ['to oneself', () => lets('ann', 'ann')],
    ['that ends before it begins', () => lets('ann', 'bob', -1)],
    ['that is over already', () => lets('ann', 'bob', 1, -2)],
    ['for more than a year', () => lets('ann', 'bob', 24 * 400)],
    ['of nothing', () => lets('ann', 'bob', 1, 0, [])],
    [
      'to nobody',
      () =>
        world.act((tx) =>
          delegate(tx, { fromId: world.id('ann'), toId: nobody, validFrom: null, validUntil: '2099-01-01T00:00:00.000Z', reason: '', kinds: DELEGATED_KINDS }),
        ),
    ],
    ['to somebody who is away', () => isAway('bob').then(() => lets('ann', 'bob'))],
    ['beside another', () => lets('ann', 'bob', 10).then(() => lets('ann', 'eve', 10, 9))],
  ])('%s', async (_, attempt) => {
    await expect(attempt()).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});
