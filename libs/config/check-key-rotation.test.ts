import { expect, test } from '@jest/globals';
import { checkKeyRotation } from './check-key-rotation.ts';
import { KEY_ROTATION, readKeyRotation } from './key-rotation.ts';

const DAY = 24 * 3_600_000;

test('keys rotate each year for SAML and certificates, and each quarter for OpenID Connect; never is a word', () => {
  expect(KEY_ROTATION).toEqual({
    saml: { rotateEvery: 365 * DAY, publishBefore: 30 * DAY },
    oidc: { rotateEvery: 90 * DAY, publishBefore: 7 * DAY },
    certificate: { rotateEvery: 365 * DAY, publishBefore: DAY },
  });
  expect(readKeyRotation({ saml: { rotateEvery: 'never' } }).saml).toEqual({ rotateEvery: null, publishBefore: 30 * DAY });
});

test.each([
  [{ saml: { publishBefore: 'PT9M' } }, ['keys', 'saml', 'publishBefore'], /at least before it signs/],
  [{ oidc: { rotateEvery: 'P13D' } }, ['keys', 'oidc', 'rotateEvery'], /twice as long/],
  [{ oidc: { publishBefore: 'P60D' } }, ['keys', 'oidc', 'publishBefore'], /twice as long/],
  [{ oidc: { rotateEvery: 'yearly' } }, ['keys', 'oidc', 'rotateEvery'], /no duration/],
])('refuses %j', (raw, path, message) => {
  expect(checkKeyRotation(raw)).toEqual([{ path, message: expect.stringMatching(message) }]);
});

test('takes what fits together', () => {
  expect(checkKeyRotation({ saml: { rotateEvery: 'never', publishBefore: 'P90D' }, oidc: { rotateEvery: 'P14D' }, certificate: {} })).toEqual([]);
});
