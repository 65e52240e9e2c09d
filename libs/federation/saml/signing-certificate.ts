import { type KeyObject, X509Certificate } from 'node:crypto';

/** A certificate whose key may sign. It is parsed once, since parsing costs as much as a signature. */
export interface SigningCertificate {
  readonly pem: string;
  /** DER bytes in base64, as in a signature. */
  readonly base64: string;
  readonly key: KeyObject;
}

/** Keys of a communication partner, from its metadata: the only ones that count. */
export interface SignerKeys {
  readonly signingCertificates: readonly SigningCertificate[];
}

/** Parses a certificate. @param certificate PEM or DER @throws Error when it is not a certificate */
export function readSigningCertificate(certificate: string | Buffer): SigningCertificate {
  const read = new X509Certificate(certificate);
  return { pem: read.toString(), base64: read.raw.toString('base64'), key: read.publicKey };
}
