import type { ProviderSettings } from '@tenure/config';
import { ProviderUnreachable } from '@tenure/outbound';
import { type ConnectionCheck, type ConnectionFailure, failedAt, type Instant, type KnownSteps, passed } from '@tenure/domain';
import { ProviderFails } from './provider-answer.ts';
import { checkMetadata } from './check-metadata.ts';
import { checkDiscovery } from './check-discovery.ts';

/**
 * Tests an identity provider as far as a login begins: its metadata, or its discovery document and keys, and whether it knows Tenure as a client.
 * Never throws: a failure is the result.
 * @param url Tenure's public address
 */
export async function checkProvider(settings: ProviderSettings, url: string, now: Instant): Promise<ConnectionCheck> {
  const address = settings.protocol === 'saml' ? settings.metadata : settings.issuer;
  const known = address.startsWith('https:') ? {} : address.startsWith('http:') ? unencrypted : fromFile;
  try {
    const { limits, more } = settings.protocol === 'saml' ? await checkMetadata(settings, now) : await checkDiscovery(settings, url);
    return passed(limits, { ...known, ...more, ...noRights });
  } catch (error) {
    return failedAt(failureBy(error, `identityProviders.${settings.name}.${settings.protocol === 'saml' ? 'metadata' : 'issuer'}`), known);
  }
}

const noRights: KnownSteps = { rights: { result: 'not-tested', reason: null, message: 'what it says of somebody shows with their login' } };
const unencrypted: KnownSteps = { certificate: { result: 'not-tested', reason: 'NOT_ENCRYPTED', message: 'nothing is encrypted on the way there' } };
const fromFile: KnownSteps = { certificate: { result: 'not-tested', reason: 'FILE', message: 'its metadata is a file' } };

function failureBy(error: unknown, field: string): ConnectionFailure {
  if (error instanceof ProviderFails) return { step: error.step, reason: error.reason, message: error.message };
  // The error of a fetch does not know the name of the setting.
  if (error instanceof ProviderUnreachable) return { step: error.step, reason: error.reason, message: error.message.replace('its address', field) };
  return { step: 'answers', reason: 'INTERNAL', message: 'the check itself failed: the log has the reason' };
}
