import { type Configuration, KEY_ROTATION, type KeyRotation } from '@tenure/config';
import type { KeyPurpose } from '@tenure/store';

/** Purposes for which Tenure has keys of its own. (Webhooks are signed with a secret of each receiver.) */
export const KEY_PURPOSES = ['saml', 'oidc', 'certificate'] as const satisfies readonly KeyPurpose[];
export type UsedPurpose = (typeof KEY_PURPOSES)[number];

/** Rules for the keys of one purpose. */
export interface KeyRules extends KeyRotation {
  /** Milliseconds for which something that a key has signed may be valid; `null`: for good, so that its keys are published for good. */
  readonly longestValidity: number | null;
}

/** Milliseconds that a key is published at least before it signs: every process looks again within half a minute, and clocks may differ. */
export const SHORTEST_PUBLICATION = 10 * 60_000;
const DAY = 24 * 3_600_000;

/**
 * Rules for a purpose. SAML: messages and assertions are valid for minutes, and metadata is kept for hours by its readers. OpenID Connect: ID tokens
 * are hints of a logout for as long as sessions last. Certificates of leavers are evidence, for good.
 */
export function keyRules(
  purpose: UsedPurpose,
  { keys = KEY_ROTATION, session, applications }: Pick<Configuration, 'keys' | 'session' | 'applications'>,
): KeyRules {
  const sessions = [session.lifetime, ...Object.values(applications).map((application) => application.session)];
  const longest = { saml: DAY, oidc: Math.max(...sessions) + DAY, certificate: null }[purpose];
  return { ...keys[purpose], longestValidity: longest };
}
