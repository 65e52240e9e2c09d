import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import type { Change, DesiredAccount, ObservedAccount } from './account.ts';
import { planAccount } from './plan-account.ts';
import { type AcceptedWrites, afterChange, NOTHING_ACCEPTED, withDesired } from './accepted-writes.ts';
import { type Conclusion, conclude, EQUAL_READINGS, READINGS_SPREAD, untilNextReading } from './conclude.ts';
import { MEMBERSHIP_EVIDENCE, type MembershipEvidence, type Observation, verdictOf } from './observation.ts';

const now = '2026-03-01T12:00:00.000Z';
const earlier = '2026-02-01T12:00:00.000Z';
const digest = (text: string): string => `#${text}`;
const managed = new Set(['finance', 'sales']);
const desired: DesiredAccount = { target: 'crm', userName: 'ada', state: 'enabled', attributes: { title: 'Clerk' }, entitlements: ['finance'] };
const seen: ObservedAccount = {
  nativeId: '1',
  userName: 'ada',
  externalId: 'i-1',
  enabled: true,
  attributes: { title: 'Clerk' },
  entitlements: ['finance'],
  memberships: [{ entitlement: 'finance', groupId: 'g1', evidence: 'shown' }],
};
const given = { groupId: 'g1', givenAt: earlier, shownAt: null, takenAt: null };

interface Case {
  readonly desired?: Partial<DesiredAccount>;
  readonly observed?: Partial<ObservedAccount> | null;
  readonly accepted?: Partial<AcceptedWrites>;
  readonly made?: readonly Change[];
  readonly before?: readonly Observation[];
  readonly rules?: Parameters<typeof conclude>[0]['scope']['rules'];
  readonly at?: string;
  readonly isProtected?: boolean;
}

function concluded({
  desired: wanted = {},
  observed = {},
  accepted = {},
  made = [],
  before = [],
  rules = {},
  at = now,
  isProtected = false,
}: Case): Conclusion {
  const scope = { managed, rules, digest, accepted: { ...NOTHING_ACCEPTED, ...accepted } };
  return conclude({
    desired: { ...desired, ...wanted },
    observed: observed === null ? null : { ...seen, ...observed },
    scope,
    before,
    made,
    now: at,
    isProtected,
  });
}

/** Observation of a membership with this evidence, which the target does not list. */
const answered = (evidence: MembershipEvidence): Partial<ObservedAccount> => ({
  entitlements: [],
  memberships: [{ entitlement: 'finance', groupId: 'g1', evidence }],
});

/** Conclusion after a number of equal reads, with `every` milliseconds between two. */
function repeated(one: Case, times: number, every = READINGS_SPREAD / 2): Conclusion {
  let conclusion = concluded(one);
  for (let count = 1; count < times; count += 1) {
    const at = new Date(Date.parse(now) + count * every).toISOString();
    conclusion = concluded({ ...one, before: conclusion.observations, at });
  }
  return conclusion;
}

