import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { createSigningKey } from '@tenure/federation';
import type { ActContext, KeyPurpose, Store, StoredKey, Transaction } from '@tenure/store';
import { thumbprint } from './thumbprint.ts';

/** A key that signs. */
export interface SignatureKey extends Pick<StoredKey, 'id' | 'algorithm' | 'publicJwk' | 'certificate'> {
  readonly privateKey: KeyObject;
}

/** Keys of an installation, by purpose. */
export interface Keyring {
  /** Key that signs now; the first one of a purpose is created when it is needed. */
  signing(purpose: KeyPurpose): Promise<SignatureKey>;
  /** Keys that are published: those that sign, will sign, or have signed what may still be valid. The signing one first. */
  published(purpose: KeyPurpose): Promise<readonly StoredKey[]>;
}

/** Milliseconds for which keys that were read are used without another look. */
const LOOK_AGAIN = 30_000;

export function createKeyring({ store, clock }: { readonly store: Store; readonly clock: () => string }): Keyring {
  const read = new Map<KeyPurpose, { readonly at: number; readonly keys: Promise<readonly StoredKey[]> }>();
  const privates = new Map<string, KeyObject>();
  const keysFor = (purpose: KeyPurpose): Promise<readonly StoredKey[]> => {
    const known = read.get(purpose);
    if (known !== undefined && Date.parse(clock()) - known.at < LOOK_AGAIN) return known.keys;
    const keys = current(store, purpose, clock());
    read.set(purpose, { at: Date.parse(clock()), keys });
    keys.catch(() => read.delete(purpose));
    return keys;
  };
  return {
    async signing(purpose) {
      const key = (await keysFor(purpose)).find(({ state }) => state === 'active');
      if (key === undefined) throw new Error(`there is no active key for ${purpose}`);
      const privateKey = privates.get(key.id) ?? createPrivateKey(await store.read((tx) => tx.signingKeys.privateOf(key.id)));
      privates.set(key.id, privateKey);
      return { id: key.id, algorithm: key.algorithm, publicJwk: key.publicJwk, certificate: key.certificate, privateKey };
    },
    async published(purpose) {
      const keys = (await keysFor(purpose)).filter(({ state }) => state !== 'retired');
      return keys.toSorted((a, b) => Number(b.state === 'active') - Number(a.state === 'active'));
    },
  };
}

/** Keys of a purpose; the first is created. */
async function current(store: Store, purpose: KeyPurpose, now: string): Promise<readonly StoredKey[]> {
  const known = await store.read((tx) => tx.signingKeys.of(purpose));
  if (known.some(({ state }) => state === 'active')) return known;
  const context: ActContext = { actor: { kind: 'system', id: 'keys' }, correlationId: '', now };
  return store.transaction(context, async (tx) => {
    await tx.signingKeys.lock();
    const first = await tx.signingKeys.of(purpose);
    if (!first.some(({ state }) => state === 'active')) await addKey(tx, purpose);
    return tx.signingKeys.of(purpose);
  });
}

async function addKey(tx: Transaction, purpose: KeyPurpose): Promise<void> {
  const { now } = tx.context;
  const { privateKey, certificate } = createSigningKey(`Tenure ${purpose}`, new Date(now));
  const publicJwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await tx.signingKeys.add(
    { id: thumbprint(publicJwk), purpose, algorithm: 'RS256', state: 'active', publicJwk: { ...publicJwk }, certificate, privatePem },
    now,
  );
}
