import { type Instant, type LoginDemands, type LoginRefusal, LoginRefused, mustPass } from '@tenure/domain';
import {
  claimInstant,
  type ReceivedLogoutToken,
  normaliseOidcClaims,
  OIDC_CHECKS,
  type OidcLogin,
  readLogoutToken,
  refuseOidc,
  sessionEndOf,
} from '@tenure/federation';
import { refusedAddress } from '@tenure/outbound';
import * as openid from 'openid-client';
import { type DiscoveredProvider, discoverProvider, type OidcDiscoverySettings } from './oidc-discovery.ts';
import { toOidcRefusal } from './oidc-refusals.ts';

export interface OidcClientSettings extends OidcDiscoverySettings {
  /** Our callback's public address, as it is registered with the provider. */
  readonly redirectUri: string;
  /** Address to which the browser returns from a logout at the provider, as it is registered there. */
  readonly postLogoutRedirectUri: string;
  readonly scopes: readonly string[];
  /** Condition on which the user info endpoint is called; `when-needed`: where the ID token lacks one of the claims that are read. */
  readonly userInfo: 'when-needed' | 'always' | 'never';
  /** Names of the claims that are read; `null`: any. */
  readonly claimsRead: readonly string[] | null;
  /** True: requests are pushed (RFC 9126); absent: where the provider demands it. */
  readonly pushRequests?: boolean;
  /** True: access tokens are bound to a key (RFC 9449); absent: false. */
  readonly dpop?: boolean;
}

/** Demands on the authentication, with the name of the person as far as it is known, for the provider's login page. */
export interface OidcDemands extends Pick<LoginDemands, 'force' | 'passive' | 'acr'> {
  /** `login_hint`; `null`: none. */
  readonly hint: string | null;
}

/** Secrets of a login between its two requests. All three are random; `verifier` never leaves the server. */
export interface OidcSecrets {
  readonly state: string;
  readonly nonce: string;
  /** PKCE code verifier (RFC 7636 section 4.1). */
  readonly verifier: string;
}

/** One OpenID provider. */
export interface OidcClient {
  /**
   * Address to which the browser is sent (OIDC core 3.1.2.1), with PKCE S256.
   * @throws LoginRefused `provider-unreachable` when the provider was never found
   */
  authorizationUrl(secrets: OidcSecrets, now: Instant, demands?: OidcDemands): Promise<string>;
  /**
   * Verifies the provider's answer, trades the code and verifies the ID token with its signature.
   * @param url the callback request's address; only its query counts
   * @throws LoginRefused with an `OidcRefusal` as its reason
   */
  callback(url: URL, expected: OidcSecrets, now: Instant): Promise<OidcLogin>;
  /**
   * Address of a logout at the provider (OpenID Connect RP-Initiated Logout 1.0 section 2); `null`: it offers none.
   * @throws LoginRefused `provider-unreachable` when the provider was never found
   */
  logoutUrl(logout: { readonly state: string; readonly idToken: string | null }, now: Instant): Promise<string | null>;
  /**
   * Verifies a logout token by the keys of the provider, and once more by fresh ones where it is by none of them.
   * @throws LoginRefused
   */
  readLogoutToken(token: string, now: Instant): Promise<ReceivedLogoutToken>;
  /** Looks for the provider ahead of the first login. */
  prepare(): Promise<void>;
  /** Ends the timers that refresh discovery and keys. */
  stop(): void;
}

/** Fresh secrets for one login. */
export function newOidcSecrets(): OidcSecrets {
  return { state: openid.randomState(), nonce: openid.randomNonce(), verifier: openid.randomPKCECodeVerifier() };
}

/** Begins to follow an OpenID provider. It is first spoken to with the first login, unless `prepare` is called before. */
export function createOidcClient(settings: OidcClientSettings): OidcClient {
  const discovery = discoverProvider(settings);
  let pair: Promise<openid.CryptoKeyPair> | null = null;
  /** Access tokens are used at once, by this process: their key is its own, and is never stored. */
  const binding = async ({ configuration, metadata }: DiscoveredProvider): Promise<openid.DPoPOptions> => {
    if (settings.dpop !== true) return {};
    const supported = metadata.dpop_signing_alg_values_supported ?? ['ES256'];
    const algorithm = DPOP_ALGORITHMS.find((one) => supported.includes(one));
    if (algorithm === undefined) throw refuseOidc('client-refused', 'the provider supports no DPoP algorithm of Tenure');
    pair ??= openid.randomDPoPKeyPair(algorithm);
    return { DPoP: openid.getDPoPHandle(configuration, await pair) };
  };
  return {
    authorizationUrl: async (secrets, now, demands) => {
      const { configuration, metadata } = await discovery.current(now);
      const parameters = {
        redirect_uri: settings.redirectUri,
        scope: settings.scopes.join(' '),
        state: secrets.state,
        nonce: secrets.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(secrets.verifier),
        code_challenge_method: 'S256',
        ...demandParameters(demands),
      };
      const isPushed = settings.pushRequests ?? metadata.require_pushed_authorization_requests === true;
      const url = isPushed ? await push(configuration, parameters) : openid.buildAuthorizationUrl(configuration, parameters);
      return url.href;
    },
    callback: async (url, expected, now) => {
      const query = url.searchParams;
      mustPass(OIDC_CHECKS.answer, { query, issuer: settings.issuer, state: expected.state });
      const provider = await discovery.current(now);
      mustPass(OIDC_CHECKS.provider, { query, namesItself: provider.metadata.authorization_response_iss_parameter_supported === true });
      try {
        return await trade(provider, settings, answerUrl(settings.redirectUri, url), expected, now, await binding(provider));
      } catch (error) {
        throw toOidcRefusal(error);
      }
    },
    logoutUrl: async ({ state, idToken }, now) => {
      const { configuration, metadata } = await discovery.current(now);
      const endpoint = metadata.end_session_endpoint;
      if (endpoint === undefined || refusedAddress(new URL(endpoint), new URL(settings.issuer)) !== null) return null;
      const hint = idToken === null ? {} : { id_token_hint: idToken };
      return openid.buildEndSessionUrl(configuration, { post_logout_redirect_uri: settings.postLogoutRedirectUri, state, ...hint }).href;
    },
    readLogoutToken: async (token, now) => {
      const { issuer, clientId } = settings;
      const { keys } = await discovery.current(now);
      try {
        return readLogoutToken(token, { issuer, clientId, keys, now });
      } catch (error) {
        const keyMayBeNew = error instanceof LoginRefused && error.reason === 'token-invalid';
        if (!keyMayBeNew || !(await discovery.refreshKeys(now))) throw error;
        return readLogoutToken(token, { issuer, clientId, keys: (await discovery.current(now)).keys, now });
      }
    },
    prepare: discovery.prepare,
    stop: discovery.stop,
  };
}

