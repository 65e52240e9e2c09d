import { defineEntity, p } from '@mikro-orm/core';
import type { Instant, PolicyDocument, Trigger, WaveChange } from '@tenure/domain';
import { InstantType } from './instant-type.ts';

/** Many people at once. Temporal is told of it once, as of an outbox row. */
export const WaveRow = defineEntity({
  name: 'WaveRow',
  tableName: 'wave',
  properties: {
    id: p.uuid().primary(),
    trigger: p.text().$type<Trigger>(),
    /** Whether the people's access was decided when it was opened, so that only the targets are left. */
    isDecided: p.boolean(),
    people: p.integer(),
    correlationId: p.text(),
    createdAt: p.type(InstantType).$type<Instant>(),
    /** When Temporal took it. */
    startedAt: p.type(InstantType).$type<Instant>().nullable(),
    finishedAt: p.type(InstantType).$type<Instant>().nullable(),
    /** `held`: waits for a person, and nothing of it is in force. */
    standing: p.text().$type<'collecting' | 'free' | 'held' | 'discarded'>(),
    /** Of whose records it consists. */
    source: p.text().nullable(),
    /** The policy that it would make current, with the SHA-256 of it. */
    policy: p.json().$type<PolicyDocument>().nullable(),
    policyDigest: p.text().nullable(),
    /** What it would change, by ids only. */
    plan: p.json().$type<object>().nullable(),
    decidedBy: p.text().nullable(),
    decidedAt: p.type(InstantType).$type<Instant>().nullable(),
    decisionReason: p.text().nullable(),
  },
});

/** Who belongs to a wave. Gone when it is finished. */
export const WaveMemberRow = defineEntity({
  name: 'WaveMemberRow',
  tableName: 'wave_member',
  properties: {
    waveId: p.uuid().primary(),
    identityId: p.uuid().primary(),
    /** A date of theirs has changed: their own life has to be told. */
    mustWake: p.boolean(),
  },
});

/** A record as it came, for as long as it is not in force. Gone when its wave is carried out or discarded. */
export const WaveRecordRow = defineEntity({
  name: 'WaveRecordRow',
  tableName: 'wave_record',
  properties: {
    waveId: p.uuid().primary(),
    externalId: p.text().primary(),
    source: p.text(),
    version: p.text(),
    record: p.json().$type<object>(),
    /** `null`: of nobody who is known. */
    identityId: p.uuid().nullable(),
    /** What it would change, as the budget counts it. */
    changes: p.json().$type<readonly WaveChange[]>(),
    heldAt: p.type(InstantType).$type<Instant>(),
  },
});

/** Whom an import has named so far. */
export const ImportSeenRow = defineEntity({
  name: 'ImportSeenRow',
  tableName: 'import_seen',
  properties: { waveId: p.uuid().primary(), externalId: p.text().primary() },
});

/** What a source has taken away of late, person by person. */
export const BudgetUseRow = defineEntity({
  name: 'BudgetUseRow',
  tableName: 'budget_use',
  properties: {
    id: p.bigint().primary(),
    source: p.text(),
    target: p.text(),
    kind: p.text(),
    person: p.text(),
    at: p.type(InstantType).$type<Instant>(),
  },
});