describe('confirmed', () => {
  it('is what a reading shows, and nothing else', () => {
    expect(concluded({})).toMatchObject({ status: 'CONFIRMED', left: [], accepted: { memberships: { finance: { groupId: 'g1', shownAt: now } } } });
    expect(concluded({ observed: { enabled: false } })).toMatchObject({ status: 'DIFFERENT', left: [{ kind: 'enable' }] });
  });

  it('is an account that is absent and is to be', () => {
    expect(concluded({ desired: { state: 'absent', entitlements: [] }, observed: null, accepted: { memberships: { finance: given } } })).toMatchObject({
      status: 'CONFIRMED',
      accepted: { memberships: {} },
    });
  });

  it.each(['not-filtered', 'former-name', 'incomplete', 'not-supported'] as const)(
    'is not a membership whose removal was accepted where the answer is %s',
    (evidence) => {
      const conclusion = concluded({
        desired: { entitlements: [] },
        observed: answered(evidence),
        accepted: { memberships: { finance: { ...given, takenAt: now } } },
      });
      expect(conclusion).toMatchObject({ status: 'NOT_VISIBLE', left: [], accepted: { memberships: { finance: { takenAt: now } } } });
    },
  );

  it('is a membership that was taken, in an answer that shows nobody, only where the target had shown it before', () => {
    const taken = (shownAt: string | null): Case => ({
      desired: { entitlements: [] },
      observed: answered('nothing-shown'),
      accepted: { memberships: { finance: { ...given, shownAt, takenAt: now } } },
    });
    expect(concluded(taken(earlier))).toMatchObject({ status: 'CONFIRMED', accepted: { memberships: {} } });
    // The target may be slow to show a membership for the first time; after `EQUAL_READINGS` reads it counts as one that cannot.
    expect(repeated(taken(null), EQUAL_READINGS - 1)).toMatchObject({ status: 'DIFFERENT', left: [] });
    expect(repeated(taken(null), EQUAL_READINGS)).toMatchObject({ status: 'NOT_VISIBLE', left: [], accepted: { memberships: { finance: {} } } });
  });

  it('is not a state that the target does not tell', () => {
    const hidden = { enabled: null } as const;
    expect(concluded({ observed: hidden, accepted: { state: 'enabled' } })).toMatchObject({ status: 'NOT_VISIBLE', left: [] });
    expect(concluded({ desired: { state: 'disabled' }, observed: hidden })).toMatchObject({ status: 'DIFFERENT', left: [{ kind: 'disable' }] });
    expect(concluded({ desired: { state: 'disabled' }, observed: hidden, accepted: { state: 'disabled' } })).toMatchObject({ status: 'NOT_VISIBLE' });
  });
});

describe('what Tenure gave', () => {
  it.each(MEMBERSHIP_EVIDENCE)('is taken explicitly, once, when the answer is %s', (evidence) => {
    const one: Case = { desired: { entitlements: [] }, observed: evidence === 'shown' ? {} : answered(evidence) };
    const untouched = concluded({ ...one, accepted: { memberships: { finance: given } } });
    expect(untouched.left).toEqual([{ kind: 'removeMember', entitlement: 'finance' }]);
    const taken = concluded({ ...one, accepted: { memberships: { finance: { ...given, takenAt: earlier } } } });
    // Only a membership that is still shown is removed again.
    expect(taken.left).toEqual(evidence === 'shown' ? [{ kind: 'removeMember', entitlement: 'finance' }] : []);
  });

  it.each(MEMBERSHIP_EVIDENCE)('is left to a person where the account is protected, until the target proves it to be gone: %s', (evidence) => {
    const one: Case = { desired: { entitlements: [] }, observed: evidence === 'shown' ? {} : answered(evidence), isProtected: true };
    const { left, accepted } = concluded({ ...one, accepted: { memberships: { finance: { ...given, shownAt: earlier } } } });
    const isGone = verdictOf(evidence, true) === 'ABSENT';
    expect(left).toEqual(isGone ? [] : [{ kind: 'removeMember', entitlement: 'finance' }]);
    expect(Object.keys(accepted.memberships)).toEqual(isGone ? [] : ['finance']);
  });

  it('is not given again where the target accepted it and never shows it', () => {
    const conclusion = concluded({ observed: answered('not-supported'), accepted: { memberships: { finance: given } } });
    expect(conclusion).toMatchObject({ status: 'NOT_VISIBLE', left: [] });
    expect(concluded({ observed: answered('not-supported') }).left).toEqual([{ kind: 'addMember', entitlement: 'finance' }]);
    expect(concluded({ observed: answered('others-shown'), accepted: { memberships: { finance: given } } }).left).toEqual([
      { kind: 'addMember', entitlement: 'finance' },
    ]);
  });

  it('is given again to whom the target shows in the group by a former name alone', () => {
    const conclusion = concluded({ observed: answered('former-name'), accepted: { memberships: { finance: given } } });
    expect(conclusion).toMatchObject({ status: 'DIFFERENT', left: [{ kind: 'addMember', entitlement: 'finance' }] });
  });

  it('is remembered from the decision on, before anybody gives it', () => {
    const noted = withDesired(NOTHING_ACCEPTED, desired);
    expect(noted.memberships).toEqual({ finance: { groupId: null, givenAt: null, shownAt: null, takenAt: null } });
    // The worker died after the target had accepted it and before the result was saved; the person moves.
    const moved = planAccount({ ...desired, entitlements: [] }, { ...seen, ...answered('nothing-shown') }, { managed, accepted: noted });
    expect(moved).toEqual([{ kind: 'removeMember', entitlement: 'finance' }]);
  });
});

