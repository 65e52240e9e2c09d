import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildTemporalServer, builtTemporalServer } from './build-temporal-server.ts';
import { downloadedTemporalCli, downloadTemporalCli } from './downloaded-temporal-cli.ts';

/** A program that can run a Temporal server. */
export interface TemporalProgram {
  /** `own`: tools/temporal-server. `cli`: Temporal's command line tool, with its `server start-dev`. */
  readonly kind: 'own' | 'cli';
  readonly path: string;
  /** Programs with different values cannot open each other's store. Our own checks the version by itself. */
  readonly store: string;
}

/** Where to look for a Temporal program, and whom to tell. */
export interface FindTemporalOptions {
  /** Where programs are kept that were built or downloaded: `.tenure/bin`. */
  readonly cacheDirectory: string;
  /** Gets a line for people when it takes longer than a moment. */
  readonly onProgress: (message: string) => void;
}

/**
 * Finds a program for the Temporal server: in the cache, on the PATH as `temporal`, by the SDK's download, by building
 * tools/temporal-server with Go. With `TEMPORAL_ADDRESS` set none is needed: that is the caller's question.
 * @throws EmbeddedServerError when none of this works, saying what to do
 */
export async function findTemporalServer({ cacheDirectory, onProgress }: FindTemporalOptions): Promise<TemporalProgram> {
  const cache = resolve(cacheDirectory);
  const built = await builtTemporalServer(cache);
  if (await isExecutable(built)) return ownProgram(built);
  const cli = (await cliProgram(await downloadedTemporalCli(cache))) ?? (await cliProgram('temporal'));
  if (cli) return cli;
  onProgress("No Temporal server is here yet; asking for Temporal's development server.");
  const downloaded = await cliProgram(await downloadTemporalCli(cache, onProgress));
  if (downloaded) return downloaded;
  onProgress('It cannot be downloaded from here.');
  await buildTemporalServer(built, onProgress);
  return ownProgram(built);
}

function ownProgram(path: string): TemporalProgram {
  return { kind: 'own', path, store: 'temporal-server' };
}

// Other programs are called "temporal" too: this one says "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)".
async function cliProgram(path: string | null): Promise<TemporalProgram | null> {
  if (path === null) return null;
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 10_000 });
    const server = /^temporal version .*\(Server ([^,)]+)/.exec(stdout)?.[1];
    return server ? { kind: 'cli', path, store: `temporal-cli server ${server}` } : null;
  } catch {
    return null; // not there, or does not run here
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
