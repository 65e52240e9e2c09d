import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import type { SigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import { ASSERTION, ENCRYPTION, ENCRYPTION_11, SIGNATURE } from './namespaces.ts';

/** Test helper: encryption of an identity provider; unless set, AES-256-GCM and RSA-OAEP with SHA-1, the first defaults of XML Encryption. */
export interface EncryptionOptions {
  readonly cipher?: 'aes-128-gcm' | 'aes-256-gcm' | 'aes-256-cbc';
  readonly transport?: 'rsa-oaep-mgf1p' | 'rsa-oaep' | 'rsa-1_5';
  readonly hash?: 'sha1' | 'sha256';
  /** Hash that the mask claims to use; it really uses `hash`. */
  readonly mask?: 'sha1' | 'sha256';
  /** True if the key is beside the data, as Shibboleth writes it, instead of inside. */
  readonly keyBeside?: boolean;
}

/** Replaces the assertion by an EncryptedAssertion (SAML core 2.3.4). */
export function encryptAssertion(xml: string, recipient: SigningKey, options: EncryptionOptions = {}): string {
  return xml.replace(/<saml:Assertion .*<\/saml:Assertion>/s, (assertion) => encryptedAssertion(standingAlone(assertion), recipient, options));
}

/** Assertion with its namespace declared: encrypted content must be well-formed without its context. */
function standingAlone(assertion: string): string {
  return assertion.replace('<saml:Assertion ', `<saml:Assertion xmlns:saml="${ASSERTION}" `);
}

/** Encrypts any text as if it were an assertion. */
export function encryptedAssertion(plain: string, recipient: SigningKey, options: EncryptionOptions = {}): string {
  const { cipher = 'aes-256-gcm', keyBeside = false } = options;
  const contentKey = randomBytes(cipher.includes('128') ? 16 : 32);
  const encryptedKey = keyElement(contentKey, recipient, options);
  const info = (inside: string): string => `<ds:KeyInfo xmlns:ds="${SIGNATURE}">${inside}</ds:KeyInfo>`;
  const method = cipher.endsWith('gcm') ? `${ENCRYPTION_11}${cipher.replace('aes-', 'aes')}` : `${ENCRYPTION}aes256-cbc`;
  const data =
    `<xenc:EncryptedData xmlns:xenc="${ENCRYPTION}" Type="${ENCRYPTION}Element"><xenc:EncryptionMethod Algorithm="${method}"/>` +
    `${keyBeside ? '' : info(encryptedKey)}${cipherData(encryptBytes(plain, contentKey, cipher))}</xenc:EncryptedData>`;
  return `<saml:EncryptedAssertion xmlns:saml="${ASSERTION}">${data}${keyBeside ? encryptedKey : ''}</saml:EncryptedAssertion>`;
}

function keyElement(contentKey: Buffer, { privateKey }: SigningKey, { transport = 'rsa-oaep-mgf1p', hash = 'sha1', mask }: EncryptionOptions): string {
  const padding = transport === 'rsa-1_5' ? { padding: constants.RSA_PKCS1_PADDING } : { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash };
  const digest = `<ds:DigestMethod xmlns:ds="${SIGNATURE}" Algorithm="${hash === 'sha1' ? `${SIGNATURE}sha1` : `${ENCRYPTION}sha256`}"/>`;
  const masked = mask === undefined ? '' : `<xenc11:MGF xmlns:xenc11="${ENCRYPTION_11}" Algorithm="${ENCRYPTION_11}mgf1${mask}"/>`;
  const method = transport === 'rsa-oaep' ? `${ENCRYPTION_11}rsa-oaep` : `${ENCRYPTION}${transport}`;
  return (
    `<xenc:EncryptedKey xmlns:xenc="${ENCRYPTION}"><xenc:EncryptionMethod Algorithm="${method}">${transport === 'rsa-1_5' ? '' : digest + masked}</xenc:EncryptionMethod>` +
    `${cipherData(publicEncrypt({ key: createPublicKey(privateKey), ...padding }, contentKey))}</xenc:EncryptedKey>`
  );
}

function cipherData(bytes: Buffer): string {
  return `<xenc:CipherData><xenc:CipherValue>${bytes.toString('base64')}</xenc:CipherValue></xenc:CipherData>`;
}

function encryptBytes(plain: string, key: Buffer, cipher: NonNullable<EncryptionOptions['cipher']>): Buffer {
  if (cipher === 'aes-256-cbc') {
    const iv = randomBytes(16);
    const encrypt = createCipheriv(cipher, key, iv);
    return Buffer.concat([iv, encrypt.update(plain, 'utf8'), encrypt.final()]);
  }
  const iv = randomBytes(12);
  const encrypt = createCipheriv(cipher, key, iv);
  return Buffer.concat([iv, encrypt.update(plain, 'utf8'), encrypt.final(), encrypt.getAuthTag()]);
}
