import { randomBytes } from 'node:crypto';
import type { Keyring } from '@tenure/engine/keys';
import { LoginRefused, type SourceFacts } from '@tenure/domain';
import { logoutRequest, newRequestId, redirectQuery, redirectUrl, signRedirect } from '@tenure/federation';
import { type ActContext, hashToken, type Store } from '@tenure/store';
import type { Logger } from 'pino';
import { logoutId } from './logout-id.ts';
import type { OidcProvider, Providers, SamlProvider } from './providers.ts';

export interface LogOutThereDependencies {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly providers: Providers;
  readonly logger: Logger;
}

/** Session that ends, as it was read before it did. */
export type EndingSession = SourceFacts & { readonly provider: string };

/** Milliseconds that a logout at a provider waits for its answer. */
const lifetime = 10 * 60_000;

/**
 * Begins the logout at the provider of a session that has ended in Tenure, where the provider's entry wants it (`logOutThere`) and the provider offers
 * it: SAML single logout by redirect (SAML profiles 4.4.3.1), OpenID Connect RP-Initiated Logout 1.0.
 * @param session `null`: it is not known
 * @param returnTo path where the browser goes on afterwards
 * @returns address to send the browser to; `null`: there is no logout at the provider
 */
export async function logOutThere(
  dependencies: LogOutThereDependencies,
  session: EndingSession | null,
  returnTo: string,
  context: ActContext,
): Promise<string | null> {
  const { store, providers, logger } = dependencies;
  if (session === null) return null;
  const [saml, oidc] = [providers.saml.get(session.provider), providers.oidc.get(session.provider)];
  if (((saml ?? oidc)?.settings.logOutThere ?? false) === false) return null;
  try {
    const begun = saml === undefined ? await byOidc(oidc, session, context) : await bySaml(dependencies, saml, session, context);
    if (begun === null) return null;
    const expiresAt = new Date(Date.parse(context.now) + lifetime).toISOString();
    // The secret is nobody's: no browser can pass this off as a login.
    const browserHash = hashToken(randomBytes(32).toString('base64url'));
    const waiting = { id: logoutId(begun.id), provider: session.provider, browserHash, returnTo, nonce: null, verifier: null, expiresAt };
    await store.transaction(context, (tx) => tx.sessions.beginLogin(waiting));
    return begun.url;
  } catch (error) {
    // The session in Tenure has ended all the same.
    if (!(error instanceof LoginRefused)) throw error;
    logger.warn({ provider: session.provider, err: error }, 'a person could not be logged out at the provider');
    return null;
  }
}

interface Begun {
  readonly id: string;
  readonly url: string;
}

async function bySaml(
  { keyring }: LogOutThereDependencies,
  { metadata, serviceProvider: { entityId: issuer } }: SamlProvider,
  { sourceSubject, sourceIndex: sessionIndex, sourceDetails }: EndingSession,
  { now }: ActContext,
): Promise<Begun | null> {
  const service = (await metadata.current(now)).logoutServices.find(({ binding }) => binding === 'redirect');
  if (service === undefined || sourceSubject === null) return null;
  const { format = null, nameQualifier = null, spNameQualifier = null } = sourceDetails ?? {};
  const id = newRequestId();
  const notOnOrAfter = new Date(Date.parse(now) + lifetime).toISOString();
  const nameId = { value: sourceSubject, format, nameQualifier, spNameQualifier };
  const xml = logoutRequest({ id, issuer, destination: service.url, nameId, sessionIndex, notOnOrAfter, now });
  const { privateKey } = await keyring.signing('saml');
  return { id, url: redirectUrl(service.url, signRedirect(redirectQuery('SAMLRequest', xml, null), privateKey)) };
}

async function byOidc(provider: OidcProvider | undefined, { sourceDetails }: EndingSession, { now }: ActContext): Promise<Begun | null> {
  const id = randomBytes(24).toString('base64url');
  const url = (await provider?.client.logoutUrl({ state: id, idToken: sourceDetails?.idToken ?? null }, now)) ?? null;
  return url === null ? null : { id, url };
}
