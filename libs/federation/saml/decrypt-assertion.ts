import { constants, createDecipheriv, type KeyObject, privateDecrypt } from 'node:crypto';
import { TextDecoder } from 'node:util';
import { ENCRYPTION, ENCRYPTION_11, SIGNATURE } from './namespaces.ts';
import { attributeOf, descendantsOf, elementsOf, textOf, type XmlElement } from './parse-xml.ts';
import { refuse } from './refusal.ts';

/** Accepted ciphers: authenticated ones only. CBC does not detect changes, and has revealed plaintext to attackers. */
const CIPHERS: ReadonlyMap<string, { readonly cipher: 'aes-128-gcm' | 'aes-256-gcm'; readonly keyLength: number }> = new Map([
  [`${ENCRYPTION_11}aes128-gcm`, { cipher: 'aes-128-gcm', keyLength: 16 }],
  [`${ENCRYPTION_11}aes256-gcm`, { cipher: 'aes-256-gcm', keyLength: 32 }],
]);
const OAEP_MGF1P = `${ENCRYPTION}rsa-oaep-mgf1p`;
const OAEP = `${ENCRYPTION_11}rsa-oaep`;
const OAEP_DIGESTS: ReadonlyMap<string, 'sha1' | 'sha256'> = new Map([
  ['http://www.w3.org/2000/09/xmldsig#sha1', 'sha1'],
  [`${ENCRYPTION}sha256`, 'sha256'],
]);
const MASKS: ReadonlyMap<string, 'sha1' | 'sha256'> = new Map([
  [`${ENCRYPTION_11}mgf1sha1`, 'sha1'],
  [`${ENCRYPTION_11}mgf1sha256`, 'sha256'],
]);
const IV_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * Decrypts an EncryptedAssertion (SAML core 2.3.4; XML Encryption 1.1, 5.2.4 and 5.5.2) with one key for one recipient.
 * @returns the assertion as XML, still untrusted: none of it counts before its signature is verified
 * @throws LoginRefused `encryption-algorithm` or `decryption-failed`
 */
export function decryptAssertion(encrypted: XmlElement, key: KeyObject): string {
  const [data] = elementsOf(encrypted, ENCRYPTION, 'EncryptedData');
  const [encryptedKey, ...others] = descendantsOf(encrypted, ENCRYPTION, 'EncryptedKey');
  if (data === undefined || encryptedKey === undefined || others.length > 0) throw refuse('decryption-failed', 'the assertion is not encrypted with one key');
  if ((attributeOf(data, 'Type') ?? `${ENCRYPTION}Element`) !== `${ENCRYPTION}Element`) throw refuse('decryption-failed', 'what is encrypted is no element');
  const algorithm = CIPHERS.get(attributeOf(methodOf(data), 'Algorithm') ?? '');
  if (algorithm === undefined) throw refuse('encryption-algorithm', 'the cipher is not one that is accepted');
  const oaepHash = oaepHashOf(methodOf(encryptedKey));
  try {
    const contentKey = privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, cipherValue(encryptedKey));
    if (contentKey.length !== algorithm.keyLength) throw new Error('the key has another length');
    const bytes = cipherValue(data);
    const decipher = createDecipheriv(algorithm.cipher, contentKey, bytes.subarray(0, IV_LENGTH), { authTagLength: TAG_LENGTH });
    decipher.setAuthTag(bytes.subarray(-TAG_LENGTH));
    const opened = Buffer.concat([decipher.update(bytes.subarray(IV_LENGTH, -TAG_LENGTH)), decipher.final()]);
    return new TextDecoder('utf-8', { fatal: true }).decode(opened);
  } catch {
    // One error for all failures of keys and bytes: a difference would be an oracle.
    throw refuse('decryption-failed', 'the assertion cannot be decrypted');
  }
}

/** Hash of OAEP, SHA-1 or SHA-256, equal for digest and mask. Neither needs collision resistance in OAEP, so SHA-1 is no weakness here. */
function oaepHashOf(method: XmlElement): 'sha1' | 'sha256' {
  const named = attributeOf(method, 'Algorithm');
  const [digest] = elementsOf(method, SIGNATURE, 'DigestMethod');
  const [mask] = elementsOf(method, ENCRYPTION_11, 'MGF');
  const hash = digest === undefined ? 'sha1' : OAEP_DIGESTS.get(attributeOf(digest, 'Algorithm') ?? '');
  const maskHash = mask === undefined || named === OAEP_MGF1P ? 'sha1' : MASKS.get(attributeOf(mask, 'Algorithm') ?? '');
  const hasLabel = elementsOf(method, ENCRYPTION, 'OAEPparams').length > 0;
  if ((named !== OAEP && named !== OAEP_MGF1P) || hash === undefined || hash !== maskHash || hasLabel) {
    throw refuse('encryption-algorithm', 'the encryption of the key is not one that is accepted');
  }
  return hash;
}

function methodOf(encrypted: XmlElement): XmlElement {
  const [method] = elementsOf(encrypted, ENCRYPTION, 'EncryptionMethod');
  if (method === undefined) throw refuse('encryption-algorithm', 'it is not said how the assertion is encrypted');
  return method;
}

/** Encrypted bytes, from the message itself only: a CipherReference would make Tenure fetch an address. */
function cipherValue(encrypted: XmlElement): Buffer {
  const [value] = elementsOf(encrypted, ENCRYPTION, 'CipherData').flatMap((data) => elementsOf(data, ENCRYPTION, 'CipherValue'));
  return Buffer.from(value === undefined ? '' : textOf(value), 'base64');
}
