/**
 * Retention of data that is deleted some time after its end, by kind: the `default` for tenure.yaml, and the `minimum`, as ISO 8601 durations. The
 * audit is kept permanently: no setting shortens it.
 */
export const RETENTION = {
  /** Operations that are done or superseded, with their attempts. */
  operations: { default: 'P400D', minimum: 'P30D', what: 'finished operations with their attempts' },
  /** Closed cases with their comments; also finished batch changes, once their items are deleted. */
  cases: { default: 'P1095D', minimum: 'P90D', what: 'closed cases with their comments, and finished batch changes' },
  /** Observations of leavers' accounts, on which certificates are based. */
  observations: { default: 'P3650D', minimum: 'P365D', what: 'observations of the accounts of leavers, which their certificates rest on' },
  /** Grants that have ended. */
  grants: { default: 'P3650D', minimum: 'P365D', what: 'grants that have ended' },
  /** Items of finished batch changes, with the state before and after each. */
  batchItems: { default: 'P400D', minimum: 'P30D', what: 'items of finished batch changes' },
  /** Notifications with their deliveries. They also prevent that somebody is notified twice. */
  notifications: { default: 'P400D', minimum: 'P90D', what: 'notifications that were delivered, with their deliveries' },
} as const;

export type RetentionKind = keyof typeof RETENTION;
export const RETENTION_KINDS = Object.keys(RETENTION) as readonly RetentionKind[];

/** Milliseconds for which each kind is kept after its end. */
export type Retention = Readonly<Record<RetentionKind, number>>;
