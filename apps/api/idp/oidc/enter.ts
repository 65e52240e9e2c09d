import type { OidcApplicationSettings } from '@tenure/config';
import { enterApplication } from '@tenure/engine/applications';
import type { Engine } from '@tenure/engine/decide';
import type { ActContext, Store } from '@tenure/store';
import type { EntryRefusal } from '@tenure/domain';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { ReadSession } from '../../access/session-of-request.ts';
import { grantPayload } from './grant-payload.ts';
import type { Requests } from './provider-dependencies.ts';

export interface EntryDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly contextOf: (ctx: KoaContextWithOIDC | undefined, identityId?: string) => ActContext;
  readonly applicationOf: (clientId: string) => OidcApplicationSettings;
  readonly requests: Requests;
  readonly readSession: ReadSession;
}

/** Entry of the person of a request into the application that sent it. @returns why they may not enter; `null`: they have entered */
export type EnterByRequest = (ctx: KoaContextWithOIDC) => Promise<EntryRefusal | null>;

export function createEntry({ store, engine, contextOf, applicationOf, requests, readSession }: EntryDependencies): EnterByRequest {
  return async (ctx) => {
    const { client, provider, session } = ctx.oidc;
    const request = requests.get(ctx.req);
    const found = request === undefined ? null : await readSession(request);
    if (client === undefined || session === undefined || found === null || found.session.identityId !== session.accountId) return 'session-ended';
    const application = applicationOf(client.clientId);
    const { identityId } = found.session;
    const details = { clientId: client.clientId };
    const entry = await store.transaction(contextOf(ctx, identityId), (tx) =>
      enterApplication(tx, engine, { application: application.name, identityId, session: found.session, details }),
    );
    if (!entry.mayEnter) return entry.reason;
    const grant = new provider.Grant(grantPayload(entry.session, application) as never);
    ctx.oidc.entity('Grant', grant);
    session.ensureClientContainer(client.clientId);
    session.grantIdFor(client.clientId, entry.session.id);
    session.sidFor(client.clientId, entry.session.sessionIndex);
    // So that every ID token names its session, with which the application may ask for its end.
    ctx.oidc.claims.id_token = { ...ctx.oidc.claims.id_token, sid: null };
    return null;
  };
}
