import type { Instant, PolicyDocument, UndoOrigin } from '@tenure/domain';
import type {
  ApplicationUse,
  AuditEvent,
  BatchTally,
  Case,
  CaseComment,
  BatchChange,
  OperationAttempt,
  ReleasedUserName,
  ServiceToken,
  LoginSubject,
  Session,
  Store,
  StoredAccount,
  StoredGrant,
  StoredSuspension,
  StoredIdentity,
  StoredObservation,
  StoredOperation,
  StoredRecord,
  StoredTargetMode,
  Transaction,
} from '@tenure/store';
import DataLoader from 'dataloader';
import type { Caller } from '@tenure/engine/callers';
import { answererOf } from '@tenure/engine/cases';

export interface PolicyVersion {
  readonly version: number;
  readonly document: PolicyDocument;
  readonly createdAt: Instant;
  readonly settings: object | null;
  readonly publishedBy: string | null;
}

type Many<T> = DataLoader<string, readonly T[]>;

/** Reads of one request. Data for a page of people is read for all of them at once, so the number of statements does not grow with the page. */
export interface Loaders {
  readonly identity: DataLoader<string, StoredIdentity | null>;
  readonly records: Many<StoredRecord>;
  readonly record: DataLoader<string, StoredRecord | null>;
  readonly currentGrants: Many<StoredGrant>;
  readonly allGrants: Many<StoredGrant>;
  readonly accounts: Many<StoredAccount>;
  /** Modes of all targets, under any key. */
  readonly targetModes: Many<StoredTargetMode>;
  readonly attempts: Many<OperationAttempt>;
  /** Observations by account. */
  readonly observations: Many<StoredObservation>;
  readonly cases: Many<Case>;
  /** Open ones of a person and their operations; of targets under the empty key. */
  readonly suspensions: Many<StoredSuspension>;
  /** Comments by case. */
  readonly comments: Many<CaseComment>;
  /** True if the caller may answer a case. */
  readonly isTheirs: DataLoader<string, boolean>;
  readonly sessions: Many<Session>;
  /** Uses of applications by person. */
  readonly applicationUses: Many<ApplicationUse>;
  readonly serviceToken: DataLoader<string, ServiceToken | null>;
  /** Bindings. */
  readonly logins: Many<LoginSubject & { readonly isConfirmed: boolean }>;
  readonly policy: DataLoader<number, PolicyVersion | null>;
  /** Tally by batch change. */
  readonly batchTally: DataLoader<string, BatchTally>;
  readonly batchParts: Many<BatchChange>;
  /** Undoes by batch change. */
  readonly batchUndoes: Many<BatchChange & { readonly origin: UndoOrigin }>;
  /** The newest operations of each person. Another limit makes another read. */
  operations(limit: number): Many<StoredOperation>;
  /** The newest events of each person, and of the identities that were merged into theirs. */
  timeline(limit: number): Many<AuditEvent>;
  /** Ids of identities that were merged into each person's. */
  readonly merged: Many<string>;
  readonly releasedUserNames: Many<ReleasedUserName>;
}

