import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant, MovedRows, RepairInput, RepairPlan, RepairStatus } from '@tenure/domain';
import { readRows } from '../database/rows.ts';
import type { StoredSeparationException } from '../separation/separation-exceptions.ts';
import { run } from '../database/statement.ts';
import { type IdentityReference, MOVED_BY_MERGE, MOVED_WITH_ACCOUNT } from './identity-references.ts';

/** A repair of identities: as requested, with its plan and what it has moved. */
export interface StoredRepair {
  readonly id: string;
  readonly kind: RepairInput['kind'];
  readonly status: RepairStatus;
  readonly input: RepairInput;
  readonly digest: string;
  /** Person whose name, record or identity it is about. */
  readonly identityId: string;
  /** Person to whom it went; `null`: nobody, or a new one that is not known yet. */
  readonly otherId: string | null;
  /** Kind and id of the actor. */
  readonly requestedBy: string;
  readonly requestedAt: Instant;
  /** Second person who approved or discarded it; `null`: it needed none, or waits for one. */
  readonly decidedBy: string | null;
  readonly decidedAt: Instant | null;
  readonly undoneBy: string | null;
  readonly undoneAt: Instant | null;
  readonly moved: MovedRows;
  readonly plan: RepairPlan;
}

/** A released user name, and who had it until when. */
export interface ReleasedUserName {
  readonly userName: string;
  readonly identityId: string;
  readonly releasedAt: Instant;
  readonly repairId: string;
}

export interface Repairs {
  add(repair: StoredRepair): Promise<void>;
  /** Reads a repair and locks it until the transaction ends. */
  lock(id: string): Promise<StoredRepair | null>;
  get(id: string): Promise<StoredRepair | null>;
  /** Repairs about these people, the newest first; all where none is given. */
  page(identityId: string | null, limit: number, before: { readonly at: Instant; readonly id: string } | null): Promise<readonly StoredRepair[]>;
  count(identityId: string | null): Promise<number>;
  save(repair: StoredRepair): Promise<void>;

