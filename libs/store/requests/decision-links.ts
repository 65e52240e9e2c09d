import { randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { hashToken } from '../tokens/hash-token.ts';
import { run } from '../database/statement.ts';
import { DecisionLinkRow } from './decision-link-entity.ts';

/** A decision on an item of a request, to be made by one approver. */
export interface DecisionQuestion {
  readonly itemId: string;
  readonly requestId: string;
  readonly stage: number;
  readonly approverId: string;
}

/** A one-time link to make a decision. */
export interface DecisionLink extends DecisionQuestion {
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly usedAt: Instant | null;
}

export interface DecisionLinks {
  /** Creates a link. @returns the token (256 random bits), which goes into the mail; the database keeps its hash */
  create(question: DecisionQuestion, now: Instant, expiresAt: Instant): Promise<string>;
  /** The link of a token, unchanged; `null`: there is none. */
  look(token: string): Promise<DecisionLink | null>;
  /** Marks a link and all others to the same decision as used. @returns true if it was valid at `now`: for one of concurrent calls */
  use(token: string, now: Instant): Promise<boolean>;
}

const useLink = `with used as (
    update decision_link set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2 returning item_id, stage, approver_id),
  others as (
    update decision_link l set used_at = $2 from used u where l.item_id = u.item_id and l.stage = u.stage and l.approver_id = u.approver_id and l.token_hash <> $1 and l.used_at is null)
  select 1 from used`;

export function createDecisionLinks(em: EntityManager): DecisionLinks {
  return {
    async create(question, now, expiresAt) {
      const token = `td_${randomBytes(32).toString('base64url')}`;
      await em.insert(DecisionLinkRow, { ...question, tokenHash: hashToken(token), createdAt: now, expiresAt, usedAt: null });
      return token;
    },
    async look(token) {
      const row = await em.findOne(DecisionLinkRow, { tokenHash: hashToken(token) }, { disableIdentityMap: true });
      if (row === null) return null;
      const { itemId, requestId, stage, approverId, createdAt, expiresAt, usedAt } = row;
      return { itemId, requestId, stage, approverId, createdAt, expiresAt, usedAt: usedAt ?? null };
    },
    use: async (token, now) => (await run(em, useLink, [hashToken(token), now])).length > 0,
  };
}
