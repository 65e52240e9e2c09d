import type { ObservedAccount } from '../accounts/account.ts';

/**
 * Reason why an account is not, or no longer, the account of nobody that was found. `gone`: there is no account of this id; `renamed`: it has another user
 * name, so the target may have given its id to somebody else's account; `known`: Tenure knows it, expects it for a person, or has found that its
 * keys are a person's; `marked`: it bears the mark of an identity; `protected`: it is listed in protectedAccounts; `elsewhere`: it lies outside of the target's accounts.
 */
export const NOT_NOBODYS = ['gone', 'renamed', 'known', 'marked', 'protected', 'elsewhere'] as const;
export type NotNobodys = (typeof NOT_NOBODYS)[number];

/** Facts that Tenure knows about an account at this moment. */
export interface AccountFacts {
  /** True if an account with this id, or for this user name, is a person's. */
  readonly isKnown: boolean;
  /** True if its mark is the id of an identity. */
  readonly isMarked: boolean;
  /** User names that are protected, in lower case. */
  readonly protectedNames: ReadonlySet<string>;
}

/** Checks an account that was looked at again. @returns `null`: it is nobody's, and may be disabled or deleted */
export function whyNotNobodys(found: { readonly userName: string }, observed: ObservedAccount | null, facts: AccountFacts): NotNobodys | null {
  if (observed === null) return 'gone';
  if (facts.isKnown) return 'known';
  if (facts.isMarked) return 'marked';
  const [before, now] = [found.userName.toLowerCase(), observed.userName.toLowerCase()];
  if (facts.protectedNames.has(before) || facts.protectedNames.has(now)) return 'protected';
  if (before !== now) return 'renamed';
  return observed.isElsewhere === true ? 'elsewhere' : null;
}