describe('two names of one group', () => {
  const both: Partial<ObservedAccount> = {
    entitlements: ['Finance', 'finance'],
    memberships: ['Finance', 'finance'].map((entitlement) => ({ entitlement, groupId: 'g1', evidence: 'shown' })),
  };

  it('of which one is wanted: the other one is neither taken nor kept', () => {
    const accepted = { memberships: { Finance: { ...given, shownAt: earlier }, finance: { ...given, shownAt: earlier } } };
    const conclusion = concluded({ observed: both, accepted });
    expect(conclusion).toMatchObject({ status: 'CONFIRMED', left: [] });
    expect(Object.keys(conclusion.accepted.memberships)).toEqual(['finance']);
  });

  it('of which none is wanted: it is taken', () => {
    const accepted = { memberships: { Finance: given } };
    const { left } = concluded({ desired: { entitlements: [] }, observed: both, accepted });
    expect(left).toEqual(expect.arrayContaining([{ kind: 'removeMember', entitlement: 'Finance' }]));
  });
});

describe('a value that the target keeps otherwise', () => {
  const lowered: Case = { observed: { attributes: { title: 'clerk' } }, made: [{ kind: 'update', attributes: { title: 'Clerk' } }] };

  it('is written until as many equal readings have shown it, and then no more', () => {
    expect(repeated(lowered, EQUAL_READINGS - 1)).toMatchObject({ status: 'DIFFERENT', withoutEffect: [] });
    expect(repeated(lowered, EQUAL_READINGS).withoutEffect).toEqual([{ kind: 'update', attributes: { title: 'Clerk' } }]);
  });

  it('is written for a couple of minutes, however many equal readings come before: a target that is slow to show it keeps nothing otherwise', () => {
    const times = READINGS_SPREAD / 1_000;
    expect(repeated(lowered, times, 1_000)).toMatchObject({ status: 'DIFFERENT', withoutEffect: [] });
    expect(repeated(lowered, times + 1, 1_000).withoutEffect).toEqual([{ kind: 'update', attributes: { title: 'Clerk' } }]);
  });

  it('is read again at longer and longer intervals, and in time for the reading that stops the write', () => {
    const instants = [0, 1_000];
    let { observations } = concluded(lowered);
    for (let isStopped = false; !isStopped; ) {
      const at = new Date(Date.parse(now) + (instants.at(-1) ?? 0)).toISOString();
      const conclusion = concluded({ ...lowered, before: observations, at });
      observations = conclusion.observations;
      isStopped = conclusion.withoutEffect.length > 0;
      if (!isStopped) instants.push((instants.at(-1) ?? 0) + (untilNextReading(conclusion, at) ?? 0));
    }
    expect(instants).toEqual([0, 1_000, 5_000, 25_000, READINGS_SPREAD]);
  });

  it('is not counted where nobody has written it', () => {
    expect(repeated({ ...lowered, made: [] }, 10).withoutEffect).toEqual([]);
  });

  it('is counted anew when another value is desired or shown', () => {
    const before = repeated(lowered, EQUAL_READINGS).observations;
    expect(concluded({ ...lowered, before, desired: { attributes: { title: 'Boss' } } }).withoutEffect).toEqual([]);
    expect(concluded({ ...lowered, before, observed: { attributes: { title: 'CLERK' } } }).withoutEffect).toEqual([]);
  });

  it('is equal where the mapping compares without case', () => {
    expect(concluded({ ...lowered, rules: { title: { compare: 'caseless' } } })).toMatchObject({ status: 'CONFIRMED' });
  });

  it('is written once where it is write-only, and does not hold back the confirmation', () => {
    const rules = { title: { writeOnly: true } } as const;
    const hidden: Case = { observed: { attributes: {} }, rules };
    expect(concluded(hidden).left).toEqual([{ kind: 'update', attributes: { title: 'Clerk' } }]);
    const accepted = afterChange(NOTHING_ACCEPTED, { change: { kind: 'update', attributes: { title: 'Clerk' } }, groupId: null }, { rules, digest, now });
    expect(concluded({ ...hidden, accepted })).toMatchObject({ status: 'CONFIRMED', left: [] });
    expect(concluded({ ...hidden, accepted, desired: { attributes: { title: 'Boss' } } }).left).toHaveLength(1);
  });

  test.each<[string, Case]>([
    ['disabling', { desired: { state: 'disabled' }, made: [{ kind: 'disable' }] }],
    ['taking away', { desired: { entitlements: [] }, accepted: { memberships: { finance: given } }, made: [{ kind: 'removeMember', entitlement: 'finance' }] }],
    ['deleting', { desired: { state: 'absent', entitlements: [] }, made: [{ kind: 'delete' }] }],
  ])('%s never stops being tried', (_, one) => {
    const conclusion = repeated(one, 20);
    expect(conclusion.withoutEffect).toEqual([]);
    expect(conclusion.left.length).toBeGreaterThan(0);
  });
});

