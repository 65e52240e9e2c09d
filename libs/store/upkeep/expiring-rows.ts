import type { RetentionKind } from '@tenure/domain';

const days = (count: number): number => count * 24 * 3_600_000;

/** Rows that are deleted some time after they have ended. */
export interface ExpiringRows {
  /** Name in metrics. */
  readonly name: string;
  /** Retention: a setting in tenure.yaml, or milliseconds after the end. */
  readonly after: RetentionKind | number;
  /** Statement that deletes at most `$2` rows that ended before `$1`, and returns a row for each. */
  readonly delete: string;
}

/** Statement `delete from table where key in (select … limit $2)`: never one giant delete, however many rows there are. */
const some = (table: string, where: string, order: string, key = 'id'): string =>
  `delete from ${table} where ${key} in (select ${key.replace(/[()]/g, '')} from ${table} where ${where} order by ${order} limit $2) returning 1`;

/**
 * All rows that expire. A row that something open still refers to stays: a suspended operation, the case of an SoD exception, the
 * batch that others are parts of, a waiting notification.
 */
export const EXPIRING_ROWS: readonly ExpiringRows[] = [
  {
    name: 'operations',
    after: 'operations',
    // Abandoned operations count until the desired state changes.
    delete: `with gone as (
        select o.id from operation o join account a on a.id = o.account_id
        where o.finished_at < $1::timestamptz and (o.status in ('done', 'superseded') or (o.status = 'given-up' and a.desired_since > o.finished_at))
          and not exists (select from hold h where h.operation_id = o.id)
        order by o.finished_at limit $2),
      attempts as (delete from operation_attempt where operation_id in (select id from gone))
      delete from operation where id in (select id from gone) returning 1`,
  },
  {
    name: 'cases',
    after: 'cases',
    delete: `with gone as (
        select c.id from case_file c where c.status = 'closed' and c.closed_at < $1::timestamptz
          and not exists (select from separation_exception e where e.case_id = c.id) order by c.closed_at limit $2),
      comments as (delete from case_comment where case_id in (select id from gone))
      delete from case_file where id in (select id from gone) returning 1`,
  },
  { name: 'readings', after: 'observations', delete: some('account_reading', 'at < $1::timestamptz', 'at') },
  { name: 'grants', after: 'grants', delete: some('access_grant', 'ended_at < $1::timestamptz', 'ended_at') },
  {
    name: 'batch-items',
    after: 'batchItems',
    delete: `delete from batch_item where (batch_id, key) in (
      select i.batch_id, i.key from wave w join batch_item i on i.batch_id = w.id where w.finished_at < $1::timestamptz order by w.finished_at, w.id limit $2) returning 1`,
  },
  {
    name: 'batches',
    after: 'cases',
    delete: some(
      'wave',
      `finished_at < $1::timestamptz and not exists (select from batch_item i where i.batch_id = wave.id) and not exists (select from wave_member m where m.wave_id = wave.id)
         and not exists (select from import_seen s where s.wave_id = wave.id) and not exists (select from wave part where part.part_of = wave.id)`,
      'finished_at',
    ),
  },
  {
    name: 'reconciliation-runs',
    after: 'cases',
    // The last complete run stays, since the next one is compared with it.
    delete: some(
      'reconciliation_run',
      `finished_at < $1::timestamptz and (verdict <> 'complete' or exists (select from reconciliation_run later
         where later.target = reconciliation_run.target and later.verdict = 'complete' and later.requested_at > reconciliation_run.requested_at))`,
      'finished_at',
    ),
  },
  { name: 'ignored-findings', after: 'cases', delete: some('ignored_findings', 'ended_at < $1::timestamptz', 'ended_at') },
  { name: 'quarantined-accounts', after: 'cases', delete: some('quarantined_account', 'ended_at < $1::timestamptz', 'ended_at') },
  { name: 'findings', after: 'cases', delete: some('finding', 'closed_at < $1::timestamptz', 'closed_at') },
  {
    name: 'notifications',
    after: 'notifications',
    // Deliveries are deleted with them.
    delete: some(
      'notice',
      `created_at < $1::timestamptz and planned_at is not null and not exists (select from notice_delivery d where d.notice_id = notice.id and d.status = 'waiting')`,
      'created_at',
    ),
  },
  // Certificates rest on those about people who have left.
  {
    name: 'logout-notices',
    after: days(30),
    delete: some(
      'logout_notice',
      `settled_at < $1::timestamptz and not exists (select from identity i where i.id = logout_notice.identity_id and i.state in ('leaving', 'left'))`,
      'settled_at',
    ),
  },
  { name: 'logout-notices-of-leavers', after: 'observations', delete: some('logout_notice', 'settled_at < $1::timestamptz', 'settled_at') },
  // Sessions are deleted with their credentials; parents after their children.
  {
    name: 'sessions',
    after: days(7),
    delete: `delete from credential where id in (
      select c.id from credential c where c.kind <> 'service-token' and c.expires_at < $1::timestamptz
        and not exists (select from credential made where made.parent_id = c.id) limit $2) returning 1`,
  },
  { name: 'login-requests', after: 0, delete: some('login_request', 'expires_at < $1::timestamptz', 'expires_at') },
  { name: 'application-requests', after: 0, delete: some('application_request', 'expires_at < $1::timestamptz', 'expires_at') },
  {
    name: 'used-assertions',
    after: 0,
    delete: some('consumed_assertion', 'expires_at < $1::timestamptz', 'expires_at', '(issuer, assertion_id)'),
  },
  { name: 'decision-links', after: days(30), delete: some('decision_link', 'expires_at < $1::timestamptz', 'expires_at', 'token_hash') },
  { name: 'login-links', after: days(30), delete: some('login_link', 'expires_at < $1::timestamptz', 'expires_at') },
  { name: 'urgent-ends', after: days(1), delete: some('urgent_end', 'at < $1::timestamptz', 'at') },
  // Longer than any period of a change budget.
  { name: 'budget-uses', after: days(400), delete: some('budget_use', 'at < $1::timestamptz', 'at') },
];
