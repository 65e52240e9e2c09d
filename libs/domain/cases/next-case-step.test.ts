import { describe, expect, it } from '@jest/globals';
import { type CaseProgress, nextCaseStep } from './next-case-step.ts';
import { caseTerms } from './case-terms.ts';

const now = '2026-03-01T12:00:00.000Z';
const fresh: CaseProgress = { openedAt: now, deadline: null, level: 0, isKnown: false, ownerIsThere: null };
const terms = caseTerms({}, { kind: 'operation-failed', evidence: {} });
const step = (change: Partial<CaseProgress>, at = now) => nextCaseStep({ ...fresh, ...change }, terms, at, 'UTC');

describe('what becomes of a case that nobody answers', () => {
  const due = '2026-03-03T12:00:00.000Z';
  it.each([
    ['a new one looks for its owner and gets a deadline', step({}), { assign: 'owner', deadline: due, level: 0, until: due }],
    ['one that has an owner from the beginning keeps them', step({ ownerIsThere: true }), { assign: null, deadline: due, level: 0, until: due }],
    ['one that was given to any operator by hand stays there', step({ isKnown: true }), { assign: null, deadline: due, level: 0, until: due }],
    [
      'its own deadline counts',
      step({ deadline: '2026-03-02T00:00:00.000Z' }),
      { assign: 'owner', deadline: '2026-03-02T00:00:00.000Z', level: 0, until: '2026-03-02T00:00:00.000Z' },
    ],
    ['an owner who is gone is replaced', step({ isKnown: true, ownerIsThere: false }), { assign: 'owner', deadline: due, level: 0, until: due }],
    [
      'at its deadline it goes to the next in line',
      step({ isKnown: true, ownerIsThere: true, deadline: due }, due),
      { assign: 'escalateTo', deadline: '2026-03-05T12:00:00.000Z', level: 1, until: null },
    ],
    [
      'and no further',
      step({ isKnown: true, level: 1, deadline: due, ownerIsThere: true }, '2026-04-01T00:00:00.000Z'),
      { assign: null, deadline: due, level: 1, until: null },
    ],
    [
      'whom it was escalated to is replaced by the same rule',
      step({ isKnown: true, level: 1, deadline: due, ownerIsThere: false }),
      { assign: 'escalateTo', deadline: due, level: 1, until: null },
    ],
  ])('%s', (_title, found, expected) => expect(found).toEqual(expected));

  const [later, security] = ['2026-03-05T12:00:00.000Z', [{ kind: 'holders' as const, name: 'security' }]];
  const review = (change: Partial<CaseProgress>, at = now, more = {}) =>
    nextCaseStep({ ...fresh, isKnown: true, ownerIsThere: true, deadline: due, ...change }, { ...terms, goesOn: true, ...more }, at, 'UTC');
  it.each([
    ['goes to the next in line at its deadline', review({}, due), { assign: 'next', deadline: later, level: 1, until: later }],
    ['or first to whom policy says', review({}, due, { escalateTo: security }), { assign: 'escalateTo', deadline: later, level: 1, until: later }],
    ['goes on from there', review({ level: 1 }, due, { escalateTo: security }), { assign: 'next', deadline: later, level: 2, until: later }],
    [
      'and on, also when nobody is left but the operators',
      review({ level: 7, ownerIsThere: null }, due),
      { assign: 'next', deadline: later, level: 8, until: later },
    ],
    ['waits until then', review({ level: 2 }), { assign: null, deadline: due, level: 2, until: due }],
    ['goes on at once from somebody who is gone', review({ level: 2, ownerIsThere: false }), { assign: 'next', deadline: due, level: 2, until: due }],
    ['finds its owner anew while it was never escalated', review({ ownerIsThere: false }), { assign: 'owner', deadline: due, level: 0, until: due }],
  ])('what has to be answered %s', (_title, found, expected) => expect(found).toEqual(expected));
});

describe('what a kind of case goes by', () => {
  const office = { timeZone: 'UTC', days: ['monday' as const], from: '09:00', to: '17:00', holidays: [] };
  const onCall = {
    name: 'on-call',
    when: 'true',
    roles: [],
    entitlements: [],
    longest: 'PT4H',
    reviewers: [{ kind: 'manager' as const }, { kind: 'owner' as const }],
    reviewWithin: 'PT8H',
    calendar: 'office',
    tell: [],
  };
  const cases = [
    { name: 'ends', kinds: ['end-not-confirmed' as const], deadline: 'PT1H', escalateTo: { kind: 'holders' as const, name: 'security' } },
    { name: 'all', owner: { kind: 'manager' as const } },
  ];
  it.each([
    [
      'the first rule that names it',
      caseTerms({ cases }, { kind: 'end-not-confirmed', evidence: {} }),
      { owner: [], deadline: 'PT1H', escalateTo: [{ kind: 'holders', name: 'security' }] },
    ],
    ['a rule without kinds', caseTerms({ cases }, { kind: 'transfer', evidence: {} }), { owner: [{ kind: 'manager' }], deadline: 'P14D', escalateTo: [] }],
    [
      'of a review the rule by which emergency access was taken',
      caseTerms({ breakGlass: [onCall], calendars: { office } }, { kind: 'break-glass-review', evidence: { rule: 'on-call' } }),
      { owner: [{ kind: 'manager' }, { kind: 'owner' }], deadline: 'PT8H', calendar: office, escalateTo: [], goesOn: true },
    ],
    [
      'and where that is gone what is usual',
      caseTerms({}, { kind: 'break-glass-review', evidence: { rule: 'on-call' } }),
      { owner: [], deadline: 'P2D', escalateTo: [], goesOn: true },
    ],
    [
      'unless the policy says for cases',
      caseTerms(
        { cases: [{ name: 'reviews', deadline: 'P1M' }], breakGlass: [onCall], calendars: { office } },
        { kind: 'break-glass-review', evidence: { rule: 'on-call' } },
      ),
      { owner: [{ kind: 'manager' }, { kind: 'owner' }], deadline: 'P1M', escalateTo: [], goesOn: true },
    ],
    ['what is usual', caseTerms({}, { kind: 'separation-violation', evidence: {} }), { owner: [{ kind: 'owner' }], deadline: 'P5D', escalateTo: [] }],
  ])('%s', (_title, found, expected) => expect(found).toEqual(expected));
});
