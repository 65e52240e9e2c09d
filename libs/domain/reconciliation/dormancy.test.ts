import { expect, test } from '@jest/globals';
import { type AccountUse, dormancyOf } from './dormancy.ts';

const now = '2026-06-01T00:00:00.000Z';
const day = 86_400_000;
const ago = (days: number): string => new Date(Date.parse(now) - days * day).toISOString();
const use = (more: Partial<AccountUse>): AccountUse => ({ lastUsedAt: null, createdAt: null, isReported: true, ...more });

test.each<[string, AccountUse, ReturnType<typeof dormancyOf>]>([
  ['was used lately', use({ lastUsedAt: ago(90) }), null],
  ['was used long ago', use({ lastUsedAt: ago(91) }), { unusedDays: 91 }],
  ['was used lately, though it is old', use({ lastUsedAt: ago(1), createdAt: ago(900) }), null],
  ['was never used since it was created', use({ createdAt: ago(120) }), { unusedDays: 120, neverUsed: true }],
  ['was created lately', use({ createdAt: ago(3) }), null],
  ['was never used, by somebody who created it past Tenure', use({}), null],
  ['is of a target that reports the use of nobody', use({ createdAt: ago(120), isReported: false }), null],
])('an account that %s', (_title, used, expected) => expect(dormancyOf(used, 90 * day, now)).toEqual(expected));
