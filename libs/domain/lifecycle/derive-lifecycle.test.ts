import { describe, expect, test } from '@jest/globals';
import { compilePolicy } from '../policy/compile-policy.ts';
import { deriveLifecycle } from './derive-lifecycle.ts';
import type { Identity } from '../identity/facts.ts';
import { DOCUMENT, person } from '../testing/people.ts';

const policy = compilePolicy(DOCUMENT, 7);
const derive = (identity: Identity, now: string, document = policy) => deriveLifecycle({ identity, policy: document, now });
const contractor = { userType: 'contractor' as const };
const brief = (identity: Identity, now: string) => {
  const { state, accounts, next, rule } = derive(identity, now);
  return [state, accounts, next && `${next.state} ${next.at}`, rule];
};
const reported = (at: string) => ({ ended: { at, recordId: 'r-end' } });

describe('lifecycle', () => {
  test.each([
    ['no dates: active for good', person(), '2026-03-01T00:00:00.000Z', ['active', 'enabled', null, 'others']],
    ['an end date ahead', person({ endDate: '2026-03-31' }), '2026-03-01T00:00:00.000Z', ['active', 'enabled', 'leaving 2026-03-31T22:00:00.000Z', 'others']],
    [
      'the last millisecond of the last day counts',
      person({ endDate: '2026-03-31' }),
      '2026-03-31T21:59:59.999Z',
      ['active', 'enabled', 'leaving 2026-03-31T22:00:00.000Z', 'others'],
    ],
    ['then the grace runs', person({ endDate: '2026-03-31' }), '2026-03-31T22:00:00.000Z', ['leaving', 'disabled', 'left 2026-04-30T22:00:00.000Z', 'others']],
    ['and ends: others are kept, disabled', person({ endDate: '2026-03-31' }), '2026-04-30T22:00:00.000Z', ['left', 'keep-disabled', null, 'others']],
    ['contractors are deleted', person({ endDate: '2026-03-31' }, contractor), '2026-04-07T22:00:00.000Z', ['left', 'absent', null, 'contractors']],
    [
      'a reported end',
      person({}, reported('2026-02-28T12:00:00.000Z')),
      '2026-03-01T00:00:00.000Z',
      ['leaving', 'disabled', 'left 2026-03-30T11:00:00.000Z', 'others'],
    ],
    [
      'a reported end ahead',
      person({}, reported('2026-03-10T12:00:00.000Z')),
      '2026-03-01T00:00:00.000Z',
      ['active', 'enabled', 'leaving 2026-03-10T12:00:00.000Z', 'others'],
    ],
    [
      'the earliest end counts: reported',
      person({ endDate: '2026-03-31' }, reported('2026-03-10T12:00:00.000Z')),
      '2026-03-11T00:00:00.000Z',
      ['leaving', 'disabled', 'left 2026-04-09T11:00:00.000Z', 'others'],
    ],
    [
      'the earliest end counts: dated',
      person({ endDate: '2026-03-09' }, reported('2026-03-10T12:00:00.000Z')),
      '2026-03-09T23:00:00.000Z',
      ['leaving', 'disabled', 'left 2026-04-08T22:00:00.000Z', 'others'],
    ],
    [
      'a start far ahead',
      person({ startDate: '2026-06-01' }),
      '2026-03-01T00:00:00.000Z',
      ['pre-hire', 'absent', 'pre-hire 2026-05-17T22:00:00.000Z', 'others'],
    ],
    [
      'accounts before the start',
      person({ startDate: '2026-06-01' }),
      '2026-05-17T22:00:00.000Z',
      ['pre-hire', 'disabled', 'active 2026-05-31T22:00:00.000Z', 'others'],
    ],
    [
      'without createBefore only from the start on',
      person({ startDate: '2026-06-01' }, contractor),
      '2026-05-31T21:00:00.000Z',
      ['pre-hire', 'absent', 'active 2026-05-31T22:00:00.000Z', 'contractors'],
    ],
    ['the start', person({ startDate: '2026-06-01' }), '2026-05-31T22:00:00.000Z', ['active', 'enabled', null, 'others']],
    [
      'a hire called off ahead of its start',
      person({ startDate: '2026-06-01' }, reported('2026-05-01T00:00:00.000Z')),
      '2026-04-01T00:00:00.000Z',
      ['left', 'absent-unless-used', null, 'others'],
    ],
    [
      'a hire called off',
      person({ startDate: '2026-06-01' }, reported('2026-03-01T00:00:00.000Z')),
      '2026-04-01T00:00:00.000Z',
      ['left', 'absent-unless-used', null, 'others'],
    ],
  ])('%s', (_, identity, now, expected) => expect(brief(identity, now)).toEqual(expected));

  test('says why, since when and by which record, and nothing personal', () => {
    expect(derive(person({ endDate: '2026-03-31' }), '2026-04-01T00:00:00.000Z')).toMatchObject({
      why: 'end date reached',
      since: '2026-03-31T22:00:00.000Z',
      recordIds: ['r-hr'],
    });
    expect(derive(person({}, reported('2026-02-28T12:00:00.000Z')), '2026-03-01T00:00:00.000Z')).toMatchObject({
      why: 'ended',
      recordIds: ['r-end'],
    });
  });

  test('without a rule an end disables at once and deletes nothing', () => {
    const bare = compilePolicy({ ...DOCUMENT, lifecycle: [] }, 1);
    expect(derive(person({ endDate: '2026-03-31' }), '2026-03-01T00:00:00.000Z', bare).next).toEqual({ at: '2026-03-31T22:00:00.000Z', state: 'left' });
    expect(derive(person({ endDate: '2026-03-31' }), '2026-04-01T00:00:00.000Z', bare)).toMatchObject({ state: 'left', accounts: 'keep-disabled', rule: null });
  });
});

