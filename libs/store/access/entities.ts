import { defineEntity, p } from '@mikro-orm/core';
import type {
  AcceptedWrites,
  Change,
  ChangeKind,
  DesiredAccount,
  Instant,
  ObservedAccount,
  OperationError,
  OperationReason,
  OperationStatus,
  Origin,
  PolicyDocument,
} from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

export const PolicyVersionRow = defineEntity({
  name: 'PolicyVersionRow',
  tableName: 'policy_version',
  properties: {
    version: p.integer().primary().autoincrement(false),
    /** SHA-256 of the document: files equal to the current ones are no new version; a return to earlier ones is. */
    digest: p.text(),
    document: p.json<PolicyDocument>(),
    createdAt: p.type(InstantType).$type<Instant>(),
    /** tenure.yaml as written, with unresolved references; null: the version predates its storage. Not jsonb, which loses the order of keys. */
    settings: p.json<object>().columnType('json').nullable(),
    settingsDigest: p.text().nullable(),
    /** Keyed hash: somebody who can only write to the database cannot put another tenure.yaml in force. */
    settingsMac: p.text().nullable(),
    /** Kind and id of the actor that put it in force; null: the version predates its recording. */
    publishedBy: p.text().nullable(),
  },
  indexes: [{ name: 'policy_version_settings', properties: ['settingsDigest', 'version'] }],
});

export const GrantRow = defineEntity({
  name: 'GrantRow',
  tableName: 'access_grant',
  properties: {
    id: p.uuid().primary(),
    identityId: p.uuid(),
    kind: p.text().$type<'role' | 'entitlement'>(),
    name: p.text(),
    origins: p.json<readonly Origin[]>(),
    validFrom: p.type(InstantType).$type<Instant>(),
    validUntil: p.type(InstantType).$type<Instant>().nullable(),
    grantedAt: p.type(InstantType).$type<Instant>(),
    endedAt: p.type(InstantType).$type<Instant>().nullable(),
    endReason: p.text().nullable(),
  },
  indexes: [{ properties: ['identityId', 'endedAt'] }],
});

export const AccountRow = defineEntity({
  name: 'AccountRow',
  tableName: 'account',
  properties: {
    id: p.uuid().primary(),
    identityId: p.uuid(),
    target: p.text(),
    userName: p.text(),
    nativeId: p.text().nullable(),
    desired: p.json<DesiredAccount>(),
    observed: p.json<ObservedAccount>().nullable(),
    observedAt: p.type(InstantType).$type<Instant>().nullable(),
    /** When reading back last showed exactly the desired state; null while it does not. */
    confirmedAt: p.type(InstantType).$type<Instant>().nullable(),
    /** When the desired state was carried out, where the target cannot show some of it; null while it is confirmed or under way. */
    notVisibleAt: p.type(InstantType).$type<Instant>().nullable(),
    /** Since when a reconciliation run has shown another state than the desired one, whose correction nobody has approved yet. */
    driftedAt: p.type(InstantType).$type<Instant>().nullable(),
    /** Since when it is listed as protected in its target; null: it is not. */
    protectedAt: p.type(InstantType).$type<Instant>().nullable(),
    accepted: p.json<AcceptedWrites>(),
    /** True if an account was ever observed or created there. */
    existed: p.boolean(),
    /** True if the desired state was ever enabled. */
    everEnabled: p.boolean(),
    /** When the current desired state was set. */
    desiredSince: p.type(InstantType).$type<Instant>(),
    /** Worker that has the lease on the account: one at a time calls a target about it; the lease of a crashed one expires. */
    leaseBy: p.text().nullable(),
    leaseUntil: p.type(InstantType).$type<Instant>().nullable(),
    /** Identities from which it has moved, whose mark the target may still show. */
    formerIdentities: p.json<readonly string[]>(),
  },
  uniques: [{ properties: ['identityId', 'target'] }, { properties: ['target', 'nativeId'] }],
});

export const OperationRow = defineEntity({
  name: 'OperationRow',
  tableName: 'operation',
  properties: {
    id: p.uuid().primary(),
    identityId: p.uuid(),
    accountId: p.uuid(),
    target: p.text(),
    kind: p.text().$type<ChangeKind>(),
    change: p.json<Change>(),
    status: p.text().$type<OperationStatus>(),
    attempts: p.integer(),
    lastError: p.json<OperationError>().nullable(),
    /** Reason of the operation: grants with their origins, or the lifecycle's reason. */
    reason: p.json<OperationReason>(),
    correlationId: p.text(),
    /** Position in the order within the account. */
    position: p.integer(),
    createdAt: p.type(InstantType).$type<Instant>(),
    finishedAt: p.type(InstantType).$type<Instant>().nullable(),
  },
  indexes: [{ properties: ['accountId', 'status'] }, { properties: ['identityId', 'createdAt'] }],
});

export const OperationAttemptRow = defineEntity({
  name: 'OperationAttemptRow',
  tableName: 'operation_attempt',
  properties: {
    id: p.uuid().primary(),
    operationId: p.uuid(),
    /** Instant of the attempt; the first, where several failed with the same error. */
    at: p.type(InstantType).$type<Instant>(),
    /** Instant of the last of several attempts; null: there was one. */
    lastAt: p.type(InstantType).$type<Instant>().nullable(),
    count: p.integer().default(1),
    outcome: p.text().$type<'done' | 'failed'>(),
    code: p.text().nullable(),
    message: p.text().nullable(),
  },
  indexes: [{ properties: ['operationId', 'at'] }],
});
