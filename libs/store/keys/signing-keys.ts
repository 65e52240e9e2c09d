import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import type { Vault } from '../audit/vault.ts';
import { readRows } from '../database/rows.ts';
import { run } from '../database/statement.ts';

export type KeyPurpose = 'saml' | 'oidc' | 'certificate' | 'webhook';
/** `next`: published, signs nothing yet; `active`: signs; `retiring`: published, since something valid is signed by it; `retired`: neither. */
export type KeyState = 'next' | 'active' | 'retiring' | 'retired';

/** A key of Tenure. */
export interface StoredKey {
  /** `kid`: thumbprint of its public key (RFC 7638). */
  readonly id: string;
  readonly purpose: KeyPurpose;
  /** JWS algorithm (RFC 7518), such as RS256. */
  readonly algorithm: string;
  readonly state: KeyState;
  readonly publicJwk: Readonly<Record<string, unknown>>;
  /** PEM; `null`: the key has no certificate. */
  readonly certificate: string | null;
  readonly createdAt: Instant;
  readonly activatedAt: Instant | null;
  readonly retiringAt: Instant | null;
  readonly retiredAt: Instant | null;
}

export interface NewKey extends Pick<StoredKey, 'id' | 'purpose' | 'algorithm' | 'state' | 'publicJwk' | 'certificate'> {
  /** PKCS #8 in PEM; it is stored encrypted. */
  readonly privatePem: string;
}

export interface SigningKeys {
  /** Keys for a purpose, the newest first. */
  of(purpose: KeyPurpose): Promise<readonly StoredKey[]>;
  /** Has changes of keys in other transactions end first. */
  lock(): Promise<void>;
  add(key: NewKey, now: Instant): Promise<void>;
  setState(id: string, state: KeyState, now: Instant): Promise<void>;
  /** Private part of a key, PKCS #8 in PEM. @throws when the master key is another one */
  privateOf(id: string): Promise<string>;
}

/** Lock of changes of keys. */
const keysLock = 7170;

export function createSigningKeys(em: EntityManager, vault: Vault): SigningKeys {
  return {
    of: (purpose) =>
      readRows(
        em,
        `select id, purpose, algorithm, state, public_jwk, certificate, created_at, activated_at, retiring_at, retired_at from signing_key
         where purpose = $1 order by created_at desc, id`,
        [purpose],
      ),
    async lock() {
      await run(em, 'select pg_advisory_xact_lock($1)', [keysLock]);
    },
    async add({ id, purpose, algorithm, state, publicJwk, certificate, privatePem }, now) {
      const wrapped = vault.newPersonKey();
      await run(
        em,
        `insert into signing_key (id, purpose, algorithm, state, public_jwk, certificate, wrapped_key, sealed_private, created_at, activated_at)
         values ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9::timestamptz, case when $4 = 'active' then $9::timestamptz end) returning 1`,
        [id, purpose, algorithm, state, JSON.stringify(publicJwk), certificate, wrapped, vault.seal(wrapped, privatePem), now],
      );
    },
    async setState(id, state, now) {
      const at = { next: null, active: 'activated_at', retiring: 'retiring_at', retired: 'retired_at' }[state];
      const more = at === null ? '' : `, ${at} = $3::timestamptz`;
      await run(em, `update signing_key set state = $2${more} where id = $1 and $3::timestamptz is not null returning 1`, [id, state, now]);
    },
    async privateOf(id) {
      const [row] = await run<{ wrapped_key: string; sealed_private: string }>(em, 'select wrapped_key, sealed_private from signing_key where id = $1', [id]);
      if (row === undefined) throw new Error(`there is no key ${id}`);
      return vault.open(row.wrapped_key, row.sealed_private);
    },
  };
}
