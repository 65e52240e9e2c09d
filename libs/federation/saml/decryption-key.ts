import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { InputInvalid } from '@tenure/domain';

/** Key and certificate for assertions that are encrypted for Tenure. */
export interface SamlDecryption {
  /** RSA private key. */
  readonly key: KeyObject;
  /** Certificate of the same key, PEM, for providers that require one. */
  readonly certificate: string | null;
}

const MINIMUM_RSA_BITS = 2048;

/**
 * Reads the key that a provider's assertions are encrypted for: a PEM private key, with a certificate where the provider requires one.
 * @throws InputInvalid
 */
export function readDecryptionKey(pem: string): SamlDecryption {
  // Values of the environment often have their line breaks as `\n`.
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
