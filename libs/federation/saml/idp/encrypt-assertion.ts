import { constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto';
import { ASSERTION, ENCRYPTION, ENCRYPTION_11, SIGNATURE } from '../namespaces.ts';
import type { AssertionEncryption } from './application-metadata.ts';

/**
 * Encrypts an assertion for one application (SAML core 2.3.4; XML Encryption 1.1, 5.2.4 and 5.5.2): AES-GCM with a fresh key, which is encrypted by
 * RSA-OAEP with SHA-1, the form that every receiver knows (OAEP needs no collision resistance).
 * @param assertion with all of its namespaces declared in itself
 */
export function encryptAssertion(assertion: string, { key, cipher }: AssertionEncryption): string {
  const contentKey = randomBytes(cipher === 'aes-128-gcm' ? 16 : 32);
  const iv = randomBytes(12);
  const encrypt = createCipheriv(cipher, contentKey, iv);
  const content = Buffer.concat([iv, encrypt.update(assertion, 'utf8'), encrypt.final(), encrypt.getAuthTag()]);
  const wrapped = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, contentKey);
  const value = (bytes: Buffer): string => `<xenc:CipherData><xenc:CipherValue>${bytes.toString('base64')}</xenc:CipherValue></xenc:CipherData>`;
  return (
    `<saml:EncryptedAssertion xmlns:saml="${ASSERTION}"><xenc:EncryptedData xmlns:xenc="${ENCRYPTION}" Type="${ENCRYPTION}Element">` +
    `<xenc:EncryptionMethod Algorithm="${ENCRYPTION_11}${cipher.replace('aes-', 'aes')}"/><ds:KeyInfo xmlns:ds="${SIGNATURE}"><xenc:EncryptedKey>` +
    `<xenc:EncryptionMethod Algorithm="${ENCRYPTION}rsa-oaep-mgf1p"><ds:DigestMethod Algorithm="${SIGNATURE}sha1"/></xenc:EncryptionMethod>${value(wrapped)}` +
    `</xenc:EncryptedKey></ds:KeyInfo>${value(content)}</xenc:EncryptedData></saml:EncryptedAssertion>`
  );
}
