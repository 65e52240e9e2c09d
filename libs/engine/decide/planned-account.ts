import type { StoredAccount } from '@tenure/store';

/** An account as a decision leaves it, and whether there is work in its target. */
export interface PlannedAccount {
  readonly account: StoredAccount;
  /**
   * `work`: a worker has something to do there; `waits`: for a human decision, or for a suspension to end; `settled`: nothing is to be done; `observed`:
   * nothing is done there, though it is not as desired, since it is protected or the target is only observed.
   */
  readonly status: 'work' | 'waits' | 'settled' | 'observed';
  /** True if an operation there waits for a suspension to end. */
  readonly isSuspended: boolean;
}