  /** Ids of the identities that were merged into these people, directly or by way of another, by person. */
  mergedInto(identityIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** @param into `null`: it is an identity of its own again */
  setMergedInto(identityId: string, into: string | null): Promise<void>;
  /** Moves everything that goes with a merge from one identity to another. @returns rows that were moved */
  moveAll(from: string, into: string): Promise<MovedRows>;
  /** Moves rows back that are still where a merge has moved them. @returns rows that were moved */
  moveBack(from: string, into: string, moved: MovedRows): Promise<MovedRows>;
  /** Moves accounts of one identity to another in these targets, with their operations and findings; where both have one, they change places. */
  moveAccounts(from: string, into: string, targets: readonly string[]): Promise<void>;
  /** Takes owners off cases that are about the owner by now. */
  disownCases(caseIds: readonly string[], now: Instant): Promise<void>;
  /** Targets in which a worker is provisioning an account of one of these people at this moment. */
  leasedTargets(identityIds: readonly string[]): Promise<readonly string[]>;
  /** Ends unused one-time links to a person. @returns number */
  endLinks(identityId: string, now: Instant): Promise<number>;
  /** Ends confirmations of the logins of a person. @returns number */
  endConfirmations(identityId: string): Promise<number>;
  /** Ends the confirmation of one login. */
  endConfirmation(recordId: string): Promise<void>;
  /** Items in force of one of two people that the other has approved. */
  approvedForEachOther(one: string, other: string): Promise<readonly string[]>;
  /** Answers that one of two people gave about an open item of the other count no more. */
  refuseAnswersForEachOther(one: string, other: string): Promise<void>;
  /** Withdraws open items of one person that another has requested too. @returns their ids */
  withdrawDuplicates(from: string, into: string, now: Instant): Promise<readonly string[]>;
  /** Revokes SoD exceptions that one of two people has granted the other. @returns them */
  revokeExceptionsForEachOther(one: string, other: string, now: Instant): Promise<readonly StoredSeparationException[]>;
  /** Moves one record and the extensions of its end. */
  moveRecord(recordId: string, from: string, to: string): Promise<void>;
  /** Moves the binding of one login. @returns false: there is none */
  moveLogin(record: { readonly source: string; readonly externalId: string }, to: string): Promise<boolean>;

  /** Targets with an account that bears this user name, as far as the last observation or a wish that may have been carried out shows. */
  targetsBearing(userName: string): Promise<readonly string[]>;
  /** Gives a person another user name. */
  rename(identityId: string, userName: string): Promise<void>;
  addReleased(released: ReleasedUserName): Promise<void>;
  removeReleased(repairId: string): Promise<void>;
  /** Released user names of these people, the newest first. */
  releasedBy(identityIds: readonly string[]): Promise<readonly ReleasedUserName[]>;
}

export function createRepairs(em: EntityManager): Repairs {
  const read = (rest: string, values: readonly unknown[]): Promise<readonly StoredRepair[]> => readRows(em, `select * from repair ${rest}`, values);
  return {
    add: (repair) => write(em, insertRepair, repair),
    async lock(id) {
      await run(em, 'select 1 from repair where id = $1::uuid for update', [id]);
      return (await read('where id = $1::uuid', [id]))[0] ?? null;
    },
    get: async (id) => (await read('where id = $1::uuid', [id]))[0] ?? null,
    page: (identityId, limit, before) =>
      read(
        `where ($1::uuid is null or identity_id = $1::uuid or other_id = $1::uuid) and ($2::timestamptz is null or (requested_at, id) < ($2::timestamptz, $3::uuid))
         order by requested_at desc, id desc limit $4`,
        [identityId, before?.at ?? null, before?.id ?? null, limit],
      ),
    async count(identityId) {
      const [row] = await run<{ count: number }>(
        em,
        'select count(*)::int as count from repair where $1::uuid is null or identity_id = $1::uuid or other_id = $1::uuid',
        [identityId],
      );
      return row?.count ?? 0;
    },
    save: (repair) => write(em, updateRepair, repair),

    async mergedInto(ids) {
      const rows = await run<{ root: string; id: string }>(
        em,
        `with recursive m as (select merged_into as root, id from identity where merged_into = any($1::uuid[])
           union select m.root, i.id from m join identity i on i.merged_into = m.id) select root, id from m order by id`,
        [ids],
      );
      return new Map([...Map.groupBy(rows, ({ root }) => root)].map(([root, some]) => [root, some.map(({ id }) => id)]));
    },
    setMergedInto: async (id, into) => void (await run(em, 'update identity set merged_into = $2::uuid where id = $1::uuid', [id, into])),
    async moveAll(from, into) {
      const moved: Record<string, readonly string[]> = {};
      for (const one of MOVED_BY_MERGE) {
        const keys = await move(em, one, from, into, one.where, null);
        if (keys.length > 0) moved[`${one.table}.${one.column}`] = keys;
      }
      return moved;
    },
    async moveBack(from, into, all) {
      const moved: Record<string, readonly string[]> = {};
      // In the other order: what was moved last goes back first.
      for (const one of MOVED_BY_MERGE.toReversed()) {
        const keys = all[`${one.table}.${one.column}`] ?? [];
        const back = keys.length === 0 ? [] : await move(em, one, into, from, 'true', keys);
        if (back.length > 0) moved[`${one.table}.${one.column}`] = back;
      }
      return moved;
    },
    async moveAccounts(from, into, targets) {
      if (targets.length === 0) return;
      // Both places are taken where two change them, so that one is put aside for a moment.
      const aside = ' (moves)';
      const ids = await run<{ id: string; identity_id: string }>(
        em,
        'select id, identity_id from account where identity_id in ($1::uuid, $2::uuid) and target = any($3::text[]) order by id for update',
        [from, into, targets],
      );
      await run(em, `update account set target = target || $2 where id = any($1::uuid[])`, [ids.map(({ id }) => id), aside]);
      for (const { id, identity_id: owner } of ids) {
        const to = owner === from ? into : from;
        await run(
          em,
          `update account set identity_id = $2::uuid, target = left(target, -length($3)), former_identities = former_identities || to_jsonb($4::text) where id = $1::uuid`,
          [id, to, aside, owner],
        );
        for (const [table, column] of MOVED_WITH_ACCOUNT) await run(em, `update ${table} set ${column} = $2::uuid where account_id = $1::uuid`, [id, to]);
      }
    },
    disownCases: async (ids, now) => {
      await run(
        em,
        `update case_file set owner_id = nullif(owner_id, identity_id), claimed_by = nullif(claimed_by, identity_id), claimed_at = case when claimed_by = identity_id then null else claimed_at end,
           tend_at = $2::timestamptz, is_told = false where id = any($1::uuid[]) and (owner_id = identity_id or claimed_by = identity_id)`,
        [ids, now],
      );
    },
    async leasedTargets(ids) {
      const rows = await run<{ target: string }>(
        em,
        'select distinct target from account where identity_id = any($1::uuid[]) and lease_by is not null and lease_until > clock_timestamp() order by target',
        [ids],
      );
      return rows.map(({ target }) => target);
    },
    async endLinks(identityId, now) {
      const logins = await run<object>(em, 'update login_link set used_at = $2::timestamptz where identity_id = $1::uuid and used_at is null returning 1', [
        identityId,
        now,
      ]);
      const mails = await run<object>(em, 'update decision_link set used_at = $2::timestamptz where approver_id = $1::uuid and used_at is null returning 1', [
        identityId,
        now,
      ]);
      return logins.length + mails.length;
    },
    async endConfirmations(identityId) {
      return (await run<object>(em, 'delete from login_confirmation where identity_id = $1::uuid returning 1', [identityId])).length;
    },
    endConfirmation: async (recordId) => void (await run(em, 'delete from login_confirmation where record_id = $1::uuid', [recordId])),
    async approvedForEachOther(one, other) {
      const rows = await run<{ id: string }>(
        em,
        `select distinct i.id from request_item i join request_answer a on a.item_id = i.id and a.outcome = 'counted' and a.approves
         where i.status = 'approved' and ((i.identity_id = $1::uuid and a.given_by = $2::uuid) or (i.identity_id = $2::uuid and a.given_by = $1::uuid)) order by i.id`,
        [one, other],
      );
      return rows.map(({ id }) => id);
    },
    async refuseAnswersForEachOther(one, other) {
      await run(
        em,
        `update request_answer a set outcome = 'OWN_REQUEST' from request_item i where i.id = a.item_id and i.status = 'open' and a.outcome = 'counted'
           and i.identity_id in ($1::uuid, $2::uuid) and a.given_by in ($1::uuid, $2::uuid)`,
        [one, other],
      );
    },
    async withdrawDuplicates(from, into, now) {
      const rows = await run<{ id: string }>(
        em,
        `update request_item t set status = 'withdrawn', decided_at = $3::timestamptz where identity_id = $1::uuid and status = 'open'
           and exists (select from request_item o where o.identity_id = $2::uuid and o.kind = t.kind and o.name = t.name and o.status = 'open') returning id`,
        [from, into, now],
      );
      return rows.map(({ id }) => id);
    },
    async revokeExceptionsForEachOther(one, other, now) {
      const theirs = `(revoked_at is null or ended_with is not null) and ((identity_id = $1::uuid and granted_by = $2::uuid) or (identity_id = $2::uuid and granted_by = $1::uuid))`;
      const found = await readRows<StoredSeparationException>(em, `select * from separation_exception where ${theirs} order by id`, [one, other]);
      const ids = found.map(({ id }) => id);
      if (ids.length > 0)
        await run(em, 'update separation_exception set revoked_at = $2::timestamptz, ended_with = null where id = any($1::uuid[])', [ids, now]);
      return found;
    },
    async moveRecord(recordId, from, to) {
      await run(
        em,
        `update source_record set identity_id = $3::uuid where identity_id = $2::uuid and (id = $1::uuid or (source = 'extension' and external_id = $1::text))`,
        [recordId, from, to],
      );
    },
    async moveLogin({ source, externalId }, to) {
      const rows = await run<object>(
        em,
        `update login_subject set identity_id = $3::uuid, settled = null where provider = $1 and issuer || '|' || subject = $2 returning 1`,
        [source, externalId, to],
      );
      return rows.length > 0;
    },

    async targetsBearing(userName) {
      // Only a confirmed observation proves that there is none: an account that may have been created counts.
      const rows = await run<{ target: string }>(
        em,
        `select target from account where lower(observed->>'userName') = lower($1)
           or (user_name = $1 and observed is null and existed and (observed_at is null or confirmed_at is null))
         union select target from finding where closed_at is null and lower(user_name) = lower($1) and kind <> 'missing-account' order by target`,
        [userName],
      );
      return rows.map(({ target }) => target);
    },
    rename: async (id, userName) => void (await run(em, 'update identity set user_name = $2 where id = $1::uuid', [id, userName])),
    addReleased: async ({ userName, identityId, releasedAt, repairId }) => {
      await run(em, 'insert into released_user_name (user_name, identity_id, released_at, repair_id) values ($1, $2::uuid, $3::timestamptz, $4::uuid)', [
        userName,
        identityId,
        releasedAt,
        repairId,
      ]);
    },
    removeReleased: async (repairId) => void (await run(em, 'delete from released_user_name where repair_id = $1::uuid', [repairId])),
    releasedBy: (ids) => readRows(em, 'select * from released_user_name where identity_id = any($1::uuid[]) order by released_at desc, repair_id', [ids]),
  };
}

/** Moves rows of one column. @param keys `null`: all to which the condition applies @returns their keys */
async function move(
  em: EntityManager,
  { table, column, key }: IdentityReference,
  from: string,
  into: string,
  where: string,
  keys: readonly string[] | null,
): Promise<readonly string[]> {
  // A caller is written with its kind.
  const isCaller = column === 'caller';
  const [was, is] = isCaller ? [`'person ' || $1::text`, `'person ' || $2::text`] : ['$1::uuid', '$2::uuid'];
  const reset = table === 'login_subject' ? ', settled = null' : table === 'case_file' ? ', tend_at = clock_timestamp(), is_told = false' : '';
  const rows = await run<{ key: string }>(
    em,
    `update ${table} t set ${column} = ${is}${reset} where t.${column} = ${was} and (${where}) and ($1::uuid <> $2::uuid) and ($3::text[] is null or ${key} = any($3::text[]))
     returning ${key} as key`,
    [from, into, keys],
  );
  return rows.map((row) => row.key);
}

async function write(em: EntityManager, text: string, repair: StoredRepair): Promise<void> {
  const { id, kind, status, input, digest, identityId, otherId, requestedBy, requestedAt, decidedBy, decidedAt, undoneBy, undoneAt, moved, plan } = repair;
  await run(em, text, [
    id,
    kind,
    status,
    JSON.stringify(input),
    digest,
    identityId,
    otherId,
    requestedBy,
    requestedAt,
    decidedBy,
    decidedAt,
    undoneBy,
    undoneAt,
    JSON.stringify(moved),
    JSON.stringify(plan),
  ]);
}

const insertRepair = `insert into repair (id, kind, status, input, digest, identity_id, other_id, requested_by, requested_at, decided_by, decided_at, undone_by, undone_at, moved, plan)
  values ($1::uuid, $2, $3, $4::jsonb, $5, $6::uuid, $7::uuid, $8, $9::timestamptz, $10, $11::timestamptz, $12, $13::timestamptz, $14::jsonb, $15::jsonb)`;

const updateRepair = `update repair set kind = $2, status = $3, input = $4::jsonb, digest = $5, identity_id = $6::uuid, other_id = $7::uuid, requested_by = $8, requested_at = $9::timestamptz,
  decided_by = $10, decided_at = $11::timestamptz, undone_by = $12, undone_at = $13::timestamptz, moved = $14::jsonb, plan = $15::jsonb where id = $1::uuid`;