/** @param caller whose requests they serve; `null`: nobody's */
export function createLoaders(store: Store, clock: () => Instant, caller: Caller | null): Loaders {
  const byOwner = <T extends { readonly identityId: string | null }>(read: (tx: Transaction, ids: readonly string[]) => Promise<readonly T[]>): Many<T> =>
    grouped(store, read, ({ identityId }) => identityId);
  return {
    identity: single(
      store,
      (tx, ids) => tx.identities.many(ids),
      ({ id }) => id,
    ),
    records: byOwner((tx, ids) => tx.identities.recordsOfMany(ids)),
    record: single(
      store,
      (tx, ids) => tx.records.many(ids),
      ({ id }) => id,
    ),
    currentGrants: byOwner((tx, ids) => tx.access.currentGrants(ids)),
    allGrants: byOwner((tx, ids) => tx.access.allGrants(ids)),
    accounts: byOwner((tx, ids) => tx.access.accountsOf(ids)),
    targetModes: new DataLoader(async (keys) => {
      const modes = await store.read((tx) => tx.targetModes.all());
      return keys.map(() => modes);
    }),
    attempts: grouped(
      store,
      (tx, ids) => tx.access.attemptsOf(ids),
      ({ operationId }) => operationId,
    ),
    observations: grouped(
      store,
      (tx, ids) => tx.observations.ofAccounts(ids),
      ({ accountId }) => accountId,
    ),
    cases: byOwner((tx, ids) => tx.cases.ofIdentities(ids)),
    suspensions: grouped(
      store,
      async (tx, ids) => (ids.includes('') ? tx.suspensions.open() : tx.suspensions.ofIdentities(ids)),
      ({ identityId }) => identityId ?? '',
    ),
    comments: grouped(
      store,
      (tx, ids) => tx.cases.commentsOf(ids),
      ({ caseId }) => caseId,
    ),
    isTheirs: new DataLoader<string, boolean>(async (ids) => {
      if (caller === null) return ids.map(() => false);
      const theirs = await store.read(async (tx) => tx.inbox.areFor(ids, await answererOf(tx, caller, clock())));
      return ids.map((id) => theirs.has(id));
    }),
    applicationUses: byOwner((tx, ids) => tx.applicationPeople.usesOf(ids)),
    sessions: byOwner((tx, ids) => tx.sessions.openOf(ids, clock())),
    serviceToken: single(
      store,
      (tx) => tx.sessions.serviceTokens(),
      ({ id }) => id,
    ),
    logins: byOwner((tx, ids) => tx.logins.ofPeople(ids)),
    policy: new DataLoader<number, PolicyVersion | null>((versions) => policiesOf(store, versions)),
    batchTally: new DataLoader<string, BatchTally>(async (ids) => {
      const tallies = await store.read((tx) => tx.batchItems.tally(ids));
      return ids.map((id) => tallies.get(id) ?? new Error('every batch has a tally'));
    }),
    batchUndoes: grouped(
      store,
      (tx, ids) => tx.batchChanges.undoesOf(ids),
      ({ origin }) => origin.batchId,
    ),
    batchParts: grouped(
      store,
      (tx, ids) => tx.batchChanges.parts(ids),
      ({ partOf }) => partOf,
    ),
    operations: perLimit((limit) => byOwner((tx, ids) => tx.access.latestOperations(ids, limit))),
    timeline: perLimit((limit) => new DataLoader((ids) => store.read((tx) => timelines(tx, ids, limit)))),
    merged: new DataLoader<string, readonly string[]>(async (ids) => {
      const merged = await store.read((tx) => tx.repairs.mergedInto(ids));
      return ids.map((id) => merged.get(id) ?? []);
    }),
    releasedUserNames: byOwner((tx, ids) => tx.repairs.releasedBy(ids)),
  };
}

async function timelines(tx: Transaction, ids: readonly string[], limit: number): Promise<readonly (readonly AuditEvent[])[]> {
  const merged = await tx.repairs.mergedInto(ids);
  const of = (id: string): readonly string[] => [id, ...(merged.get(id) ?? [])];
  const events = Map.groupBy(await tx.audit.latestOf([...new Set(ids.flatMap(of))], limit), ({ identityId }) => identityId);
  return ids.map((id) => {
    const all = of(id).flatMap((one) => events.get(one) ?? []);
    return all.length <= limit && of(id).length === 1 ? all : all.toSorted((a, b) => b.at.localeCompare(a.at) || b.position - a.position).slice(0, limit);
  });
}

/** Policy versions that were read last, of each store: a version never changes, and each page of a person needs one or two. */
const policies = new WeakMap<Store, Map<number, PolicyVersion>>();
const mostPolicies = 20;

async function policiesOf(store: Store, versions: readonly number[]): Promise<(PolicyVersion | null)[]> {
  const known = policies.get(store) ?? new Map<number, PolicyVersion>();
  policies.set(store, known);
  const found = new Map(versions.flatMap((version) => (known.has(version) ? [[version, known.get(version) as PolicyVersion] as const] : [])));
  const missing = versions.filter((version) => !found.has(version));
  if (missing.length > 0)
    for (const one of await store.read((tx) => tx.access.policies(missing))) {
      found.set(one.version, one);
      known.set(one.version, one);
    }
  for (const oldest of known.keys()) if (known.size > mostPolicies) known.delete(oldest);
  return versions.map((version) => found.get(version) ?? null);
}

function single<K extends string | number, T>(
  store: Store,
  read: (tx: Transaction, keys: readonly K[]) => Promise<readonly T[]>,
  keyOf: (item: T) => K,
): DataLoader<K, T | null> {
  return new DataLoader<K, T | null>(async (keys) => {
    const found = new Map((await store.read((tx) => read(tx, keys))).map((item) => [keyOf(item), item]));
    return keys.map((key) => found.get(key) ?? null);
  });
}

function grouped<T>(store: Store, read: (tx: Transaction, keys: readonly string[]) => Promise<readonly T[]>, keyOf: (item: T) => string | null): Many<T> {
  return new DataLoader<string, readonly T[]>(async (keys) => {
    const found = new Map<string | null, T[]>();
    for (const item of await store.read((tx) => read(tx, keys))) {
      const key = keyOf(item);
      const group = found.get(key);
      if (group === undefined) found.set(key, [item]);
      else group.push(item);
    }
    return keys.map((key) => found.get(key) ?? []);
  });
}

function perLimit<T>(create: (limit: number) => T): (limit: number) => T {
  const known = new Map<number, T>();
  return (limit) => {
    const loader = known.get(limit) ?? create(limit);
    known.set(limit, loader);
    return loader;
  };
}
