import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Difference, FindingEvidence, FindingKind, Instant, RequestedAdoption } from '@tenure/domain';
import { readRows, toJsonRows } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/** A difference that an accepted reconciliation run has shown. */
export interface Finding extends Pick<Difference, 'kind' | 'name' | 'identityId' | 'accountId' | 'nativeId' | 'userName' | 'isUrgent'> {
  readonly id: string;
  readonly target: string;
  /** Id of the account that it is about: Tenure's id, else that of the target. */
  readonly subject: string;
  readonly evidence: FindingEvidence;
  readonly firstSeenAt: Instant;
  readonly lastSeenAt: Instant;
  /** Id of the last run that showed it. */
  readonly runId: string;
  /** When it was closed; `null`: it is open. */
  readonly closedAt: Instant | null;
  /** Id of the run that no longer showed it. */
  readonly closedRunId: string | null;
  /** Id of the last batch change that was to correct it; `null`: none. */
  readonly batchId: string | null;
  /** Time until which it is ignored; `null`: it is not ignored. */
  readonly ignoredUntil: Instant | null;
  /** Last requested adoption of the account that it is about; `null`: none. */
  readonly adoption: RequestedAdoption | null;
}

/** Open findings of one kind and cause: the name of a group or attribute, or none. */
export interface FindingCount {
  readonly kind: FindingKind;
  readonly name: string;
  /** Number of them, without those that are ignored or in quarantine. */
  readonly count: number;
  readonly urgent: number;
  /** Number of those which are not urgent and whose correction is to come, or under way: none was tried before. */
  readonly correctable: number;
}

export interface FindingFilter {
  readonly target?: string;
  readonly kind?: FindingKind;
  readonly identityId?: string;
  readonly status?: 'open' | 'closed';
  readonly batchId?: string;
}

export interface Findings {
  /** Records differences that a run has shown. @returns number of new findings */
  see(target: string, runId: string, differences: readonly Difference[], now: Instant): Promise<number>;
  /** Keeps findings open that a run can neither show nor refute: those of these accounts, and those of these differences. */
  keep(target: string, runId: string, accountIds: readonly string[], differences: readonly Difference[]): Promise<void>;
  /** Closes findings that a run has neither shown nor kept. @returns their number */
  closeOthers(target: string, runId: string, now: Instant): Promise<number>;
  /** Open findings but those of a target that was restored or rebuilt, which are counted together: see `restoredFindings`. */
  counts(target: string, now: Instant): Promise<readonly FindingCount[]>;
  /** Open findings of these kinds that this run has shown, without those that are ignored, those whose correction was tried or discarded before, and those of a target that was restored or rebuilt, unless they are urgent. */
  correctable(target: string, kinds: readonly FindingKind[], runId: string, now: Instant): Promise<readonly Finding[]>;
  /** Open findings in a batch change that corrects them, without those that are ignored. @param subjects absent: of every account */
  openOfBatch(batchId: string, now: Instant, subjects?: readonly string[]): Promise<readonly Finding[]>;
  /** Open findings with these ids. */
  openOf(ids: readonly string[]): Promise<readonly Finding[]>;
  /** Open findings of a target and kind. @param name absent: of every name */
  openOfKind(target: string, kind: FindingKind, name?: string): Promise<readonly Finding[]>;
  /** Open findings about an account that Tenure does not know. */
  openOfNative(target: string, nativeId: string): Promise<readonly Finding[]>;
  saveAdoption(id: string, adoption: RequestedAdoption): Promise<void>;
  /** Targets with requested adoptions that a worker has to look at now. */
  adoptionTargets(now: Instant, limit: number): Promise<readonly string[]>;
  /** Ids of the findings of a target whose accounts a worker has to look at now. */
  adoptions(target: string, now: Instant, limit: number): Promise<readonly string[]>;
  /** Has the accounts of a target whose adoption was requested looked at later. */
  postponeAdoptions(target: string, until: Instant): Promise<void>;
  /** Findings of access outside policy about these people in a target, closed ones included. */
  accessFound(target: string, identityIds: readonly string[]): Promise<readonly Finding[]>;
  /** Closes findings that a decision has answered. */
  close(ids: readonly string[], now: Instant): Promise<void>;
  /** Of these findings those whose batch change is being carried out. */
  beingCorrected(ids: readonly string[]): Promise<readonly string[]>;
  /** Records the batch change that corrects findings. */
  putInBatch(ids: readonly string[], batchId: string): Promise<void>;
  /** Records the part of a batch change in which the corrections of some of its findings are by now. */
  moveToBatch(from: string, to: string): Promise<void>;
  get(id: string): Promise<Finding | null>;
  count(filter: FindingFilter): Promise<number>;
  /** A page of findings, the newest first. */
  page(filter: FindingFilter, limit: number, before: { readonly at: Instant; readonly id: string } | null): Promise<readonly Finding[]>;
}

