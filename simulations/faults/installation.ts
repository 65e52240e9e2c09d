import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createVault, migrate, openStore, type Store } from '@tenure/store';
import { choosePort } from '@tenure/tools/embedded/ports.ts';
import { startPostgres } from '@tenure/tools/embedded/postgres.ts';
import { findTemporalServer } from '@tenure/tools/embedded/temporal-binary.ts';
import { startTemporal } from '@tenure/tools/embedded/temporal-server.ts';
import { installationKeys } from '@tenure/tools/tenure/keys.ts';
import { type NodeChild, startNodeChild } from '@tenure/tools/tenure/node-child.ts';
import { createToken } from '@tenure/tools/tenure/service-token.ts';
import { type Running, type Supervised, supervise } from '@tenure/tools/tenure/supervise.ts';

/** A part that can be killed by itself. */
export interface Part {
  readonly name: string;
  readonly kind: 'postgres' | 'temporal' | 'api' | 'worker';
  /** Runs now. */
  isUp(): boolean;
  /** SIGKILL. @returns false when it was down already */
  kill(): boolean;
}

/** A whole Tenure of the test's own, two of each process, every part of it started again by the supervisor of `npm start` when it ends. */
export interface Installation {
  readonly parts: readonly Part[];
  /** Addresses of the API processes. */
  readonly urls: readonly string[];
  /** Public address of Tenure, as tenure.yaml has it. */
  readonly url: string;
  /** May record facts of source `hr`. */
  readonly token: string;
  /** An operator's. */
  readonly operatorToken: string;
  /** Ends of API and worker processes that nobody killed: they ended by themselves, and were started again. */
  readonly gaveUp: readonly string[];
  /** Milliseconds that each start took, by kind of part. */
  readonly starts: ReadonlyMap<Part['kind'], number[]>;
  /** Looks into the database, past the processes. */
  readonly store: Store;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** Warnings and errors in the processes' logs, counted by their text. */
  readonly complaints: ReadonlyMap<string, number>;
  /** Kills Temporal and deletes its store: it starts again with nothing, not even the namespace. */
  loseTemporalStore(): Promise<void>;
  /** Processes that are not ready, with their answers; also those that are not running. */
  notReady(): Promise<readonly string[]>;
  /** Asks processes of one kind to end, for good. @returns those that did not end by themselves within their bound */
  end(kind: 'api' | 'worker'): Promise<readonly string[]>;
  /** Starts workers again after their end. */
  startWorkers(): Promise<void>;
  stop(): Promise<void>;
}

export interface InstallationOptions {
  readonly home: string;
  /** Folder of tenure.yaml. */
  readonly configuration: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Environment of one worker that differs from the others. @param worker from 0 on */
  readonly environmentOf?: (worker: number) => Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly url: string;
  readonly workers: number;
  /** Milliseconds that a part which was killed stays down. */
  readonly downFor: () => number;
  readonly say: (sentence: string) => void;
}

/** Namespace of the identity lifecycles, which the first worker creates. */
export const temporalNamespace = 'tenure';

