import type { Instant } from '../identity/facts.ts';
import type { Inactivity } from './inactivity.ts';

/** Derived from facts and dates, never set. `suspended`: on leave, or nothing was heard for too long. `leaving`: the end has come, the grace runs. */
export type LifecycleState = 'pre-hire' | 'active' | 'suspended' | 'leaving' | 'left' | 'erased';

/** What makes a life be asked again: a login, a source's record, a person's decision, a new policy, its own timer, an operator's restart. */
export type Trigger = 'login' | 'record' | 'decision' | 'policy' | 'timer' | 'restart';

export interface Lifecycle {
  readonly state: LifecycleState;
  /** A sentence without ids and personal data: "end date reached". `recordIds` are the records that it rests on. */
  readonly why: string;
  /** The lifecycle rule that applied. */
  readonly rule: string | null;
  readonly recordIds: readonly string[];
  /** Since when, where dates say so. */
  readonly since: Instant | null;
  /** When it changes by itself, and to what. */
  readonly next: { readonly at: Instant; readonly state: LifecycleState } | null;
  /** True if accounts are to exist now. `absent-unless-used`: none that were only prepared; those that were ever in use stay, disabled. */
  readonly accounts: 'enabled' | 'disabled' | 'absent' | 'absent-unless-used' | 'keep-disabled';
  /** Where the lifecycle rule watches over it, the person is here, and something is known. */
  readonly inactivity?: Inactivity;
}
