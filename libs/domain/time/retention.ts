/**
 * What is deleted some time after it is over, with how long it is kept unless tenure.yaml says otherwise (`default`), and at least
 * (`minimum`); ISO 8601 durations. The audit is kept for good: no setting shortens it.
 */
export const RETENTION = {
  /** Operations that are done or were superseded, with their attempts. */
  operations: { default: 'P400D', minimum: 'P30D', what: 'finished operations with their attempts' },
  /** Closed cases with what was written about them; also the batches that were finished, once their items are gone. */
  cases: { default: 'P1095D', minimum: 'P90D', what: 'closed cases with their comments, and finished batch changes' },
  /** Observations of leavers' accounts: certificates rest on them. */
  observations: { default: 'P3650D', minimum: 'P365D', what: 'observations of the accounts of leavers, which their certificates rest on' },
  /** Grants that have ended. */
  grants: { default: 'P3650D', minimum: 'P365D', what: 'grants that have ended' },
  /** Items of finished batch changes, with what was before and after each. */
  batchItems: { default: 'P400D', minimum: 'P30D', what: 'items of finished batch changes' },
  /** Notifications with their deliveries. It is also known by them that somebody was notified already. */
  notifications: { default: 'P400D', minimum: 'P90D', what: 'notifications that were delivered, with their deliveries' },
} as const;

export type RetentionKind = keyof typeof RETENTION;
export const RETENTION_KINDS = Object.keys(RETENTION) as readonly RetentionKind[];

/** Milliseconds that each kind is kept after it is over. */
export type Retention = Readonly<Record<RetentionKind, number>>;
