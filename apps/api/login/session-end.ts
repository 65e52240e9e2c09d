import { type Instant, LoginRefused } from '@tenure/domain';

/**
 * When a session ends that begins now: after its lifetime, or with the provider's own session where that is over earlier.
 * @param lifetime milliseconds
 * @param providerEnd SAML SessionNotOnOrAfter, OpenID Connect session_expiry; `null`: the provider says none
 * @throws LoginRefused `session-expired` when the provider's session is over
 */
export function sessionEnd(now: Instant, lifetime: number, providerEnd: Instant | null): Instant {
  if (providerEnd !== null && providerEnd <= now) throw new LoginRefused('session-expired', 'the session at the provider has expired');
  const own = new Date(Date.parse(now) + lifetime).toISOString();
  return providerEnd !== null && providerEnd < own ? providerEnd : own;
}
