import { defineEntity, p } from '@mikro-orm/core';
import type { Instant } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

/** One-time links in mails by which one person can decide one item of a request. */
export const DecisionLinkRow = defineEntity({
  name: 'DecisionLinkRow',
  tableName: 'decision_link',
  properties: {
    /** SHA-256 of the token; the token itself is only in the mail. */
    tokenHash: p.text().primary(),
    itemId: p.uuid(),
    requestId: p.uuid(),
    stage: p.integer(),
    approverId: p.uuid(),
    createdAt: p.type(InstantType).$type<Instant>(),
    expiresAt: p.type(InstantType).$type<Instant>(),
    usedAt: p.type(InstantType).$type<Instant>().nullable(),
  },
});
