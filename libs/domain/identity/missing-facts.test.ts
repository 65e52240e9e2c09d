import { describe, expect, test } from '@jest/globals';
import { compilePolicy } from '../policy/compile-policy.ts';
import { deriveLifecycle } from '../lifecycle/derive-lifecycle.ts';
import type { AttributeValue } from './facts.ts';
import { missingFacts } from './missing-facts.ts';
import { DOCUMENT, person } from '../testing/people.ts';

const now = '2026-03-01T12:00:00.000Z';
const missing = (facts: Readonly<Record<string, AttributeValue>>, hold?: boolean, ended?: string) => {
  const rule = {
    name: 'all',
    start: {},
    end: { grace: 'P7D', then: 'keep' as const },
    requires: ['jobRole', 'endDate'],
    ...(hold === undefined ? {} : { hold }),
  };
  const policy = compilePolicy({ ...DOCUMENT, lifecycle: [rule] }, 1);
  const identity = person(facts, { ended: ended === undefined ? null : { at: ended, recordId: 'r-end' } });
  return missingFacts({ identity, lifecycle: deriveLifecycle({ identity, policy, now }), policy, now });
};

test.each([
  ['nothing is missing', { jobRole: 'clerk', endDate: '2026-06-30' }, null],
  ['the end', { jobRole: 'clerk' }, ['endDate']],
  ['all of it, in the order of the rule', {}, ['jobRole', 'endDate']],
  ['a fact of another type says nothing', { jobRole: 7, endDate: '2026-06-30' }, ['jobRole']],
  ['nothing is asked of who has left', { endDate: '2026-01-31' }, null],
])('%s', (_, facts, expected) => expect(missing(facts)?.names ?? null).toEqual(expected));

describe('a sponsor', () => {
  const rule = { name: 'all', start: {}, end: { grace: 'P7D', then: 'keep' as const }, requires: ['displayName'] };
  const relations = { sponsor: { attribute: 'displayName', by: 'employeeNumber' as const } };
  const policy = compilePolicy({ ...DOCUMENT, lifecycle: [rule], relations }, 1);
  const names = (value: string, sponsorLives?: boolean) => {
    const identity = person({ displayName: value });
    return missingFacts({ identity, lifecycle: deriveLifecycle({ identity, policy, now }), policy, sponsorLives, now })?.names ?? [];
  };
  test.each(['  ', '\u00a0', '\u200b', '\u3164'])('%j names nobody', (value) => expect(names(value, true)).toEqual(['displayName']));
  test('who does not live is none', () => expect([names('7', false), names('7', true), names('7')]).toEqual([['displayName'], [], []]));
});

test('a reported end is an end', () => expect(missing({ jobRole: 'clerk' }, undefined, '2026-04-01T00:00:00.000Z')).toBeNull());
test('everything is held back, unless the rule says otherwise', () => {
  expect(missing({})?.isHeld).toBe(true);
  expect(missing({}, false)?.isHeld).toBe(false);
});
