import type { ProvenLogin, UsedByLogin } from '@tenure/engine/login';
import { mustPass } from '@tenure/domain';
import type { ActContext, LoginRequest, Store } from '@tenure/store';
import type { Logger } from 'pino';
import { BROWSER_CHECKS } from './checks/index.ts';
import type { BegunLogin } from './login-cookie.ts';
import { notAfter } from './not-after.ts';
import type { OidcProvider } from './providers.ts';

/** The callback request of a browser. */
export interface OidcCallback {
  /** Path and query. */
  readonly url: string;
  readonly state: string | undefined;
  /** Logins that this browser has begun. */
  readonly begun: readonly BegunLogin[];
}

/**
 * Proves an OpenID Connect login: the browser's checks, then those of answer and ID token.
 * @param uses called with what the answer uses up, before its code is traded
 * @throws LoginRefused
 */
export async function proveOidc(
  { store, logger }: { readonly store: Store; readonly logger: Logger },
  { settings, client }: OidcProvider,
  { url, state: named = '', begun: all }: OidcCallback,
  { now, correlationId }: ActContext,
  uses: (used: UsedByLogin) => void,
): Promise<ProvenLogin> {
  const begun = all.find(({ id }) => id === named) ?? null;
  mustPass(BROWSER_CHECKS.brought, { named, begun, allowIdpInitiated: false });
  const stored = begun === null ? null : await store.read((tx) => tx.sessions.begunLogin(named));
  const { id, secret } = begun ?? noLogin;
  mustPass(BROWSER_CHECKS.stored, { provider: settings.name, begun: { id, secret }, stored, now });
  const request = { id, browserSecret: secret };
  // From here on the request is used up, whatever the result: nobody can try one code after the other.
  uses({ issuer: settings.issuer, request, assertion: null });
  const login = await client.callback(new URL(url, 'http://callback.invalid'), secretsOf(named, stored), now);
  const { issuer, subject, claims, sessionEnd, userInfoError, sessionId, acr } = login;
  if (userInfoError !== null)
    logger.warn({ provider: settings.name, reference: correlationId, err: userInfoError }, 'the user info endpoint of a provider refused');
  const sourceDetails = settings.logOutThere === true ? { idToken: login.idToken } : null;
  const source = { authenticatedAt: notAfter(login.authenticatedAt, now), acr, sourceIndex: sessionId, sourceSubject: subject, sourceDetails };
  const isPartial = userInfoError !== null;
  return { provider: settings, issuer, subject, nameIdFormat: null, claims, request, assertion: null, sessionEnd, source, isPartial };
}

const noLogin: BegunLogin = { id: '', secret: '' };

function secretsOf(state: string, stored: LoginRequest | null): { readonly state: string; readonly nonce: string; readonly verifier: string } {
  return { state, nonce: stored?.nonce ?? '', verifier: stored?.verifier ?? '' };
}
