import { defineEntity, p } from '@mikro-orm/core';
import type { DelegatedKind, Instant } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

/** A delegation: the deputy who answers on behalf of somebody, and its period. */
export const DelegationRow = defineEntity({
  name: 'DelegationRow',
  tableName: 'delegation',
  properties: {
    id: p.uuid().primary(),
    fromId: p.uuid(),
    toId: p.uuid(),
    validFrom: p.type(InstantType).$type<Instant>(),
    validUntil: p.type(InstantType).$type<Instant>(),
    kinds: p.json<readonly DelegatedKind[]>(),
    reason: p.text(),
    createdAt: p.type(InstantType).$type<Instant>(),
    revokedAt: p.type(InstantType).$type<Instant>().nullable(),
  },
});
