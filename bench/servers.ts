import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { searchAttributes } from '@tenure/workflows/search-attributes';
import { startPostgres } from '@tenure/tools/embedded/postgres.ts';
import { findTemporalServer } from '@tenure/tools/embedded/temporal-binary.ts';
import { type RunningTemporal, startTemporal } from '@tenure/tools/embedded/temporal-server.ts';
import { Client } from 'pg';
import { root } from '@tenure/tools/tenure/root.ts';

/** Real servers like those of an installation: PostgreSQL writes durably here, unlike in tests. */
export interface Servers {
  readonly directory: string;
  /** Creates an empty database. @returns its URL */
  createDatabase(name: string): Promise<string>;
  /** Temporal server, started at the first call. */
  temporal(): Promise<RunningTemporal>;
  stop(): Promise<void>;
}

/** Sizes of what is measured, which a run of the bench may change. */
export interface Sizes {
  /** Accounts in each target that is reconciled. */
  readonly accounts: number;
  /** People who leave with open sessions at applications. */
  readonly leavers: number;
}

export async function startServers(say: (text: string) => void): Promise<Servers> {
  const directory = await mkdtemp(join(tmpdir(), 'tenure-bench-'));
  await chmod(directory, 0o711); // PostgreSQL may run as another user
  const postgres = await startPostgres({ directory: join(directory, 'postgres') });
  let temporal: Promise<RunningTemporal> | null = null;
  return {
    directory,
    async createDatabase(name) {
      const client = new Client({ connectionString: postgres.url });
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      const url = new URL(postgres.url);
      url.pathname = `/${name}`;
      return url.href;
    },
    temporal: () => (temporal ??= start(directory, say)),
    async stop() {
      await (await temporal)?.stop();
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function start(directory: string, say: (text: string) => void): Promise<RunningTemporal> {
  const cacheDirectory = join(root, '.tenure/bin');
  const program = await findTemporalServer({ cacheDirectory, onProgress: say });
  return startTemporal({ directory: join(directory, 'temporal'), program, namespace: 'default', searchAttributes });
}