describe('a leave of absence', () => {
  const leave = { leaveStart: '2026-03-10', leaveEnd: '2026-03-20' };
  test.each([
    ['lies ahead', person(leave), '2026-03-01T00:00:00.000Z', ['active', 'enabled', 'suspended 2026-03-09T23:00:00.000Z', 'others']],
    ['disables', person(leave), '2026-03-09T23:00:00.000Z', ['suspended', 'disabled', 'active 2026-03-20T23:00:00.000Z', 'others']],
    ['is over', person(leave), '2026-03-20T23:00:00.000Z', ['active', 'enabled', null, 'others']],
    ['may be open', person({ leaveStart: '2026-03-10' }), '2026-04-10T00:00:00.000Z', ['suspended', 'disabled', null, 'others']],
    [
      'does not outlast the end',
      person({ ...leave, endDate: '2026-03-15' }),
      '2026-03-12T00:00:00.000Z',
      ['suspended', 'disabled', 'leaving 2026-03-15T23:00:00.000Z', 'others'],
    ],
    [
      'that ends before it begins is none',
      person({ leaveStart: '2026-03-10', leaveEnd: '2026-03-08' }),
      '2026-03-10T12:00:00.000Z',
      ['active', 'enabled', null, 'others'],
    ],
  ])('%s', (_, identity, now, expected) => expect(brief(identity, now)).toEqual(expected));
});

describe('several relationships', () => {
  const bound = (day: string) => ({ at: `${day}T00:00:00.000Z`, recordId: `r-${day}`, by: 'date' as const });
  const with_ = (...times: [string | null, string | null][]) =>
    person({}, { relationships: times.map(([start, end]) => ({ start: start === null ? null : bound(start), end: end === null ? null : bound(end) })) });
  test.each([
    [
      'that follow one another are one: nothing is disabled in between',
      with_(['2025-01-01', '2026-04-01'], ['2026-04-01', null]),
      '2026-04-01T00:00:00.000Z',
      ['active', 'enabled', null, 'others'],
    ],
    [
      'that overlap end with the last',
      with_(['2025-01-01', '2026-06-01'], ['2026-04-01', '2026-05-01']),
      '2026-04-20T00:00:00.000Z',
      ['active', 'enabled', 'leaving 2026-06-01T00:00:00.000Z', 'others'],
    ],
    [
      'with a gap shorter than the grace: disabled, then back',
      with_(['2025-01-01', '2026-04-01'], ['2026-04-08', null]),
      '2026-04-02T00:00:00.000Z',
      ['leaving', 'disabled', 'active 2026-04-08T00:00:00.000Z', 'others'],
    ],
    [
      'with a longer gap: a new hire once the grace is over',
      with_(['2025-01-01', '2026-04-01'], ['2026-08-01', null]),
      '2026-06-01T00:00:00.000Z',
      ['pre-hire', 'absent', 'pre-hire 2026-07-18T00:00:00.000Z', 'others'],
    ],
    [
      'of which one was called off: the other counts',
      with_(['2026-06-01', '2026-03-01'], ['2026-04-01', null]),
      '2026-04-02T00:00:00.000Z',
      ['active', 'enabled', null, 'others'],
    ],
  ])('%s', (_, identity, now, expected) => expect(brief(identity, now)).toEqual(expected));
});
