import { Migrator } from '@mikro-orm/migrations';
import { type EntityManager, IsolationLevel, MikroORM } from '@mikro-orm/postgresql';
import { ConfigurationInvalid, InputInvalid, type Instant } from '@tenure/domain';
import { type Access, createAccess } from './access/access.ts';
import { type ActContext, type Audit, type AuditPlace, createAudit, isCommitted } from './audit/audit.ts';
import { type ApplicationPeople, createApplicationPeople } from './applications/application-people.ts';
import { type ApplicationRequests, createApplicationRequests } from './applications/application-requests.ts';
import { type ApplicationSessions, createApplicationSessions } from './applications/application-sessions.ts';
import { createLogoutNotices, type LogoutNotices } from './applications/logout-notices.ts';
import { type AuditAnchor, readAnchors, takeAnchor, type TakenAnchor } from './audit/audit-anchor.ts';
import { mustBeSealed, sealHeads } from './audit/audit-heads.ts';
import { type Cases, createCases } from './cases/cases.ts';
import { type Connections, createConnections } from './connections/connections.ts';
import { createDecisionLinks, type DecisionLinks } from './requests/decision-links.ts';
import { createDelegations, type Delegations } from './approvers/delegations.ts';
import { createSeparationExceptions, type SeparationExceptions } from './separation/separation-exceptions.ts';
import { entities } from './database/entities.ts';
import { createGroupLeases, type GroupLeases } from './access/group-leases.ts';
import { giveBackDeadConnections } from './database/give-back-dead-connections.ts';
import { createInbox, type Inbox } from './cases/inbox.ts';
import { type BatchItems, createBatchItems } from './batches/batch-items.ts';
import { type Budgets, createBudgets } from './batches/budgets.ts';
import { createBatchChanges, type BatchChanges } from './batches/batch-changes.ts';
import { createImports, type Imports } from './batches/imports.ts';
import { createIdentities, type Identities } from './identities/identities.ts';
import { migrationsList } from './migrations/index.ts';
import { createSuspensions, type Suspensions } from './suspensions/suspensions.ts';
import { createNotifications, type Notifications } from './notifications/notifications.ts';
import { createOutbox, type Outbox } from './outbox/outbox.ts';
import { createPeople, type People } from './identities/people.ts';
import { createLoginLinks, type LoginLinks } from './login/login-links.ts';
import { createLogins, type Logins } from './login/logins.ts';
import { createObservations, type Observations } from './observations/observations.ts';
import { inTransaction } from './database/in-transaction.ts';
import { mustBeSupported } from './database/must-be-supported.ts';
import { persist } from './database/persist.ts';
import { type Pulse, readPulse } from './upkeep/pulse.ts';
import { createRepairs, type Repairs } from './repairs/repairs.ts';
import { createRequests, type Requests } from './requests/requests.ts';
import { createFindings, type Findings } from './reconciliation/findings.ts';
import { createFindingCauses, type FindingCauses } from './reconciliation/finding-causes.ts';
import { createSigns, type Signs } from './reconciliation/signs.ts';
import { createTargetPaces, type TargetPaces } from './reconciliation/target-pace.ts';
import { createReconciliationRuns, type ReconciliationRuns } from './reconciliation/runs.ts';
import { createSigningKeys, type SigningKeys } from './keys/signing-keys.ts';
import { createLooks, type Looks } from './reconciliation/looks.ts';
import { createReconciledAccounts, type ReconciledAccounts } from './reconciliation/reconciled-accounts.ts';
import { createIgnoringOfFindings, type IgnoringOfFindings } from './reconciliation/ignored-findings.ts';
import { createQuarantinedAccounts, type QuarantinedAccounts } from './reconciliation/quarantined-accounts.ts';
import { createTargetModes, type TargetModes } from './targets/target-modes.ts';
import { createUnprovenAccounts, type UnprovenAccounts } from './reconciliation/unproven-accounts.ts';
import { createStaging, type Staging } from './reconciliation/staging.ts';
import { createReadings, type Readings } from './observations/readings.ts';
import type { Signer } from './audit/signer.ts';
import { createRecords, type Records } from './identities/records.ts';
import { createSourceContacts, type SourceContacts } from './identities/source-contacts.ts';
import { createSponsorships, type Sponsorships } from './identities/sponsorships.ts';
import { createSharedRefusals, type SharedRefusals } from './access/shared-refusals.ts';
import { createSessionTrees, type SessionTrees } from './login/session-trees.ts';
import { createSessions, type Sessions } from './login/sessions.ts';
import { PreparingClient } from './database/statement.ts';
import { createUpkeep, type Upkeep } from './upkeep/upkeep.ts';
import { createUrgentEnds, type UrgentEnds } from './identities/urgent-ends.ts';
import type { Vault } from './audit/vault.ts';
import { createBatchRuns, type BatchRuns } from './batches/batch-runs.ts';

