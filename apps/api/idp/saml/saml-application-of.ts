import { type Instant, LoginRefused } from '@tenure/domain';
import type { SamlApplication, SamlApplications } from '@tenure/engine/applications';
import { claimedIssuer, type ReceivedMessage, type SamlApplicationMetadata } from '@tenure/federation';

/** Application that a message claims to be of. @throws LoginRefused `wrong-issuer` when none is registered */
export async function samlApplicationOf(applications: SamlApplications, received: ReceivedMessage, now: Instant): Promise<SamlApplication> {
  const issuer = claimedIssuer(received);
  const found = issuer === null ? null : await applications.withEntityId(issuer, now);
  if (found === null) throw new LoginRefused('wrong-issuer', 'the message is of no registered application');
  return found;
}

/**
 * Reads a message by the current metadata, and once more by fresh metadata when the signature is by a key that was not known: applications change keys
 * without asking.
 * @throws LoginRefused
 */
export async function readWithFreshMetadata<T>({ metadata }: SamlApplication, now: Instant, read: (metadata: SamlApplicationMetadata) => T): Promise<T> {
  try {
    return read(await metadata.current(now));
  } catch (error) {
    const keyMayBeNew = error instanceof LoginRefused && ['signature-invalid', 'signature-key-unknown'].includes(error.reason);
    if (!keyMayBeNew || !(await metadata.refresh(now))) throw error;
    return read(await metadata.current(now));
  }
}
