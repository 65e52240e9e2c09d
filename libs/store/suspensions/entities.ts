import { defineEntity, p } from '@mikro-orm/core';
import type { SuspensionKind, Instant } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

export const SuspensionRow = defineEntity({
  name: 'SuspensionRow',
  tableName: 'hold',
  properties: {
    id: p.uuid().primary(),
    kind: p.text().$type<SuspensionKind>(),
    identityId: p.uuid().nullable(),
    target: p.text().nullable(),
    operationId: p.uuid().nullable(),
    until: p.type(InstantType).$type<Instant>(),
    keepsAccess: p.boolean(),
    reason: p.text(),
    placedBy: p.text(),
    placedAt: p.type(InstantType).$type<Instant>(),
    /** When provisioning was resumed, or the suspension expired. */
    endedAt: p.type(InstantType).$type<Instant>().nullable(),
    endedBy: p.text().nullable(),
    /** True if it has been signalled to Temporal. */
    isTold: p.boolean(),
  },
});
