import { expect, test } from '@jest/globals';
import type { LoginCheck, LoginRefusal } from '@tenure/domain';
import { hashToken } from '@tenure/store';
import type { BroughtAnswer, StoredAnswer } from './answer.ts';
import { BROWSER_CHECKS } from './index.ts';

const begun = { id: '_request', secret: 'secret' };
const brought = (more: Partial<BroughtAnswer>): BroughtAnswer => ({ named: '_request', begun, allowIdpInitiated: false, ...more });
const now = '2026-03-01T12:00:00.000Z';
const request = { provider: 'fabrikam', browserHash: hashToken('secret'), nonce: 'n', verifier: 'v', expiresAt: '2026-03-01T12:00:00.001Z' };
const stored = (more: Partial<typeof request> | null): StoredAnswer => ({
  provider: 'fabrikam',
  begun,
  stored: more === null ? null : { ...request, ...more },
  now,
});

interface Case {
  readonly yes: readonly unknown[];
  readonly no: readonly (readonly [known: unknown, reason: LoginRefusal])[];
}

const CASES: Readonly<Record<string, Case>> = {
  loginWasBegun: {
    yes: [brought({}), brought({ named: null, begun: null, allowIdpInitiated: true })],
    no: [[brought({ named: null, begun: null }), 'idp-initiated']],
  },
  browserHasBegunIt: {
    yes: [brought({}), brought({ named: null, begun: null })],
    no: [
      [brought({ begun: null }), 'request-of-another-browser'],
      [brought({ begun: null, allowIdpInitiated: true }), 'request-of-another-browser'],
    ],
  },
  requestIsStored: {
    yes: [stored({})],
    no: [
      [stored(null), 'request-unknown'],
      [stored({ provider: 'contoso' }), 'request-unknown'],
      [stored({ nonce: null as never }), 'request-unknown'],
      [stored({ verifier: null as never }), 'request-unknown'],
    ],
  },
  secretIsTheBrowsers: { yes: [stored({})], no: [[stored({ browserHash: hashToken('another') }), 'request-of-another-browser']] },
  requestIsInTime: { yes: [stored({})], no: [[stored({ expiresAt: now }), 'request-unknown']] },
};

const checks = Object.values(BROWSER_CHECKS).flatMap((list) => [...list] as LoginCheck<unknown>[]);

test.each(checks.map((check) => [check.name, check] as const))('%s', (name, check) => {
  const { yes, no } = CASES[name] ?? { yes: [], no: [] };
  expect(yes.map(check)).toEqual(yes.map(() => null));
  expect(no.map(([known]) => check(known)?.reason)).toEqual(no.map(([, reason]) => reason));
});

test('every check of the lists has a yes and a no here', () => {
  expect(checks.map(({ name }) => name).sort()).toEqual(Object.keys(CASES).sort());
  for (const { yes, no } of Object.values(CASES)) expect([yes.length > 0, no.length > 0]).toEqual([true, true]);
});
