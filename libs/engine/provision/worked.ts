import { type Change, type Conclusion, DomainError, type ObservedAccount } from '@tenure/domain';
import type { ClaimedAccount, StoredAccount } from '@tenure/store';

/** A change that a target refused for good. */
export interface Refusal {
  readonly change: Change;
  readonly error: DomainError;
}

/** Result of provisioning one account in a target, before any of it is saved. */
export interface Worked {
  readonly account: StoredAccount;
  /** Rows of the ledger about it that did not show what is desired, from the readings before. */
  readonly before: ClaimedAccount['ledger'];
  /** Its memberships that the target was known to be able to show. */
  readonly shown: readonly string[];
  /** Changes from the observed state at the first reading to the desired state; absent: it was not read. */
  readonly found?: { readonly observed: ObservedAccount | null; readonly changes: readonly Change[] };
  /** Changes that the target accepted, in order. */
  readonly made: readonly Change[];
  /** Those of them of which the target said at once that they changed nothing, with its words. */
  readonly unheeded: readonly Refusal[];
  readonly refused: readonly Refusal[];
  /** Changes that wait for an operator's hold to end. */
  readonly suspended: readonly Change[];
  /** As it was last seen, by reading it or as the target's answer to its creation; absent: it was not. */
  readonly observed?: ObservedAccount | null;
  readonly accepted: StoredAccount['accepted'];
  /** Conclusion from reading it back; `null`: it was not read back. */
  readonly conclusion: Conclusion | null;
  /** Why it was not done to the end; worth trying again, unless it was the first look that failed. */
  readonly failure: { readonly error: DomainError; readonly during: 'look' | Change | 'confirmation' } | null;
}
