import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ChangedAccount, isRebuilt, type OlderAccounts, restoredSince } from './restored-target.ts';

const at = (hour: number): string => new Date(Date.UTC(2026, 2, 1, hour)).toISOString();
const account = (hour: number, ...kinds: readonly string[]): ChangedAccount => ({
  accountId: `a-${hour}`,
  changedAt: at(hour),
  differences: kinds.map((kind) => {
    const [name = '', group = ''] = kind.split(' ');
    return { kind: name as ChangedAccount['differences'][number]['kind'], name: group };
  }),
});
const none: OlderAccounts = { same: 0, differing: 0 };
const missing = 'missing-account';

describe('a target that was restored from a backup', () => {
  test('lacks every account that was made since, and shows all from before', () => {
    const found = restoredSince([account(1), account(2), account(3, missing), account(4, missing), account(5, missing)], none);
    expect(found?.since).toBe(at(3));
    expect(found?.accountIds.toSorted()).toEqual(['a-3', 'a-4', 'a-5']);
  });

  test('shows older values, memberships and states', () => {
    const changed = [account(3, 'attribute-drift mail'), account(4, 'entitlement-missing Finance'), account(5, 'leaver-account')];
    expect(restoredSince(changed, { same: 40, differing: 0 })?.since).toBe(at(3));
  });

  test('is told from one where a few have drifted besides', () => {
    const gone = Array.from({ length: 20 }, (_, hour) => account(50 + hour, missing));
    expect(restoredSince([...gone, account(2, 'attribute-drift mail'), account(3)], { same: 5, differing: 1 })?.since).toBe(at(50));
    expect(restoredSince([...gone, account(2, 'attribute-drift mail'), account(3)], { same: 5, differing: 2 })).toBeNull();
  });
});

describe('nothing is proved', () => {
  test.each<[string, readonly ChangedAccount[], OlderAccounts]>([
    ['by two accounts', [account(1), account(3, missing), account(4, missing)], none],
    ['where a later change is still there', [account(3, missing), account(4, missing), account(5, missing), account(6)], { same: 9, differing: 0 }],
    [
      'where a change of the same instant is still there',
      [account(3, missing), account(3, missing), account(3, missing), account(3)],
      { same: 9, differing: 0 },
    ],
    ['where nothing is from before', [account(3, missing), account(4, missing), account(5, missing)], none],
    ['where those from before differ too', [account(1, missing), account(2), account(3, missing), account(4, missing), account(5, missing)], none],
    [
      'by one group that was taken from everybody who got it',
      [1, 2, 3, 4].map((hour) => account(hour, 'entitlement-missing Finance')),
      { same: 9, differing: 0 },
    ],
    ['in a target that nobody changed', [], { same: 9, differing: 0 }],
  ])('%s', (_title, accounts, older) => expect(restoredSince(accounts, older)).toBeNull());

  test('whatever comes: no account is named that kept a change, and none that was changed before one that did', () => {
    const any = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom([], [missing], ['attribute-drift mail'])).map(([hour, kinds]) => account(hour, ...kinds)),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(any, fc.nat(3), fc.nat(3), (accounts, same, differing) => {
        const found = restoredSince(accounts, { same, differing });
        if (found === null) return;
        const kept = accounts.filter(({ differences }) => differences.length === 0);
        expect(kept.every(({ changedAt }) => changedAt < found.since)).toBe(true);
        expect(found.accountIds).toHaveLength(accounts.filter(({ changedAt }) => changedAt >= found.since).length);
        expect(found.accountIds.length).toBeGreaterThanOrEqual(3);
      }),
      { numRuns: 1000 },
    );
  });
});

test.each([
  [10, 10, true],
  [10, 8, true],
  [10, 7, false],
  [2, 2, false],
])('of %d known accounts, %d under other ids: rebuilt %s', (known, renumbered, expected) => expect(isRebuilt(known, renumbered)).toBe(expected));
