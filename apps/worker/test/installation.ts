import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { prepareCluster } from '../cluster/prepare-cluster.ts';
import { createActivities } from '@tenure/activities';
import { createEngine, type Engine } from '@tenure/engine/decide';
import type { IncomingRecord, TakenRecord } from '@tenure/engine/intake';
import { type Configuration, loadConfiguration } from '@tenure/config';
import { createConnector, type TargetConnector } from '@tenure/connectors';
import type { Store } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { type ClockCheck, currentTraceparent, logOptions, type Metrics, noTracing, type ReadinessCheck, type Tracing } from '@tenure/telemetry';
import { Client, Connection } from '@temporalio/client';
import { Client as PostgresClient } from 'pg';
import { pino } from 'pino';
import { clocksOf } from '../clocks.ts';
import { watchConnections, type WatchedConnections } from '../connections.ts';
import { startDispatcher } from '../dispatcher.ts';
import type { Looking } from '../keep-looking.ts';
import { observeTarget } from '../observe-target.ts';
import { restartLives } from '../restart-lives.ts';
import { inTemporal, type RunningWorkers, runWorkers } from '../run-workers.ts';
import { nativeLogging } from '../temporal-logger.ts';
import { createWorkerMetrics, meterOf } from '../worker-metrics.ts';
import { workerReadiness } from '../worker-readiness.ts';
import { publishPolicy } from '@tenure/engine/policy';
import { takeRecord, takeRecords } from '@tenure/engine/intake';

/** A worker with one SQL application as its target, on the test run's real PostgreSQL and Temporal. */
export interface Installation {
  readonly store: Store;
  readonly engine: Engine;
  readonly client: Client;
  readonly database: TestDatabase;
  readonly configuration: Configuration;
  readonly metrics: Metrics;
  /** Checks of its readiness. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Clocks with which its own is compared. */
  readonly clocks: Readonly<Record<string, ClockCheck>>;
  /** Every line of the log, as JSON. */
  readonly log: readonly string[];
  /** Lets its workers finish and stops them; the rest continues. */
  stopWorkers(): Promise<void>;
  /** Lets the worker of one queue finish, and stops it. */
  stopQueue(queue: string): Promise<void>;
  /** Starts the workers again, as when the process is restarted. */
  restartWorkers(): Promise<void>;
  /** Does the same as `npm run lifecycles:restart`. */
  restartLives(): Promise<void>;
  /** Takes a record of HR, as `recordFacts` would. */
  record(record: Pick<IncomingRecord, 'externalId' | 'version' | 'facts'> & Partial<IncomingRecord>, now?: string): Promise<TakenRecord>;
  /** Takes a batch of such records. */
  recordMany(records: readonly (Pick<IncomingRecord, 'externalId' | 'version' | 'facts'> & Partial<IncomingRecord>)[]): Promise<readonly TakenRecord[]>;
  /** Hands rows that wait in the outbox to Temporal now. */
  nudge(): void;
  /** Publishes another policy. */
  publish(change: (policy: Configuration['policy']) => Configuration['policy']): Promise<void>;
  /** Looks into the application itself, at every account or at one. */
  lookAtAll(): Promise<readonly { readonly login: string; readonly name: string | null; readonly enabled: boolean; readonly roles: readonly string[] }[]>;
  look(userName: string): Promise<{ enabled: boolean; roles: readonly string[] } | null>;
  /** Makes the application unreachable, and reachable again. */
  takeDown(): Promise<void>;
  bringBack(): Promise<void>;
  /** Ends the worker as kill -9 would see it: nothing is finished first. Temporal keeps what waits. */
  stop(): Promise<void>;
}

/** Options of a test that differ from the usual ones. */
export interface InstallationWish {
  readonly tracing?: Tracing;
  /** Instead of the usual files; LEDGER_URL is the application's database. */
  readonly files?: { readonly tenureYaml: string; readonly accessYaml: string };
  /** Clock of everything but the workflows. */
  readonly clock?: () => string;
  /** Connections to the database. */
  readonly poolSize?: number;
  /** SQL beside the usual tables of the application. */
  readonly ledgerSchema?: string;
  /** Variables for `${env:…}` references, beside LEDGER_URL. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Address of a Temporal server of the test's own, instead of the one of the test run. */
  readonly temporal?: string;
  /** True: connections of targets and identity providers are tested too. */
  readonly watchesConnections?: boolean;
}

