import { defineEntity, p } from '@mikro-orm/core';
import type { Instant } from '@tenure/domain';
import { InstantType } from './instant-type.ts';

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

/** A login that has begun: answered once, by the browser that began it. */
export const LoginRequestRow = defineEntity({
  name: 'LoginRequestRow',
  tableName: 'login_request',
  properties: {
    /** SAML request id or OAuth state. */
    id: p.text().primary(),
    provider: p.text(),
    /** SHA-256 of the cookie of the browser that began it. */
    browserHash: p.text(),
    returnTo: p.text(),
    nonce: p.text().nullable(),
    verifier: p.text().nullable(),
    /** The session that the browser had when it began. */
    replaces: p.uuid().nullable(),
    expiresAt: p.type(InstantType).$type<Instant>(),
    /** The one-time link that it was begun with. */
    linkId: p.uuid().nullable(),
  },
});

/** Assertions that have been used; kept until their time window closes. */
export const ConsumedAssertionRow = defineEntity({
  name: 'ConsumedAssertionRow',
  tableName: 'consumed_assertion',
  properties: {
    issuer: p.text().primary(),
    assertionId: p.text().primary(),
    expiresAt: p.type(InstantType).$type<Instant>(),
  },
});
