import { defineEntity, p } from '@mikro-orm/core';
import type { Instant } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

/** Heads of the audit's chains. A writer locks any head that is free, so writers seldom wait for one another. */
export const AuditLaneRow = defineEntity({
  name: 'AuditLaneRow',
  tableName: 'audit_lane',
  properties: { lane: p.integer().primary().autoincrement(false), sequence: p.bigint('number'), hash: p.text(), mac: p.text().default('') },
});

/** Seals: instants from which the ends of the chains are authenticated, with the ends at that time. The newest counts. */
export const AuditSealRow = defineEntity({
  name: 'AuditSealRow',
  tableName: 'audit_seal',
  properties: {
    number: p.integer().primary(),
    at: p.type(InstantType).$type<Instant>(),
    reason: p.text(),
    heads: p.json<readonly (readonly [lane: number, sequence: number, hash: string])[]>(),
    mac: p.text(),
  },
});

export const AuditEventRow = defineEntity({
  name: 'AuditEventRow',
  tableName: 'audit_event',
  properties: {
    lane: p.integer().primary().autoincrement(false),
    sequence: p.bigint('number').primary(),
    id: p.uuid().unique(),
    at: p.type(InstantType).$type<Instant>(),
    actorKind: p.text(),
    actorId: p.text(),
    action: p.text(),
    subjectKind: p.text(),
    subjectId: p.text(),
    identityId: p.uuid().nullable(),
    reason: p.json<Readonly<Record<string, unknown>>>(),
    /** Encrypted with the person's key; unreadable once they are erased, while the chain stays whole. */
    personal: p.text().nullable(),
    correlationId: p.text(),
    previousHash: p.text(),
    hash: p.text(),
    /** Position in the order of writing over all chains, set by the database. Not hashed. */
    position: p.bigint('number'),
  },
  indexes: [
    { properties: ['identityId', 'at', 'position'] },
    { properties: ['at', 'position'] },
    { properties: ['actorId', 'at', 'position'] },
    { properties: ['subjectId'] },
  ],
});
