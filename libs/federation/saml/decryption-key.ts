import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { InputInvalid } from '@tenure/domain';

/** What opens assertions that are encrypted for us. */
export interface SamlDecryption {
  /** RSA. */
  readonly key: KeyObject;
  /** Of the same key, PEM; for providers that want one. */
  readonly certificate: string | null;
}

const MINIMUM_RSA_BITS = 2048;

/**
 * Reads the key that a provider's assertions are encrypted for: a PEM private key, and with it, where the provider wants one, a certificate.
 * @throws InputInvalid
 */
export function readDecryptionKey(pem: string): SamlDecryption {
  // A value of the environment often has its line breaks written out.
  const text = pem.replaceAll('\\n', '\n');
  const key = readKey(text);
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < MINIMUM_RSA_BITS) {
    throw new InputInvalid(`the decryption key is no RSA key of at least ${MINIMUM_RSA_BITS} bits`);
  }
  const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0];
  return { key, certificate: certificate === undefined ? null : checkedCertificate(certificate, key) };
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new InputInvalid('the decryption key is no PEM private key');
  }
}

function checkedCertificate(pem: string, key: KeyObject): string {
  const certificate = readCertificate(pem);
  if (!certificate.publicKey.equals(createPublicKey(key))) throw new InputInvalid('the certificate beside the decryption key is of another key');
  return certificate.toString();
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new InputInvalid('the certificate beside the decryption key cannot be read');
  }
}
