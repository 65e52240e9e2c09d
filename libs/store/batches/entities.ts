import { defineEntity, p } from '@mikro-orm/core';
import type { BatchItemResult, FallAwayReason, Instant, ItemState, PolicyDocument, Trigger, CountedChange } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

/** Many people at once. Temporal is told of it once, as of an outbox row. */
export const BatchRow = defineEntity({
  name: 'BatchRow',
  tableName: 'wave',
  properties: {
    id: p.uuid().primary(),
    trigger: p.text().$type<Trigger>(),
    /** True if the people's access was decided when it was opened, so that only the targets are left. */
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
    /** The tenure.yaml that it would put in force with it; null: the one that is. */
    settings: p.json().columnType('json').$type<object>().nullable(),
    settingsDigest: p.text().nullable(),
    settingsMac: p.text().nullable(),
    /** What it would change, by ids only. */
    plan: p.json().$type<object>().nullable(),
    decidedBy: p.text().nullable(),
    decidedAt: p.type(InstantType).$type<Instant>().nullable(),
    decisionReason: p.text().nullable(),
    /** The batch that this was a part of. */
    partOf: p.uuid().nullable(),
    /** Digests of plans that said at least what this one says. */
    approvable: p.json().$type<readonly string[]>(),
    releasedAt: p.type(InstantType).$type<Instant>().nullable(),
    /** Why it waits again though it was released. */
    problem: p.text().$type<'source-removed' | 'not-taken'>().nullable(),
  },
});

/** Who belongs to a batch. Gone when it is finished. */
export const BatchMemberRow = defineEntity({
  name: 'BatchMemberRow',
  tableName: 'wave_member',
  properties: {
    waveId: p.uuid().primary(),
    identityId: p.uuid().primary(),
    /** A date of theirs has changed: their own life has to be told. */
    mustWake: p.boolean(),
  },
});

/** Items of a batch change: a record of a source, or a person in a policy version. */
export const BatchItemRow = defineEntity({
  name: 'BatchItemRow',
  tableName: 'batch_item',
  properties: {
    batchId: p.uuid().primary(),
    /** The source's own id of the record; in a policy version, the person's id. */
    key: p.text().primary(),
    source: p.text().nullable(),
    version: p.text().nullable(),
    /** As it came, for as long as the item is pending. */
    record: p.json().$type<object>().nullable(),
    hasVanished: p.boolean(),
    identityId: p.uuid().nullable(),
    /** As the budget counts it. */
    changes: p.json().$type<readonly CountedChange[]>(),
    before: p.json().$type<ItemState>().nullable(),
    after: p.json().$type<ItemState>().nullable(),
    result: p.text().$type<BatchItemResult>(),
    reason: p.text().$type<FallAwayReason>().nullable(),
    attempts: p.integer(),
    addedAt: p.type(InstantType).$type<Instant>(),
    settledAt: p.type(InstantType).$type<Instant>().nullable(),
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
