import { defineEntity, p } from '@mikro-orm/core';
import type { Instant } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

/** What Temporal is still to be told. A row is deleted once its signal has been taken. */
export const OutboxRow = defineEntity({
  name: 'OutboxRow',
  tableName: 'outbox',
  properties: {
    id: p.bigint('number').primary().autoincrement(),
    identityId: p.uuid(),
    /** The request that is to be told, instead of the life. */
    requestId: p.uuid().nullable(),
    trigger: p.text(),
    /** Leavers go first. */
    urgent: p.boolean(),
    correlationId: p.text(),
    createdAt: p.type(InstantType).$type<Instant>(),
    /** When the life hears of an urgent message whose work has been started already. */
    dueAt: p.type(InstantType).$type<Instant>().nullable(),
    /** The span that it was written in, where the installation is traced. */
    traceparent: p.text().nullable(),
  },
});
