import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../tenure/root.ts';
import { EmbeddedServerError } from './embedded-server-error.ts';
import { findGo } from './go-program.ts';
import type { ObtainOptions } from './obtain-options.ts';

const sources = join(root, 'tools/temporal-server');
const namePrefix = `temporal-server-${platform()}-${arch()}-`;
const progressEvery = 15_000;

/** The program's place in the cache: its name carries a hash of the sources, so a change of them is a new program. */
export async function builtTemporalServer(cacheDirectory: string): Promise<string> {
  const names = (await readdir(sources)).filter((name) => name.endsWith('.go') || name === 'go.mod' || name === 'go.sum').sort();
  const hash = createHash('sha256');
  for (const name of names) hash.update(`${name}\n`).update(await readFile(join(sources, name)));
  return join(cacheDirectory, namePrefix + hash.digest('hex').slice(0, 12) + (platform() === 'win32' ? '.exe' : ''));
}

/**
 * Builds tools/temporal-server into the cache: minutes the first time, seconds when Go has compiled Temporal before. To be called
 * by one process at a time.
 * @param program where to put it, from `builtTemporalServer`
 * @throws EmbeddedServerError when Go is missing, or with the compiler's last words
 */
export async function buildTemporalServer(program: string, { onProgress, signal }: ObtainOptions): Promise<void> {
  const required = /^go (\S+)$/m.exec(await readFile(join(sources, 'go.mod'), 'utf8'))?.[1] ?? '';
  const go = await findGo(required);
  await mkdir(dirname(program), { recursive: true });
  const unfinished = `${program}.${process.pid}.unfinished`;
  await compile(go, unfinished, onProgress, signal);
  await chmod(unfinished, 0o755);
  await rename(unfinished, program);
  await removeOthers(program);
}

async function compile(go: string, output: string, onProgress: ObtainOptions['onProgress'], signal: AbortSignal | undefined): Promise<void> {
  const started = performance.now();
  onProgress('Building the Temporal server with Go. The first time takes 5 to 10 minutes on two cores, and several GB of disk space in the caches of Go.');
  const ticking = setInterval(() => onProgress(`Still building the Temporal server: ${elapsed(started)} so far.`), progressEvery);
  try {
    // Always the same flags: with others Go would compile everything again.
    await run(go, ['build', '-trimpath', '-ldflags', '-s -w', '-o', output, '.'], signal);
  } finally {
    clearInterval(ticking);
  }
  onProgress(`Built the Temporal server in ${elapsed(started)}.`);
}

function run(go: string, flags: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  // Without -buildvcs=false Go asks git, and fails in a checkout that belongs to another user.
  const environment = { ...process.env, CGO_ENABLED: '0', GOFLAGS: `${process.env['GOFLAGS'] ?? ''} -buildvcs=false`.trim() };
  const child = spawn(go, flags, { cwd: sources, env: environment, stdio: ['ignore', 'ignore', 'pipe'], ...(signal ? { signal } : {}) });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-4_000);
  });
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: Error) =>
      reject(
        new EmbeddedServerError(
          `The Temporal server could not be built (${reason}): put the Temporal CLI ("temporal") on the PATH or set TEMPORAL_ADDRESS instead. Go said: ${output.trim()}`,
          { cause },
        ),
      );
    child.once('error', (error) => fail(error.message, error));
    child.once('close', (code, signal) => (code === 0 ? resolve() : fail(signal ?? `exit code ${code}`)));
  });
}

// Each is 150 MB. One that is still running keeps its file as long as it needs it, or refuses.
async function removeOthers(program: string): Promise<void> {
  const directory = dirname(program);
  const others = (await readdir(directory)).filter((name) => name.startsWith(namePrefix) && join(directory, name) !== program);
  for (const name of others) await rm(join(directory, name), { force: true }).catch(() => undefined);
}

function elapsed(started: number): string {
  const seconds = Math.round((performance.now() - started) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
