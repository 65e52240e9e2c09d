import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { ActContext, KeyPurpose, Store, StoredKey } from '@tenure/store';
import { createKey, keyOf } from './create-key.ts';
import type { UsedPurpose } from './key-rules.ts';

/** A key that signs. */
export interface SignatureKey extends Pick<StoredKey, 'id' | 'algorithm' | 'publicJwk' | 'certificate'> {
  readonly privateKey: KeyObject;
}

/** Keys of an installation, by purpose. */
export interface Keyring {
  /** Key that signs now; the first one of a purpose is created when it is needed. */
  signing(purpose: UsedPurpose): Promise<SignatureKey>;
  /** Keys that are published: those that sign, will sign, or have signed what may still be valid. The signing one first. */
  published(purpose: UsedPurpose): Promise<readonly StoredKey[]>;
}

/** Milliseconds for which keys that were read are used without another look. Far less than a key is published before it signs. */
const LOOK_AGAIN = 30_000;

export interface KeyringDependencies {
  readonly store: Pick<Store, 'read' | 'transaction' | 'signer'>;
  readonly clock: () => string;
  /** Public address of Tenure, for the subjects of certificates. */
  readonly configuration?: { readonly url: string };
}

export function createKeyring({ store, clock, configuration }: KeyringDependencies): Keyring {
  const url = configuration?.url ?? 'https://tenure.invalid';
  const read = new Map<KeyPurpose, { readonly at: number; readonly keys: Promise<readonly StoredKey[]> }>();
  const privates = new Map<string, KeyObject>();
  const keysFor = (purpose: UsedPurpose): Promise<readonly StoredKey[]> => {
    const known = read.get(purpose);
    const now = clock();
    // Also where the clock was set back: then nothing that was read counts as new.
    if (known !== undefined && Math.abs(Date.parse(now) - known.at) < LOOK_AGAIN) return known.keys;
    const keys = current(store, purpose, url, now);
    read.set(purpose, { at: Date.parse(now), keys });
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
async function current(store: KeyringDependencies['store'], purpose: UsedPurpose, url: string, now: string): Promise<readonly StoredKey[]> {
  const known = await store.read((tx) => tx.signingKeys.of(purpose));
  if (known.some(({ state }) => state === 'active')) return known;
  const context: ActContext = { actor: { kind: 'system', id: 'keys' }, correlationId: 'keys', now };
  return store.transaction(context, async (tx) => {
    await tx.signingKeys.lock();
    const first = await tx.signingKeys.of(purpose);
    if (first.some(({ state }) => state === 'active')) return first;
    // The first key of certificates is the one that signed them before there were others: derived from the master key.
    const key =
      purpose === 'certificate' && first.length === 0 ? keyOf(purpose, 'active', store.signer.privateKey, null) : createKey(purpose, 'active', url, now);
    await tx.signingKeys.add(key, now);
    tx.audit.record({ action: 'key.activated', subjectKind: 'key', subjectId: key.id, identityId: null, reason: { purpose, before: null } });
    return tx.signingKeys.of(purpose);
  });
}
