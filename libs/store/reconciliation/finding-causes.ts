import type { EntityManager } from '@mikro-orm/postgresql';
import type { ChangedAccount, FindingCause, FindingKind, Instant, OlderAccounts } from '@tenure/domain';
import { readRows } from '../database/rows.ts';
import { run, runOnce } from '../database/statement.ts';
import { tablesOf } from './run-tables.ts';

/** Kinds of findings that an older state of the target has: it lacks, or has again, what Tenure changed. */
const OLDER: readonly FindingKind[] = [
  'missing-account',
  'account-enabled',
  'account-disabled',
  'attribute-drift',
  'entitlement-outside-policy',
  'entitlement-missing',
  'leaver-account',
];

/** Findings of a target whose cause is that the target was restored or rebuilt. */
export interface RestoredFindings {
  readonly findings: number;
  /** Time of the oldest change that is gone; `null`: it was rebuilt under other ids. */
  readonly since: Instant | null;
  /** Id of the last run that showed one of them. */
  readonly runId: string;
}

/** Causes of the findings that a run has shown. */
export interface FindingCauses {
  /** Adds to the findings of a run the events that Tenure knows and that may have caused them. */
  attribute(runId: string, target: string, now: Instant): Promise<void>;
  /** A page of people whose accounts can be used and have access that the run found outside policy, by id, with the names of the groups. */
  foundAccess(runId: string, after: string | null, limit: number): Promise<readonly { readonly identityId: string; readonly names: readonly string[] }[]>;
  /** Number of accounts with findings that an older state may explain. */
  differing(runId: string): Promise<number>;
  /** Accounts whose desired state was set since an instant and that are not being changed, the newest first, with the findings of the run; and the others. */
  changes(
    runId: string,
    target: string,
    since: Instant,
    limit: number,
  ): Promise<{ readonly accounts: readonly ChangedAccount[]; readonly older: OlderAccounts }>;
  /** Number of accounts that the run shows under another id, by mark or user name, and of those that should be there and are, under the id that Tenure knew. */
  renumbered(runId: string, target: string): Promise<{ readonly renumbered: number; readonly same: number }>;
  /** Replaces the cause of the findings of these accounts that an older state explains. */
  restored(runId: string, accountIds: readonly string[], cause: FindingCause): Promise<void>;
  /** Replaces the cause of the findings about accounts whose ids have changed: the former and the new ones. */
  rebuilt(runId: string, cause: FindingCause): Promise<void>;
  /** Open findings of a target with such a cause; `null`: none. Those that are urgent are not among them. */
  restoredFindings(target: string): Promise<RestoredFindings | null>;
}

const tableOf = (runId: string): string => tablesOf(runId).read;

/** Operation that is about what the finding `f` is about. */
const isAbout = `case f.kind
  when 'entitlement-outside-policy' then o.kind = 'removeMember' and o.change->>'entitlement' = f.name
  when 'entitlement-missing' then o.kind = 'addMember' and o.change->>'entitlement' = f.name
  when 'attribute-drift' then o.kind in ('update', 'create') and o.change->'attributes' ? f.name
  when 'account-enabled' then o.kind = 'disable' when 'leaver-account' then o.kind in ('disable', 'delete')
  when 'account-disabled' then o.kind in ('enable', 'create') when 'missing-account' then o.kind = 'create' else false end`;

/**
 * Pairs of an account that the run `$1` misses and the row of its mark, or of its user name, under another id. By findings, since the run has written
 * into the ledger what it saw.
 */
function renumberedIn(table: string): string {
  const pairs = (by: string): string =>
    `select a.id as account_id, s.native_id from finding m join account a on a.id = m.account_id join ${table} s on ${by}
     where m.run_id = $1::uuid and m.kind = 'missing-account' and m.closed_at is null and s.native_id is distinct from m.native_id collate "C"`;
  return `${pairs('s.external_id = a.identity_id::text')} union ${pairs('lower(s.user_name) = lower(a.user_name)')}`;
}