const tenureYaml = `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes:
  displayName: { type: string }
  email: { type: string }
  employeeNumber: { type: string }
  department: { type: string }
  startDate: { type: instant }
  endDate: { type: instant }
  manager: { type: string }
precedence: { default: [hr] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: contractor, correlate: [{ attribute: employeeNumber }] }
targets:
  ledger:
    title: Ledger
    kind: sql
    url: \${env:LEDGER_URL}
    tls: none
    timeout: PT20S
    confirmWithin: PT1S
    statements:
      list: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name FROM accounts WHERE id > COALESCE(:page, '0')::bigint ORDER BY id LIMIT :limit"
      find: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name FROM accounts WHERE login = :userName"
      read: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name FROM accounts WHERE id = :nativeId::bigint"
      create: "INSERT INTO accounts (login, external_id, active, full_name) VALUES (:userName, :externalId, :enabled, :full_name) RETURNING id::text AS native_id"
      update: "UPDATE accounts SET external_id = :externalId, full_name = :full_name WHERE id = :nativeId::bigint"
      enable: "UPDATE accounts SET active = true WHERE id = :nativeId::bigint"
      disable: "UPDATE accounts SET active = false WHERE id = :nativeId::bigint"
      delete: "DELETE FROM accounts WHERE id = :nativeId::bigint"
      memberships: "SELECT role AS entitlement FROM account_roles WHERE account_id = :nativeId::bigint ORDER BY role"
      addMember: "INSERT INTO account_roles (account_id, role) VALUES (:nativeId::bigint, :entitlement) ON CONFLICT DO NOTHING"
      removeMember: "DELETE FROM account_roles WHERE account_id = :nativeId::bigint AND role = :entitlement"
    attributes: { full_name: identity.displayName }
`;

const accessYaml = `
entitlements:
  ledger.clerk: { title: Clerk, target: ledger, value: clerk }
  ledger.reader: { title: Reader, target: ledger, value: reader }
  ledger.refused: { title: A role that the ledger refuses, target: ledger, value: forbidden }
roles:
  finance: { title: Finance, entitlements: [ledger.clerk] }
birthright:
  - { name: everybody, when: "true", entitlements: [ledger.reader] }
  - { name: finance, when: 'identity.department == "Finance"', roles: [finance], until: identity.endDate }
  - { name: odd, when: 'identity.department == "Odd"', entitlements: [ledger.refused] }
lifecycle:
  - { name: all, end: { grace: PT3S, then: delete } }
`;

const schema = `
create table accounts (id bigserial primary key, login text unique not null, external_id text, active boolean not null, full_name text);
create table account_roles (account_id bigint not null references accounts on delete cascade, role text not null check (role <> 'forbidden'), primary key (account_id, role));
`;

/** The workflows as they are in production: the test run has built them. */
export const workflowBundle = { codePath: fileURLToPath(new URL('../../../dist/workflows/bundle.js', import.meta.url)) };

let isInstalled = false;

