import type { Instant } from '../identity/facts.ts';

/** Use of an account, as far as the target reports it. */
export interface AccountUse {
  /** `null`: the target reports none for this account. */
  readonly lastUsedAt: Instant | null;
  /** When Tenure created the account; `null`: it did not, or no longer knows. */
  readonly createdAt: Instant | null;
  /** True if the target reports the use of other accounts, so that none reported means never used. */
  readonly isReported: boolean;
}

/** Dormancy of an account. */
export interface Dormancy {
  readonly unusedDays: number;
  readonly neverUsed?: true;
}

const day = 86_400_000;

/**
 * Returns for how long an account has not been used, if that is longer than allowed. An account that was never used counts from its creation.
 * @param after milliseconds
 * @returns `null`: it was used since, or its use is not known
 */
export function dormancyOf({ lastUsedAt, createdAt, isReported }: AccountUse, after: number, now: Instant): Dormancy | null {
  const since = lastUsedAt ?? (isReported ? createdAt : null);
  if (since === null) return null;
  const unused = Date.parse(now) - Date.parse(since);
  if (unused <= after) return null;
  return { unusedDays: Math.floor(unused / day), ...(lastUsedAt === null ? { neverUsed: true } : {}) };
}
