import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { createSigner, type Signer } from './signer.ts';

/** Seals and opens small texts with AES-256-GCM, and keys with other keys. All keys are 32 bytes. */
export interface Vault {
  /** A new key for a person, wrapped by the master key. */
  newPersonKey(): string;
  seal(wrappedKey: string, text: string): string;
  /** @throws when the text was changed or the key is another one */
  open(wrappedKey: string, sealed: string): string;
  /** The keyed hash of the audit's chain (HMAC-SHA-256): who can only write to the database cannot make one. */
  chain(text: string): string;
  /** A keyed hash of what is said about the audit or the configuration, for one purpose: what is attested for one counts for no other. */
  attest(purpose: 'audit head' | 'audit seal' | 'audit anchor' | 'configuration', text: string): string;
  /** Signs what others are to believe. */
  readonly signer: Signer;
}

/** @param keys.master wraps the keys of people; @param keys.audit chains the audit; both 32 bytes */
export function createVault(keys: { readonly master: Buffer; readonly audit: Buffer }): Vault {
  // Node looks at a key that is no KeyObject from all sides, each time.
  const master = createSecretKey(keys.master);
  const audit = createSecretKey(keys.audit);
  // A person has several entries in a row.
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
    // The text of an event begins with a bracket.
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
