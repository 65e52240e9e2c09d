import { type Change, type Conclusion, DomainError, type Instant, type ObservedAccount } from '@tenure/domain';
import type { ClaimedAccount, StoredAccount } from '@tenure/store';

/** A change that a target refused for good. */
export interface Refusal {
  readonly change: Change;
  readonly error: DomainError;
}

/** A read of an account that neither corrects nor retries anything: its differences wait for a decision. */
export interface OnlyRead {
  /** When it was read; `null`: now. */
  readonly at: Instant | null;
  /** The reconciliation run that read it; `null`: it was read alone. */
  readonly runId: string | null;
  /** True if its differences are changes by others, which are corrected once somebody approves it. */
  readonly drifts: boolean;
}

/** Result of provisioning one account in a target, before any of it is saved. */
export interface Worked {
  readonly account: StoredAccount;
  /** Rows of the ledger about it that did not show the desired state, from earlier observations. */
  readonly before: ClaimedAccount['ledger'];
  /** Its memberships that the target was known to be able to show. */
  readonly shown: readonly string[];
  /** Changes from the state at the first look to the desired state; absent: it was not read. */
  readonly found?: { readonly observed: ObservedAccount | null; readonly changes: readonly Change[] };
  /** Changes that the target accepted, in order. */
  readonly made: readonly Change[];
  /** Accepted changes of which the target answered at once that they changed nothing, with its message. */
  readonly unheeded: readonly Refusal[];
  readonly refused: readonly Refusal[];
  /** Changes that wait for an operator to resume provisioning. */
  readonly suspended: readonly Change[];
  /** Last observed state, by a read-back or from the target's answer to its creation; absent: it was not observed. */
  readonly observed?: ObservedAccount | null;
  readonly accepted: StoredAccount['accepted'];
  /** Conclusion from reading it back; `null`: it was not read back. */
  readonly conclusion: Conclusion | null;
  /** Set if the account was only read. */
  readonly onlyRead?: OnlyRead;
  /** True if the account is protected, so that only a person changes it. Absent: it is not. */
  readonly isProtected?: boolean;
  /** Reason why it was not completed; worth trying again, unless it was the first look that failed. */
  readonly failure: { readonly error: DomainError; readonly during: 'look' | Change | 'confirmation' } | null;
}
