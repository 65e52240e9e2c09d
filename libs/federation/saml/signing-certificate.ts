import { type KeyObject, X509Certificate } from 'node:crypto';

/** A certificate whose key may sign, read once: reading one costs as much as a signature. */
export interface SigningCertificate {
  readonly pem: string;
  /** Its bytes (DER) in base64, as a signature names it. */
  readonly base64: string;
  readonly key: KeyObject;
}

/** @param certificate PEM or DER @throws Error for what is none */
export function readSigningCertificate(certificate: string | Buffer): SigningCertificate {
  const read = new X509Certificate(certificate);
  return { pem: read.toString(), base64: read.raw.toString('base64'), key: read.publicKey };
}
