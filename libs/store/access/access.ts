import type { EntityManager } from '@mikro-orm/postgresql';
import type { Change, Grant, Instant, PolicyDocument } from '@tenure/domain';
import { type ClaimedAccount, readClaimedAlone, toClaimed } from './claimed-account.ts';
import { attested, believed, noSettings, type SettingsColumns, type StoredSettings } from './attested-settings.ts';
import { readRows } from '../database/rows.ts';
import { run, send } from '../database/statement.ts';
import { AccountRow, GrantRow, OperationAttemptRow, OperationRow, PolicyVersionRow } from './entities.ts';
import type { StoredOperation } from './stored-operation.ts';
import type { StoredAccount } from './stored-account.ts';
import type { Vault } from '../audit/vault.ts';

export interface StoredGrant extends Grant {
  readonly id: string;
  readonly identityId: string;
  readonly grantedAt: Instant;
  /** When it ended; `null`: it is in force, or will be from `validFrom` on. */
  readonly endedAt: Instant | null;
  readonly endReason: string | null;
}

/** One attempt at an operation, as it is recorded. */
export interface NewAttempt {
  readonly id: string;
  readonly operationId: string;
  readonly at: Instant;
  readonly outcome: 'done' | 'failed';
  readonly code: string | null;
  readonly message: string | null;
}

/** Attempts at an operation that failed with the same error, or one attempt; `at` is the first. */
export interface OperationAttempt extends NewAttempt {
  /** Instant of the last attempt. */
  readonly lastAt: Instant;
  readonly count: number;
}

