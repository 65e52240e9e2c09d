import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RequestItem } from '@tenure/store';
import { answererOf } from '../approvers/answerer-of.ts';
import { tendCases } from '../cases/tend-cases.ts';
import { breakGlass } from './break-glass.ts';
import { breakGlassCatalogueOf } from './catalogue.ts';
import { returnAccess } from './end-access.ts';
import { reviewBreakGlass } from './review-break-glass.ts';
import { createRequestWorld, HOUR, type RequestWorld } from './testing/request-world.ts';

let world: RequestWorld;
beforeAll(async () => {
  world = await createRequestWorld([], {
    separation: [{ name: 'books', conflicting: [['tenure.operator'], ['tenure.approver']], atMost: 1, priority: ['tenure.approver'] }],
    calendars: { office: { timeZone: 'UTC', days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], from: '09:00', to: '17:00', holidays: [] } },
    breakGlass: [
      {
        name: 'on-call',
        when: 'identity.department == "Approver"',
        roles: [],
        entitlements: ['tenure.operator', 'tenure.admin'],
        longest: 'PT4H',
        reviewers: [{ kind: 'manager' }],
        reviewWithin: 'P1D',
        calendar: 'office',
        tell: [{ kind: 'person', userName: 'sec' }],
      },
    ],
  });
  for (const [name, manager, department] of [
    ['boss', null, 'Other'],
    ['sec', null, 'Other'],
    ['mia', 'boss', 'Other'],
    ['ada', 'mia', 'Approver'],
    ['joe', 'mia', 'Other'],
  ] as const)
    await world.says(name, { manager, department });
});
afterAll(() => world.stop());
beforeEach(() => world.pass(100 * HOUR));

const take = (who: string, name: string, duration: string | null = null): Promise<string> =>
  world.act((tx) => breakGlass(tx, world.engine, { identityId: world.id(who), kind: 'entitlement', name, duration, justification: 'The ledger is on fire' }));
const review = (item: RequestItem, by: string, isJustified = true): Promise<RequestItem> =>
  world.act((tx) =>
    reviewBreakGlass(
      tx,
      world.engine,
      { itemId: item.id, isJustified, comment: 'seen' },
      { id: world.id(by), isPerson: true, personId: world.id(by), isOperator: false },
    ),
  );
const logIn = (who: string) =>
  world.act((tx) => tx.sessions.open(world.id(who), 'partner', world.now, new Date(Date.parse(world.now) + 10 * HOUR).toISOString()));
const sessions = async (who: string) => (await world.database.store.read((tx) => tx.sessions.openOf([world.id(who)], world.now))).length;
const openReviews = () => world.database.store.read((tx) => tx.cases.page({ status: 'open', kind: 'break-glass-review' }, 10, null));
/** True if the review is in somebody's inbox. */
const sees = (who: string): Promise<boolean> =>
  world.database.store.read(async (tx) => {
    const answerer = { ...(await answererOf(tx, world.id(who), world.now)), isOperator: false };
    return (await tx.inbox.page({ status: 'open', kinds: ['break-glass-review'], for: answerer }, 10, null)).length > 0;
  });
const told = async (kind: string) => {
  const rows = await world.database.execute('select recipient from notice where kind = ?', [kind]);
  return rows.map(({ recipient }) => world.nameOf(String(recipient).replace('identity/', ''))).sort();
};

test('it is held at once by whom the policy names, told, reviewed and over at its very end, with the sessions', async () => {
  const request = await take('ada', 'tenure.admin', 'PT2H');
  expect(await world.held('ada')).toContain('tenure.admin');
  const { item, by } = { item: await world.item(request), by: await world.whole(request) };
  expect(item).toMatchObject({ status: 'approved', isBreakGlass: true, review: null });
  expect(by.request).toMatchObject({ status: 'closed', requestedBy: world.id('ada') });
  const [grant] = (await world.database.store.read((tx) => tx.access.currentGrants([world.id('ada')]))).filter(({ name }) => name === 'tenure.admin');
  expect(grant?.origins).toMatchObject([{ kind: 'break-glass', name: request, validUntil: item.validUntil }]);
  expect(await told('emergency-access')).toEqual(['mia', 'sec']);
  // 2026-03-06 is a Friday: a working day from then is Monday.
  expect(await openReviews()).toMatchObject([{ ownerId: world.id('mia'), identityId: world.id('ada'), evidence: { itemId: item.id, rule: 'on-call' } }]);
  const [{ id: caseId } = { id: '' }] = await openReviews();
  const [opened] = await world.database.store.read((tx) => tx.audit.page({ subjectId: caseId, action: 'case.opened' }, 1, null));
  expect(opened?.reason).toMatchObject({ kind: 'break-glass-review', itemId: item.id, name: 'tenure.admin' });
  await logIn('ada');
  await world.pass(2 * HOUR - 1);
  expect([await world.held('ada'), await sessions('ada')]).toEqual([expect.arrayContaining(['tenure.admin']), 1]);
  await world.pass(1);
  expect([(await world.held('ada')).includes('tenure.admin'), await sessions('ada')]).toEqual([false, 0]);
  expect((await world.item(request)).status).toBe('ended');
  expect(await openReviews()).toHaveLength(1);
  expect(await review(item, 'mia')).toMatchObject({ review: 'justified', reviewedBy: world.id('mia') });
  expect(await openReviews()).toEqual([]);
  await expect(review(item, 'mia', false)).rejects.toMatchObject({ code: 'REQUEST_CLOSED' });
});

