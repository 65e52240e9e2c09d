import { defineEntity, p } from '@mikro-orm/core';
import type { Instant } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

/** A link in a mail by which one person can answer one question, once. */
export const DecisionLinkRow = defineEntity({
  name: 'DecisionLinkRow',
  tableName: 'decision_link',
  properties: {
    /** SHA-256 of the token, which is only in the mail. */
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