export interface Access {
  /** Grants that have not ended, of all these people. */
  currentGrants(identityIds: readonly string[]): Promise<readonly StoredGrant[]>;
  /** Grants of all these people, ended ones too, the newest first. */
  allGrants(identityIds: readonly string[]): Promise<readonly StoredGrant[]>;
  accountsOf(identityIds: readonly string[]): Promise<readonly StoredAccount[]>;
  account(identityId: string, target: string): Promise<StoredAccount | null>;
  /** Id of the identity that owns the account with this id in a target; `null`: none is known. */
  ownerOf(target: string, nativeId: string): Promise<string | null>;
  /** Waits for other transactions that bind this account of a target to a person, until this one ends. */
  takeTurnOf(target: string, nativeId: string): Promise<void>;
  /** Accounts that are desired in a target, and whose id there is not known yet. At most 10,000. */
  unbound(target: string): Promise<readonly StoredAccount[]>;
  saveAccount(account: StoredAccount): Promise<void>;
  /** Records the id of the group of a membership that is about to be granted; does nothing unless it is recorded as possibly granted. */
  noteGroup(accountId: string, entitlement: string, groupId: string): Promise<void>;
  /**
   * Leases one account, for exclusive calls to its target. The database's clock counts: those of two machines differ.
   * @returns `others` when another worker has the lease; `null` when there is no such account
   */
  claimAccount(identityId: string, target: string, by: string, milliseconds: number): Promise<ClaimedAccount | 'others' | null>;
  /** Renews the lease. @returns false when another worker has it */
  renewAccount(id: string, by: string, milliseconds: number): Promise<boolean>;
  releaseAccount(id: string, by: string): Promise<void>;
  /** True while `by` has the lease on this account, the desired state is the same as when the lease was taken, and its target is written to. */
  isInTurn(account: Pick<StoredAccount, 'id' | 'desiredSince'>, by: string): Promise<boolean>;
  /** Of these accounts those that are neither confirmed nor carried out without being visible. */
  unsettledOf(accountIds: readonly string[]): Promise<readonly string[]>;
  /** Of these accounts those that a worker has leased. */
  leasedOf(accountIds: readonly string[]): Promise<readonly string[]>;
  /** Approves the correction of accounts that others have changed: from the next decision on they are worked on, and are not confirmed until then. @returns their people */
  approveCorrection(accountIds: readonly string[]): Promise<readonly string[]>;
  /** Accounts of a target that others have changed, without an open finding about them. */
  driftedWithoutFinding(target: string, limit: number): Promise<readonly string[]>;
  /** People who own these accounts. */
  ownersOf(accountIds: readonly string[]): Promise<readonly string[]>;
  operation(id: string): Promise<StoredOperation | null>;
  /** Ids of operations in one of these statuses, the oldest first. */
  operationIds(
    scope: Partial<Pick<StoredOperation, 'target' | 'identityId'>>,
    statuses: readonly StoredOperation['status'][],
    limit: number,
  ): Promise<readonly string[]>;
  /** Operations of all these people, the newest first. */
  operationsOf(identityIds: readonly string[], limit: number): Promise<readonly StoredOperation[]>;
  /** The newest operations of each of these people, the newest first. @param limit per person */
  latestOperations(identityIds: readonly string[], limit: number): Promise<readonly StoredOperation[]>;
  /** True if a leaver's account in the target waits for another attempt. */
  leaversWait(target: string): Promise<boolean>;
  /** Clears the last failure of the pending operations of such leavers, each for one caller only. @returns ids of their identities */
  recallLeavers(target: string): Promise<readonly string[]>;
  /**
   * Retries operations that the target refused because another account has a value that must be unique; each attempt adds a second to the wait
   * before the next one. @returns ids of their identities
   */
  recallTaken(target: string, now: Instant): Promise<readonly string[]>;
  /** Retries such operations in all targets, even if nothing has succeeded since: after a minute, then less and less often, at least once an hour. */
  recallAllTaken(now: Instant, limit: number): Promise<readonly string[]>;
  /** Clears the last failure of an account's pending operations; their attempts keep it. */
  forgetFailures(accountId: string): Promise<void>;
  updateOperation(operation: StoredOperation): Promise<void>;
  /** Attempts at these operations, the oldest first. About twenty rows per operation at most: equal failures share a row. */
  attemptsOf(operationIds: readonly string[]): Promise<readonly OperationAttempt[]>;
  currentPolicyVersion(): Promise<number | null>;
  /** The current version, for a decision: a new version takes effect only after this transaction ends, and so finds the people that it creates. */
  policyVersionToDecideBy(): Promise<number | null>;
  /** The current version. `digest`: SHA-256 of its policy; `settingsDigest`: of its tenure.yaml, `null` if the version predates its storage. */
  currentPolicy(): Promise<{ readonly version: number; readonly digest: string; readonly settingsDigest: string | null } | null>;
  /** The newest version, and the newest with this tenure.yaml. */
  versionsWith(settingsDigest: string): Promise<NewestVersions>;
  /** The same versions for a decision, locked like `policyVersionToDecideBy`. */
  versionsToDecideBy(settingsDigest: string): Promise<NewestVersions>;
  /** tenure.yaml of a version; `null`: it was not stored. @throws Error when it was not written by Tenure */
  settingsOf(version: number): Promise<StoredSettings | null>;
  /** Number of accounts whose desired state is enabled, by target; targets without any are left out. */
  accountsInUse(targets: readonly string[]): Promise<Readonly<Record<string, number>>>;
  policy(version: number): Promise<{ version: number; document: PolicyDocument; createdAt: Instant } | null>;
  /** SHA-256 of the policy of a version, and of its tenure.yaml, which is `null` if the version predates its storage. */
  digestsOf(version: number): Promise<{ readonly digest: string; readonly settingsDigest: string | null } | null>;
  policies(versions: readonly number[]): Promise<readonly StoredVersion[]>;
  /** Native names of the entitlements that this version or an earlier one defines, by target: those that Tenure may remove. */
  managedEntitlements(version: number): Promise<Readonly<Record<string, ReadonlySet<string>>>>;
  /** Locks publishing: other publishers wait until this transaction ends. */
  lockPolicies(): Promise<void>;
  /**
   * Stores this policy and tenure.yaml as a new version, unless they are equal to those in force: then that version is returned.
   * @param by kind and id of the actor that puts it in force
   * @param settings absent: those in force stay
   */
  addPolicy(document: PolicyDocument, digest: string, now: Instant, by?: string, settings?: StoredSettings): Promise<{ version: number; added: boolean }>;
}

/** A configuration version with its policy and tenure.yaml. */
export interface StoredVersion {
  readonly version: number;
  readonly document: PolicyDocument;
  readonly createdAt: Instant;
  /** tenure.yaml as written, with unresolved references; `null`: the version predates its storage. */
  readonly settings: object | null;
  /** Kind and id of the actor that put it in force; `null`: the version predates its recording. */
  readonly publishedBy: string | null;
}

export interface NewestVersions {
  readonly newest: number | null;
  /** Newest version with this tenure.yaml; `null`: none has it. */
  readonly own: number | null;
}

const plain = { disableIdentityMap: true } as const;

const triedForLeavers = `from operation o join account a on a.id = o.account_id
  where o.target = ? and o.status = 'pending' and o.attempts > 0 and a.desired->>'state' <> 'enabled'
    and not exists (select 1 from hold h where h.ended_at is null and (h.target = o.target or h.identity_id = o.identity_id))`;

