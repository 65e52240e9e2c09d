import { LoginRefused, type Instant } from '@tenure/domain';
import { parseSamlMetadata, type SamlProviderMetadata, type SamlResponseInput, type VerifiedAssertion, verifySamlResponse } from '@tenure/federation';
import { type FollowedDocument, followDocument, refusedAddress } from '@tenure/outbound';

export interface SamlMetadataSettings {
  /** URL or absolute file path. */
  readonly location: string;
  /** Milliseconds between two looks; an hour unless set. */
  readonly refreshInterval?: number;
  /** Milliseconds that have to lie between two looks that logins ask for; a minute unless set. */
  readonly minimumInterval?: number;
  /** Called for each look that failed. The last good metadata stays. */
  readonly onProblem?: (error: Error) => void;
  /** Time for the timer's looks; the machine's unless set. */
  readonly clock?: () => Instant;
}

/** One identity provider's metadata, kept fresh. Without valid metadata, `current` throws LoginRefused `provider-unreachable`. */
export type SamlMetadataSource = FollowedDocument<SamlProviderMetadata>;

/** Begins to follow an identity provider's metadata. The first look happens with the first login or the first interval. */
export function createSamlMetadataSource(settings: SamlMetadataSettings): SamlMetadataSource {
  return followDocument({
    ...settings,
    accept: 'application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.8',
    parse: readMetadata,
    validUntil: ({ validUntil }) => validUntil,
    fingerprint: ({ signingCertificates }) => signingCertificates.map(({ pem }) => pem).join(),
    unavailable: () => new LoginRefused('provider-unreachable', 'there is no valid metadata of the identity provider'),
  });
}

/**
 * Verifies a response with the current metadata, and once more with fresh metadata when the signature is by a key that was not known:
 * providers change keys without asking.
 * @throws LoginRefused
 */
export function verifyWithFreshMetadata(source: SamlMetadataSource, input: Omit<SamlResponseInput, 'provider'>): Promise<VerifiedAssertion> {
  return withFreshMetadata(source, input.now, (provider) => verifySamlResponse({ ...input, provider }));
}

/** Verifies any message in the same way. @throws LoginRefused */
export async function withFreshMetadata<T>(source: SamlMetadataSource, now: Instant, verify: (provider: SamlProviderMetadata) => Promise<T>): Promise<T> {
  try {
    return await verify(await source.current(now));
  } catch (error) {
    const keyMayBeNew = error instanceof LoginRefused && ['signature-invalid', 'signature-key-unknown'].includes(error.reason);
    if (!keyMayBeNew || !(await source.refresh(now))) throw error;
    return verify(await source.current(now));
  }
}

function readMetadata(xml: string, now: Instant, home: URL | null): SamlProviderMetadata {
  const metadata = parseSamlMetadata(xml, now);
  // The address to which browsers are sent has to be as safe as those that we call ourselves.
  const ssoUrl = new URL(metadata.ssoUrl);
  const from = home ?? ssoUrl;
  const refused = refusedAddress(ssoUrl, from);
  if (refused !== null) throw new Error(`SingleSignOnService: ${refused}`);
  const isFit = (url: string): boolean => refusedAddress(new URL(url), from) === null;
  return { ...metadata, logoutServices: metadata.logoutServices.filter(({ url, responseUrl }) => isFit(url) && isFit(responseUrl)) };
}
