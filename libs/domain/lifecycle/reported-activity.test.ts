import { describe, expect, test } from '@jest/globals';
import type { AttributeValue } from '../identity/facts.ts';
import type { Inactivity } from './inactivity.ts';
import { readForActivityAt, reportedActivity } from './reported-activity.ts';

const now = '2026-06-01T12:00:00.000Z';
const account = (value: AttributeValue) => ({
  nativeId: 'n',
  userName: 'ada',
  externalId: null,
  enabled: true,
  attributes: { last: value },
  entitlements: [],
  memberships: [],
});

describe('what a target says of the last activity', () => {
  test.each<[string, AttributeValue, string | null]>([
    ['RFC 3339', '2026-05-01T10:00:00+02:00', '2026-05-01T08:00:00.000Z'],
    ['as PostgreSQL writes it', '2026-05-01 10:00:00.123456+00', '2026-05-01T10:00:00.123Z'],
    ['GeneralizedTime of LDAP', '20260501100000Z', '2026-05-01T10:00:00.000Z'],
    ['with a fraction and a zone', '20260501100000.5+0200', '2026-05-01T08:00:00.000Z'],
    ['file time of Windows', '134220960000000000', '2026-05-01T08:00:00.000Z'],
    ['the last of several', ['20260401100000Z', '20260501100000Z'], '2026-05-01T10:00:00.000Z'],
    ['never, in Windows', '9223372036854775807', null],
    ['never, too', '0', null],
    ['without a zone nobody knows when', '2026-05-01T10:00:00', null],
    ['a day that there is not', '20261341100000Z', null],
    ['something else', 'yesterday', null],
    ['no text', 1777629600, null],
    ['the future is worth no more than the reading', '2099-01-01T00:00:00Z', now],
  ])('%s', (_, value, expected) => expect(reportedActivity(account(value), 'last', now)).toBe(expected));

  test('nothing where there is no account, no attribute, or no reading', () => {
    expect(reportedActivity(null, 'last', now)).toBeNull();
    expect(reportedActivity(account('20260501100000Z'), 'other', now)).toBeNull();
    expect(reportedActivity(account('20260501100000Z'), 'last', null)).toBeNull();
  });
});

describe('it is read', () => {
  const watched: Inactivity = {
    idleSince: '2026-03-01T00:00:00.000Z',
    since: '2026-03-01T00:00:00.000Z',
    warnAt: '2026-04-30T00:00:00.000Z',
    disableAt: '2026-05-30T00:00:00.000Z',
    removeAt: null,
    standing: 'watched',
    reactivate: 'ask',
  };
  test.each<[string, Partial<Inactivity>, string | null, string | null]>([
    ['a day before the warning', {}, '2026-03-01T00:00:00.000Z', '2026-04-29T00:00:00.000Z'],
    ['a day before disabling, once it was', { standing: 'warned' }, '2026-04-29T00:00:01.000Z', '2026-05-29T00:00:00.000Z'],
    ['and then no more', { standing: 'warned' }, '2026-05-29T00:00:01.000Z', null],
    ['before disabling alone where nobody is warned', { warnAt: null }, null, '2026-05-29T00:00:00.000Z'],
    ['never of who is disabled', { standing: 'disabled' }, '2026-03-01T00:00:00.000Z', null],
  ])('%s', (_, more, observedAt, expected) => expect(readForActivityAt({ ...watched, ...more }, observedAt, 'UTC')).toBe(expected));

  test('never where nobody is watched', () => expect(readForActivityAt(undefined, null, 'UTC')).toBeNull());
});
