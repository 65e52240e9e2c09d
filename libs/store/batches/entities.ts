import { defineEntity, p } from '@mikro-orm/core';
import type { BatchItemResult, BatchOrigin, BatchProblem, FallAwayReason, Instant, ItemState, PolicyDocument, Trigger, CountedChange } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

/** Batch runs: many people at once. Each is signalled to Temporal once, like an outbox row. */
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
    /** When it was started in Temporal. */
    startedAt: p.type(InstantType).$type<Instant>().nullable(),
    finishedAt: p.type(InstantType).$type<Instant>().nullable(),
    /** Status; `held`: waits for approval, and nothing of it is in force. */
    standing: p.text().$type<'collecting' | 'free' | 'held' | 'discarded'>(),
    /** Source of its records. */
    source: p.text().nullable(),
    /** Its origin, where that is neither a source nor a policy version. */
    origin: p.json().$type<BatchOrigin>().nullable(),
    /** The policy that it would put in force, with its SHA-256. */
    policy: p.json().$type<PolicyDocument>().nullable(),
    policyDigest: p.text().nullable(),
    /** The tenure.yaml that it would put in force with the policy; null: the one in force stays. */
    settings: p.json().columnType('json').$type<object>().nullable(),
    settingsDigest: p.text().nullable(),
    settingsMac: p.text().nullable(),
    /** The configuration version that it has put in force. */
    policyVersion: p.integer().nullable(),
    /** Planned changes, ids only. */
    plan: p.json().$type<object>().nullable(),
    decidedBy: p.text().nullable(),
    decidedAt: p.type(InstantType).$type<Instant>().nullable(),
    decisionReason: p.text().nullable(),
    /** Id of the batch of which it was approved as a part. */
    partOf: p.uuid().nullable(),
    /** Digests of plans that include all changes of the current one. */
    approvable: p.json().$type<readonly string[]>(),
    releasedAt: p.type(InstantType).$type<Instant>().nullable(),
    /** Reason for which it waits for approval again after it was approved. */
    problem: p.text().$type<BatchProblem>().nullable(),
  },
});

/** Members of a batch run, deleted when it is finished. */
export const BatchMemberRow = defineEntity({
  name: 'BatchMemberRow',
  tableName: 'wave_member',
  properties: {
    waveId: p.uuid().primary(),
    identityId: p.uuid().primary(),
    /** True if a date of theirs has changed, so that their identity lifecycle workflow has to be signalled. */
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
    /** Record as received; null once the item is settled. */
    record: p.json().$type<object>().nullable(),
    hasVanished: p.boolean(),
    identityId: p.uuid().nullable(),
    /** Changes in the form in which the change budget counts them. */
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

/** People whom an import has named so far. */
export const ImportSeenRow = defineEntity({
  name: 'ImportSeenRow',
  tableName: 'import_seen',
  properties: { waveId: p.uuid().primary(), externalId: p.text().primary() },
});

/** Uses of change budgets: recent removals by a source, one row per person and kind. */
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