const keys = 'kind text, subject text, name text';
const where = `($1::text is null or target = $1) and ($2::text is null or kind = $2) and ($3::uuid is null or identity_id = $3::uuid) and ($4::text is null or (closed_at is null) = ($4 = 'open')) and ($5::uuid is null or batch_id = $5::uuid)`;

/** Condition that a finding `f` is ignored, which `now` decides. */
const isIgnored = (
  now: string,
): string => `exists (select 1 from ignored_findings g where g.target = f.target and g.ended_at is null and g.until > ${now}::timestamptz
  and (g.finding_id = f.id or (g.finding_id is null and g.kind = f.kind and (g.name is null or g.name = f.name))))`;

/** Condition that an account of nobody is in quarantine; one that waits for a person there has a case of its own. */
const isQuarantined = `(f.kind = 'orphan-account' and exists (select 1 from quarantined_account q where q.target = f.target and q.native_id = f.native_id and q.ended_at is null))`;

/** Condition that Tenure can correct a finding, as `isCorrectable` says. */
const hasCorrection = `(f.account_id is not null or (f.kind = 'orphan-account' and f.evidence->>'markedFor' is null))`;

/** Condition that its correction is to come, or was not over when it was last seen. */
const isBeingCorrected = `(f.batch_id is null or exists (select 1 from wave w where w.id = f.batch_id and w.standing in ('held', 'free') and (w.finished_at is null or w.finished_at >= f.last_seen_at)))`;

const columns = `f.*, (select max(g.until) from ignored_findings g where g.target = f.target and g.ended_at is null
  and (g.finding_id = f.id or (g.finding_id is null and g.kind = f.kind and (g.name is null or g.name = f.name)))) as ignored_until`;

/** Condition that a worker has to look at an account whose adoption was requested. */
const isAdoptionDue = (now: string): string => `adoption->>'state' = 'requested' and (adoption->>'nextAt')::timestamptz <= ${now}::timestamptz`;

/** A finding that follows from a target's older state: whoever restored or rebuilt the target is asked first. */
const isOfOlderState = `coalesce(f.evidence->'cause'->>'kind', '') in ('restored', 'rebuilt')`;

