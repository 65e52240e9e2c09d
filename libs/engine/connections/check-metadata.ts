import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SamlProviderSettings } from '@tenure/config';
import { providerFetch, refusedAddress } from '@tenure/outbound';
import { type ConnectionLimit, DomainError, type Instant, type KnownSteps } from '@tenure/domain';
import { parseSamlMetadata, type SamlProviderMetadata } from '@tenure/federation';
import { ProviderFails, textOf } from './provider-answer.ts';

/** Findings of a successful provider test: limits, and steps that were tested separately. */
export interface ProviderFound {
  readonly limits: readonly ConnectionLimit[];
  readonly more: KnownSteps;
}

/** Milliseconds before the expiry of a certificate or document from which on that is reported. */
const soon = 30 * 24 * 3_600_000;

/** Reads a SAML provider's metadata as a login would. */
export async function checkMetadata({ name, metadata: location }: SamlProviderSettings, now: Instant): Promise<ProviderFound> {
  const field = `identityProviders.${name}.metadata`;
  const isUrl = /^https?:\/\//i.test(location);
  const found = parsed(isUrl ? await fetched(location, field) : await fromFile(location, field), field, now);
  const ssoUrl = new URL(found.ssoUrl);
  const refused = refusedAddress(ssoUrl, isUrl ? new URL(location) : ssoUrl);
  if (refused !== null) throw new ProviderFails('answers', 'ADDRESS_REFUSED', `its SingleSignOnService is not where browsers may be sent: ${refused}`);
  return {
    limits: [...certificateLimits(found, now), ...documentLimits(found, now)],
    more: { credentials: { result: 'not-tested', reason: null, message: 'SAML needs none' } },
  };
}

async function fetched(url: string, field: string): Promise<string> {
  return textOf(await providerFetch(url, { redirects: 3, headers: { accept: 'application/samlmetadata+xml, application/xml;q=0.9' } }), 'metadata', field);
}

async function fromFile(path: string, field: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
    throw new ProviderFails('reached', code, `the file of ${field} cannot be read (${code}): put it there, or name its address`);
  }
}

function parsed(xml: string, field: string, now: Instant): SamlProviderMetadata {
  try {
    return parseSamlMetadata(xml, now);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const reason = error.message.startsWith('the metadata expired') ? 'METADATA_EXPIRED' : 'METADATA_INVALID';
    throw new ProviderFails('answers', reason, `${error.message}: have the provider publish valid metadata, and check ${field}`);
  }
}

/**
 * Limits by certificates: logins continue with an expired one, since the metadata vouches for its key; providers often stop using it at that instant.
 */
function certificateLimits({ signingCertificates }: SamlProviderMetadata, now: Instant): readonly ConnectionLimit[] {
  const ends = signingCertificates.map(({ pem }) => new X509Certificate(pem).validToDate.getTime());
  const last = Math.max(...ends);
  const day = new Date(last).toISOString().slice(0, 10);
  if (last <= Date.parse(now))
    return [{ code: 'SIGNING_CERTIFICATE_EXPIRED', message: `its newest signing certificate expired on ${day}: expect a change of keys` }];
  return last - Date.parse(now) < soon ? [{ code: 'SIGNING_CERTIFICATE_EXPIRES', message: `its newest signing certificate expires on ${day}` }] : [];
}

function documentLimits({ validUntil }: SamlProviderMetadata, now: Instant): readonly ConnectionLimit[] {
  // Many are valid for some days and published anew each day.
  if (validUntil === null || Date.parse(validUntil) - Date.parse(now) > 24 * 3_600_000) return [];
  return [{ code: 'METADATA_EXPIRES', message: `its metadata is valid until ${validUntil}: the provider has to publish it anew before` }];
}
