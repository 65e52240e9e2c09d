import { type Instant, LoginRefused } from '@tenure/domain';
import { type Refusal, refuse } from './refusal.ts';

/**
 * Refuses a login whose session at the provider has expired. @param session `end`: SAML SessionNotOnOrAfter, OpenID Connect session_expiry; `null`:
 * none is stated
 */
export function providerSessionGoesOn({ end, now }: { readonly end: Instant | null; readonly now: Instant }): Refusal | null {
  return end === null || end > now ? null : refuse(new LoginRefused('session-expired', 'the session at the provider has expired'));
}
