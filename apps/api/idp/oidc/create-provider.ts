import type { KeyObject } from 'node:crypto';
import type { OidcApplicationSettings } from '@tenure/config';
import { openidIssuer } from '@tenure/federation';
import type { ActContext, ApplicationSession } from '@tenure/store';
import type { Configuration, JWK, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { ReadSession } from '../../access/session-of-request.ts';
import { createAdapter } from './artifact-adapter.ts';
import { FAPI_ALGORITHMS } from './client-metadata.ts';
import { cookieKeys } from './cookie-keys.ts';
import { createEntry } from './enter.ts';
import { errorSentence } from './error-sentence.ts';
import { allowFormPost } from './form-action.ts';
import { guardedFetch } from './guarded-fetch.ts';
import { loginPrompts } from './login-prompts.ts';
import { clientsOf, type OpenidDependencies, type Requests } from './provider-dependencies.ts';
import { createAccounts } from './accounts.ts';
import { claimsByScope, SCOPES } from './released-claims.ts';
import { useSessionsOfTenure } from './sessions-of-tenure.ts';
import { logRefusals } from './log-refusals.ts';
import { errorPage } from '../../pages/signed-out-page.ts';

/** Seconds for which a code is valid; FAPI 2.0 Security Profile section 5.3.2.1 allows 60 at most. */
const CODE = 60;
/** Seconds for which an access token is valid: as long as one that a resource checks by itself outlives the session. */
const ACCESS_TOKEN = 300;
/** Seconds that a begun request waits for its login. */
const INTERACTION = 600;

/** A key with its id, which is the `kid` in the published set. */
export interface ProviderKey {
  readonly id: string;
  readonly privateKey: KeyObject;
}

/**
 * Creates the OpenID provider of a configuration version. @param library module `oidc-provider` @param keys the first one signs, all are published
 */
export function createProvider(
  library: typeof import('oidc-provider'),
  dependencies: OpenidDependencies,
  requests: Requests,
  keys: readonly ProviderKey[],
): Provider {
  const { store, engine, clock, configuration } = dependencies;
  const issuer = openidIssuer(configuration.url);
  const clients = clientsOf(dependencies);
  const applicationOf = (clientId: string): OidcApplicationSettings => {
    const application = clients.get(clientId);
    if (application === undefined) throw new library.errors.InvalidClient('client is invalid', 'client not found');
    return application;
  };
  const current = (): KoaContextWithOIDC | undefined => library.Provider.ctx as KoaContextWithOIDC | undefined;
  const contextOf = (ctx: KoaContextWithOIDC | undefined, identityId?: string): ActContext => ({
    actor: identityId === undefined ? { kind: 'system', id: 'openid' } : { kind: 'person', id: identityId },
    correlationId: (ctx === undefined ? undefined : requests.get(ctx.req))?.id ?? '',
    now: clock(),
  });
  // A request reads the session at its application once.
  const read = new WeakMap<object, Map<string, Promise<ApplicationSession | null>>>();
  const applicationSession = (id: string): Promise<ApplicationSession | null> => {
    const ctx = current();
    const known = (ctx === undefined ? undefined : read.get(ctx)) ?? new Map<string, Promise<ApplicationSession | null>>();
    if (ctx !== undefined) read.set(ctx, known);
    const session = known.get(id) ?? store.read((tx) => tx.applicationSessions.get(id, clock()));
    known.set(id, session);
    return session;
  };
  const accounts = createAccounts({ store, engine, clock, contextOf, applicationOf, applicationSession });
  const shown = new WeakMap<object, ReturnType<ReadSession>>();
  const readSession: ReadSession = (request) => {
    const session = shown.get(request) ?? dependencies.readSession(request);
    shown.set(request, session);
    return session;
  };
  const entry = createEntry({ store, engine, contextOf, applicationOf, requests, readSession });
  const signing: readonly string[] = ['RS256', 'PS256', 'ES256'];
  const settings: Configuration = {
    adapter: createAdapter({ store, clock, issuer, clients, errors: library.errors, current, contextOf, applicationSession }),
    jwks: { keys: keys.map(({ id, privateKey }): JWK => ({ ...(privateKey.export({ format: 'jwk' }) as JWK), kid: id, use: 'sig' })) },
    cookies: {
      names: { session: 'tenure_openid', interaction: 'tenure_openid_request', resume: 'tenure_openid_resume' },
      keys: cookieKeys(keys.map(({ privateKey }) => privateKey)),
    },
    responseTypes: ['code'],
    scopes: [...SCOPES],
    claims: claimsByScope([...clients.values()]),
    // Applications read groups and names from the ID token as well, which reaches them by the token endpoint alone.
    conformIdTokenClaims: false,
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: accounts.subjectOf,
    sectorIdentifierUriValidate: () => false,
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    pkce: { required: (_ctx, client) => applicationOf(client.clientId).pkce === 'required' || applicationOf(client.clientId).profile === 'fapi2' },
    findAccount: accounts.find,
    extraTokenClaims: accounts.resourceClaims,
    interactions: { policy: loginPrompts(library.interactionPolicy, entry), url: (_ctx, { uid }) => `${issuer}/interaction/${uid}` },
    // Tenure's sessions end what was issued; those of the provider are not kept.
    expiresWithSession: () => false,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    // FAPI 2.0 Security Profile section 5.3.2.1, note: its tokens are bound to the application's key instead.
    rotateRefreshToken: ({ oidc }) => oidc.client === undefined || applicationOf(oidc.client.clientId).profile !== 'fapi2',
    revokeGrantPolicy: ({ oidc }) => !(oidc.route === 'revocation' && oidc.entities.AccessToken !== undefined),
    assertJwtClientAuthClaimsAndHeader(ctx, claims, header, client) {
      if (applicationOf(client.clientId).profile !== 'fapi2') return;
      if (!FAPI_ALGORITHMS.includes(String(header['alg']))) throw new library.errors.InvalidClientAuth('alg mismatch');
      if (claims['aud'] !== ctx.oidc.issuer) throw new library.errors.InvalidClientAuth('audience (aud) must equal the issuer identifier url');
    },
    features: {
      devInteractions: { enabled: false },
      deviceFlow: { enabled: false },
      registration: { enabled: false },
      clientCredentials: { enabled: false },
      requestObjects: { enabled: false },
      claimsParameter: { enabled: true },
      userinfo: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      dPoP: { enabled: true, allowReplay: false },
      introspection: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      fapi: { enabled: true, profile: (_ctx, client) => (client !== undefined && clients.get(client.clientId)?.profile === 'fapi2' ? '2.0' : undefined) },
      // Sent by Tenure when a session ends, whoever ends it, and never by the library; announced here.
      backchannelLogout: { enabled: true },
      // Answered by a route of ours; announced here.
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_ctx, resource, client) {
          if (!applicationOf(client.clientId).resources.includes(resource)) throw new library.errors.InvalidTarget();
          const alg = client.idTokenSignedResponseAlg === 'PS256' ? 'PS256' : 'RS256';
          return { audience: resource, scope: '', accessTokenFormat: 'jwt', accessTokenTTL: ACCESS_TOKEN, jwt: { sign: { alg } } };
        },
      },
    },
    enabledJWA: {
      clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'Ed25519', 'EdDSA'],
      idTokenSigningAlgValues: signing as never,
      userinfoSigningAlgValues: signing as never,
      dPoPSigningAlgValues: ['ES256', 'PS256', 'Ed25519', 'EdDSA'],
    },
    ttl: {
      AccessToken: (_ctx, token) => withinSession(token.resourceServer?.accessTokenTTL ?? ACCESS_TOKEN, current()),
      AuthorizationCode: CODE,
      // As long as the application may keep its session.
      IdToken: () => withinSession(Number.MAX_SAFE_INTEGER, current()),
      Interaction: INTERACTION,
      RefreshToken: () => withinSession(Number.MAX_SAFE_INTEGER, current()),
      Session: INTERACTION,
      Grant: INTERACTION,
    },
    fetch: guardedFetch as never,
    renderError(ctx, out) {
      const reference = requests.get(ctx.req)?.id ?? '';
      ctx.type = 'html';
      ctx.body = errorPage(reference, errorSentence(out.error, out.error_description));
    },
  };
  const provider = new library.Provider(issuer, settings);
  provider.proxy = true;
  useSessionsOfTenure(provider, requests, readSession);
  allowFormPost(provider);
  logRefusals(provider, requests, dependencies.logger);
  return provider;
}

/** Seconds, at most until the end of the session at the application. */
function withinSession(seconds: number, ctx: KoaContextWithOIDC | undefined): number {
  const end = ctx?.oidc.entities.Grant?.exp;
  return end === undefined ? Math.min(seconds, ACCESS_TOKEN) : Math.max(1, Math.min(seconds, end - Math.floor(Date.now() / 1_000)));
}
