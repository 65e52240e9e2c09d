import type { Instant, Lifecycle, Stage } from '@tenure/domain';

/** Result of a decision: ids, names of targets, states and instants. It goes into Temporal's history, so no personal data. */
export interface Decision {
  /** Targets with something to do, and since when it is wanted; a later instant is a newer decision. */
  readonly work: readonly { readonly target: string; readonly since: Instant }[];
  /** Targets that wait for a person to close a case. */
  readonly waiting: readonly string[];
  /** Targets in which something waits for an operator's hold to end; absent: none. */
  readonly held?: readonly string[];
  readonly stage: Stage;
  /** When to ask again though nothing happens, or `null`. */
  readonly nextWakeUp: Instant | null;
  readonly state: Lifecycle['state'];
  /** A sentence for operators. */
  readonly why: string;
  /** True if the identity lifecycle has to be signalled: something differs from the decision before, or there is work. */
  readonly changed: boolean;
  /** True if the date of the next decision is another one than before. */
  readonly dateChanged?: boolean;
  /** Of a login: true where the same question asked again, before `nextWakeUp`, would change nothing but the time of the last activity. */
  readonly isSettled?: boolean;
  /** The span of the decision, where the installation is traced: what follows from it goes on from there. */
  readonly traceparent?: string;
}