/** All of Tenure's data, inside one database transaction. */
export interface Transaction {
  readonly context: ActContext;
  readonly identities: Identities;
  readonly people: People;
  readonly records: Records;
  readonly access: Access;
  readonly readings: Readings;
  readonly observations: Observations;
  readonly sharedRefusals: SharedRefusals;
  readonly cases: Cases;
  readonly inbox: Inbox;
  readonly suspensions: Suspensions;
  readonly connections: Connections;
  readonly groupLeases: GroupLeases;
  readonly sessions: Sessions;
  readonly sessionTrees: SessionTrees;
  readonly logins: Logins;
  readonly loginLinks: LoginLinks;
  readonly outbox: Outbox;
  readonly batchRuns: BatchRuns;
  readonly batchChanges: BatchChanges;
  readonly batchItems: BatchItems;
  readonly budgets: Budgets;
  readonly urgentEnds: UrgentEnds;
  readonly upkeep: Upkeep;
  readonly imports: Imports;
  readonly sourceContacts: SourceContacts;
  readonly requests: Requests;
  readonly notifications: Notifications;
  readonly decisionLinks: DecisionLinks;
  readonly sponsorships: Sponsorships;
  readonly delegations: Delegations;
  readonly separationExceptions: SeparationExceptions;
  readonly reconciliationRuns: ReconciliationRuns;
  readonly targetModes: TargetModes;
  readonly staging: Staging;
  readonly signs: Signs;
  readonly findingCauses: FindingCauses;
  readonly targetPaces: TargetPaces;
  readonly unprovenAccounts: UnprovenAccounts;
  readonly looks: Looks;
  readonly reconciledAccounts: ReconciledAccounts;
  readonly findings: Findings;
  readonly ignoredFindings: IgnoringOfFindings;
  readonly quarantinedAccounts: QuarantinedAccounts;
  readonly repairs: Repairs;
  readonly applicationSessions: ApplicationSessions;
  readonly applicationPeople: ApplicationPeople;
  readonly logoutNotices: LogoutNotices;
  readonly applicationRequests: ApplicationRequests;
  readonly signingKeys: SigningKeys;
  readonly audit: Audit;
}

