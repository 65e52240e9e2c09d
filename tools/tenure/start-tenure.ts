import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { searchAttributes } from '@tenure/temporal';
import { startPostgres } from '../embedded/postgres.ts';
import { findTemporalServer } from '../embedded/temporal-binary.ts';
import { startTemporal } from '../embedded/temporal-server.ts';
import { connectTemporal } from './connect-temporal.ts';
import { installationKeys } from './keys.ts';
import { mustMigrate } from './must-migrate.ts';
import { type NodeChild, startNodeChild } from './node-child.ts';

export interface StartOptions {
  /** Everything that the installation keeps: `.tenure`. */
  readonly home: string;
  /** Folder of tenure.yaml and policy/. */
  readonly configuration: string;
  /** Port of the API. */
  readonly port: number;
  /** DATABASE_URL and TEMPORAL_ADDRESS in it replace the embedded servers; the rest is handed on, for `${env:...}` references. */
  readonly environment: NodeJS.ProcessEnv;
  /** Told what is going on, a sentence at a time. */
  readonly announce: (sentence: string) => void;
  /** Told of each log line of the API and the worker. */
  readonly onLog?: (line: string) => void;
}

export interface RunningTenure {
  readonly url: string;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly temporalUiUrl: string | null;
  /** The environment that the API and the worker run in: other processes of the installation need the same. */
  readonly environment: NodeJS.ProcessEnv;
  /** Settles when a part of it ends by itself, with a sentence about it. */
  readonly failed: Promise<string>;
  stop(): Promise<void>;
}

const entryOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Starts the whole of Tenure, embedded servers included, as child processes; stops in the reverse order what it started when a part fails. */
export async function startTenure(options: StartOptions): Promise<RunningTenure> {
  await mkdir(options.home, { recursive: true });
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
  { home, configuration, port, environment, announce, onLog }: StartOptions,
  stops: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<RunningTenure> {
  const [database, temporal] = await bothOf(databaseOf(home, environment, announce, stops), temporalOf(home, environment, announce, stops));
  const applied = await mustMigrate(environment['MIGRATION_DATABASE_URL'] || database.url);
  if (applied.length > 0) announce(`Database brought up to date: ${applied.join(', ')}.`);

  const url = environment['TENURE_URL'] || `http://localhost:${port}`;
  const complete: NodeJS.ProcessEnv = {
    ...environment,
    ...(await installationKeys(home, environment)),
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    ...(temporal.uiUrl === null ? {} : { TEMPORAL_UI_URL: temporal.uiUrl }),
    TENURE_CONFIG: configuration,
    TENURE_URL: url,
    PORT: String(port),
    // Seen from elsewhere only where somebody says so.
    HOST: environment['HOST'] || '127.0.0.1',
    ...(temporal.isNew ? { TENURE_RESTART_LIVES: 'true' } : {}),
  };
  const parts: [string, NodeChild][] = [];
  for (const [name, entry] of [
    ['API', 'apps/api/main.ts'],
    ['worker', 'apps/worker/main.ts'],
  ] as const) {
    const child = startNodeChild({
      entry: entryOf(entry),
      environment: complete,
      isReady: (line) => line.includes('"ready":true'),
      ...(onLog ? { onLine: onLog } : {}),
    });
    stops.push(() => child.stop());
    parts.push([name, child]);
  }
  await Promise.all(parts.map(([, child]) => child.ready));
  const failed = Promise.race([
    ...parts.map(([name, { exited }]) =>
      exited.then(({ code, lastWords }) => `The ${name} ended by itself with exit code ${code}. Its last words:\n${lastWords}`),
    ),
    ...(database.exited ? [database.exited.then(() => 'PostgreSQL ended by itself.')] : []),
    ...(temporal.exited ? [temporal.exited.then(({ reason }) => `The Temporal server ended by itself (${reason}).`)] : []),
  ]);
  return {
    url,
    databaseUrl: database.url,
    temporalAddress: temporal.address,
    temporalNamespace: temporal.namespace,
    temporalUiUrl: temporal.uiUrl,
    environment: complete,
    failed,
    stop,
  };
}

/** Both, or the first failure once both have settled: what is still starting could not be stopped yet. */
async function bothOf<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}

async function databaseOf(
  home: string,
  environment: NodeJS.ProcessEnv,
  announce: (sentence: string) => void,
  stops: (() => Promise<void>)[],
): Promise<{ url: string; exited?: Promise<unknown> }> {
  const given = environment['DATABASE_URL'];
  if (given) return { url: given };
  const postgres = await startPostgres({ directory: join(home, 'postgres'), onLog: announce });
  stops.push(() => postgres.stop());
  return { url: postgres.url, exited: postgres.exited };
}

interface TemporalInUse {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string | null;
  readonly isNew: boolean;
  readonly exited?: Promise<{ readonly reason: string }>;
}

async function temporalOf(
  home: string,
  environment: NodeJS.ProcessEnv,
  announce: (sentence: string) => void,
  stops: (() => Promise<void>)[],
): Promise<TemporalInUse> {
  const namespace = environment['TEMPORAL_NAMESPACE'] || 'default';
  const given = environment['TEMPORAL_ADDRESS'];
  if (given) {
    await (await connectTemporal(given)).close();
    return { address: given, namespace, uiUrl: environment['TEMPORAL_UI_URL'] || null, isNew: false };
  }
  const cacheDirectory = environment['TENURE_CACHE'] ?? entryOf('.tenure/bin');
  const program = await findTemporalServer({ cacheDirectory, onProgress: announce });
  const temporal = await startTemporal({ directory: join(home, 'temporal'), program, namespace, searchAttributes, onLog: announce });
  stops.push(() => temporal.stop());
  return { ...temporal, isNew: temporal.storeIsNew };
}
