import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AccountAttributes, Change, DesiredAccount, ObservedAccount } from './account.ts';
import { planAccount } from './plan-account.ts';
import { planChanges } from './plan-changes.ts';

const wanted: DesiredAccount = {
  target: 'crm',
  userName: 'ada',
  state: 'enabled',
  attributes: { title: 'Clerk', mail: 'ada@x' },
  entitlements: ['finance', 'staff'],
};
const seen: ObservedAccount = {
  nativeId: '1',
  userName: 'ada',
  externalId: 'i-1',
  enabled: true,
  attributes: { title: 'Clerk', mail: ['ada@x'], other: 'theirs' },
  entitlements: ['finance', 'foreign', 'staff'],
  memberships: [],
};
const managed = new Set(['finance', 'sales', 'staff']);
const scope = { managed };
const words = (changes: readonly Change[]) =>
  changes.map((change) =>
    'entitlement' in change
      ? `${change.kind} ${change.entitlement}`
      : 'attributes' in change
        ? `${change.kind} ${Object.keys(change.attributes)}`
        : change.kind,
  );

describe('planAccount', () => {
  test.each<[string, Partial<DesiredAccount>, Partial<ObservedAccount> | null, string[]]>([
    ['nothing where nothing differs', {}, {}, []],
    ['creates with its memberships', {}, null, ['create title,mail', 'addMember finance', 'addMember staff']],
    ['creates nothing that is to be absent', { state: 'absent' }, null, []],
    ['creates nothing that is wound down', { state: 'disabled', onlyExisting: true }, null, []],
    ['disables before it takes memberships', { state: 'disabled', entitlements: [] }, {}, ['disable', 'removeMember finance', 'removeMember staff']],
    ['deletes last', { state: 'absent' }, {}, ['disable', 'removeMember finance', 'removeMember staff', 'delete']],
    ['enables before it gives', {}, { enabled: false, entitlements: ['sales'] }, ['removeMember sales', 'enable', 'addMember finance', 'addMember staff']],
    ['updates only what differs', { attributes: { title: 'Boss', mail: 'ada@x' } }, {}, ['update title']],
    ['leaves alone what policy does not know', { entitlements: [] }, {}, ['removeMember finance', 'removeMember staff']],
    ['leaves a suspended account its memberships', { state: 'disabled' }, {}, ['disable']],
    ['never renames', {}, { userName: 'ada.l' }, []],
  ])('%s', (_, desired, observed, expected) => {
    expect(words(planAccount({ ...wanted, ...desired }, observed === null ? null : { ...seen, ...observed }, scope))).toEqual(expected);
  });

  test('an account for a disabled state is created disabled', () => {
    expect(planAccount({ ...wanted, state: 'disabled', entitlements: [] }, null, scope)).toEqual([
      { kind: 'create', attributes: wanted.attributes, enabled: false },
    ]);
  });

  test.each([
    [['a'], 'a'],
    ['a', ['a']],
    [
      ['b', 'a'],
      ['a', 'b'],
    ],
    [true, 'TRUE'],
    [5, '5'],
    ['', undefined],
    [[], undefined],
  ])('%p and %p say the same', (ours, theirs) => {
    const observed: ObservedAccount = { ...seen, attributes: theirs === undefined ? {} : { x: theirs } };
    expect(planAccount({ ...wanted, attributes: { x: ours } }, observed, scope)).toEqual([]);
  });
});

test('planChanges names only the targets in which something differs', () => {
  const desired = [{ ...wanted, target: 'b' }, wanted, { ...wanted, target: 'a', state: 'absent' as const }];
  expect(
    planChanges({ desired, observed: { crm: seen, a: seen }, scopeOf: (target) => ({ managed: target === 'a' ? managed : new Set() }) }).map(
      ({ target, changes }) => `${target}: ${words(changes)}`,
    ),
  ).toEqual(['a: disable,removeMember finance,removeMember staff,delete', 'b: create title,mail,addMember finance,addMember staff']);
});

/** A minimal target that meets the contract of connectors. */
function apply(account: ObservedAccount | null, change: Change): ObservedAccount | null {
  if (change.kind === 'create')
    return { nativeId: '1', userName: 'ada', externalId: 'i-1', enabled: change.enabled, attributes: change.attributes, entitlements: [], memberships: [] };
  if (account === null) throw new Error(`${change.kind} without an account`);
  switch (change.kind) {
    case 'update':
      return { ...account, attributes: { ...account.attributes, ...change.attributes } };
    case 'enable':
      return { ...account, enabled: true };
    case 'disable':
      return { ...account, enabled: false };
    case 'addMember':
      return { ...account, entitlements: [...account.entitlements, change.entitlement].sort() };
    case 'removeMember':
      return { ...account, entitlements: account.entitlements.filter((name) => name !== change.entitlement) };
    case 'delete':
      return null;
  }
}

describe('property: plans converge', () => {
  const value = fc.oneof(
    fc.constantFrom('a', 'b', ''),
    fc.boolean(),
    fc.integer({ min: 0, max: 3 }),
    fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
  );
  const attributes: fc.Arbitrary<AccountAttributes> = fc.dictionary(fc.constantFrom('x', 'y', 'z'), value);
  const names = fc.subarray(['finance', 'foreign', 'sales', 'staff']);
  const anyDesired: fc.Arbitrary<DesiredAccount> = fc.record({
    target: fc.constant('crm'),
    userName: fc.constant('ada'),
    state: fc.constantFrom('enabled', 'disabled', 'absent'),
    attributes,
    entitlements: fc.subarray(['finance', 'sales', 'staff']),
  });
  const anyObserved = fc.option(
    fc.record({
      nativeId: fc.constant('1'),
      userName: fc.constantFrom('ada', 'eve'),
      externalId: fc.constant(null),
      enabled: fc.boolean(),
      attributes,
      entitlements: names,
      memberships: fc.constant([]),
    }),
  );

  test('from any observed state, in one go, touching nothing that is not ours', () => {
    fc.assert(
      fc.property(anyDesired, fc.boolean(), anyObserved, (desired, windDown, observed) => {
        const full: DesiredAccount = windDown ? { ...desired, onlyExisting: true } : desired;
        const after = planAccount(full, observed, scope).reduce(apply, observed);
        expect(planAccount(full, after, scope)).toEqual([]);
        if (after === null) return;
        expect(after.enabled).toBe(full.state === 'enabled');
        expect(after.entitlements.filter((name) => managed.has(name))).toEqual([...full.entitlements].sort());
        expect(after.entitlements.includes('foreign')).toBe(observed?.entitlements.includes('foreign') ?? false);
      }),
      { numRuns: 500 },
    );
  });

  test('from wherever a plan was interrupted', () => {
    fc.assert(
      fc.property(anyDesired, anyObserved, fc.nat(6), (desired, observed, done) => {
        const half = planAccount(desired, observed, scope).slice(0, done).reduce(apply, observed);
        const after = planAccount(desired, half, scope).reduce(apply, half);
        expect(planAccount(desired, after, scope)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