describe('an account that nobody has read yet', () => {
  const woundDown: DesiredAccount = { ...desired, state: 'disabled', entitlements: [], onlyExisting: true };
  const scope = { managed, accepted: { ...NOTHING_ACCEPTED, memberships: { finance: { ...given, givenAt: null } } } };

  it('has what is to be closed planned from the first second', () => {
    expect(planAccount(woundDown, undefined, scope)).toEqual([{ kind: 'disable' }, { kind: 'removeMember', entitlement: 'finance' }]);
    expect(planAccount({ ...woundDown, state: 'absent' }, undefined, scope).at(-1)).toEqual({ kind: 'delete' });
  });

  it('has nothing left once the target has said that there is none', () => {
    expect(planAccount(woundDown, null, scope)).toEqual([]);
  });
});

test('property: whatever a target shows of a membership that was given, it counts as gone only in a reading that could have shown it', () => {
  const one = fc.record({
    evidence: fc.constantFrom(...MEMBERSHIP_EVIDENCE),
    shownAt: fc.constantFrom(null, earlier),
    takenAt: fc.constantFrom(null, earlier),
    readings: fc.integer({ min: 1, max: 5 }),
    state: fc.constantFrom('enabled' as const, 'disabled' as const),
  });
  fc.assert(
    fc.property(one, ({ evidence, shownAt, takenAt, readings, state }) => {
      const accepted = { state, memberships: { finance: { ...given, shownAt, takenAt } } };
      const observed = { ...(evidence === 'shown' ? {} : answered(evidence)), enabled: state === 'enabled' };
      const { status, accepted: after } = repeated({ desired: { state, entitlements: [] }, observed, accepted }, readings);
      const isProved = takenAt !== null && verdictOf(evidence, shownAt !== null) === 'ABSENT';
      expect(status === 'CONFIRMED').toBe(isProved);
      expect(Object.hasOwn(after.memberships, 'finance')).toBe(!isProved);
    }),
    { numRuns: 500 },
  );
});
