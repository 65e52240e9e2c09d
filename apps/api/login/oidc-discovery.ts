import { LoginRefused, type Instant } from '@tenure/domain';
import type { JsonWebKey } from 'node:crypto';
import * as openid from 'openid-client';
import type { Keyring } from '@tenure/engine/keys';
import { authenticateClient, type ClientAuthenticationSettings } from './client-authentication.ts';
import { isLoopbackHost, providerFetch, refusedAddress } from '@tenure/outbound';

export interface OidcDiscoverySettings extends ClientAuthenticationSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly keyring: Pick<Keyring, 'signing'>;
  /** Milliseconds between two looks at the discovery document; an hour unless set. */
  readonly refreshInterval?: number;
  /** Called for each look that failed. The last result stays. */
  readonly onProblem?: (error: Error) => void;
  /** Time for the timer's looks; the machine's unless set. */
  readonly clock?: () => Instant;
}

/** An OpenID provider as its discovery document describes it. */
export interface DiscoveredProvider {
  readonly configuration: openid.Configuration;
  /** The provider's metadata object; read through the library, all of it would be copied each time. */
  readonly metadata: Readonly<openid.ServerMetadata>;
  /** Public keys as they were fetched last; empty: they could not be fetched yet. */
  readonly keys: readonly JsonWebKey[];
}

/** Metadata and keys of one OpenID provider, kept fresh. */
export interface OidcDiscovery {
  /** @throws LoginRefused `provider-unreachable` when the provider was never found */
  current(now: Instant): Promise<DiscoveredProvider>;
  /** Looks for the provider and its signing keys ahead of the first login. A failure is reported to `onProblem`. */
  prepare(): Promise<void>;
  /** Fetches the keys again, unless that was done less than a minute ago: strangers must not make us busy. @returns true if they were fetched */
  refreshKeys(now: Instant): Promise<boolean>;
  stop(): void;
}

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** Signing keys are fetched again this often (milliseconds), since the library takes none that are older than five minutes. */
const KEYS = 120_000;
/**
 * Seconds by which keys are treated as older than they are: for an unknown key id the library fetches keys again only where they are a minute old.
 */
const REFETCHABLE = 60;

/**
 * Follows a discovery document (OIDC discovery 4) and the signing keys, so that no login waits for them. For an unknown key id openid-client fetches
 * the keys at once, and so it does where they could not be fetched ahead.
 */
export function discoverProvider(settings: OidcDiscoverySettings): OidcDiscovery {
  let good: DiscoveredProvider | null = null;
  let looking: Promise<void> | null = null;
  const look = (): Promise<void> => {
    looking ??= discover(settings)
      .then(async (found) => void (good = await withKeys(found, settings, [])))
      .catch((error: unknown) => settings.onProblem?.(error instanceof Error ? error : new Error('failed')))
      .finally(() => (looking = null));
    return looking;
  };
  const refetch = async (known: DiscoveredProvider): Promise<void> => {
    const found = await withKeys(known.configuration, settings, known.keys);
    // A result of discovery that arrived meanwhile is newer.
    if (good === known) good = found;
  };
  let refetchedAt = Number.NEGATIVE_INFINITY;
  const timer = setInterval(() => void look(), settings.refreshInterval ?? HOUR).unref();
  const keys = setInterval(() => {
    const known = good;
    if (known !== null && looking === null) void refetch(known);
  }, KEYS).unref();
  return {
    current: async () => {
      if (good === null) await look();
      if (good === null) throw new LoginRefused('provider-unreachable', 'the OpenID provider has not been found yet');
      return good;
    },
    prepare: async () => {
      if (good === null) await look();
    },
    refreshKeys: async (now) => {
      if (good === null || Math.abs(Date.parse(now) - refetchedAt) < MINUTE) return false;
      refetchedAt = Date.parse(now);
      await refetch(good);
      return true;
    },
    stop: () => {
      clearInterval(timer);
      clearInterval(keys);
    },
  };
}

function discovered(configuration: openid.Configuration, keys: readonly JsonWebKey[]): DiscoveredProvider {
  return { configuration, metadata: configuration.serverMetadata(), keys };
}

async function discover({ issuer, clientId, keyring, ...client }: OidcDiscoverySettings): Promise<openid.Configuration> {
  const url = new URL(issuer);
  const refused = refusedAddress(url);
  if (refused !== null) throw new Error(`${url.origin}: ${refused}`);
  const found = await openid.discovery(url, clientId, undefined, authenticateClient(client, keyring), {
    execute: [...demands(url)],
    timeout: 5,
    [openid.customFetch]: openidFetch(issuer),
  });
  if (found.serverMetadata().issuer !== issuer) throw new Error(`${url.origin} calls itself by another issuer than the configured one`);
  mustBeFit(found.serverMetadata(), url);
  return found;
}

/** The provider as it was found, with its present keys; as it was, where these do not come. */
async function withKeys(
  found: openid.Configuration,
  { issuer, clientId, keyring, onProblem, ...client }: OidcDiscoverySettings,
  known: readonly JsonWebKey[],
): Promise<DiscoveredProvider> {
  const { supportsPKCE: _supports, ...metadata } = found.serverMetadata();
  if (metadata.jwks_uri === undefined) return discovered(found, known);
  try {
    const answer = await providerFetch(metadata.jwks_uri, { headers: { accept: 'application/json' }, home: issuer });
    const jwks = (await answer.json()) as { readonly keys?: unknown };
    if (answer.status !== 200 || !Array.isArray(jwks.keys)) throw new Error(`${new URL(metadata.jwks_uri).origin} answered no signing keys`);
    // A new object: the library keeps the keys that it has fetched for as long as the object exists.
    const fresh = new openid.Configuration(metadata, clientId, undefined, authenticateClient(client, keyring));
    fresh.timeout = 5;
    fresh[openid.customFetch] = openidFetch(issuer);
    for (const set of demands(new URL(issuer))) set(fresh);
    openid.setJwksCache(fresh, { jwks: jwks as never, uat: Math.floor(Date.now() / 1000) - REFETCHABLE });
    return discovered(fresh, jwks.keys as readonly JsonWebKey[]);
  } catch (error) {
    onProblem?.(error instanceof Error ? error : new Error('failed'));
    return discovered(found, known);
  }
}

/** Checks that the library has to make. Without the signature check, a token that came straight from the token endpoint is trusted by TLS alone. */
function demands(url: URL): readonly ((configuration: openid.Configuration) => void)[] {
  const insecure = url.protocol === 'http:' && isLoopbackHost(url.hostname);
  return insecure ? [openid.enableNonRepudiationChecks, openid.allowInsecureRequests] : [openid.enableNonRepudiationChecks];
}

/** Checks that the address to which browsers are sent is as safe as those that we call ourselves; the other endpoints are checked at each request. */
function mustBeFit({ authorization_endpoint: endpoint }: openid.ServerMetadata, home: URL): void {
  const url = endpoint === undefined ? null : URL.parse(endpoint);
  const refused = url === null ? 'there is none' : refusedAddress(url, home);
  if (refused !== null) throw new Error(`${home.origin}: authorization_endpoint: ${refused}`);
}

/** Fetch function of openid-client: bounded and guarded like all requests to identity providers. */
function openidFetch(home: string): openid.CustomFetch {
  return (url, { method, headers, body }) => {
    const text = body instanceof URLSearchParams ? body.toString() : typeof body === 'string' ? body : null;
    return providerFetch(url, { method, headers, body: text, home });
  };
}
