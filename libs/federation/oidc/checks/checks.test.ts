import { expect, test } from '@jest/globals';
import type { LoginCheck } from '@tenure/domain';
import type { OidcRefusal } from '../refusal.ts';
import type { OidcAnswer, VerifiedIdToken } from './answer.ts';
import { OIDC_CHECKS } from './index.ts';
import { sessionEndOf } from './session-end-is-a-time.ts';

const issuer = 'https://op.example';
const answer = (query: string): OidcAnswer => ({ query: new URLSearchParams(query), issuer, state: 's' });
const named = (query: string, namesItself: boolean) => ({ query: new URLSearchParams(query), namesItself });
const now = 1_800_000_000;
const token = (claims: Partial<VerifiedIdToken['claims']>): VerifiedIdToken => ({
  claims: { exp: now + 300, iat: now - 1, sub: '248', ...claims },
  clientId: 'tenure',
  now,
});

interface Case {
  readonly yes: readonly unknown[];
  readonly no: readonly (readonly [known: unknown, reason: OidcRefusal])[];
}

const CASES: Readonly<Record<string, Case>> = {
  stateIsOurs: {
    yes: [answer('state=s&code=c')],
    no: [
      [answer('code=c'), 'state-mismatch'],
      [answer('state=t'), 'state-mismatch'],
      [answer('state=s&state=s'), 'state-mismatch'],
    ],
  },
  issuerIsProvider: {
    yes: [answer('state=s'), answer(`iss=${issuer}`)],
    no: [
      [answer('iss=https://evil.example'), 'issuer-mismatch'],
      [answer(`iss=${issuer}&iss=https://evil.example`), 'issuer-mismatch'],
    ],
  },
  issuerIsNamed: { yes: [named('', false), named(`iss=${issuer}`, true)], no: [[named('', true), 'issuer-mismatch']] },
  tokenIsInTime: {
    yes: [token({}), token({ exp: now - 29, iat: now + 30 })],
    no: [
      [token({ exp: now - 30 }), 'token-expired'],
      [token({ iat: now + 31 }), 'token-expired'],
    ],
  },
  tokenIsForUs: { yes: [token({}), token({ azp: 'tenure' })], no: [[token({ azp: 'other' }), 'audience-mismatch']] },
  subjectHasALength: {
    yes: [token({ sub: 'x'.repeat(255) })],
    no: [
      [token({ sub: '' }), 'token-invalid'],
      [token({ sub: 'x'.repeat(256) }), 'token-invalid'],
    ],
  },
  sessionEndIsATime: {
    yes: [token({}), token({ session_expiry: now + 60 })],
    no: [
      [token({ session_expiry: '1800000000' }), 'token-invalid'],
      [token({ session_expiry: 0 }), 'token-invalid'],
      [token({ session_expiry: 1e15 }), 'token-invalid'],
    ],
  },
};

const checks = Object.values(OIDC_CHECKS).flatMap((list) => [...list] as LoginCheck<unknown>[]);

test.each(checks.map((check) => [check.name, check] as const))('%s', (name, check) => {
  const { yes, no } = CASES[name] ?? { yes: [], no: [] };
  expect(yes.map(check)).toEqual(yes.map(() => null));
  expect(no.map(([known]) => check(known)?.reason)).toEqual(no.map(([, reason]) => reason));
});

test('every check of the lists has a yes and a no here', () => {
  expect(checks.map(({ name }) => name).sort()).toEqual(Object.keys(CASES).sort());
  for (const { yes, no } of Object.values(CASES)) expect([yes.length > 0, no.length > 0]).toEqual([true, true]);
});

test('the end of the session of a provider is an instant', () => {
  expect([sessionEndOf(token({ session_expiry: 1_800_000_000.7 }).claims), sessionEndOf(token({}).claims)]).toEqual(['2027-01-15T08:00:00.700Z', null]);
});
