import type { OidcApplicationSettings } from '@tenure/config';
import type { Instant, ReleasedClaims } from '@tenure/domain';
import { claimsDigest, currentEntry, nameOf } from '@tenure/engine/applications';
import type { Engine } from '@tenure/engine/decide';
import type { ActContext, ApplicationSession, Store } from '@tenure/store';
import type { Account, AccountClaims, Client, FindAccount, KoaContextWithOIDC } from 'oidc-provider';

export interface AccountDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly clock: () => Instant;
  readonly contextOf: (ctx: KoaContextWithOIDC | undefined, identityId?: string) => ActContext;
  readonly applicationOf: (clientId: string) => OidcApplicationSettings;
  readonly applicationSession: (id: string) => Promise<ApplicationSession | null>;
}

export interface Accounts {
  /** The person with this id, if their application may still be told of them: decided anew at each token, refresh and user info. */
  readonly find: FindAccount;
  /** Name of a person at the application that asks. */
  subjectOf(ctx: KoaContextWithOIDC, identityId: string, client: Client): Promise<string>;
  /** Claims of an access token for a resource: the person's groups. */
  resourceClaims(ctx: KoaContextWithOIDC, token: { readonly aud?: unknown }): { groups: string[] } | undefined;
}

export function createAccounts({ store, engine, clock, contextOf, applicationOf, applicationSession }: AccountDependencies): Accounts {
  const released = new WeakMap<object, ReleasedClaims>();
  return {
    async find(ctx, identityId, token) {
      const { client } = ctx.oidc;
      const grantId = token !== undefined && 'grantId' in token ? token.grantId : undefined;
      // At the authorization endpoint the entry decides.
      if (client === undefined || token === undefined || grantId === undefined) return accountOf(identityId, null);
      const { name: application } = applicationOf(client.clientId);
      const session = await applicationSession(grantId);
      if (session === null || session.application !== application || session.identityId !== identityId) return undefined;
      const now = clock();
      const entry = await store.read((tx) => currentEntry(tx, engine, { application, identityId, now }));
      if (!entry.mayEnter) return undefined;
      const digest = claimsDigest(entry.claims);
      if (token.kind !== 'AccessToken' && (digest !== session.claimsDigest || session.outdatedAt !== null))
        await store.transaction(contextOf(ctx), (tx) => tx.applicationSessions.noteClaims(session.id, digest, session.details));
      released.set(ctx, entry.claims);
      return accountOf(identityId, entry.claims);
    },
    async subjectOf(ctx, identityId, client) {
      const grantId = ctx.oidc.entities.Grant?.jti ?? ctx.oidc.entities.AccessToken?.grantId;
      const session = grantId === undefined ? null : await applicationSession(grantId);
      if (session?.identityId === identityId) return session.subject;
      // Nobody's name where the person has none there: it equals none that an application knows, and no token is issued with it.
      return (await store.transaction(contextOf(ctx), (tx) => nameOf(tx, applicationOf(client.clientId), identityId))) ?? '';
    },
    resourceClaims(ctx, { aud }) {
      const claims = released.get(ctx);
      return aud === undefined || claims === undefined ? undefined : { groups: [...claims.groups] };
    },
  };
}

function accountOf(identityId: string, claims: ReleasedClaims | null): Account {
  return {
    accountId: identityId,
    claims: async () => ({ ...claims?.attributes, ...(claims === null ? {} : { groups: claims.groups }), sub: identityId }) as AccountClaims,
  };
}