export interface Store {
  /**
   * Runs work in one transaction: all of it is stored, with its audit events, or nothing is. Must not be used for work that waits on a network.
   * The work starts again when the database ends the transaction because of a deadlock, and when the connection is lost, for as long as `patience`:
   * so it must have no effect besides what it writes and returns.
   * @throws DatabaseUnavailable when the database did not answer in time
   */
  transaction<T>(context: ActContext, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Reads at one point in time; nothing is written. @throws DatabaseUnavailable when the database did not answer in time */
  read<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * Reads the ends of the audit's chains, to be kept outside of the database.
   * @param before the previous anchor of this process
   * @param isLast true if the process stops now
   */
  anchorAudit(now: Instant, before: TakenAnchor | null, isLast: boolean): Promise<TakenAnchor>;
  /** Reads stored anchors, one per line; other lines are ignored. */
  readAnchors(lines: Iterable<string>): { readonly anchors: readonly AuditAnchor[]; readonly problems: readonly string[] };
  /** Accepts the current ends of all chains under the present key: after a lost key, or once a manipulation has been investigated. Audited. */
  resealAudit(context: ActContext, reason: string): Promise<void>;
  /** Signer of statements to third parties; its key is derived from the master key. */
  readonly signer: Signer;
  /** Checks that the database answers. */
  check(): Promise<void>;
  /** Time of the database's clock, in milliseconds of Unix time. */
  clock(): Promise<number>;
  /** Names of required migrations that the database lacks. @throws ConfigurationInvalid for a PostgreSQL that is too old */
  missingMigrations(): Promise<readonly string[]>;
  /** Status of the installation, in a few counts. */
  pulse(now: Instant): Promise<Pulse>;
  close(): Promise<void>;
}

export interface StoreSettings {
  /** postgresql://user:password@host:port/database */
  readonly url: string;
  readonly vault: Vault;
  /** Maximum number of open connections; 10 unless set. */
  readonly poolSize?: number;
  /** Milliseconds for which work is retried while the database is unavailable; 0 unless set, for work that Temporal or a later run retries. */
  readonly patience?: number;
  /** Returns the current span, stored with the work that follows from it later. */
  readonly traceparent?: () => string | null;
}

/**
 * Milliseconds. A transaction waits for nothing but the database, so one that is idle for this long belongs to a process that hangs or
 * to a machine that is gone: the server ends it, since nobody whom it locks could be decided about or log in.
 */
const longestIdle = 20_000;

const asOfNow = { readOnly: true, isolationLevel: IsolationLevel.REPEATABLE_READ } as const;

/** Opens the store under the role `tenure_runtime`, which can add to the audit but not change it. */
export async function openStore(settings: StoreSettings): Promise<Store> {
  // Statements here are short: the compilation of one whose cost the server overestimates takes longer than the statement runs.
  const orm = await connect(settings.url, settings.poolSize ?? 10, `-c role=tenure_runtime -c jit=off -c idle_in_transaction_session_timeout=${longestIdle}`);
  const { vault, traceparent = () => null, patience = 0 } = settings;
  let sealed: Promise<void> | null = null;
  /** Ensures that the audit is sealed before the first change of this process, so that no event is written under a key that proves nothing. */
  const seal = (now: Instant): Promise<void> => {
    sealed ??= persist({ run: () => inTransaction(orm, (em) => mustBeSealed(em, vault, now)) }, patience).catch((error: unknown) => {
      sealed = null;
      throw error;
    });
    return sealed;
  };
  const store: Store = {
    async transaction<T>(context: ActContext, work: (tx: Transaction) => Promise<T>): Promise<T> {
      await seal(context.now);
      const proofOf = (place: AuditPlace) => () => inTransaction(orm, (em) => isCommitted(em, place));
      return persist<T>(
        {
          run: (sent) =>
            inTransaction(orm, async (em): Promise<Awaited<T>> => {
              const { tx, flush } = around(em, vault, context, traceparent);
              const result = await work(tx);
              await em.flush();
              const place = await flush();
              sent(result, place === null ? null : proofOf(place));
              return result;
            }),
        },
        patience,
      ).catch(rethrow);
    },
    anchorAudit: (now, before, isLast) => inTransaction(orm, (em) => takeAnchor(em, vault, now, before, isLast), asOfNow),
    readAnchors: (lines) => readAnchors(vault, lines),
    async resealAudit(context, reason) {
      await inTransaction(orm, (em) => sealHeads(em, vault, reason, context.now));
      sealed = Promise.resolve();
      await store.transaction(context, async (tx) =>
        tx.audit.record({ action: 'audit.sealed', subjectKind: 'audit', subjectId: 'ends', identityId: null, reason: { reason } }),
      );
    },
    read: (work) =>
      persist(
        {
          run: () =>
            inTransaction(orm, (em) => work(around(em, vault, { actor: { kind: 'system', id: 'read' }, correlationId: '', now: '' }, traceparent).tx), asOfNow),
        },
        patience,
      ).catch(rethrow),
    signer: vault.signer,
    check: async () => {
      await orm.em.fork().execute('select 1');
    },
    async clock() {
      const [row] = await orm.em.fork().execute<{ now: string }[]>('select extract(epoch from clock_timestamp()) * 1000 as now');
      return Number(row?.now);
    },
    async missingMigrations() {
      mustBeSupported(await versionOf(orm.em.fork()));
      const [table] = await orm.em.fork().execute<{ known: boolean }[]>(`select to_regclass('tenure_migration') is not null as known`);
      const applied = table?.known ? await orm.em.fork().execute<{ name: string }[]>('select name from tenure_migration') : [];
      return migrationsList.map(({ name }) => name).filter((name) => !applied.some((row) => row.name === name));
    },
    pulse: (now) => readPulse(orm.em.fork(), now),
    close: () => orm.close(true),
  };
  return store;
}

/** Brings the database's schema up to date, as its owner. Safe to call from several processes at once. @returns names of the migrations applied */
export async function migrate(url: string): Promise<readonly string[]> {
  const orm = await connect(url, 2);
  try {
    const lock = orm.em.fork();
    return await lock.transactional(async (em) => {
      mustBeSupported(await versionOf(em));
      await em.execute('select pg_advisory_xact_lock(7000)');
      const applied = await orm.migrator.up();
      return applied.map((migration) => migration.name);
    });
  } finally {
    await orm.close(true);
  }
}

async function versionOf(em: EntityManager): Promise<number> {
  const [row] = await em.execute<{ version: string }[]>(`select current_setting('server_version_num') as version`);
  return Number(row?.version);
}

/** Milliseconds to wait for a new connection, or for one of the pool to become free; then the call fails and may be retried. */
const connectionTimeoutMillis = 30_000;

/** Connections that stay open while unused: a new one plans all its statements again, five times each. Enough for a burst of logins. */
const warmConnections = 8;

async function connect(url: string, poolSize: number, options?: string): Promise<MikroORM> {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new ConfigurationInvalid([
      { file: 'environment', line: 0, column: 0, field: 'DATABASE_URL', message: 'must look like postgresql://user:password@host:5432/database' },
    ]);
  }
  return MikroORM.init({
    entities,
    clientUrl: url,
    pool: { min: Math.min(warmConnections, poolSize), max: poolSize },
    driverOptions: {
      Client: PreparingClient,
      pipeline: true,
      onPoolCreated: giveBackDeadConnections,
      connectionTimeoutMillis,
      ...(options === undefined ? {} : { options }),
    },
    extensions: [Migrator],
    migrations: { migrationsList, tableName: 'tenure_migration', snapshot: false, transactional: true, allOrNothing: true },
    ensureDatabase: false,
    // Failures are thrown; the migrator's progress messages are not logged.
    logger: () => undefined,
    ignoreUndefinedInQuery: true,
  });
}

