import { readFile, stat } from 'node:fs/promises';
import { LoginRefused, type Instant } from '@tenure/domain';
import { parseSamlMetadata, type SamlProviderMetadata, type SamlResponseInput, type VerifiedAssertion, verifySamlResponse } from '@tenure/federation';
import { providerFetch, refusedAddress } from '@tenure/outbound';

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

/** One identity provider's metadata, kept fresh. */
export interface SamlMetadataSource {
  /**
   * The last good metadata; looks for it first when there is none yet or it has expired.
   * @throws LoginRefused `provider-unreachable` when none is valid
   */
  current(now: Instant): Promise<SamlProviderMetadata>;
  /**
   * Looks again at once, unless a look was less than `minimumInterval` ago: strangers must not make us busy.
   * @returns true if the signing certificates have changed
   */
  refresh(now: Instant): Promise<boolean>;
  /** Looks ahead of the first login. A failure is reported to `onProblem`. */
  prepare(): Promise<void>;
  /** Ends the timer. */
  stop(): void;
}

const HOUR = 3_600_000;
const MINUTE = 60_000;
const FILE_LIMIT = 1_048_576;

/** Begins to follow an identity provider's metadata. The first look happens with the first login or the first interval. */
export function createSamlMetadataSource(settings: SamlMetadataSettings): SamlMetadataSource {
  const clock = settings.clock ?? (() => new Date().toISOString());
  let good: SamlProviderMetadata | null = null;
  let lastLook = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;

  const look = (now: Instant): Promise<void> => {
    lastLook = Date.parse(now);
    looking ??= load(settings.location, now)
      .then((metadata) => void (good = metadata))
      .catch((error: unknown) => settings.onProblem?.(error instanceof Error ? error : new Error('failed')))
      .finally(() => (looking = null));
    return looking;
  };
  const mayLook = (now: Instant) => looking !== null || Date.parse(now) - lastLook >= (settings.minimumInterval ?? MINUTE);
  const holds = (now: Instant) => good !== null && (good.validUntil === null || good.validUntil > now);

  const timer = setInterval(() => void look(clock()), settings.refreshInterval ?? HOUR).unref();
  return {
    current: async (now) => {
      // A missing document is looked for with every login until it is there; an old one only as often as strangers may ask.
      if (good === null || (!holds(now) && mayLook(now))) await look(now);
      if (good === null || !holds(now)) throw new LoginRefused('provider-unreachable', 'there is no valid metadata of the identity provider');
      return good;
    },
    refresh: async (now) => {
      const before = keysOf(good);
      if (mayLook(now)) await look(now);
      return keysOf(good) !== before;
    },
    prepare: async () => {
      if (good === null) await look(clock());
    },
    stop: () => clearInterval(timer),
  };
}

function keysOf(metadata: SamlProviderMetadata | null): string {
  return metadata?.signingCertificates.map(({ pem }) => pem).join() ?? '';
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

async function load(location: string, now: Instant): Promise<SamlProviderMetadata> {
  const isUrl = /^https?:\/\//i.test(location);
  const metadata = parseSamlMetadata(isUrl ? await fetchText(location) : await readText(location), now);
  // The address to which browsers are sent has to be as safe as those that we call ourselves.
  const ssoUrl = new URL(metadata.ssoUrl);
  const refused = refusedAddress(ssoUrl, isUrl ? new URL(location) : ssoUrl);
  if (refused !== null) throw new Error(`SingleSignOnService: ${refused}`);
  const home = isUrl ? new URL(location) : ssoUrl;
  const isFit = (url: string): boolean => refusedAddress(new URL(url), home) === null;
  return { ...metadata, logoutServices: metadata.logoutServices.filter(({ url, responseUrl }) => isFit(url) && isFit(responseUrl)) };
}

async function fetchText(url: string): Promise<string> {
  const answer = await providerFetch(url, { redirects: 3, headers: { accept: 'application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.8' } });
  if (answer.status !== 200) throw new Error(`${new URL(url).origin} answered ${answer.status}`);
  return answer.text();
}

async function readText(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > FILE_LIMIT) throw new Error('the metadata file is larger than 1 MiB');
  return readFile(path, 'utf8');
}
