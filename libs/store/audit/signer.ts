import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign } from 'node:crypto';

/** The public key as a JWK (RFC 7517, RFC 8037). `kid` is its thumbprint (RFC 7638). */
export interface VerificationKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly alg: 'EdDSA';
  readonly use: 'sig';
}

/** Signer of Tenure's statements to third parties that is derived from the master key: the first key of certificates. */
export interface Signer {
  readonly key: VerificationKey;
  readonly privateKey: KeyObject;
  /** Signs a text. @returns an Ed25519 signature (RFC 8032) over its UTF-8, base64url */
  sign(text: string): string;
}

/** Prefix of the 32 bytes of a private key in PKCS #8 (RFC 8410 section 7). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Creates a signer whose key is derived from the master key (HKDF-SHA-256, RFC 5869): no further key is stored, and every process has the same. */
export function createSigner(masterKey: Buffer): Signer {
  const seed = Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), 'tenure certificates ed25519', 32));
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
  return {
    privateKey,
    key: { kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' },
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), privateKey).toString('base64url'),
  };
}