/** Advisory lock: shared by transactions that decide, exclusive for one that puts a policy version in force. */
export const decisionsLock = 7002;

const newestVersions = 'select max(version) as newest, (select max(version) from policy_version where settings_digest = $1) as own from policy_version';

export function createAccess(em: EntityManager, vault: Pick<Vault, 'attest'>): Access {
  const versionsWith = async (settingsDigest: string): Promise<NewestVersions> => {
    const [row] = await run<NewestVersions>(em, newestVersions, [settingsDigest]);
    return row ?? { newest: null, own: null };
  };
  const currentPolicyVersion = async (): Promise<number | null> => {
    const [row] = await run<{ version: number | null }>(em, 'select max(version) as version from policy_version where version > $1', [0]);
    return row?.version ?? null;
  };
  return {
    currentGrants: (ids) => readRows(em, 'select * from access_grant where identity_id = any($1::uuid[]) and ended_at is null order by name', [ids]),
    allGrants: async (ids) =>
      (await em.find(GrantRow, { identityId: { $in: [...ids] } }, { ...plain, orderBy: { grantedAt: 'desc', name: 'asc' } })) as StoredGrant[],
    accountsOf: async (ids) => (await readRows<object>(em, 'select * from account where identity_id = any($1::uuid[]) order by target', [ids])).map(toAccount),
    account: async (identityId, target) => {
      const row = await em.findOne(AccountRow, { identityId, target }, plain);
      return row === null ? null : toAccount(row);
    },
    ownerOf: async (target, nativeId) => (await em.findOne(AccountRow, { target, nativeId }, plain))?.identityId ?? null,
    takeTurnOf: async (target, nativeId) => void (await run(em, 'select pg_advisory_xact_lock(hashtextextended($1, 0))', [`binding ${target}/${nativeId}`])),
    unbound: async (target) =>
      (
        await readRows<object>(
          em,
          `select * from account where target = $1 and native_id is null and desired->>'state' <> 'absent' and desired->'adoption' is not null order by id limit 10000`,
          [target],
        )
      ).map(toAccount),
    saveAccount: async (account) => {
      await em.upsert(AccountRow, account, { ...plain, onConflictFields: ['identityId', 'target'], onConflictExcludeFields: ['id'] });
    },
    noteGroup: (accountId, entitlement, groupId) =>
      send(
        em,
        `update account set accepted = jsonb_set(accepted, array['memberships', $2::text, 'groupId'], to_jsonb($3::text))
         where id = $1::uuid and accepted->'memberships' ? $2::text`,
        [accountId, entitlement, groupId],
      ),
    async claimAccount(identityId, target, by, milliseconds) {
      await send(
        em,
        `update account set lease_by = $3, lease_until = clock_timestamp() + $4 * interval '1 millisecond'
         where identity_id = $1::uuid and target = $2 and (lease_until is null or lease_until < clock_timestamp())`,
        [identityId, target, by, milliseconds],
      );
      const [row] = await run<{ claimed: string | object | null }>(em, readClaimedAlone, [identityId, target, by]);
      if (row === undefined) return null;
      return row.claimed === null ? 'others' : toClaimed(row.claimed);
    },
    async renewAccount(id, by, milliseconds) {
      const renewed = await run<object>(
        em,
        `update account set lease_until = clock_timestamp() + $3 * interval '1 millisecond' where id = $1::uuid and lease_by = $2 returning 1`,
        [id, by, milliseconds],
      );
      return renewed.length === 1;
    },
    releaseAccount: (id, by) => send(em, 'update account set lease_by = null, lease_until = null where id = $1::uuid and lease_by = $2', [id, by]),
    async isInTurn({ id, desiredSince }, by) {
      const found = await run<object>(
        em,
        `select 1 from account where id = $1::uuid and lease_by = $2 and lease_until > clock_timestamp() and desired_since = $3::timestamptz
           and exists (select from target_mode m where m.target = account.target and m.mode = 'enforce' and m.written_at is not null)`,
        [id, by, desiredSince],
      );
      return found.length === 1;
    },
    async unsettledOf(ids) {
      const rows = await run<{ id: string }>(em, 'select id from account where id = any($1::uuid[]) and confirmed_at is null and not_visible_at is null', [
        ids,
      ]);
      return rows.map(({ id }) => id);
    },
    async leasedOf(ids) {
      const rows = await run<{ id: string }>(em, 'select id from account where id = any($1::uuid[]) and lease_until > clock_timestamp()', [ids]);
      return rows.map(({ id }) => id);
    },
    async approveCorrection(ids) {
      const rows = await run<{ identity_id: string }>(
        em,
        `update account set drifted_at = null, confirmed_at = null, not_visible_at = null
         where id = any($1::uuid[]) and (drifted_at is not null or confirmed_at is not null or not_visible_at is not null) returning identity_id`,
        [ids],
      );
      return [...new Set(rows.map(({ identity_id }) => identity_id))];
    },
    async driftedWithoutFinding(target, limit) {
      const rows = await run<{ id: string }>(
        em,
        `select id from account a where target = $1 and drifted_at is not null and not exists (select from finding f where f.account_id = a.id and f.closed_at is null)
         order by drifted_at limit $2`,
        [target, limit],
      );
      return rows.map(({ id }) => id);
    },
    async ownersOf(ids) {
      const rows = await run<{ identity_id: string }>(em, 'select distinct identity_id from account where id = any($1::uuid[]) order by identity_id', [ids]);
      return rows.map(({ identity_id }) => identity_id);
    },
    operation: async (id) => (await em.findOne(OperationRow, { id }, plain)) as StoredOperation | null,
    operationIds: async (scope, statuses, limit) =>
      (
        await em.find(
          OperationRow,
          { ...scope, status: { $in: [...statuses] } },
          { ...plain, fields: ['id'], orderBy: { createdAt: 'asc', position: 'asc', id: 'asc' }, limit },
        )
      ).map(({ id }) => id),
    operationsOf: async (ids, limit) =>
      (await em.find(
        OperationRow,
        { identityId: { $in: [...ids] } },
        { ...plain, orderBy: { createdAt: 'desc', position: 'desc' }, limit },
      )) as StoredOperation[],
    async latestOperations(ids, limit) {
      if (ids.length === 0) return [];
      const rows = await em.execute<{ id: string }[]>(
        'select o.id from unnest(?::uuid[]) as person (id) cross join lateral (select id from operation where identity_id = person.id order by created_at desc, position desc limit ?) o',
        [`{${ids.join(',')}}`, limit],
      );
      return (await em.find(
        OperationRow,
        { id: { $in: rows.map(({ id }) => id) } },
        { ...plain, orderBy: { createdAt: 'desc', position: 'desc' } },
      )) as StoredOperation[];
    },
    async leaversWait(target) {
      const rows = await em.execute(`select 1 ${triedForLeavers} limit 1`, [target]);
      return rows.length > 0;
    },
    async recallLeavers(target) {
      const rows = await em.execute<{ identity_id: string }[]>(
        `update operation set last_error = null
         where id in (select o.id ${triedForLeavers} and o.last_error is not null for update of o skip locked) returning identity_id`,
        [target],
      );
      return [...new Set(rows.map(({ identity_id }) => identity_id))];
    },
    async recallTaken(target, now) {
      const rows = await run<{ identity_id: string }>(
        em,
        `update operation set status = 'pending' where id in (
           select id from operation where target = $1 and status = 'failed' and last_error->>'reason' = 'uniqueness'
             and (last_error->>'at')::timestamptz <= $2::timestamptz - (attempts - 1) * interval '1 second' order by created_at limit 20 for update skip locked)
         returning identity_id`,
        [target, now],
      );
      return [...new Set(rows.map(({ identity_id }) => identity_id))];
    },
    async recallAllTaken(now, limit) {
      const rows = await run<{ identity_id: string }>(
        em,
        `update operation set status = 'pending' where id in (
           select id from operation where status = 'failed' and last_error->>'reason' = 'uniqueness'
             and (last_error->>'at')::timestamptz <= $1::timestamptz - least(attempts, 60) * interval '1 minute' order by created_at limit $2 for update skip locked)
         returning identity_id`,
        [now, limit],
      );
      return [...new Set(rows.map(({ identity_id }) => identity_id))];
    },
    forgetFailures: async (accountId) => {
      await em.execute(`update operation set last_error = null where account_id = ? and status = 'pending'`, [accountId]);
    },
    updateOperation: async ({ id, change: _change, ...changed }) => {
      await em.nativeUpdate(OperationRow, { id }, changed);
    },
    attemptsOf: async (ids) =>
      (await em.find(OperationAttemptRow, { operationId: { $in: [...ids] } }, { ...plain, orderBy: { at: 'asc' } })).map(
        ({ code = null, message = null, ...row }): OperationAttempt => ({ ...row, code, message, lastAt: row.lastAt ?? row.at }),
      ),
    currentPolicyVersion,
    async policyVersionToDecideBy() {
      await send(em, 'select pg_advisory_xact_lock_shared($1)', [decisionsLock]);
      return currentPolicyVersion();
    },
    async currentPolicy() {
      const [row] = await run<{ version: number; digest: string; settingsDigest: string | null }>(
        em,
        'select version, digest, settings_digest as "settingsDigest" from policy_version where version > $1 order by version desc limit 1',
        [0],
      );
      return row ?? null;
    },
    versionsWith,
    async versionsToDecideBy(settingsDigest) {
      await send(em, 'select pg_advisory_xact_lock_shared($1)', [decisionsLock]);
      return versionsWith(settingsDigest);
    },
    async settingsOf(version) {
      const [row] = await run<SettingsColumns>(
        em,
        'select settings, settings_digest as "settingsDigest", settings_mac as "settingsMac" from policy_version where version = $1',
        [version],
      );
      return row === undefined ? null : believed(vault, row, versionName(version));
    },
    async accountsInUse(targets) {
      const rows = await run<{ target: string; accounts: number }>(
        em,
        `select target, count(*)::int as accounts from account where target = any($1::text[]) and desired->>'state' = 'enabled' group by target order by target`,
        [targets],
      );
      return Object.fromEntries(rows.map(({ target, accounts }) => [target, accounts]));
    },
    policy: async (version) => {
      const row = await em.findOne(PolicyVersionRow, { version }, { ...plain, fields: ['version', 'document', 'createdAt'] });
      return row === null ? null : { ...row, document: complete(row.document) };
    },
    async digestsOf(version) {
      const [row] = await run<{ digest: string; settingsDigest: string | null }>(
        em,
        'select digest, settings_digest as "settingsDigest" from policy_version where version = $1',
        [version],
      );
      return row ?? null;
    },
    policies: async (versions) =>
      (await em.find(PolicyVersionRow, { version: { $in: [...versions] } }, plain)).map(
        ({ version, document, createdAt, settings = null, publishedBy = null }) => ({
          version,
          document: complete(document),
          createdAt,
          settings,
          publishedBy,
        }),
      ),
    async managedEntitlements(version) {
      const rows = await em.execute<{ target: string; value: string }[]>(
        `select distinct e.value->>'target' as target, e.value->>'value' as value from policy_version, jsonb_each(document->'entitlements') e
         where version <= ? and e.value->>'value' is not null`,
        [version],
      );
      const managed: Record<string, Set<string>> = {};
      for (const { target, value } of rows) (managed[target] ??= new Set()).add(value);
      return managed;
    },
    lockPolicies: async () => void (await em.execute('select pg_advisory_xact_lock(7001)')),
    async addPolicy(document, digest, now, by, settings) {
      await this.lockPolicies();
      const [last] = await em.find(PolicyVersionRow, {}, { ...plain, orderBy: { version: 'desc' }, limit: 1 });
      const isSame = settings === undefined || last?.settingsDigest === settings.digest;
      if (last?.digest === digest && isSame) return { version: last.version, added: false };
      const version = (last?.version ?? 0) + 1;
      const kept = settings ?? (last === undefined ? null : await this.settingsOf(last.version));
      // Decisions by the previous version end first, so that the batch run of this one finds everybody.
      await run(em, 'select pg_advisory_xact_lock($1)', [decisionsLock]);
      await em.insert(PolicyVersionRow, {
        version,
        digest,
        document,
        createdAt: now,
        ...(kept === null ? noSettings : attested(vault, kept, versionName(version))),
        publishedBy: by ?? null,
      });
      return { version, added: true };
    },
  };
}

function versionName(version: number): string {
  return `configuration version ${version}`;
}

/** Completes a stored document: versions from before separation-of-duties rules have none. */
function complete(document: Omit<PolicyDocument, 'separation'> & Partial<PolicyDocument>): PolicyDocument {
  return { separation: [], ...document };
}

function toAccount(row: object): StoredAccount {
  const { leaseBy: _leaseBy, leaseUntil: _leaseUntil, ...account } = row as StoredAccount & { leaseBy: unknown; leaseUntil: unknown };
  return account;
}

/** Describes a change for logs and audit, without its values. */
export function describeChange(change: Change): Readonly<Record<string, unknown>> {
  switch (change.kind) {
    case 'create':
      return { kind: change.kind, enabled: change.enabled };
    case 'update':
      return { kind: change.kind, attributes: Object.keys(change.attributes) };
    case 'addMember':
    case 'removeMember':
      return { kind: change.kind, entitlement: change.entitlement };
    case 'enable':
    case 'disable':
    case 'delete':
      return { kind: change.kind };
  }
}
