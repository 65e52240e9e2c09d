import { defineEntity, p } from '@mikro-orm/core';
import type { Instant, LoginDemands } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

/** Logins in progress: each is answered once, by the browser that began it. */
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
    /** Session of the browser at the start of the login. */
    replaces: p.uuid().nullable(),
    expiresAt: p.type(InstantType).$type<Instant>(),
    /** One-time link that the login was begun with. */
    linkId: p.uuid().nullable(),
    /** Demands of an application; `null`: none. */
    demands: p.json<LoginDemands>().nullable(),
  },
});

/** Used assertions, kept until their time window ends. */
export const ConsumedAssertionRow = defineEntity({
  name: 'ConsumedAssertionRow',
  tableName: 'consumed_assertion',
  properties: {
    issuer: p.text().primary(),
    assertionId: p.text().primary(),
    expiresAt: p.type(InstantType).$type<Instant>(),
  },
});
