import { describe, expect, test } from '@jest/globals';
import { normaliseOidcClaims } from './claims.ts';

describe('OpenID Connect Core 1.0 section 5.1: claims', () => {
  test('keeps what is said of the person and drops what is said of the token', () => {
    const claims = normaliseOidcClaims(
      { iss: 'https://op.example', aud: 'tenure', exp: 1, nonce: 'n', sub: '248', email_verified: true },
      { sub: '248', email: 'a@b.example' },
    );
    expect(claims).toEqual({ sub: '248', email_verified: true, email: 'a@b.example' });
  });

  test('believes the signed ID token before userinfo', () => {
    expect(normaliseOidcClaims({ email: 'signed@b.example' }, { email: 'other@b.example' })).toEqual({ email: 'signed@b.example' });
  });

  test('does not take one address for verified because userinfo says so of another', () => {
    const verified = { email: 'verified@b.example', email_verified: true };
    expect(normaliseOidcClaims({ email: 'claimed@b.example' }, verified)).toEqual({ email: 'claimed@b.example' });
    expect(normaliseOidcClaims({ email: 'claimed@b.example', email_verified: false }, verified)).toEqual({ email: 'claimed@b.example', email_verified: false });
    expect(normaliseOidcClaims({ email: 'verified@b.example' }, verified)).toEqual(verified);
    expect(normaliseOidcClaims({}, verified)).toEqual(verified);
  });

  test('turns null into an empty list and leaves an absent claim absent', () => {
    expect(normaliseOidcClaims({ groups: null, realm_access: { roles: ['a', null] } }, null)).toEqual({ groups: [], realm_access: { roles: ['a'] } });
  });

  test('takes a claim called __proto__ as a claim and nothing else', () => {
    const claims = normaliseOidcClaims(JSON.parse('{"__proto__":{"admin":true}}'), null);
    expect(Object.keys(claims)).toEqual(['__proto__']);
    expect((claims as { admin?: boolean }).admin).toBeUndefined();
  });

  test('refuses claims of unreasonable size', () => {
    expect(() => normaliseOidcClaims({ note: 'x'.repeat(70_000) }, null)).toThrow(expect.objectContaining({ reason: 'too-large' }));
  });
});
