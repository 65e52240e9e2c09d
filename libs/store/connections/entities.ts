import { defineEntity, p } from '@mikro-orm/core';
import type { ConnectionCheck, ConnectionKind, Instant } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

export const SourceContactRow = defineEntity({
  name: 'SourceContactRow',
  tableName: 'source_contact',
  properties: { source: p.text().primary(), at: p.type(InstantType).$type<Instant>() },
});

export const ConnectionCheckRow = defineEntity({
  name: 'ConnectionCheckRow',
  tableName: 'connection_check',
  properties: {
    kind: p.text().$type<ConnectionKind>().primary(),
    name: p.text().primary(),
    result: p.json<ConnectionCheck>().nullable(),
    isWorking: p.boolean().nullable(),
    checkedAt: p.type(InstantType).$type<Instant>().nullable(),
    checkedBy: p.text().nullable(),
    /** When it began to work, or to fail. */
    since: p.type(InstantType).$type<Instant>().nullable(),
    /** Number of failed tests in a row. */
    failures: p.integer().default(0),
    nextAt: p.type(InstantType).$type<Instant>(),
    requestedAt: p.type(InstantType).$type<Instant>().nullable(),
  },
  indexes: [{ properties: ['nextAt'] }],
});
