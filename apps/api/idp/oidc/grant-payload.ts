import type { OidcApplicationSettings } from '@tenure/config';
import type { ApplicationSession } from '@tenure/store';
import type { AdapterPayload } from 'oidc-provider';
import { claimsByScope, SCOPES } from './released-claims.ts';

/**
 * Grant that a session at an application amounts to: everything that the application may be told, since its entry has decided that and nobody is asked
 * for consent.
 */
export function grantPayload(
  session: Pick<ApplicationSession, 'id' | 'identityId' | 'createdAt' | 'expiresAt'>,
  client: OidcApplicationSettings,
): AdapterPayload {
  return {
    jti: session.id,
    kind: 'Grant',
    iat: seconds(session.createdAt),
    exp: seconds(session.expiresAt),
    accountId: session.identityId,
    clientId: client.clientId,
    openid: { scope: SCOPES.join(' '), claims: [...new Set(Object.values(claimsByScope([client])).flat())] },
  } as AdapterPayload;
}

/** Seconds since 1970, rounded down. */
export function seconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1_000);
}
