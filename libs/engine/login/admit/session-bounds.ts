import type { Configuration } from '@tenure/config';
import type { Instant } from '@tenure/domain';
import type { SessionBounds } from '@tenure/store';

/**
 * End of a session that begins now: after its lifetime, or with the provider's own session where that ends earlier.
 * @param providerEnd after `now`; `null`: the provider states none
 */
export function sessionBounds({ lifetime, idle }: Configuration['session'], providerEnd: Instant | null, now: Instant): SessionBounds {
  const own = new Date(Date.parse(now) + lifetime).toISOString();
  return { expiresAt: providerEnd !== null && providerEnd < own ? providerEnd : own, idleSeconds: Math.floor(idle / 1000) };
}