/** Algorithms of proofs (RFC 9449 section 4.2), the preferred first. */
const DPOP_ALGORITHMS = ['ES256', 'EdDSA', 'PS256', 'RS256'] as const;

/** Pushes a request (RFC 9126). @returns the address with its reference, and nothing else of it @throws LoginRefused */
async function push(configuration: openid.Configuration, parameters: Readonly<Record<string, string>>): Promise<URL> {
  try {
    return await openid.buildAuthorizationUrlWithPAR(configuration, parameters);
  } catch (error) {
    const refused = toOidcRefusal(error);
    throw refused.reason === 'provider-unreachable' ? refused : refuseOidc('client-refused', 'the provider did not take the pushed request', error);
  }
}

/** Parameters of demands (OpenID Connect core 3.1.2.1). With `max_age` the provider has to state when the person authenticated. */
function demandParameters(demands: OidcDemands | undefined): Readonly<Record<string, string>> {
  if (demands === undefined) return {};
  const { force, passive, acr, hint } = demands;
  return {
    // `none` stands alone; with it `max_age` alone demands that the session is new.
    ...(passive ? { prompt: 'none' } : force ? { prompt: 'login' } : {}),
    ...(force ? { max_age: '0' } : {}),
    ...(acr.length > 0 ? { acr_values: acr.join(' ') } : {}),
    ...(hint === null ? {} : { login_hint: hint }),
  };
}

/** The request as the provider sent it: behind a proxy the server's own idea of its address may differ from the registered one. */
function answerUrl(redirectUri: string, received: URL): URL {
  const url = new URL(redirectUri);
  url.search = received.search;
  return url;
}

async function trade(
  provider: DiscoveredProvider,
  settings: OidcClientSettings,
  url: URL,
  expected: OidcSecrets,
  now: Instant,
  binding: openid.DPoPOptions,
): Promise<OidcLogin> {
  const checks = {
    pkceCodeVerifier: expected.verifier,
    expectedState: expected.state,
    expectedNonce: expected.nonce,
    idTokenExpected: true,
  };
  const tokens = await openid.authorizationCodeGrant(provider.configuration, url, checks, undefined, binding);
  const idToken = tokens.claims();
  if (idToken === undefined) throw refuseOidc('token-invalid', 'the provider sent no ID token');
  const token = { claims: idToken, clientId: settings.clientId, now: Date.parse(now) / 1000 };
  mustPass(OIDC_CHECKS.token, token);
  const { userInfo, error } = await readUserInfo(provider, settings, tokens.access_token, idToken, binding);
  mustPass(OIDC_CHECKS.session, token);
  const sessionId = idToken['sid'];
  return {
    issuer: idToken.iss,
    subject: idToken.sub,
    claims: normaliseOidcClaims(idToken, userInfo),
    sessionId: typeof sessionId === 'string' ? sessionId : null,
    authenticatedAt: claimInstant(idToken.auth_time),
    acr: typeof idToken['acr'] === 'string' ? idToken['acr'] : null,
    idToken: tokens.id_token ?? '',
    sessionEnd: sessionEndOf(idToken),
    userInfoError: error,
  };
}

/**
 * Claims of the user info endpoint. If it does not answer, or not with this token, nobody is refused whose ID token has all claims that are read.
 * @returns `error`: the reason for missing claims, where some are missing without it
 * @throws where its answer does not verify
 */
async function readUserInfo(
  { configuration, metadata }: DiscoveredProvider,
  { userInfo: when, claimsRead }: OidcClientSettings,
  accessToken: string,
  idToken: openid.IDToken,
  binding: openid.DPoPOptions,
): Promise<{ readonly userInfo: openid.UserInfoResponse | null; readonly error: Error | null }> {
  const isNeeded = claimsRead === null || claimsRead.some((name) => !Object.hasOwn(idToken, name));
  if (when === 'never' || (when === 'when-needed' && !isNeeded) || metadata.userinfo_endpoint === undefined) return { userInfo: null, error: null };
  try {
    return { userInfo: await openid.fetchUserInfo(configuration, accessToken, idToken.sub, binding), error: null };
  } catch (error) {
    // No answer is accepted. An invalid one is refused: it is about somebody else, or about nobody.
    if (!SILENT.includes(toOidcRefusal(error).reason)) throw error;
    return { userInfo: null, error: isNeeded ? new Error('user info was refused', { cause: error }) : null };
  }
}

const SILENT: readonly LoginRefusal[] = ['client-refused', 'code-refused', 'provider-unreachable'];
