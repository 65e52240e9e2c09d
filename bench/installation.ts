import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngine, type Engine } from '@tenure/engine/decide';
import { loadConfiguration } from '@tenure/config';
import { createVault, migrate, openStore, type Store } from '@tenure/store';
import { choosePort } from '@tenure/tools/embedded/ports.ts';
import { type NodeChild, startNodeChild } from '@tenure/tools/tenure/node-child.ts';
import type { Servers } from './servers.ts';
import { publishPolicy } from '@tenure/engine/policy';

/** A separate installation: database, keys and configuration. Its processes are started one by one. */
export interface Installation {
  readonly environment: NodeJS.ProcessEnv;
  readonly url: string;
  readonly databaseUrl: string;
  readonly store: Store;
  readonly engine: Engine;
  /** Starts one more API process. @returns the process with its address */
  startApi(more?: NodeJS.ProcessEnv): Promise<Started & { readonly url: string }>;
  /** Starts one more worker process. @param onLine called with each line that it writes */
  startWorker(more: NodeJS.ProcessEnv, onLine?: (line: string) => void): Promise<Started>;
  stop(): Promise<void>;
}

/** A process of the installation. */
export interface Started {
  readonly pid: number;
  stop(): Promise<void>;
}

export interface InstallationFiles {
  readonly tenureYaml: string;
  readonly accessYaml: string;
  /** Environment variables for `${env:...}` references of the configuration. */
  readonly environment?: Readonly<Record<string, string>>;
}

const root = new URL('../', import.meta.url);
let count = 0;

export async function install(servers: Servers, files: InstallationFiles): Promise<Installation> {
  const directory = await mkdtemp(join(servers.directory, 'configuration-'));
  await mkdir(join(directory, 'policy'));
  await writeFile(join(directory, 'tenure.yaml'), files.tenureYaml);
  await writeFile(join(directory, 'policy', 'access.yaml'), files.accessYaml);
  count += 1;
  const databaseUrl = await servers.createDatabase(`bench_${count}`);
  await migrate(databaseUrl);
  const keys = { master: randomBytes(32), audit: randomBytes(32) };
  const url = 'http://127.0.0.1:4000';
  const environment = {
    ...process.env,
    ...files.environment,
    DATABASE_URL: databaseUrl,
    TENURE_CONFIG: directory,
    TENURE_MASTER_KEY: keys.master.toString('base64'),
    TENURE_AUDIT_KEY: keys.audit.toString('base64'),
    TENURE_URL: url,
    // Each login comes from an address of its own, as in reality: the limit per address is not measured.
    TENURE_TRUSTED_PROXIES: '127.0.0.1',
    HOST: '127.0.0.1',
    METRICS_PORT: '0',
  };
  const store = await openStore({ url: databaseUrl, vault: createVault(keys) });
  const engine = createEngine({ configuration: await loadConfiguration({ directory, environment }) });
  await store.transaction({ actor: { kind: 'system', id: 'bench' }, correlationId: 'bench', now: new Date().toISOString() }, (tx) => publishPolicy(tx, engine));
  const children: NodeChild[] = [];
  const start = async (entry: string, more: NodeJS.ProcessEnv, onLine: (line: string) => void = () => undefined): Promise<Started> => {
    const child = startNodeChild({
      entry: fileURLToPath(new URL(entry, root)),
      environment: { ...environment, ...more },
      isReady: (line) => line.includes('"ready":true'),
      onLine,
    });
    children.push(child);
    await child.ready;
    return { pid: child.pid ?? 0, stop: () => child.stop() };
  };
  return {
    environment,
    url,
    databaseUrl,
    store,
    engine,
    async startApi(more = {}) {
      const port = await choosePort({ purpose: 'the API' });
      return { ...(await start('apps/api/main.ts', { ...more, PORT: String(port) })), url: `http://127.0.0.1:${port}` };
    },
    startWorker: (more, onLine) => start('apps/worker/main.ts', more, onLine),
    async stop() {
      for (const child of children.splice(0).reverse()) await child.stop();
      await store.close();
    },
  };
}