/** Error message for a text that PostgreSQL does not accept: it contains NUL or half a surrogate pair. */
export const unstorableText = 'a text contains a character that cannot be stored';

/** SQLSTATEs of such a text: in a parameter, in JSON, and in a statement into which the ORM has written the value. */
const notText = ['22021', '22P05', '08P01'];

/** Reports a text with NUL as an error of the caller, and throws any other error as it is. */
function rethrow(error: unknown): never {
  if (error instanceof Error && 'code' in error && notText.includes(String(error.code))) throw new InputInvalid(unstorableText, {}, { cause: error });
  throw error;
}

function around(
  em: EntityManager,
  vault: Vault,
  context: ActContext,
  traceparent: () => string | null,
): { tx: Transaction; flush(): Promise<AuditPlace | null> } {
  const { audit, flush } = createAudit(em, vault, context);
  const tx = {
    context,
    identities: createIdentities(em),
    people: createPeople(em),
    records: createRecords(em),
    access: createAccess(em, vault),
    readings: createReadings(em),
    observations: createObservations(em),
    sharedRefusals: createSharedRefusals(em),
    cases: createCases(em),
    inbox: createInbox(em),
    suspensions: createSuspensions(em),
    connections: createConnections(em),
    groupLeases: createGroupLeases(em),
    sessions: createSessions(em, audit),
    sessionTrees: createSessionTrees(em),
    logins: createLogins(em, audit),
    loginLinks: createLoginLinks(em),
    outbox: createOutbox(em, traceparent),
    batchRuns: createBatchRuns(em),
    batchChanges: createBatchChanges(em, vault),
    batchItems: createBatchItems(em),
    budgets: createBudgets(em),
    urgentEnds: createUrgentEnds(em),
    upkeep: createUpkeep(em),
    imports: createImports(em),
    sourceContacts: createSourceContacts(em),
    requests: createRequests(em),
    notifications: createNotifications(em, context),
    decisionLinks: createDecisionLinks(em),
    sponsorships: createSponsorships(em),
    delegations: createDelegations(em),
    separationExceptions: createSeparationExceptions(em),
    reconciliationRuns: createReconciliationRuns(em),
    targetModes: createTargetModes(em),
    staging: createStaging(em),
    signs: createSigns(em),
    findingCauses: createFindingCauses(em),
    targetPaces: createTargetPaces(em),
    unprovenAccounts: createUnprovenAccounts(em),
    looks: createLooks(em),
    reconciledAccounts: createReconciledAccounts(em),
    findings: createFindings(em),
    ignoredFindings: createIgnoringOfFindings(em),
    quarantinedAccounts: createQuarantinedAccounts(em),
    applicationSessions: createApplicationSessions(em),
    applicationRequests: createApplicationRequests(em),
    applicationPeople: createApplicationPeople(em),
    logoutNotices: createLogoutNotices(em, context),
    signingKeys: createSigningKeys(em, vault),
    repairs: createRepairs(em),
    audit,
  };
  return { tx, flush };
}
