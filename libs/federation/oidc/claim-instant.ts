import type { Instant } from '@tenure/domain';

/** Instant of a claim in seconds of Unix time (`auth_time`, `session_expiry`); `null`: absent or no valid time. */
export function claimInstant(claim: unknown): Instant | null {
  return typeof claim === 'number' && claim > 0 && claim < LATEST ? new Date(Math.floor(claim * 1000)).toISOString() : null;
}

/** The year 9999, in seconds. */
const LATEST = 253_402_300_799;
