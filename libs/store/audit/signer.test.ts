import { createPublicKey, verify } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createSigner } from './signer.ts';

const master = Buffer.alloc(32, 7);

test('every process with the same master key signs with the same key, and with another one with another', () => {
  expect(createSigner(master).key).toEqual(createSigner(Buffer.from(master)).key);
  expect(createSigner(Buffer.alloc(32, 8)).key.kid).not.toBe(createSigner(master).key.kid);
});

test('what is signed can be verified with the public key alone, and nothing else can', () => {
  const { key, sign } = createSigner(master);
  const publicKey = createPublicKey({ key: { kty: key.kty, crv: key.crv, x: key.x }, format: 'jwk' });
  const signature = Buffer.from(sign('what was confirmed'), 'base64url');
  expect(verify(null, Buffer.from('what was confirmed'), publicKey, signature)).toBe(true);
  expect(verify(null, Buffer.from('what was not confirmed'), publicKey, signature)).toBe(false);
});
