import { sign } from 'node:crypto';
import type { SignatureKey } from '../keys/keyring.ts';
import type { LeaverCertificate } from './leaver-certificate.ts';

/** Certificate as a JWS in compact form (RFC 7515, EdDSA by RFC 8037): with the public key any JOSE library can verify it. */
export function signCertificate(certificate: LeaverCertificate, { id: kid, privateKey }: Pick<SignatureKey, 'id' | 'privateKey'>): string {
  const header = { alg: 'EdDSA', typ: 'tenure-leaver-certificate+jws', kid };
  const signed = `${encode(header)}.${encode(certificate)}`;
  return `${signed}.${sign(null, Buffer.from(signed, 'utf8'), privateKey).toString('base64url')}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}
