import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareCluster } from '@tenure/worker/cluster';
import { temporalSettings, type TemporalSettings } from '@tenure/config';
import { searchAttributes } from '@tenure/workflows/search-attributes';
import { type RunningPostgres, startPostgres } from '../embedded/postgres.ts';
import { findTemporalServer } from '../embedded/temporal-binary.ts';
import { type RunningTemporal, startTemporal } from '../embedded/temporal-server.ts';
import { closeHome } from './close-home.ts';
import { secretsIn } from './home.ts';
import { connectTemporal } from './connect-temporal.ts';
import { installationKeys } from './keys.ts';
import { mustMigrate } from './must-migrate.ts';
import { type NodeChild, startNodeChild } from './node-child.ts';
import { root } from './root.ts';
import { ensureRuntimeLogin } from './runtime-login.ts';
import { type Running, type SuperviseOptions, type Supervised, supervise } from './supervise.ts';

export interface StartOptions {
  /** Folder of everything that the installation keeps: `.tenure`. */
  readonly home: string;
  /** Folder of tenure.yaml and policy/. */
  readonly configuration: string;
  /** Port of the API. */
  readonly port: number;
  /** DATABASE_URL and TEMPORAL_ADDRESS in it replace the embedded servers; the rest is handed on, for `${env:...}` references. */
  readonly environment: NodeJS.ProcessEnv;
  /** Called with the progress, a sentence at a time. */
  readonly announce: (sentence: string) => void;
  /** Called with each line that the API and the worker write. @param process "api" or "worker" */
  readonly onLog?: (line: string, process: string) => void;
  /** Cancels work that may take minutes at a first start: fetching or building Temporal's program. */
  readonly signal?: AbortSignal;
}

export interface RunningTenure {
  readonly url: string;
  readonly databaseUrl: string;
  /** Address with the login that migrates it. */
  readonly ownerUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly temporalUiUrl: string | null;
  /** The environment that the API and the worker run in: other processes of the installation need the same. */
  readonly environment: NodeJS.ProcessEnv;
  /** Settles when a part of it does not stay up however often it is started again, with a sentence about it. */
  readonly failed: Promise<string>;
  stop(): Promise<void>;
}

const entryOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Starts the whole of Tenure, embedded servers included, as child processes; when a part fails, stops the started ones in the reverse order. */
export async function startTenure(options: StartOptions): Promise<RunningTenure> {
  await closeHome(options.home);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopOne of stops.splice(0).reverse()) await stopOne();
  };
  try {
    return await startParts(options, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  { home, configuration, port, environment, announce, onLog, signal }: StartOptions,
  stops: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<RunningTenure> {
  const [database, temporal] = await allOf([databaseOf(home, environment, announce, stops), temporalOf(home, environment, announce, stops, signal)]);
  const ownerUrl = environment['MIGRATION_DATABASE_URL'] || database.url;
  const applied = await mustMigrate(ownerUrl);
  if (applied.length > 0)
    announce(`Database brought up to date: ${applied.length === 1 ? applied[0] : `${applied.length} migrations, up to ${applied.at(-1)}`}.`);
  // Somebody else's server has its own logins.
  const databaseUrl = database.isEmbedded ? await ensureRuntimeLogin(database.url, join(home, 'postgres', 'runtime-password')) : database.url;

  if (!environment['TENURE_SECRETS']) await mkdir(secretsIn(home), { recursive: true, mode: 0o700 });
  const url = environment['TENURE_URL'] || `http://localhost:${port}`;
  const complete: NodeJS.ProcessEnv = {
    ...environment,
    ...(await installationKeys(home, environment)),
    DATABASE_URL: databaseUrl,
    TENURE_AUDIT_ANCHORS: environment['TENURE_AUDIT_ANCHORS'] || join(home, 'audit-anchors.jsonl'),
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    ...(temporal.uiUrl === null ? {} : { TEMPORAL_UI_URL: temporal.uiUrl }),
    TENURE_CONFIG: configuration,
    TENURE_SECRETS: environment['TENURE_SECRETS'] || secretsIn(home),
    TENURE_URL: url,
    PORT: String(port),
    // Reachable from other machines only where that is set.
    HOST: environment['HOST'] || '127.0.0.1',
  };
  let hasToRestartLives = temporal.isNew;
  const startWorker = async (): Promise<NodeChild> => {
    const child = await startProcess('worker', { ...complete, ...(hasToRestartLives ? { TENURE_RESTART_LIVES: 'true' } : {}) }, onLog);
    hasToRestartLives = false;
    return child;
  };
  const parts = await allOf([
    kept(stops, { name: 'The API', announce, start: () => startProcess('api', complete, onLog) }),
    kept(stops, { name: 'The worker', announce, start: startWorker }),
  ]);
  const failed = Promise.race([database, temporal, ...parts].map(({ gaveUp }) => gaveUp));
  return {
    url,
    databaseUrl,
    ownerUrl,
    temporalAddress: temporal.address,
    temporalNamespace: temporal.namespace,
    temporalUiUrl: temporal.uiUrl,
    environment: complete,
    failed,
    stop,
  };
}

/** Results of all of them, or the first failure once all have settled: parts that are still starting could not be stopped yet. */
async function allOf<T extends readonly unknown[]>(starting: readonly [...{ [K in keyof T]: Promise<T[K]> }]): Promise<T> {
  await Promise.allSettled(starting);
  return (await Promise.all(starting)) as unknown as T;
}

/** Starts a part, keeps it running, and has it stopped with the others. */
async function kept<T extends Running>(stops: (() => Promise<void>)[], options: SuperviseOptions<T>): Promise<Supervised<T>> {
  const part = await supervise(options);
  stops.push(() => part.stop());
  return part;
}

async function startProcess(name: 'api' | 'worker', environment: NodeJS.ProcessEnv, onLog: StartOptions['onLog']): Promise<NodeChild> {
  const onLine = (line: string): void => onLog?.(line, name);
  const child = startNodeChild({ entry: entryOf(`apps/${name}/main.ts`), environment, isReady: (line) => line.includes('"ready":true'), onLine });
  await child.ready;
  return child;
}

/** A server, embedded or somebody else's. */
interface InUse {
  /** Settles when an embedded one does not stay up. */
  readonly gaveUp: Promise<string>;
}
/** A server that is not ours, which others keep running. */
const somebodyElses: InUse = { gaveUp: new Promise(() => undefined) };

async function databaseOf(
  home: string,
  environment: NodeJS.ProcessEnv,
  announce: (sentence: string) => void,
  stops: (() => Promise<void>)[],
): Promise<InUse & { readonly url: string; readonly isEmbedded: boolean }> {
  const given = environment['DATABASE_URL'];
  if (given) return { ...somebodyElses, url: given, isEmbedded: false };
  let url: string | null = null;
  const start = async (): Promise<RunningPostgres> => {
    // Processes that were given the address continue to use it.
    const postgres = await startPostgres({ directory: join(home, 'postgres'), onLog: announce, ...(url === null ? {} : { port: portOf(url) }) });
    url = postgres.url;
    return postgres;
  };
  const { gaveUp } = await kept(stops, { name: 'PostgreSQL', announce, start });
  return { gaveUp, url: url ?? '', isEmbedded: true };
}

interface TemporalInUse extends InUse {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string | null;
  readonly isNew: boolean;
}

async function temporalOf(
  home: string,
  environment: NodeJS.ProcessEnv,
  announce: (sentence: string) => void,
  stops: (() => Promise<void>)[],
  signal: AbortSignal | undefined,
): Promise<TemporalInUse> {
  const settings = temporalSettings(environment);
  const { address: given, namespace } = settings;
  if (given !== null) {
    const isNew = await prepared(settings, given, announce);
    return { ...somebodyElses, address: given, namespace, uiUrl: environment['TEMPORAL_UI_URL'] || null, isNew };
  }
  const cacheDirectory = environment['TENURE_CACHE'] ?? join(root, '.tenure/bin');
  const program = await findTemporalServer({ cacheDirectory, onProgress: announce, signal });
  const options = { directory: join(home, 'temporal'), program, namespace, searchAttributes, onLog: announce };
  let first: RunningTemporal | null = null;
  const { gaveUp } = await kept(stops, {
    name: 'The Temporal server',
    announce,
    start: async () => {
      if (first !== null) {
        const again = await startTemporal({ ...options, port: portOf(`http://${first.address}`), uiPort: portOf(first.uiUrl) });
        if (again.storeIsNew) announce("Temporal's store is new: npm run lifecycles:restart starts every workflow that has something pending.");
        return again;
      }
      first = await startTemporal(options);
      return first;
    },
  });
  const { address, uiUrl, storeIsNew } = first as unknown as RunningTemporal;
  return { gaveUp, address, namespace, uiUrl, isNew: storeIsNew };
}

/** Prepares an external cluster for the workflows. @returns true if no workflow has ever run there @throws Error with everything that is missing */
async function prepared(settings: TemporalSettings, address: string, announce: (sentence: string) => void): Promise<boolean> {
  const { namespace, retention } = settings;
  const connection = await connectTemporal(settings);
  try {
    const { made, gaps, isNew } = await prepareCluster(connection, { address, namespace, retention }, { mayCreateNamespace: true });
    for (const sentence of made) announce(sentence);
    const stopping = gaps.filter(({ stopsLives }) => stopsLives);
    if (stopping.length > 0) throw new Error(stopping.map(({ sentence }) => sentence).join('\n'));
    for (const { sentence } of gaps) announce(sentence);
    return isNew;
  } finally {
    await connection.close();
  }
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
