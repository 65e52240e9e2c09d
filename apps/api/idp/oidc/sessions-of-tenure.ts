import type { Session } from '@tenure/store';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { ReadSession } from '../../access/session-of-request.ts';
import { seconds } from './grant-payload.ts';
import type { Requests } from './provider-dependencies.ts';

/** Requests in whose session the source has stated no time of the authentication. */
export const ofUnknownAge = new WeakSet<object>();

/**
 * Replaces the provider's own sessions by Tenure's: whoever is logged in to Tenure is logged in to the provider, exactly as long, and it stores no
 * session and sets no cookie for one.
 */
export function useSessionsOfTenure(provider: Provider, requests: Requests, readSession: ReadSession): void {
  // Its declared constructor lacks the payload.
  const Session = provider.Session as unknown as new (payload?: object) => InstanceType<Provider['Session']>;
  provider.Session.get = async (ctx) => {
    const request = requests.get(ctx.req);
    const found = request === undefined ? null : await readSession(request);
    const session = found === null ? new Session() : new Session(payloadOf(found.session));
    if (found?.session.authenticatedAt === null) ofUnknownAge.add(ctx.req);
    // The library neither writes a session that was destroyed, nor sets its cookie.
    Object.defineProperty(session, 'destroyed', { value: true });
    (ctx as KoaContextWithOIDC).oidc?.entity('Session', session);
    return session;
  };
}

function payloadOf({ id, identityId, acr, expiresAt, ...session }: Session): object {
  return { kind: 'Session', jti: id, uid: id, accountId: identityId, loginTs: authTime(session), ...(acr === null ? {} : { acr }), exp: seconds(expiresAt) };
}

/** When the person was authenticated, in seconds since 1970: as the source stated it, else when it vouched for them. */
export function authTime({ authenticatedAt, createdAt }: Pick<Session, 'authenticatedAt' | 'createdAt'>): number {
  return seconds(authenticatedAt ?? createdAt);
}
