import type { Signer } from '@tenure/store';
import type { LeaverCertificate } from './leaver-certificate.ts';

/** Certificate as a JWS in compact form (RFC 7515, EdDSA by RFC 8037): with the public key any JOSE library can verify it. */
export function signCertificate(certificate: LeaverCertificate, signer: Signer): string {
  const header = { alg: 'EdDSA', typ: 'tenure-leaver-certificate+jws', kid: signer.key.kid };
  const signed = `${encode(header)}.${encode(certificate)}`;
  return `${signed}.${signer.sign(signed)}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}
