import { expect, test } from '@jest/globals';
import { createLoginRate } from './login-rate.ts';

test('so many logins of one subject in a minute, and as many again in the next', () => {
  const rate = createLoginRate(2);
  const count = (subject: string, now: string, issuer = 'https://a.example'): string => {
    try {
      rate.count(issuer, subject, now);
      return 'counted';
    } catch (error) {
      return (error as { reason: string }).reason;
    }
  };
  const first = '2026-03-01T08:59:30.000Z';
  expect([count('s', first), count('s', first), count('s', first)]).toEqual(['counted', 'counted', 'too-many-logins']);
  expect([count('other', first), count('s', first, 'https://b.example')]).toEqual(['counted', 'counted']);
  expect([count('s', '2026-03-01T09:00:00.000Z'), count('s', '2026-03-01T09:00:59.999Z')]).toEqual(['counted', 'counted']);
});
