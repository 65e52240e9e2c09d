import { expect, test } from '@jest/globals';
import { compilePolicy } from '../policy/compile-policy.ts';
import { deriveLifecycle } from './derive-lifecycle.ts';
import { lookAgainAt, readUnseenAt } from './look-again.ts';
import { DOCUMENT, person } from '../testing/people.ts';

const [contractors, others] = DOCUMENT.lifecycle;
const end = '2026-03-01T12:00:00.000Z';
const looks = (lookAgain: string | undefined, confirmedAt: string | null, observedAt: string | null, now = end) => {
  if (contractors === undefined || others === undefined) throw new Error('the rules are gone');
  const rule = { ...others, end: { ...others.end, ...(lookAgain === undefined ? {} : { lookAgain }) } };
  const policy = compilePolicy({ ...DOCUMENT, lifecycle: [contractors, rule] }, 1);
  const lifecycle = deriveLifecycle({ identity: person({}, { ended: { at: end, recordId: 'r' } }), policy, now });
  return lookAgainAt({ lifecycle, policy, timeZone: 'Europe/Berlin', confirmedAt, observedAt });
};

test.each([
  ['four hours after the confirmation, unless the rule says else', undefined, end, end, '2026-03-01T16:00:00.000Z'],
  ['as the rule says', 'P1D', end, end, '2026-03-02T12:00:00.000Z'],
  ['still, while the last reading was before it', 'PT4H', end, '2026-03-01T15:59:59.999Z', '2026-03-01T16:00:00.000Z'],
  ['not once it was read that late', 'PT4H', end, '2026-03-01T16:00:00.000Z', null],
  ['not before anything is confirmed', 'PT4H', null, end, null],
  ['not where the rule wants none', 'PT0S', end, end, null],
])('%s', (_, lookAgain, confirmedAt, observedAt, expected) => expect(looks(lookAgain, confirmedAt, observedAt)).toBe(expected));

test('nobody who stays is looked after', () => expect(looks(undefined, end, end, '2026-02-01T12:00:00.000Z')).toBeNull());

test('what a target could not show is read again after an hour, then after as long again, at most 30 days', () => {
  const hours: number[] = [];
  let observedAt = end;
  for (let count = 0; count < 13; count += 1) {
    observedAt = readUnseenAt(end, observedAt) ?? '';
    hours.push((Date.parse(observedAt) - Date.parse(end)) / 3_600_000);
  }
  expect(hours).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1744, 2464]);
  expect(readUnseenAt(null, end)).toBeNull();
});
