import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createSigningKey } from '@tenure/federation';
import type { KeyState, NewKey } from '@tenure/store';
import type { Instant } from '@tenure/domain';
import { thumbprint } from './thumbprint.ts';
import type { UsedPurpose } from './key-rules.ts';

/** Years for which the certificate of a SAML key is valid: longer than any key signs, since some receivers refuse what has expired. */
const CERTIFICATE_YEARS = 10;

/** Makes a key: RSA with a certificate for SAML, RSA for OpenID Connect, Ed25519 for certificates of leavers. @param url public address of Tenure */
export function createKey(purpose: UsedPurpose, state: KeyState, url: string, now: Instant): NewKey {
  if (purpose === 'certificate') return keyOf(purpose, state, generateKeyPairSync('ed25519').privateKey, null);
  const host = URL.parse(url)?.hostname ?? 'tenure';
  const { privateKey, certificate } = createSigningKey(`${host} ${purpose}`, new Date(now), 2048, CERTIFICATE_YEARS);
  return keyOf(purpose, state, privateKey, purpose === 'saml' ? certificate : null);
}

export function keyOf(purpose: UsedPurpose, state: KeyState, privateKey: KeyObject, certificate: string | null): NewKey {
  const publicJwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const algorithm = publicJwk.kty === 'OKP' ? 'EdDSA' : 'RS256';
  return { id: thumbprint(publicJwk), purpose, algorithm, state, publicJwk: { ...publicJwk }, certificate, privatePem };
}