export function createFindingCauses(em: EntityManager): FindingCauses {
  return {
    async attribute(runId, target, now) {
      await run(
        em,
        `update finding f set evidence = f.evidence || jsonb_build_object('cause', c.cause) from (
           select f.id, coalesce(
             (select jsonb_build_object('kind', 'suspension', 'suspensionId', h.id) from hold h where h.ended_at is null and h.until > $3::timestamptz
                and ((h.kind = 'target' and h.target = $2) or (h.kind = 'identity' and h.identity_id = f.identity_id)
                  or (h.kind = 'operation' and exists (select 1 from operation o where o.id = h.operation_id and o.account_id = f.account_id and ${isAbout})))
                order by h.placed_at desc limit 1),
             (select jsonb_build_object('kind', 'operation', 'operationId', l.id, 'status', l.status) from (
                select o.id, o.status from operation o where o.account_id = f.account_id and o.status in ('done', 'failed', 'given-up') and ${isAbout}
                order by o.created_at desc, o.position desc limit 1) l where l.status <> 'done'),
             (select jsonb_build_object('kind', 'policy', 'version', v.version) from (select max(version) as version from policy_version) v
                join identity i on i.id = f.identity_id where i.policy_version < v.version),
             (select jsonb_build_object('kind', 'batch', 'batchId', w.id) from (
                select o.correlation_id from operation o where o.account_id = f.account_id and o.status = 'done' order by o.finished_at desc limit 1) l
                join wave w on w.correlation_id = l.correlation_id order by w.created_at desc limit 1)) as cause
           from finding f where f.run_id = $1::uuid and f.closed_at is null and f.account_id is not null) c
         where c.id = f.id and c.cause is not null`,
        [runId, target, now],
      );
    },
    async differing(runId) {
      const [row] = await run<{ count: string }>(
        em,
        'select count(distinct account_id) from finding where run_id = $1::uuid and closed_at is null and kind = any($2::text[])',
        [runId, OLDER],
      );
      return Number(row?.count);
    },
    async changes(runId, target, since, limit) {
      const isCompared = `a.target = $1 and a.existed and not exists (select 1 from operation o where o.account_id = a.id and o.status = 'pending')
        and a.desired_since < (select coalesce(r.started_at, r.requested_at) from reconciliation_run r where r.id = $2::uuid)`;
      // Grouped once: a look into the findings for each account takes the square of their number.
      const differing = `select f.account_id, jsonb_agg(jsonb_build_object('kind', f.kind, 'name', f.name)) as differences from finding f
        where f.run_id = $2::uuid and f.closed_at is null and f.account_id is not null and f.kind = any($3::text[]) group by f.account_id`;
      const accounts = await readRows<ChangedAccount>(
        em,
        `select a.id as account_id, a.desired_since as changed_at, coalesce(d.differences, '[]') as differences from account a left join (${differing}) d on d.account_id = a.id
         where ${isCompared} and a.desired_since >= $4::timestamptz order by a.desired_since desc limit $5`,
        [target, runId, OLDER, since, limit],
      );
      // What lies beyond the limit counts as older.
      const from = accounts.length === limit ? (accounts.at(-1)?.changedAt ?? since) : since;
      const [older] = await run<{ same: string; differing: string }>(
        em,
        `select count(*) filter (where d.account_id is null) as same, count(d.account_id) as differing from account a left join (${differing}) d on d.account_id = a.id
         where ${isCompared} and a.desired_since < $4::timestamptz`,
        [target, runId, OLDER, from],
      );
      return { accounts, older: { same: Number(older?.same), differing: Number(older?.differing) } };
    },
    async renumbered(runId, target) {
      const table = tableOf(runId);
      const [row] = await runOnce<{ renumbered: string; same: string }>(
        em,
        `select (select count(distinct account_id) from (${renumberedIn(table)}) x) as renumbered,
           (select count(*) from account a join ${table} s on s.native_id = a.native_id collate "C" join reconciliation_run r on r.id = $1::uuid
            where a.target = $2 and a.existed and a.desired->>'state' <> 'absent' and a.desired->'onlyExisting' is distinct from 'true'::jsonb
              and (a.observed_at is null or a.observed_at < coalesce(r.started_at, r.requested_at))) as same`,
        [runId, target],
      );
      return { renumbered: Number(row?.renumbered), same: Number(row?.same) };
    },
    async foundAccess(runId, after, limit) {
      return run(
        em,
        `select identity_id as "identityId", array_agg(name order by name) as names from finding where run_id = $1::uuid and closed_at is null and kind = 'entitlement-outside-policy'
           and identity_id is not null and evidence->'enabled' is distinct from 'false'::jsonb and ($2::uuid is null or identity_id > $2::uuid) group by identity_id order by identity_id limit $3`,
        [runId, after, limit],
      );
    },
    async restored(runId, accountIds, cause) {
      await run(
        em,
        `update finding set evidence = evidence || jsonb_build_object('cause', $3::jsonb) where run_id = $1::uuid and closed_at is null and account_id = any($2::uuid[]) and kind = any($4::text[])`,
        [runId, accountIds, JSON.stringify(cause), OLDER],
      );
    },
    async rebuilt(runId, cause) {
      await runOnce(
        em,
        `update finding f set evidence = f.evidence || jsonb_build_object('cause', $2::jsonb) from (${renumberedIn(tableOf(runId))}) x
         where f.run_id = $1::uuid and f.closed_at is null and ((f.kind = 'missing-account' and f.account_id = x.account_id)
           or (f.kind in ('orphan-account', 'ownable-account', 'duplicate-account') and f.subject = x.native_id collate "default"))`,
        [runId, JSON.stringify(cause)],
      );
    },
    async restoredFindings(target) {
      const [row] = await readRows<{ findings: number; since: string | null; runId: string | null }>(
        em,
        `select count(*) as findings, min(evidence->'cause'->>'since') as since, (array_agg(run_id order by last_seen_at desc))[1] as run_id from finding
         where target = $1 and closed_at is null and not is_urgent and evidence->'cause'->>'kind' in ('restored', 'rebuilt')`,
        [target],
      );
      return row?.runId == null ? null : { findings: Number(row.findings), since: row.since, runId: row.runId };
    },
  };
}
