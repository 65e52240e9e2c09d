import { defineEntity, p } from '@mikro-orm/core';
import type { ExtendedEnd, Facts, Identity, Instant, Lifecycle, LifecycleState, SaidRecord, SourceRecord, UserType } from '@tenure/domain';
import type { PendingLogin, SettledLogin } from '../login/login-subject.ts';
import { InstantType } from '../database/instant-type.ts';

export const IdentityRow = defineEntity({
  name: 'IdentityRow',
  tableName: 'identity',
  properties: {
    id: p.uuid().primary(),
    userName: p.text().unique(),
    userType: p.text().$type<UserType>(),
    attributes: p.json<Identity['attributes']>(),
    groups: p.json<Identity['groups']>(),
    relationships: p.json<Identity['relationships']>(),
    /** IANA name. */
    timeZone: p.text(),
    createdAt: p.type(InstantType).$type<Instant>(),
    /** Lower-cased names and addresses, for the search box. */
    searchText: p.text(),
    state: p.text().$type<LifecycleState>(),
    lifecycle: p.json<Lifecycle>().nullable(),
    activations: p.json<Readonly<Record<string, Instant>>>(),
    endings: p.json<Readonly<Record<string, Instant>>>(),
    /** When they began to count as idle, where the policy monitors inactivity. */
    idleSince: p.type(InstantType).$type<Instant>().nullable(),
    lastActivityAt: p.type(InstantType).$type<Instant>().nullable(),
    reportedActivity: p.json<readonly Instant[]>(),
    /** Keys of the cases that the last decision opened, which close automatically. */
    questions: p.json<readonly string[]>(),
    policyVersion: p.integer().nullable(),
    nextWakeUp: p.type(InstantType).$type<Instant>().nullable(),
    decidedAt: p.type(InstantType).$type<Instant>().nullable(),
    /** Number of decisions. */
    revision: p.integer(),
    /** Identity that it was merged into. */
    mergedInto: p.uuid().nullable(),
  },
  indexes: [{ properties: ['nextWakeUp'] }, { properties: ['state'] }],
});

export const SourceRecordRow = defineEntity({
  name: 'SourceRecordRow',
  tableName: 'source_record',
  properties: {
    id: p.uuid().primary(),
    /** Identity of the record; null while unknown (an ambiguous match waits as a case). */
    identityId: p.uuid().nullable(),
    source: p.text(),
    externalId: p.text(),
    /** Version counter of the source, digits only. */
    version: p.text(),
    facts: p.json<Facts>(),
    groups: p.json<readonly string[]>().nullable(),
    /** True if the source is trusted for the e-mail's domain and states that the e-mail is verified. */
    emailTrusted: p.boolean(),
    /** Verification of the e-mail address as the source states it; null: recorded before it was stored. */
    emailVerified: p.boolean().nullable(),
    status: p.text().$type<NonNullable<SourceRecord['status']>>().nullable(),
    endedAt: p.type(InstantType).$type<Instant>().nullable(),
    /** Last day set by an operator, in place of `endedAt`. */
    endedOn: p.text().nullable(),
    userType: p.text().$type<UserType>().nullable(),
    /** Record whose end an extension postpones. */
    extends: p.json<ExtendedEnd>().nullable(),
    recordedAt: p.type(InstantType).$type<Instant>(),
    /** When a complete import no longer named it. */
    vanishedAt: p.type(InstantType).$type<Instant>().nullable(),
    /** Content that the source itself sent last, where an operator's correction or the end of the record takes precedence. */
    said: p.json<SaidRecord>().nullable(),
    /** When an operator withdrew it. */
    withdrawnAt: p.type(InstantType).$type<Instant>().nullable(),
  },
  uniques: [{ properties: ['source', 'externalId'] }],
  indexes: [{ properties: ['identityId'] }],
});

/** Bindings of logins: an identity is bound to issuer + subject, never to a name or an address. */
export const LoginSubjectRow = defineEntity({
  name: 'LoginSubjectRow',
  tableName: 'login_subject',
  properties: {
    issuer: p.text().primary(),
    subject: p.text().primary(),
    provider: p.text(),
    identityId: p.uuid(),
    boundAt: p.type(InstantType).$type<Instant>(),
    lastLoginAt: p.type(InstantType).$type<Instant>(),
    /** SAML: format of the name identifier; null: OpenID Connect, or bound before formats were stored. */
    nameIdFormat: p.text().nullable(),
    /** Correlation keys of the last login (attribute to value); null: bound before keys were stored. */
    keys: p.json<Readonly<Record<string, string>>>().nullable(),
    /** Keys of a refused login that need a human decision; null: none. */
    pending: p.json<PendingLogin>().nullable(),
    /** Basis of the last decided login; null: the next login is decided. */
    settled: p.json<SettledLogin>().nullable(),
  },
  indexes: [{ properties: ['identityId'] }],
});

/** Confirmed logins: an administrator, or a one-time link of theirs, has confirmed the identity of the login's record. */
export const LoginConfirmationRow = defineEntity({
  name: 'LoginConfirmationRow',
  tableName: 'login_confirmation',
  properties: {
    recordId: p.uuid().primary(),
    identityId: p.uuid(),
    provider: p.text(),
    /** Kind and id of the actor that confirmed it. */
    confirmedBy: p.text(),
    confirmedAt: p.type(InstantType).$type<Instant>(),
  },
  indexes: [{ properties: ['identityId'] }],
});

/** One-time links that bind the login of their user to a person. */
export const LoginLinkRow = defineEntity({
  name: 'LoginLinkRow',
  tableName: 'login_link',
  properties: {
    id: p.uuid().primary(),
    /** SHA-256 of the token. */
    tokenHash: p.text().unique(),
    identityId: p.uuid(),
    provider: p.text(),
    createdBy: p.text(),
    createdAt: p.type(InstantType).$type<Instant>(),
    expiresAt: p.type(InstantType).$type<Instant>(),
    usedAt: p.type(InstantType).$type<Instant>().nullable(),
  },
});

/** Key that encrypts a person's fields in the audit, itself wrapped by the master key. Erasing the person deletes it. */
export const PersonKeyRow = defineEntity({
  name: 'PersonKeyRow',
  tableName: 'person_key',
  properties: { identityId: p.uuid().primary(), wrapped: p.text() },
});
