import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { createSigner, type Signer } from './signer.ts';

/** Encryption of small texts and of keys with AES-256-GCM, and keyed hashes. All keys are 32 bytes. */
export interface Vault {
  /** Creates a key for a person, wrapped by the master key. */
  newPersonKey(): string;
  seal(wrappedKey: string, text: string): string;
  /** Decrypts a text. @throws when the text was changed or the key is another one */
  open(wrappedKey: string, sealed: string): string;
  /** Keyed hash for the audit's chain (HMAC-SHA-256): somebody who can only write to the database cannot compute it. */
  chain(text: string): string;
  /** Keyed hash of a statement about the audit or the configuration, valid for one purpose only. */
  attest(purpose: 'audit head' | 'audit seal' | 'audit anchor' | 'configuration', text: string): string;
  /** Signer of statements to third parties. */
  readonly signer: Signer;
}

/** Creates a vault. @param keys.master wraps the keys of people; @param keys.audit chains the audit; both 32 bytes */
export function createVault(keys: { readonly master: Buffer; readonly audit: Buffer }): Vault {
  // Node validates a key that is not a KeyObject on each use.
  const master = createSecretKey(keys.master);
  const audit = createSecretKey(keys.audit);
  // A person often has several entries in a row, so the last key is cached.
  let last: { readonly wrapped: string; readonly key: KeyObject } | null = null;
  const unwrap = (wrapped: string): KeyObject => {
    if (last?.wrapped !== wrapped) last = { wrapped, key: createSecretKey(decrypt(master, wrapped)) };
    return last.key;
  };
  return {
    newPersonKey: () => encrypt(master, randomBytes(32)),
    seal: (wrapped, text) => encrypt(unwrap(wrapped), Buffer.from(text, 'utf8')),
    open: (wrapped, sealed) => decrypt(unwrap(wrapped), sealed).toString('utf8'),
    signer: createSigner(keys.master),
    // The text of an event begins with a bracket, so no attested text equals one.
    attest: (purpose, text) => createHmac('sha256', audit).update(`${purpose}\n${text}`).digest('hex'),
    chain: (text) => createHmac('sha256', audit).update(text).digest('hex'),
  };
}

function encrypt(key: KeyObject, plain: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
}

function decrypt(key: KeyObject, sealed: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
}