export function createFindings(em: EntityManager): Findings {
  const filterValues = ({ target, kind, identityId, status, batchId }: FindingFilter): readonly unknown[] => [
    target ?? null,
    kind ?? null,
    identityId ?? null,
    status ?? null,
    batchId ?? null,
  ];
  return {
    async see(target, runId, differences, now) {
      if (differences.length === 0) return 0;
      // Two accounts of a target may have the mark of one person.
      const once = new Map(differences.map((difference) => [JSON.stringify([difference.kind, difference.subject, difference.name]), difference]));
      const rows = [...once.values()].map(({ isProven: _proven, ...difference }) => ({ ...difference, id: randomUUID() }));
      const seen = await run<{ is_new: boolean }>(
        em,
        `insert into finding as f (id, target, kind, subject, name, identity_id, account_id, native_id, user_name, is_urgent, evidence, first_seen_at, last_seen_at, run_id, checked_run_id)
         select r.id, $2, r.kind, r.subject, r.name, r.identity_id, r.account_id, r.native_id, r.user_name, r.is_urgent, r.evidence, $3::timestamptz, $3::timestamptz, $4::uuid, $4::uuid
         from jsonb_to_recordset($1::jsonb) r (id uuid, ${keys}, identity_id uuid, account_id uuid, native_id text, user_name text, is_urgent boolean, evidence jsonb)
         on conflict (target, kind, subject, name) where closed_at is null do update set last_seen_at = excluded.last_seen_at, run_id = excluded.run_id, checked_run_id = excluded.checked_run_id,
           identity_id = excluded.identity_id, native_id = excluded.native_id, user_name = excluded.user_name, is_urgent = excluded.is_urgent, evidence = excluded.evidence
         returning f.first_seen_at = f.last_seen_at and f.xmax = 0 as is_new`,
        [toJsonRows(rows), target, now, runId],
      );
      return seen.filter(({ is_new: isNew }) => isNew).length;
    },
    async keep(target, runId, accountIds, differences) {
      if (accountIds.length === 0 && differences.length === 0) return;
      await run(
        em,
        `update finding f set checked_run_id = $2::uuid where target = $1 and closed_at is null and (account_id = any($3::uuid[])
           or exists (select 1 from jsonb_to_recordset($4::jsonb) r (${keys}) where r.kind = f.kind and r.subject = f.subject and r.name = f.name))`,
        [target, runId, accountIds, JSON.stringify(differences.map(({ kind, subject, name }) => ({ kind, subject, name })))],
      );
    },
    async closeOthers(target, runId, now) {
      const rows = await run(
        em,
        'update finding set closed_at = $3::timestamptz, closed_run_id = $2::uuid where target = $1 and closed_at is null and checked_run_id <> $2::uuid returning 1',
        [target, runId, now],
      );
      return rows.length;
    },
    async counts(target, now) {
      const rows = await run<{ kind: FindingKind; name: string; count: string; urgent: string; correctable: string }>(
        em,
        `select kind, name, count(*), count(*) filter (where is_urgent) as urgent, count(*) filter (where not is_urgent and ${hasCorrection} and ${isBeingCorrected}) as correctable
         from finding f where target = $1 and closed_at is null and (is_urgent or not ${isOfOlderState}) and not ${isIgnored('$2')} and not ${isQuarantined} group by kind, name order by kind, name`,
        [target, now],
      );
      return rows.map(({ kind, name, count, urgent, correctable }) => ({
        kind,
        name,
        count: Number(count),
        urgent: Number(urgent),
        correctable: Number(correctable),
      }));
    },
    correctable: (target, kinds, runId, now) =>
      readRows(
        em,
        `select ${columns} from finding f where target = $1 and kind = any($2::text[]) and run_id = $3::uuid and closed_at is null and batch_id is null and (is_urgent or not ${isOfOlderState})
           and not ${isIgnored('$4')} and not ${isQuarantined} order by subject, kind, name`,
        [target, kinds, runId, now],
      ),
    openOfBatch: (batchId, now, subjects) =>
      readRows(
        em,
        `select ${columns} from finding f where batch_id = $1::uuid and closed_at is null and not ${isIgnored('$2')} and ($3::text[] is null or subject = any($3::text[]))`,
        [batchId, now, subjects ?? null],
      ),
    openOf: (ids) => readRows(em, `select ${columns} from finding f where id = any($1::uuid[]) and closed_at is null order by id for update of f`, [ids]),
    openOfKind: (target, kind, name) =>
      readRows(em, `select ${columns} from finding f where target = $1 and kind = $2 and closed_at is null and ($3::text is null or name = $3) order by id`, [
        target,
        kind,
        name ?? null,
      ]),
    openOfNative: (target, nativeId) =>
      readRows(em, `select ${columns} from finding f where target = $1 and native_id = $2 and account_id is null and closed_at is null order by id`, [
        target,
        nativeId,
      ]),
    saveAdoption: async (id, adoption) => void (await run(em, 'update finding set adoption = $2::jsonb where id = $1', [id, JSON.stringify(adoption)])),
    async adoptionTargets(now, limit) {
      const rows = await run<{ target: string }>(em, `select distinct target from finding where ${isAdoptionDue('$1')} order by target limit $2`, [now, limit]);
      return rows.map(({ target }) => target);
    },
    async adoptions(target, now, limit) {
      const rows = await run<{ id: string }>(em, `select id from finding where target = $1 and ${isAdoptionDue('$2')} order by id limit $3`, [
        target,
        now,
        limit,
      ]);
      return rows.map(({ id }) => id);
    },
    postponeAdoptions: async (target, until) =>
      void (await run(em, `update finding set adoption = jsonb_set(adoption, '{nextAt}', to_jsonb($2::text)) where target = $1 and ${isAdoptionDue('$2')}`, [
        target,
        until,
      ])),
    accessFound: (target, identityIds) =>
      readRows(em, `select ${columns} from finding f where identity_id = any($2::uuid[]) and target = $1 and kind = 'entitlement-outside-policy' order by id`, [
        target,
        identityIds,
      ]),
    close: async (ids, now) =>
      void (await run(em, 'update finding set closed_at = $2::timestamptz where id = any($1::uuid[]) and closed_at is null', [ids, now])),
    async beingCorrected(ids) {
      const rows = await run<{ id: string }>(
        em,
        `select f.id from finding f join wave w on w.id = f.batch_id and w.standing = 'free' and w.finished_at is null where f.id = any($1::uuid[])`,
        [ids],
      );
      return rows.map(({ id }) => id);
    },
    moveToBatch: async (from, to) =>
      void (await run(
        em,
        'update finding f set batch_id = $2::uuid from batch_item i where f.batch_id = $1::uuid and i.batch_id = $2::uuid and i.key = f.subject',
        [from, to],
      )),
    putInBatch: async (ids, batchId) => void (await run(em, 'update finding set batch_id = $2::uuid where id = any($1::uuid[])', [ids, batchId])),
    get: async (id) => (await readRows<Finding>(em, `select ${columns} from finding f where id = $1`, [id]))[0] ?? null,
    async count(filter) {
      const [row] = await run<{ count: string }>(em, `select count(*) from finding where ${where}`, filterValues(filter));
      return Number(row?.count);
    },
    page: (filter, limit, before) =>
      readRows(
        em,
        `select ${columns} from finding f where ${where} and ($6::timestamptz is null or (first_seen_at, id) < ($6::timestamptz, $7::uuid)) order by first_seen_at desc, id desc limit $8`,
        [...filterValues(filter), before?.at ?? null, before?.id ?? null, limit],
      ),
  };
}