/** @param index from 0 on */
export const workerName = (index: number): string => `Worker ${index + 1}`;

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const { home, configuration, environment, environmentOf = () => ({}), ports, url, workers, downFor, say } = options;
  await mkdir(home, { recursive: true });
  const stops: (() => Promise<void>)[] = [];
  const parts: Part[] = [];
  const gaveUp: string[] = [];
  const starts = new Map<Part['kind'], number[]>();
  const complaints = new Map<string, number>();
  const killed = new Set<number>();
  const processes: { readonly name: string; readonly kind: 'api' | 'worker'; readonly supervised: Supervised<NodeChild> }[] = [];

  async function keep<T extends Running>(name: string, kind: Part['kind'], start: () => Promise<T>): Promise<Supervised<T>> {
    const timed = async (): Promise<T> => {
      const begun = performance.now();
      const started = await start();
      starts.set(kind, [...(starts.get(kind) ?? []), Math.round(performance.now() - begun)]);
      void started.exited.then((exit) => {
        if (!isStopping && !killed.has(started.pid ?? 0)) gaveUp.push(`${name}: ${JSON.stringify(exit)}`);
      });
      return started;
    };
    const part = await supervise({ name, start: timed, announce: say, pause: downFor });
    stops.push(() => part.stop());
    const isUp = (): boolean => part.current() !== null;
    const kill = (): boolean => {
      const pid = part.current()?.pid;
      if (pid === undefined) return false;
      killed.add(pid);
      process.kill(pid, 'SIGKILL');
      return true;
    };
    parts.push({ name, kind, isUp, kill });
    return part;
  }
  const complain = (line: string): void => {
    const [text] = /"level":[45]0.*"msg":"([^"]*)"/.exec(line)?.slice(1) ?? [];
    if (text !== undefined) complaints.set(text, (complaints.get(text) ?? 0) + 1);
  };
  const startProcess = async (entry: string, more: NodeJS.ProcessEnv): Promise<NodeChild> => {
    const child = startNodeChild({ entry: fromRoot(entry), environment: more, isReady: (line) => line.includes('"ready":true'), onLine: complain });
    await child.ready;
    return child;
  };
  let isStopping = false;
  const stop = async (): Promise<void> => {
    isStopping = true;
    for (const one of stops.splice(0).reverse()) await one();
  };

  try {
    const [postgresPort, temporalPort, uiPort] = [
      await choosePort({ purpose: 'PostgreSQL' }),
      await choosePort({ purpose: 'Temporal' }),
      await choosePort({ purpose: 'the UI' }),
    ];
    const program = await findTemporalServer({ cacheDirectory: process.env['TENURE_CACHE'] ?? fromRoot('.tenure/bin'), onProgress: say });
    // As a server that Tenure has not started: it has another namespace, and none of the search attributes that workflows need.
    let stores = 1;
    const temporalOptions = { program, namespace: 'default', searchAttributes: {}, port: temporalPort, uiPort };
    const [postgres, temporal] = await Promise.all([
      keep('PostgreSQL', 'postgres', () => startPostgres({ directory: join(home, 'postgres'), port: postgresPort })),
      keep('Temporal', 'temporal', () => startTemporal({ ...temporalOptions, directory: join(home, `temporal-${stores}`) })),
    ]);
    const databaseUrl = postgres.current()?.url ?? '';
    await migrate(databaseUrl);
    const keys = await installationKeys(home, {});
    const vault = createVault({ master: Buffer.from(keys.TENURE_MASTER_KEY, 'base64'), audit: Buffer.from(keys.TENURE_AUDIT_KEY, 'base64') });
    const store = await openStore({ url: databaseUrl, vault, poolSize: 4 });
    stops.push(() => store.close());
    const context = { actor: { kind: 'system', id: 'faults' }, correlationId: 'faults', now: new Date().toISOString() } as const;
    const { token } = await store.transaction(context, (tx) => createToken(tx, { name: 'HR feed', roles: ['source:hr'], days: 1 }));
    const { token: operatorToken } = await store.transaction(context, (tx) => createToken(tx, { name: 'Operator', roles: ['operator'], days: 1 }));
    const complete: NodeJS.ProcessEnv = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...environment,
      ...keys,
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: temporal.current()?.address,
      TEMPORAL_NAMESPACE: temporalNamespace,
      TENURE_CONFIG: configuration,
      TENURE_URL: url,
      HOST: '127.0.0.1',
      // Everybody logs in from this machine: the limit of logins from one address counts the address that the test names.
      TENURE_TRUSTED_PROXIES: '127.0.0.1',
    };
    const keepProcess = async (name: string, kind: 'api' | 'worker', more: NodeJS.ProcessEnv): Promise<void> => {
      const supervised = await keep(name, kind, () => startProcess(`apps/${kind}/main.ts`, { ...complete, ...more }));
      processes.push({ name, kind, supervised });
    };
    const startWorkers = async (): Promise<void> => {
      await Promise.all(Array.from({ length: workers }, (_, index) => keepProcess(workerName(index), 'worker', environmentOf(index))));
    };
    const notReady = async (): Promise<readonly string[]> => {
      const answers = processes.map(async ({ name, supervised }) => {
        const child = supervised.current();
        if (child === null) return [`${name} is not there`];
        const { probes, port } = JSON.parse(await child.ready) as { readonly probes?: string; readonly port?: number };
        const answer = await fetch(`${probes ?? `http://127.0.0.1:${port}`}/health/ready`, { signal: AbortSignal.timeout(30_000) });
        return answer.ok ? [] : [`${name} answers ${answer.status}: ${await answer.text()}`];
      });
      return (await Promise.all(answers)).flat();
    };
    const end = async (kind: 'api' | 'worker'): Promise<readonly string[]> => {
      const ending = processes.filter((one) => one.kind === kind);
      const ends = ending.map(async ({ name, supervised }) => {
        const child = supervised.current();
        if (child?.pid !== undefined) killed.add(child.pid);
        await supervised.stop();
        const exit = await child?.exited;
        return exit === undefined || exit.code === 0 ? [] : [`${name} ended with ${exit.code}: ${exit.lastWords}`];
      });
      const late = (await Promise.all(ends)).flat();
      for (const one of ending) {
        processes.splice(processes.indexOf(one), 1);
        parts.splice(
          parts.findIndex(({ name }) => name === one.name),
          1,
        );
      }
      return late;
    };
    await Promise.all([...ports.map((port, index) => keepProcess(`API ${index + 1}`, 'api', { PORT: String(port) })), startWorkers()]);
    const temporalAddress = temporal.current()?.address ?? '';
    const loseTemporalStore = async (): Promise<void> => {
      stores += 1;
      while (!(parts.find(({ kind }) => kind === 'temporal')?.kill() ?? true)) await pause(50);
    };
    const urls = ports.map((port) => `http://127.0.0.1:${port}`);
    const looks = { notReady, databaseUrl, temporalAddress, complaints, gaveUp, starts, store };
    return { ...looks, parts, urls, url, token, operatorToken, loseTemporalStore, end, startWorkers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
