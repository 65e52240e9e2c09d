/** How the installation stands at one moment, as its database says. Ages are milliseconds. */
export interface Pulse {
  readonly outbox: { readonly waiting: number; readonly oldest: number };
  /** Open cases by kind. */
  readonly cases: Readonly<Record<string, number>>;
  /** Those of them whose deadline has passed. */
  readonly overdueCases: Readonly<Record<string, number>>;
  /** Open holds by what they hold. */
  readonly holds: Readonly<Record<string, number>>;
  /** Operations that wait for a worker or for a person. */
  readonly operations: readonly { readonly target: string; readonly status: 'pending' | 'failed'; readonly count: number }[];
  /** Accounts of leavers that no observation has confirmed as closed. */
  readonly ends: readonly { readonly target: string; readonly waiting: number; readonly oldest: number }[];
  /** The oldest of them that no worker has tried since it was decided; absent: none is known. */
  readonly untriedEnds?: readonly { readonly target: string; readonly oldest: number }[];
  /** Observations that differ from the desired state (ABSENT), or that the target cannot make (NOT_VISIBLE). */
  readonly observations: readonly { readonly target: string; readonly aspect: string; readonly verdict: string; readonly count: number }[];
  /** Overdue timers by kind. */
  readonly overdue: Readonly<Record<string, number>>;
  /** Results of the last tests of targets and identity providers, where they were tested; absent: none is known. */
  readonly connections?: readonly { readonly kind: string; readonly name: string; readonly isWorking: boolean; readonly age: number }[];
  /** Batch changes that are approved, or need no approval, and are not finished. */
  readonly batches: { readonly underWay: number; readonly oldest: number };
  /** Mails and webhook calls that are due and not delivered yet. */
  readonly notices: readonly { readonly channel: 'mail' | 'webhook'; readonly endpoint: string; readonly waiting: number; readonly oldest: number }[];
  /** Receivers of notifications that fail, and for how long; absent: none does. */
  readonly receivers?: readonly { readonly channel: 'mail' | 'webhook'; readonly endpoint: string; readonly failing: number }[];
  /** Open findings of reconciliation; absent: none is open. */
  readonly findings?: readonly { readonly target: string; readonly kind: string; readonly count: number; readonly oldest: number }[];
  /** How long ago the last complete run of each target began; absent: there is none. */
  readonly completeRuns?: readonly { readonly target: string; readonly age: number }[];
  /** How long ago each source sent records; absent: none ever did. */
  readonly sources?: readonly { readonly source: string; readonly age: number }[];
  /** Bytes of the database and of its largest tables; rows are estimates. */
  readonly size?: { readonly bytes: number; readonly tables: readonly { readonly table: string; readonly bytes: number; readonly rows: number }[] };
}
