import type { Instant, LoginRefusal } from '@tenure/domain';
import { normaliseOidcClaims, type OidcLogin } from '@tenure/federation';
import * as openid from 'openid-client';
import { discoverProvider, type OidcDiscoverySettings } from './oidc-discovery.ts';
import { refuseOidc, toOidcRefusal } from './oidc-refusals.ts';

export interface OidcClientSettings extends OidcDiscoverySettings {
  /** Our callback's public address, as it is registered with the provider. */
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** When the user info endpoint is asked; `when-needed`: where the ID token lacks one of the claims that are read. */
  readonly userInfo: 'when-needed' | 'always' | 'never';
  /** Names of the claims that are read; `null`: any. */
  readonly claimsRead: readonly string[] | null;
}

/** What a login remembers between its two requests. All three are random; `verifier` never leaves the server. */
export interface OidcSecrets {
  readonly state: string;
  readonly nonce: string;
  /** PKCE code verifier (RFC 7636 section 4.1). */
  readonly verifier: string;
}

/** One OpenID provider. */
export interface OidcClient {
  /**
   * Where to send the browser (OIDC core 3.1.2.1), with PKCE S256.
   * @throws LoginRefused `provider-unreachable` when the provider was never found
   */
  authorizationUrl(secrets: OidcSecrets, now: Instant): Promise<string>;
  /**
   * Verifies the provider's answer, trades the code and verifies the ID token with its signature.
   * @param url the callback request's address; only its query counts
   * @throws LoginRefused with an `OidcRefusal` as its reason
   */
  callback(url: URL, expected: OidcSecrets, now: Instant): Promise<OidcLogin>;
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
  return {
    authorizationUrl: async (secrets, now) => {
      const url = openid.buildAuthorizationUrl(await discovery.current(now), {
        redirect_uri: settings.redirectUri,
        scope: settings.scopes.join(' '),
        state: secrets.state,
        nonce: secrets.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(secrets.verifier),
        code_challenge_method: 'S256',
      });
      return url.href;
    },
    callback: async (url, expected, now) => {
      checkAnswer(url, expected, settings.issuer);
      const provider = await discovery.current(now);
      checkNamed(url, provider.serverMetadata());
      try {
        return await trade(provider, settings, answerUrl(settings.redirectUri, url), expected, now);
      } catch (error) {
        throw toOidcRefusal(error);
      }
    },
    prepare: discovery.prepare,
    stop: discovery.stop,
  };
}

/** Checked before anything is sent: whether this is an answer to us at all (OIDC core 3.1.2.7, RFC 9207 section 2.4). */
function checkAnswer(url: URL, { state }: OidcSecrets, issuer: string): void {
  const states = url.searchParams.getAll('state');
  if (states.length !== 1 || states[0] !== state) throw refuseOidc('state-mismatch', 'the answer belongs to another login');
  if (url.searchParams.getAll('iss').some((value) => value !== issuer)) throw refuseOidc('issuer-mismatch', 'the answer is from another issuer');
}

/** A provider that says that it always names itself has to (RFC 9207 section 2.4). */
function checkNamed(url: URL, { authorization_response_iss_parameter_supported: always }: openid.ServerMetadata): void {
  if (always && !url.searchParams.has('iss')) throw refuseOidc('issuer-mismatch', 'the answer does not name its issuer');
}

/** The request as the provider sent it: behind a proxy the server's own idea of its address may differ from the registered one. */
function answerUrl(redirectUri: string, received: URL): URL {
  const url = new URL(redirectUri);
  url.search = received.search;
  return url;
}

async function trade(provider: openid.Configuration, settings: OidcClientSettings, url: URL, expected: OidcSecrets, now: Instant): Promise<OidcLogin> {
  const tokens = await openid.authorizationCodeGrant(provider, url, {
    pkceCodeVerifier: expected.verifier,
    expectedState: expected.state,
    expectedNonce: expected.nonce,
    idTokenExpected: true,
  });
  const idToken = tokens.claims();
  if (idToken === undefined) throw refuseOidc('token-invalid', 'the provider sent no ID token');
  checkTime(idToken, now);
  checkWhoFor(idToken, provider.clientMetadata().client_id);
  const { userInfo, error } = await readUserInfo(provider, settings, tokens.access_token, idToken);
  const sessionId = idToken['sid'];
  return {
    issuer: idToken.iss,
    subject: idToken.sub,
    claims: normaliseOidcClaims(idToken, userInfo),
    sessionId: typeof sessionId === 'string' ? sessionId : null,
    sessionEnd: sessionEndOf(idToken),
    userInfoError: error,
  };
}

/**
 * What the user info endpoint says. One that does not answer, or not with this token, keeps nobody out whose ID token has all that is read.
 * @returns `error`: why it said nothing, where something is missing without it
 * @throws where its answer does not verify
 */
async function readUserInfo(
  provider: openid.Configuration,
  { userInfo: when, claimsRead }: OidcClientSettings,
  accessToken: string,
  idToken: openid.IDToken,
): Promise<{ readonly userInfo: openid.UserInfoResponse | null; readonly error: Error | null }> {
  const isNeeded = claimsRead === null || claimsRead.some((name) => !Object.hasOwn(idToken, name));
  if (when === 'never' || (when === 'when-needed' && !isNeeded) || provider.serverMetadata().userinfo_endpoint === undefined)
    return { userInfo: null, error: null };
  try {
    return { userInfo: await openid.fetchUserInfo(provider, accessToken, idToken.sub), error: null };
  } catch (error) {
    // It says nothing. What it says wrongly is refused: it speaks of somebody else, or of nobody.
    if (!SILENT.includes(toOidcRefusal(error).reason)) throw error;
    return { userInfo: null, error: isNeeded ? new Error('user info was refused', { cause: error }) : null };
  }
}

const SILENT: readonly LoginRefusal[] = ['client-refused', 'code-refused', 'provider-unreachable'];

/** The provider's own session, in seconds of Unix time. */
function sessionEndOf({ session_expiry: end }: openid.IDToken): Instant | null {
  if (end === undefined) return null;
  if (typeof end !== 'number' || !(end > 0 && end < LATEST)) throw refuseOidc('token-invalid', 'session_expiry is not a valid time');
  return new Date(Math.floor(end * 1000)).toISOString();
}
/** The year 9999, in seconds. */
const LATEST = 253_402_300_799;

/** What the library leaves to us: a token for another client's use (OIDC core 3.1.3.7, 5), a subject beyond what one may be (OIDC core 2). */
function checkWhoFor({ azp, sub }: openid.IDToken, clientId: string): void {
  if (azp !== undefined && azp !== clientId) throw refuseOidc('audience-mismatch', 'the token was made for the use of another client');
  if (sub === '') throw refuseOidc('token-invalid', 'the subject is empty');
  if (sub.length > MAXIMUM_SUBJECT) throw refuseOidc('token-invalid', `the subject is longer than ${MAXIMUM_SUBJECT} characters`);
}
const MAXIMUM_SUBJECT = 255;

/** The library goes by the machine's clock; the login goes by its own. */
function checkTime({ exp, iat }: openid.IDToken, now: Instant): void {
  const seconds = Date.parse(now) / 1000;
  if (exp <= seconds - CLOCK_TOLERANCE || iat > seconds + CLOCK_TOLERANCE) throw refuseOidc('token-expired', 'the ID token is not valid at this time');
}
const CLOCK_TOLERANCE = 30;
