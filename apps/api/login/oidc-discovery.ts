import { LoginRefused, type Instant } from '@tenure/domain';
import * as openid from 'openid-client';
import { isLoopbackHost, refusedAddress } from '@tenure/connectors/outbound-address';
import { providerFetch } from '@tenure/connectors/provider-fetch';

export interface OidcDiscoverySettings {
  readonly issuer: string;
  readonly clientId: string;
  /** `null`: a public client, held by PKCE alone. */
  readonly clientSecret: string | null;
  /** Milliseconds between two looks at the discovery document; an hour unless set. */
  readonly refreshInterval?: number;
  /** Told of each look that failed. What was found last stays. */
  readonly onProblem?: (error: Error) => void;
  /** Time for the timer's looks; the machine's unless set. */
  readonly clock?: () => Instant;
}

/** What is known of one OpenID provider, kept fresh. */
export interface OidcDiscovery {
  /** @throws LoginRefused `provider-unreachable` when the provider was never found */
  current(now: Instant): Promise<openid.Configuration>;
  stop(): void;
}

const HOUR = 3_600_000;

/** Follows a discovery document (OIDC discovery 4). Signing keys are followed by openid-client, which fetches them again for an unknown key id. */
export function discoverProvider(settings: OidcDiscoverySettings): OidcDiscovery {
  let good: openid.Configuration | null = null;
  let looking: Promise<void> | null = null;
  const look = (): Promise<void> => {
    looking ??= discover(settings)
      .then((found) => void (good = found))
      .catch((error: unknown) => settings.onProblem?.(error instanceof Error ? error : new Error('failed')))
      .finally(() => (looking = null));
    return looking;
  };
  const timer = setInterval(() => void look(), settings.refreshInterval ?? HOUR).unref();
  return {
    current: async () => {
      if (good === null) await look();
      if (good === null) throw new LoginRefused('provider-unreachable', 'the OpenID provider has not been found yet');
      return good;
    },
    stop: () => clearInterval(timer),
  };
}

async function discover({ issuer, clientId, clientSecret }: OidcDiscoverySettings): Promise<openid.Configuration> {
  const url = new URL(issuer);
  const refused = refusedAddress(url);
  if (refused !== null) throw new Error(`${url.origin}: ${refused}`);
  const insecure = url.protocol === 'http:' && isLoopbackHost(url.hostname);
  // Without the signature check, a token that came straight from the token endpoint is believed on the strength of TLS alone.
  const execute = insecure ? [openid.enableNonRepudiationChecks, openid.allowInsecureRequests] : [openid.enableNonRepudiationChecks];
  const found = await openid.discovery(url, clientId, undefined, authentication(clientSecret), {
    execute,
    timeout: 5,
    [openid.customFetch]: openidFetch(issuer),
  });
  if (found.serverMetadata().issuer !== issuer) throw new Error(`${url.origin} calls itself by another issuer than the configured one`);
  mustBeFit(found.serverMetadata(), url);
  return found;
}

/** Where browsers are sent has to be as safe as where we go ourselves; the other endpoints are judged at each request. */
function mustBeFit({ authorization_endpoint: endpoint }: openid.ServerMetadata, home: URL): void {
  const url = endpoint === undefined ? null : URL.parse(endpoint);
  const refused = url === null ? 'there is none' : refusedAddress(url, home);
  if (refused !== null) throw new Error(`${home.origin}: authorization_endpoint: ${refused}`);
}

/** client_secret_basic is what a client is registered with unless it asks for something else (OIDC dynamic registration 2). */
function authentication(clientSecret: string | null): openid.ClientAuth {
  return clientSecret === null ? openid.None() : openid.ClientSecretBasic(clientSecret);
}

/** openid-client's way out: bounded and guarded like all talk with identity providers. */
function openidFetch(home: string): openid.CustomFetch {
  return (url, { method, headers, body }) => {
    const text = body instanceof URLSearchParams ? body.toString() : typeof body === 'string' ? body : null;
    return providerFetch(url, { method, headers, body: text, home });
  };
}
