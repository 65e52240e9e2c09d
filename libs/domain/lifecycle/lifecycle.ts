import type { Instant } from '../identity/facts.ts';
import type { Inactivity } from './inactivity.ts';

/** State of a lifecycle, derived from facts and dates, never set. `suspended`: on leave, or inactive. `leaving`: ended, in the grace period. */
export type LifecycleState = 'pre-hire' | 'active' | 'suspended' | 'leaving' | 'left' | 'erased';

/** Trigger of a decision of an identity lifecycle: a login, a source's record, a human decision, a new policy, its timer, an operator's restart. */
export type Trigger = 'login' | 'record' | 'decision' | 'policy' | 'timer' | 'restart';

export interface Lifecycle {
  readonly state: LifecycleState;
  /** Reason as a phrase without ids and personal data, such as "end date reached". `recordIds` are the records on which it is based. */
  readonly why: string;
  /** Lifecycle rule that applied; `null`: none. */
  readonly rule: string | null;
  readonly recordIds: readonly string[];
  /** Time since which the state lasts; `null`: no date is known. */
  readonly since: Instant | null;
  /** Next change with time, and its state; `null`: none. */
  readonly next: { readonly at: Instant; readonly state: LifecycleState } | null;
  /** Desired state of accounts. `absent-unless-used`: accounts that were never enabled are deleted; those that were stay, disabled. */
  readonly accounts: 'enabled' | 'disabled' | 'absent' | 'absent-unless-used' | 'keep-disabled';
  /** Inactivity; absent: the rule does not watch it, the person has no relationship now, or no activity is known. */
  readonly inactivity?: Inactivity;
}
