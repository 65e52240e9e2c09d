import { randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { LoginLinkRow } from '../identities/entities.ts';
import { hashToken } from '../tokens/hash-token.ts';
import { run } from '../database/statement.ts';

/** A one-time link that binds a login of one provider to one person. */
export interface LoginLink {
  readonly id: string;
  readonly identityId: string;
  readonly provider: string;
  /** Kind and id of its creator. */
  readonly createdBy: string;
  readonly expiresAt: Instant;
}

export interface LoginLinks {
  /** Creates a link. @returns the token (256 random bits), which is shown once; the database keeps its hash */
  create(
    wanted: Pick<LoginLink, 'identityId' | 'provider' | 'createdBy' | 'expiresAt'>,
    now: Instant,
  ): Promise<{ readonly id: string; readonly token: string }>;
  /** The unused link of this token that is valid at `now`; `null`: there is none. */
  look(token: string, now: Instant): Promise<LoginLink | null>;
  /** Marks a link as used. @returns `null` when it was used or has expired: of concurrent calls, one succeeds */
  use(id: string, now: Instant): Promise<LoginLink | null>;
}

const columns = `id, identity_id as "identityId", provider, created_by as "createdBy", expires_at as "expiresAt"`;

export function createLoginLinks(em: EntityManager): LoginLinks {
  const one = async (text: string, values: readonly unknown[]): Promise<LoginLink | null> => {
    const [row] = await run<LoginLink>(em, text, [...values]);
    return row === undefined ? null : { ...row, expiresAt: new Date(row.expiresAt).toISOString() };
  };
  return {
    async create(wanted, now) {
      const token = `tl_${randomBytes(32).toString('base64url')}`;
      const id = randomUUID();
      await em.insert(LoginLinkRow, { ...wanted, id, tokenHash: hashToken(token), createdAt: now, usedAt: null });
      return { id, token };
    },
    look: (token, now) =>
      one(`select ${columns} from login_link where token_hash = $1 and used_at is null and expires_at > $2::timestamptz`, [hashToken(token), now]),
    use: (id, now) =>
      one(`update login_link set used_at = $2::timestamptz where id = $1::uuid and used_at is null and expires_at > $2::timestamptz returning ${columns}`, [
        id,
        now,
      ]),
  };
}