test('what was not justified ends at once, and nobody but its reviewers says so', async () => {
  const item = await world.item(await take('ada', 'tenure.admin'));
  await logIn('ada');
  for (const who of ['ada', 'joe', 'sec']) await expect(review(item, who)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(await review(item, 'mia', false)).toMatchObject({ status: 'dropped', review: 'not-justified' });
  expect([(await world.held('ada')).includes('tenure.admin'), await sessions('ada')]).toEqual([false, 0]);
});

test('who is away is replaced as a reviewer too', async () => {
  await world.says('mia', { leaveStart: world.now });
  const item = await world.item(await take('ada', 'tenure.admin'));
  expect(await openReviews()).toMatchObject([{ ownerId: world.id('boss') }]);
  await review(item, 'boss');
  await world.says('mia', { leaveStart: null });
});

test('its review goes on to the next in line until somebody has answered, and in the end to the operators, again and again', async () => {
  const item = await world.item(await take('ada', 'tenure.admin'));
  const context = () => ({ actor: { kind: 'system', id: 'test' }, correlationId: 'tend', now: world.now }) as const;
  const tend = () => tendCases({ store: world.database.store, engine: world.engine, context });
  const due = async (): Promise<void> => {
    const [open] = await openReviews();
    await world.pass(Date.parse(open?.deadline ?? '') - Date.parse(world.now));
    await tend();
  };
  const stands = async () =>
    (await openReviews()).map(({ ownerId, level, deadline }) => [ownerId === null ? null : world.nameOf(ownerId), level, new Date(deadline ?? '').getUTCDay()]);
  await tend();
  const [[owner, , first] = []] = await stands();
  expect(owner).toBe('mia');
  await due();
  // Counted in working days, as before.
  expect(await stands()).toEqual([['boss', 1, (Number(first) % 5) + 1]]);
  // It stays with the approvers of before: either may answer.
  expect([await sees('mia'), await sees('boss'), await sees('ada'), await sees('sec')]).toEqual([true, true, false, false]);
  expect((await world.whole(item.requestId)).approvers.map(({ approverId, level }) => [world.nameOf(approverId), level])).toEqual([
    ['mia', 0],
    ['boss', 1],
  ]);
  await due();
  expect(await stands()).toEqual([[null, 2, expect.any(Number)]]);
  expect([await sees('mia'), await sees('boss')]).toEqual([true, true]);
  await due();
  expect(await stands()).toEqual([[null, 3, expect.any(Number)]]);
  const escalated = await world.database.execute(`select recipient, key from notice where kind = 'case-escalated' order by created_at, key`);
  expect(escalated.map(({ recipient }) => recipient)).toEqual([`identity/${world.id('boss')}`, 'role/admin', 'role/admin']);
  expect(new Set(escalated.map(({ key }) => key)).size).toBe(3);
  // A deadline does not close it, and all of its reviewers may still answer.
  expect(await review(item, 'boss')).toMatchObject({ review: 'justified', reviewedBy: world.id('boss') });
  expect(await openReviews()).toEqual([]);
});

test('separation of duties is broken for its time, and what broke it is written down', async () => {
  expect(await world.held('ada')).toContain('tenure.approver');
  const request = await take('ada', 'tenure.operator');
  expect(await world.held('ada')).toEqual(expect.arrayContaining(['tenure.approver', 'tenure.operator']));
  const item = await world.item(request);
  expect(item.exceptions).toEqual([{ rule: 'books', names: ['tenure.approver', 'tenure.operator'], control: 'break-glass' }]);
  expect(await openReviews()).toMatchObject([{ evidence: { separation: ['books'] } }]);
  await world.pass(4 * HOUR);
  expect(await world.held('ada')).toEqual(['tenure.approver']);
  await review(item, 'mia');
});

test('it can be given back before, with the sessions', async () => {
  const item = await world.item(await take('ada', 'tenure.admin'));
  await logIn('ada');
  await world.act((tx) => returnAccess(tx, world.engine, item.id, world.id('ada')));
  expect([(await world.held('ada')).includes('tenure.admin'), await sessions('ada')]).toEqual([false, 0]);
  expect(await openReviews()).toHaveLength(1);
  await review(item, 'mia');
});

describe('it is refused', () => {
  test.each([
    ['to whom the rule does not name', 'joe', 'tenure.admin', null, 'not-for-them'],
    ['where no rule opens it', 'ada', 'tenure.auditor', null, 'not-offered'],
    ['for longer than the rule allows', 'ada', 'tenure.admin', 'PT5H', 'longer'],
  ] as const)('%s', async (_, who, name, duration, reason) => {
    await expect(take(who, name, duration)).rejects.toMatchObject({ code: 'NOT_REQUESTABLE', details: { reason } });
  });

  test('while it runs: there is no extension', async () => {
    const item = await world.item(await take('ada', 'tenure.admin', 'PT1H'));
    await expect(take('ada', 'tenure.admin', 'PT4H')).rejects.toMatchObject({ code: 'NOT_REQUESTABLE', details: { reason: 'held' } });
    await review(item, 'mia');
  });

  test('to who is on leave', async () => {
    await world.says('ada', { leaveStart: world.now });
    await expect(take('ada', 'tenure.admin')).rejects.toMatchObject({ code: 'NOT_REQUESTABLE', details: { reason: 'not-active' } });
    expect(await world.act((tx) => breakGlassCatalogueOf(tx, world.engine, world.id('ada')))).toEqual([]);
    await world.says('ada', { leaveStart: null });
    const open = await world.act((tx) => breakGlassCatalogueOf(tx, world.engine, world.id('ada')));
    expect(open.map(({ name, longest, conflicts }) => [name, longest, conflicts.length])).toEqual([
      ['tenure.admin', 'PT4H', 0],
      ['tenure.operator', 'PT4H', 1],
    ]);
  });
});