export async function createInstallation(wish: InstallationWish = {}): Promise<Installation> {
  const { tracing = noTracing, files = { tenureYaml, accessYaml }, clock = (): string => new Date().toISOString() } = wish;
  const address = wish.temporal ?? process.env['TENURE_TEST_TEMPORAL_ADDRESS'];
  if (!address) throw new Error('TENURE_TEST_TEMPORAL_ADDRESS is not set: run the tests through npm test, which starts Temporal');
  const quiet = { log: none, trace: none, debug: none, info: none, warn: none, error: none };
  if (!isInstalled) Runtime.install({ shutdownSignals: [], logger: quiet, telemetryOptions: nativeLogging });
  isInstalled = true;
  const database = await createTestDatabase({ traceparent: currentTraceparent, ...(wish.poolSize === undefined ? {} : { poolSize: wish.poolSize }) });
  const ledger = await createTestDatabase();
  await ledger.execute(`${schema}${wish.ledgerSchema ?? ''}`);
  const directory = await mkdtemp(join(tmpdir(), 'tenure-configuration-'));
  await mkdir(join(directory, 'policy'));
  await writeFile(join(directory, 'tenure.yaml'), files.tenureYaml);
  await writeFile(join(directory, 'policy', 'access.yaml'), files.accessYaml);
  const configuration = await loadConfiguration({ directory, environment: { LEDGER_URL: ledger.url, ...wish.environment } });
  const { store } = database;
  const metrics = createWorkerMetrics(configuration, store, clock);
  const meter = meterOf(metrics, clock);
  const engine = createEngine({ configuration, meter });
  const context = (correlationId: string) => ({ actor: { kind: 'source', id: 'hr' }, correlationId, now: clock() }) as const;
  await store.transaction(context('start'), (tx) => publishPolicy(tx, engine));
  // Workflows of earlier tests must not be taken by this worker: their database is another one.
  const namespace = await ownNamespace(address);
  const connection = await NativeConnection.connect({ address });
  let watched: WatchedConnections | null = null;
  const connectors: Record<string, TargetConnector> = Object.fromEntries(
    Object.values(configuration.targets).map((target) => [
      target.name,
      observeTarget(target.name, target.kind, createConnector(target), metrics, tracing, (name, well) => watched?.worked(name, well)),
    ]),
  );
  const log: string[] = [];
  const keep = (line: string): void => {
    log.push(line);
    if (process.env['TENURE_TEST_LOG']) process.stderr.write(line);
  };
  const logger = pino({ level: 'info', ...logOptions }, { write: keep });
  const activities = createActivities({ store, engine, connectors, clock, meter, ...inTemporal });
  const start = (): Promise<RunningWorkers> => runWorkers({ activities, configuration, connection, namespace, logger, tracing, workflowBundle });
  let workers = await start();
  if (wish.watchesConnections) watched = watchConnections({ store, configuration, connectors, clock, logger });
  const dispatcher: Looking = startDispatcher({ store, client: workers.client, clock, logger, tracing });
  const name = new URL(ledger.url).pathname.slice(1);
  const server = new PostgresClient({ connectionString: process.env['TENURE_TEST_DATABASE_URL'] });
  await server.connect();
  return {
    store,
    engine,
    database,
    configuration,
    client: workers.client,
    metrics,
    checks: workerReadiness({ store, connection, wanted: { address, namespace, retention: null }, workers }),
    clocks: clocksOf({ store, connection, namespace, workers }),
    log,
    async stopWorkers() {
      workers.shutdown();
      await workers.done;
    },
    async stopQueue(queue) {
      const worker = workers.queues[queue];
      worker?.shutdown();
      await eventually(async () => worker?.getState() === 'STOPPED');
    },
    async restartWorkers() {
      workers.shutdown();
      await workers.done;
      workers = await start();
    },
    restartLives: async () => void (await restartLives(store, workers.client)),
    async record(record, now = clock()) {
      const taken = await store.transaction({ ...context(`record-${record.externalId}-${record.version}`), now }, (tx) =>
        takeRecord(tx, engine, { source: 'hr', status: 'active', endedAt: null, ...record }),
      );
      dispatcher.nudge();
      return taken;
    },
    async recordMany(records) {
      const taken = await store.transaction(context(`records-${records.length}`), (tx) =>
        takeRecords(
          tx,
          engine,
          records.map((record) => ({ source: 'hr', status: 'active', endedAt: null, ...record })),
        ),
      );
      dispatcher.nudge();
      return taken;
    },
    nudge: () => dispatcher.nudge(),
    async publish(change) {
      const other = createEngine({ configuration: { ...configuration, policy: change(configuration.policy) } });
      await store.transaction(context('publish'), (tx) => publishPolicy(tx, other));
      dispatcher.nudge();
    },
    async lookAtAll() {
      const rows = await ledger.execute(
        'select login, full_name as name, active as enabled, (select coalesce(array_agg(role order by role), array[]::text[]) from account_roles where account_id = id) as roles from accounts order by login',
      );
      return rows as unknown as Awaited<ReturnType<Installation['lookAtAll']>>;
    },
    async look(userName) {
      const [row] = (await ledger.execute(
        'select active, (select coalesce(array_agg(role order by role), array[]::text[]) from account_roles where account_id = id) as roles from accounts where login = ?',
        [userName],
      )) as { active: boolean; roles: string[] }[];
      return row === undefined ? null : { enabled: row.active, roles: row.roles };
    },
    async takeDown() {
      await server.query(`alter database ${name} with allow_connections false`);
      await server.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    },
    bringBack: async () => void (await server.query(`alter database ${name} with allow_connections true`)),
    async stop() {
      await dispatcher.stop();
      await watched?.stop();
      workers.shutdown();
      await workers.done;
      await Promise.all(Object.values(connectors).map((connector) => connector.close()));
      await connection.close();
      await server.end();
      await ledger.drop();
      await database.drop();
      await rm(directory, { recursive: true });
    },
  };
}

function none(): void {
  // Nothing to log.
}

/** Makes a namespace for one test, prepared for the workflows. */
export async function ownNamespace(address: string): Promise<string> {
  const namespace = `test-${process.pid}-${Date.now()}`;
  const connection = await Connection.connect({ address });
  await prepareCluster(connection, { address, namespace, retention: 86_400_000 }, { mayCreateNamespace: true });
  await connection.close();
  return namespace;
}

/**
 * Plays a scene that has to be seen before a deadline. Where it was not, because the machine is slow, it is played again with twice the time.
 * @param seconds until the deadline, at first; the last attempt has at least a minute
 * @param play throws when it came too late; `attempt` makes what it adds distinct
 */
export async function inTime(seconds: number, play: (until: string, attempt: number) => Promise<void>): Promise<void> {
  for (let [attempt, given] = [1, seconds]; ; attempt += 1, given *= 2) {
    try {
      return await play(new Date(Date.now() + given * 1000).toISOString(), attempt);
    } catch (error) {
      if (given >= 60) throw error;
    }
  }
}

/**
 * Polls until the answer is neither null, false nor an error, for at most `patience` milliseconds.
 * @param slower how much longer each pause is than the one before, up to half a second: where many poll at a time
 */
export async function eventually<T>(ask: () => Promise<T | null | false | undefined>, patience = 90_000, slower = 1): Promise<T> {
  const end = Date.now() + patience;
  let last: unknown = null;
  for (let pause = 50; ; pause = Math.min(pause * slower, 500)) {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw last instanceof Error ? last : new Error(`did not come about within ${patience} ms; last answer: ${JSON.stringify(last)}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
