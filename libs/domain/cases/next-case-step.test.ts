import { describe, expect, it } from '@jest/globals';
import { caseTerms } from './case-rule.ts';
import { type CaseProgress, nextCaseStep } from './next-case-step.ts';

const now = '2026-03-01T12:00:00.000Z';
const fresh: CaseProgress = { openedAt: now, deadline: null, level: 0, isKnown: false, ownerIsThere: null };
const terms = caseTerms({}, 'operation-failed');
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
});

describe('what a kind of case goes by', () => {
  const cases = [
    { name: 'ends', kinds: ['end-not-confirmed' as const], deadline: 'PT1H', escalateTo: { kind: 'holders' as const, name: 'security' } },
    { name: 'all', owner: { kind: 'manager' as const } },
  ];
  it.each([
    [
      'the first rule that names it',
      caseTerms({ cases }, 'end-not-confirmed'),
      { owner: null, deadline: 'PT1H', escalateTo: { kind: 'holders', name: 'security' } },
    ],
    ['a rule without kinds', caseTerms({ cases }, 'transfer'), { owner: { kind: 'manager' }, deadline: 'P14D', escalateTo: null }],
    ['what is usual', caseTerms({}, 'separation-violation'), { owner: { kind: 'owner' }, deadline: 'P5D', escalateTo: null }],
  ])('%s', (_title, found, expected) => expect(found).toEqual(expected));
});
