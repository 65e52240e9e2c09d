import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant, ModeReason, TargetMode } from '@tenure/domain';
import { decisionsLock } from '../access/access.ts';
import type { StoredAccount } from '../access/stored-account.ts';
import { readRows } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/** Mode of a target, from its first contact on. */
export interface StoredTargetMode {
  readonly target: string;
  readonly mode: TargetMode;
  readonly why: ModeReason;
  readonly since: Instant;
  /** Kind and id of the actor that set it. */
  readonly by: string;
  /** Reason in the actor's words; `null`: none was given. */
  readonly reason: string | null;
  /** When Tenure was about to write there first; `null`: it never was. */
  readonly writtenAt: Instant | null;
  /** `mode` of tenure.yaml that was followed last; `null`: none. */
  readonly configured: TargetMode | null;
}

export type NewTargetMode = Pick<StoredTargetMode, 'target' | 'mode' | 'why' | 'by' | 'reason' | 'configured'>;

export interface TargetModes {
  /** Modes of all targets that were contacted. */
  all(): Promise<readonly StoredTargetMode[]>;
  /** `null`: the target was not contacted yet. */
  get(target: string): Promise<StoredTargetMode | null>;
  /** Has decisions in other transactions end first, so that the next ones read the new mode, and locks the target's mode. */
  lock(target: string): Promise<StoredTargetMode | null>;
  /** Stores the mode at first contact, or another one. */
  set(mode: NewTargetMode, now: Instant): Promise<StoredTargetMode>;
  /** Records that Tenure is about to write there. */
  written(target: string, now: Instant): Promise<void>;
  /** Records which `mode` of tenure.yaml was followed. */
  followed(target: string, configured: TargetMode | null): Promise<void>;
  /** True if Tenure knows an account there by the target's own id. */
  hasKnownAccounts(target: string): Promise<boolean>;
  /** Of these ids of a target those that Tenure knows as somebody's account. */
  knownAmong(target: string, nativeIds: readonly string[]): Promise<readonly string[]>;
  /** People with an account there that is not in its desired state. */
  unsettledPeople(target: string): Promise<readonly string[]>;
  /** A page of accounts there that are not in their desired state, in the order of their people. @param after id of the last person of the previous page */
  unsettledAccounts(target: string, after: string | null, limit: number): Promise<readonly StoredAccount[]>;
  /** Has the correction of all accounts there approved that others have changed. */
  approveCorrections(target: string): Promise<void>;
}

export function createTargetModes(em: EntityManager): TargetModes {
  const get = async (target: string): Promise<StoredTargetMode | null> =>
    (await readRows<StoredTargetMode>(em, 'select * from target_mode where target = $1', [target]))[0] ?? null;
  return {
    all: () => readRows(em, 'select * from target_mode order by target', []),
    get,
    async lock(target) {
      await run(em, 'select pg_advisory_xact_lock($1)', [decisionsLock]);
      return get(target);
    },
    async set({ target, mode, why, by, reason, configured }, now) {
      await run(
        em,
        `insert into target_mode (target, mode, why, since, by, reason, configured) values ($1, $2, $3, $4::timestamptz, $5, $6, $7)
         on conflict (target) do update set mode = excluded.mode, why = excluded.why, since = excluded.since, by = excluded.by, reason = excluded.reason, configured = excluded.configured
         returning 1`,
        [target, mode, why, now, by, reason, configured],
      );
      const found = await get(target);
      if (found === null) throw new Error('an upsert answered with nothing');
      return found;
    },
    async written(target, now) {
      await run(em, 'update target_mode set written_at = $2::timestamptz where target = $1 and written_at is null returning 1', [target, now]);
    },
    async followed(target, configured) {
      await run(em, 'update target_mode set configured = $2 where target = $1 returning 1', [target, configured]);
    },
    async hasKnownAccounts(target) {
      return (await run(em, 'select 1 from account where target = $1 and native_id is not null limit 1', [target])).length > 0;
    },
    async knownAmong(target, nativeIds) {
      const rows = await run<{ native_id: string }>(em, 'select native_id from account where target = $1 and native_id = any($2::text[])', [target, nativeIds]);
      return rows.map((row) => row.native_id);
    },
    async unsettledPeople(target) {
      const rows = await run<{ identity_id: string }>(
        em,
        'select identity_id from account where target = $1 and confirmed_at is null and not_visible_at is null order by identity_id',
        [target],
      );
      return rows.map((row) => row.identity_id);
    },
    async unsettledAccounts(target, after, limit) {
      const rows = await readRows<StoredAccount & { readonly leaseBy: unknown; readonly leaseUntil: unknown }>(
        em,
        `select * from account where target = $1 and confirmed_at is null and not_visible_at is null and ($2::uuid is null or identity_id > $2::uuid)
         order by identity_id limit $3`,
        [target, after, limit],
      );
      return rows.map(({ leaseBy: _by, leaseUntil: _until, ...account }) => account);
    },
    async approveCorrections(target) {
      await run(em, 'update account set drifted_at = null where target = $1 and drifted_at is not null returning 1', [target]);
    },
  };
}
