import { createHmac, type JsonWebKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { type ExpectedLogoutToken, readLogoutToken } from '@tenure/federation';

const NOW = '2026-06-01T12:00:00.000Z';
const seconds = Date.parse(NOW) / 1000;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const key = await generateKeyPair('RS256', { extractable: true });
const other = await generateKeyPair('RS256', { extractable: true });
const jwk = { ...(await exportJWK(key.publicKey)), kid: 'k-1', use: 'sig', alg: 'RS256' } as JsonWebKey;
const expected: ExpectedLogoutToken = { issuer: 'https://op.example', clientId: 'tenure', keys: [jwk], now: NOW };
const good: JWTPayload = {
  iss: 'https://op.example',
  aud: 'tenure',
  iat: seconds,
  exp: seconds + 120,
  jti: 'j-1',
  sub: 's',
  sid: 'sid-1',
  events: { [EVENT]: {} },
};

/** Signed by jose, which Tenure does not use itself: a second opinion of what a logout token looks like. */
const signed = (claims: JWTPayload, header: object = { typ: 'logout+jwt' }, by = key): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k-1', ...header }).sign(by.privateKey);
const without = (name: string): JWTPayload => Object.fromEntries(Object.entries(good).filter(([one]) => one !== name));
const refused = (reason: string) => expect.objectContaining({ code: 'LOGIN_REFUSED', reason });
const raw = (header: object, claims: JWTPayload): string => [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

describe('OpenID Connect Back-Channel Logout 1.0 section 2.6: validation of a logout token', () => {
  test('takes a good one, also for several audiences, of a subject or a session alone, and without an explicit type', async () => {
    expect(readLogoutToken(await signed(good), expected)).toEqual({ id: 'j-1', subject: 's', sessionId: 'sid-1', staleAt: '2026-06-01T12:02:30.000Z' });
    expect(readLogoutToken(await signed({ ...without('sid'), aud: ['other', 'tenure'] }, {}), expected)).toMatchObject({ subject: 's', sessionId: null });
    expect(readLogoutToken(await signed(without('sub'), { typ: 'JWT' }), expected)).toMatchObject({ subject: null, sessionId: 'sid-1' });
  });

  test.each([
    ['PS256', 'RSA-PSS'],
    ['ES256', 'an elliptic curve'],
    ['EdDSA', 'Ed25519'],
  ])('takes %s, by %s', async (alg) => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const token = await new SignJWT(good).setProtectedHeader({ alg }).sign(privateKey);
    expect(readLogoutToken(token, { ...expected, keys: [jwk, { ...(await exportJWK(publicKey)), kid: 'k-2' } as JsonWebKey] }).id).toBe('j-1');
  });

  const hmac = async (): Promise<string> => {
    const text = raw({ alg: 'HS256', kid: 'k-1' }, good);
    return `${text}.${createHmac('sha256', await exportSPKI(key.publicKey))
      .update(text)
      .digest('base64url')}`;
  };
  test.each<readonly [string, () => Promise<string>, string]>([
    ['alg none', async () => `${raw({ alg: 'none' }, good)}.`, 'malformed'],
    ['alg none with a signature', async () => `${raw({ alg: 'none' }, good)}.AAAA`, 'token-invalid'],
    ['HMAC with the public key as its secret', hmac, 'token-invalid'],
    ['a signature by another key', () => signed(good, {}, other), 'token-invalid'],
    ['an unknown key id', () => signed(good, { kid: 'k-9' }), 'token-invalid'],
    [
      'a changed token',
      async () => (await signed(good)).replace(/\.[\w-]+\./, `.${Buffer.from(JSON.stringify({ ...good, sub: 'eve' })).toString('base64url')}.`),
      'token-invalid',
    ],
    ['a critical header', () => signed(good, { crit: ['x'], x: 1 }).catch(async () => `${raw({ alg: 'RS256', crit: ['x'] }, good)}.AAAA`), 'token-invalid'],
    ['another issuer', () => signed({ ...good, iss: 'https://evil.example' }), 'issuer-mismatch'],
    ['another audience', () => signed({ ...good, aud: 'somebody' }), 'audience-mismatch'],
    ['an audience that only contains our name', () => signed({ ...good, aud: 'not-tenure' }), 'audience-mismatch'],
    ['an old one', () => signed({ ...good, iat: seconds - 601, exp: seconds + 86_400 }), 'token-expired'],
    ['one of the future', () => signed({ ...good, iat: seconds + 31 }), 'token-expired'],
    ['an expired one', () => signed({ ...good, iat: seconds - 100, exp: seconds - 31 }), 'token-expired'],
    ['no iat', () => signed(without('iat')), 'token-invalid'],
    ['no exp', () => signed(without('exp')), 'token-invalid'],
    ['no jti', () => signed(without('jti')), 'token-invalid'],
    ['a nonce', () => signed({ ...good, nonce: 'n' }), 'token-invalid'],
    ['no event', () => signed(without('events')), 'token-invalid'],
    ['another event', () => signed({ ...good, events: { 'https://schemas.openid.net/secevent/risc/event-type/account-disabled': {} } }), 'token-invalid'],
    ['an event that is no object', () => signed({ ...good, events: { [EVENT]: 'yes' } as never }), 'token-invalid'],
    ['neither sub nor sid', () => signed({ ...without('sub'), sid: undefined as never }), 'token-invalid'],
    ['a sid that is no text', () => signed({ ...good, sid: 7 }), 'token-invalid'],
    ['an ID token', () => signed({ ...without('events'), nonce: 'n', auth_time: seconds }, { typ: 'JWT' }), 'token-invalid'],
    ['another type of token', () => signed(good, { typ: 'at+jwt' }), 'token-invalid'],
    ['no token', async () => 'hello', 'malformed'],
  ])('refuses %s', async (_title, token, reason) => {
    const text = await token();
    expect(() => readLogoutToken(text, expected)).toThrow(refused(reason));
  });
});
