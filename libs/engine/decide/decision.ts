import type { Instant, Lifecycle, Stage } from '@tenure/domain';

/** Result of a decision: ids, names of targets, states and instants. It goes into Temporal's history, so no personal data. */
export interface Decision {
  /** Targets with something to do, and when the current desired state was set; a later instant is a newer decision. */
  readonly work: readonly { readonly target: string; readonly since: Instant }[];
  /** Targets that wait for a person to close a case. */
  readonly waiting: readonly string[];
  /** Targets in which something waits for an operator to resume provisioning; absent: none. */
  readonly held?: readonly string[];
  /** Targets that are only observed, where the account is not as desired; absent: none. */
  readonly observed?: readonly string[];
  readonly stage: Stage;
  /** Instant of the next decision if nothing happens before; `null`: none. */
  readonly nextWakeUp: Instant | null;
  readonly state: Lifecycle['state'];
  /** A sentence for operators. */
  readonly why: string;
  /** True if the identity lifecycle has to be signalled: something differs from the decision before, or there is work. */
  readonly changed: boolean;
  /** True if the date of the next decision is another one than before. */
  readonly dateChanged?: boolean;
  /** True for a login where the same decision again, before `nextWakeUp`, would change nothing but the time of the last activity. */
  readonly isSettled?: boolean;
  /** Span of the decision, where the installation is traced; traces of its consequences continue from it. */
  readonly traceparent?: string;
}
