import { describe, expect, test } from '@jest/globals';
import type { TargetSettings } from '@tenure/config';
import { type AttributeRules, type AttributeValue, type DesiredAccount, differencesOf, type Lifecycle, type ObservedAccount } from '@tenure/domain';
import type { JoinedRow, ReconciliationRun } from '@tenure/store';
import fc from 'fast-check';
import { joinedIn, type ReconciledTarget, scopeOfRun, stagedIn } from './reconciled-target.ts';

/** Data from which the differences of one account follow. */
interface Situation {
  readonly observed: ObservedAccount;
  readonly desired: DesiredAccount;
  readonly state: Lifecycle['state'];
  readonly managed: readonly string[];
  readonly rules: AttributeRules;
  readonly mapped: readonly string[];
  readonly protectedAccounts: readonly string[];
  readonly shown: readonly string[];
}

const names = ['mail', 'title', 'codes'] as const;
const groups = ['Staff', 'staff', 'Finance', 'Ops'] as const;
/** Values that targets write in other ways: in other case, other Unicode form, as lists, numbers, texts, or not at all. */
const value = fc.constantFrom<AttributeValue>(
  'Ann',
  'ann',
  'ANN',
  'Zoë',
  'Zoe\u0308',
  'ß',
  'SS',
  '',
  [],
  ['Ann'],
  ['b', 'a'],
  ['a', 'b', 'a'],
  7,
  '7',
  true,
  'TRUE',
);
const attributes = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 }).map((all) => ({ ...all }));
const held = fc.uniqueArray(fc.constantFrom(...groups)).map((all) => [...all].sort());
const situation: fc.Arbitrary<Situation> = fc.record({
  observed: fc.record({
    nativeId: fc.constant('7'),
    userName: fc.constantFrom('ann', 'Ann', 'svc'),
    externalId: fc.constantFrom(null, 'mark'),
    enabled: fc.constantFrom(true, false, null),
    attributes,
    entitlements: held,
    memberships: fc.constant([]),
  }),
  desired: fc.record({
    target: fc.constant('crm'),
    userName: fc.constant('ann'),
    state: fc.constantFrom('enabled', 'enabled', 'disabled', 'absent'),
    attributes,
    entitlements: held,
  }),
  state: fc.constantFrom('active', 'suspended', 'leaving', 'left'),
  managed: held,
  rules: fc
    .dictionary(fc.constantFrom(...names), fc.constantFrom({ compare: 'caseless' as const }, { writeOnly: true as const }), { maxKeys: 2 })
    .map((all) => ({ ...all })),
  mapped: fc.constantFrom(names, names.slice(1)),
  protectedAccounts: fc.constantFrom([], ['SVC']),
  shown: held,
});

const targetOf = (runId: string, { managed, rules, mapped, protectedAccounts }: Situation): ReconciledTarget => ({
  run: { id: runId, startedAt: '2026-03-01T00:00:00.000Z' } as ReconciliationRun,
  settings: {
    kind: 'scim',
    name: 'crm',
    title: '',
    url: 'https://crm.example',
    token: 'x',
    timeout: 1,
    concurrency: 1,
    ratePerSecond: 1,
    confirmWithin: 1,
    attributes: Object.fromEntries(mapped.map((name) => [name, `identity.${name}`])),
    rules,
    reconciliation: { protectedAccounts },
  } satisfies TargetSettings,
  managed: new Set(managed),
});

/** Compares an account in one run: with the hashes by which a later run recognizes it. */
function compared(runId: string, one: Situation) {
  const target = targetOf(runId, one);
  const { hash, ...staged } = stagedIn(target, one.observed);
  const account: NonNullable<JoinedRow['account']> = {
    id: 'account',
    identityId: 'ann',
    nativeId: '7',
    userName: 'ann',
    desired: one.desired,
    existed: true,
    accepted: { attributes: {}, memberships: {}, state: null },
    desiredSince: '2026-01-01T00:00:00.000Z',
    confirmedAt: '2026-01-01T00:00:00.000Z',
    seenAt: null,
    isPending: false,
    state: one.state,
    desiredHash: '',
  };
  const joined = joinedIn(target, { staged, account, marked: null }, '2026-03-02T00:00:00.000Z');
  // PostgreSQL hashes the text of jsonb, which is the same for the same value.
  return { hash, desired: JSON.stringify(one.desired), differences: differencesOf(joined, scopeOfRun(target, new Set(one.shown))) };
}

describe('accounts that are recognized by their hashes', () => {
  test('what is the same by hash as an account without differences has none either, whatever was changed', () => {
    let recognized = 0;
    let asDesired = 0;
    const parts = fc.uniqueArray(fc.constantFrom<keyof Situation>('desired', 'state', 'managed', 'rules', 'mapped', 'protectedAccounts', 'shown'), {
      maxLength: 2,
    });
    const ofObserved = fc.uniqueArray(fc.constantFrom<keyof ObservedAccount>('userName', 'externalId', 'enabled', 'attributes', 'entitlements'), {
      maxLength: 2,
    });
    fc.assert(
      fc.property(situation, situation, parts, ofObserved, (first, other, changed, seen) => {
        // Desired as it was read, so that many have no difference.
        const wanted = first.managed.filter((name) => first.observed.entitlements.includes(name));
        const isEnabled = first.observed.enabled !== false;
        const desired: DesiredAccount = {
          ...first.desired,
          state: isEnabled ? 'enabled' : 'disabled',
          entitlements: wanted,
          attributes: first.observed.attributes,
        };
        const before = { ...first, desired };
        const observed = { ...before.observed, ...Object.fromEntries(seen.map((part) => [part, other.observed[part]])) };
        const after = { ...before, ...Object.fromEntries(changed.map((part) => [part, other[part]])), observed } as Situation;
        const [one, two] = [compared('run-1', before), compared('run-2', after)];
        if (one.differences.length > 0) return;
        asDesired += 1;
        if (one.hash !== two.hash || one.desired !== two.desired) return;
        recognized += 1;
        expect(two.differences).toEqual([]);
      }),
      { numRuns: 5000 },
    );
    // Far fewer than there are with any seed.
    expect(asDesired).toBeGreaterThan(100);
    expect(recognized).toBeGreaterThan(20);
  });

  test('an account that has not changed is recognized in the next run, whatever form its values are shown in', () => {
    fc.assert(
      fc.property(situation, (one) => {
        const inOtherForm = Object.fromEntries(
          Object.entries(one.observed.attributes).map(([name, shown]) => [name, Array.isArray(shown) ? [...shown].reverse() : [String(shown)]]),
        );
        const again = { ...one, observed: { ...one.observed, attributes: inOtherForm } };
        expect(compared('run-2', again).hash).toBe(compared('run-1', one).hash);
      }),
    );
  });

  test('no value is in what a run keeps', () => {
    const one = fc.sample(situation, 1)[0] as Situation;
    const observed = { ...one.observed, attributes: { mail: 'wilhelmine@example.com' } };
    const target = targetOf('run-1', { ...one, mapped: names, rules: {} });
    expect(JSON.stringify(stagedIn(target, observed))).not.toContain('wilhelmine');
  });
});
