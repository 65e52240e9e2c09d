/** Status of the installation at one moment, as read from its database. Ages are in milliseconds. */
export interface Pulse {
  readonly outbox: { readonly waiting: number; readonly oldest: number };
  /** Number of open cases by kind. */
  readonly cases: Readonly<Record<string, number>>;
  /** Number of those whose deadline has passed. */
  readonly overdueCases: Readonly<Record<string, number>>;
  /** Number of open suspensions by kind. */
  readonly holds: Readonly<Record<string, number>>;
  /** Number of operations that wait for a worker (`pending`) or for a human decision (`failed`). */
  readonly operations: readonly { readonly target: string; readonly status: 'pending' | 'failed'; readonly count: number }[];
  /** Accounts of leavers that no observation has confirmed as closed. */
  readonly ends: readonly { readonly target: string; readonly waiting: number; readonly oldest: number }[];
  /** Age of the oldest of them that no worker has attempted since it was decided; absent: none is known. */
  readonly untriedEnds?: readonly { readonly target: string; readonly oldest: number }[];
  /** Observations that differ from the desired state (ABSENT), or that the target cannot make (NOT_VISIBLE). */
  readonly observations: readonly { readonly target: string; readonly aspect: string; readonly verdict: string; readonly count: number }[];
  /** Number of overdue timers by kind. */
  readonly overdue: Readonly<Record<string, number>>;
  /** Results of the last tests of targets and identity providers, where they were tested; absent: none is known. */
  readonly connections?: readonly { readonly kind: string; readonly name: string; readonly isWorking: boolean; readonly age: number }[];
  /** Unfinished batch changes that are approved, or need no approval. */
  readonly batches: { readonly underWay: number; readonly oldest: number };
  /** Mails and webhook calls that are due and not delivered yet. */
  readonly notices: readonly { readonly channel: 'mail' | 'webhook'; readonly endpoint: string; readonly waiting: number; readonly oldest: number }[];
  /** Failing receivers of notifications, with the duration of the failure; absent: none fails. */
  readonly receivers?: readonly { readonly channel: 'mail' | 'webhook'; readonly endpoint: string; readonly failing: number }[];
  /** Notices of logout by application: those that wait, the age of the oldest, and those that failed for good; absent: none is known. */
  readonly logouts?: readonly { readonly application: string; readonly waiting: number; readonly oldest: number; readonly failed: number }[];
  /** Open findings of reconciliation; absent: none is open. */
  readonly findings?: readonly { readonly target: string; readonly kind: string; readonly count: number; readonly oldest: number }[];
  /** Age of the last complete run of each target, from its begin; absent: there is none. */
  readonly completeRuns?: readonly { readonly target: string; readonly age: number }[];
  /** Targets that are only observed; absent: none is. */
  readonly observedTargets?: readonly string[];
  /** Accounts of nobody in quarantine; absent: none is. */
  readonly quarantined?: readonly { readonly target: string; readonly state: string; readonly count: number }[];
  /** Accounts whose corrections wait for approval; absent: none does. */
  readonly correctionsWaiting?: readonly { readonly target: string; readonly count: number }[];
  /** Time since each source last sent records; absent: none ever did. */
  readonly sources?: readonly { readonly source: string; readonly age: number }[];
  /** Size of the database and of its largest tables, in bytes; rows are estimates. */
  readonly size?: { readonly bytes: number; readonly tables: readonly { readonly table: string; readonly bytes: number; readonly rows: number }[] };
}
