import { defineEntity, p } from '@mikro-orm/core';
import type { Instant } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

/** Signals to be sent to Temporal. A row is deleted once Temporal has accepted its signal. */
export const OutboxRow = defineEntity({
  name: 'OutboxRow',
  tableName: 'outbox',
  properties: {
    id: p.bigint('number').primary().autoincrement(),
    identityId: p.uuid(),
    /** Request that is signalled, instead of the identity lifecycle workflow. */
    requestId: p.uuid().nullable(),
    trigger: p.text(),
    /** True if the message is about a leaver: those go first. */
    urgent: p.boolean(),
    correlationId: p.text(),
    createdAt: p.type(InstantType).$type<Instant>(),
    /** When the identity lifecycle workflow is signalled of an urgent message whose work has been started already. */
    dueAt: p.type(InstantType).$type<Instant>().nullable(),
    /** Span that it was written in, where tracing is on. */
    traceparent: p.text().nullable(),
  },
});
