import { spawn } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

const namePrefix = 'temporal-cli-'; // given by the SDK, followed by its own name and version
const unfinishedSuffix = '.downloading';

// A machine without internet has to learn it quickly; a slow line may take its time once the download runs.
const answerTimeout = 5_000;
const downloadTimeout = 180_000;

/** The Temporal CLI that the SDK downloaded earlier, or `null`. */
export async function downloadedTemporalCli(cacheDirectory: string): Promise<string | null> {
  const names = (await files(cacheDirectory)).filter((name) => !name.endsWith(unfinishedSuffix)).sort();
  const newest = names.at(-1);
  return newest ? join(cacheDirectory, newest) : null;
}

/**
 * Lets the SDK download the Temporal CLI into the cache.
 * @returns its path, or `null` when the download cannot be reached within 5 seconds or fails
 */
export async function downloadTemporalCli(cacheDirectory: string, onProgress: (message: string) => void): Promise<string | null> {
  await mkdir(cacheDirectory, { recursive: true });
  const script = fileURLToPath(new URL('./download-temporal-cli.ts', import.meta.url));
  const child = spawn(process.execPath, [script, cacheDirectory], { stdio: 'ignore' });
  let ended = false;
  child.once('error', () => (ended = true));
  child.once('close', () => (ended = true));
  const started = async () => (ended || (await files(cacheDirectory)).length > 0 ? true : undefined);
  if ((await until(started, { timeout: answerTimeout })) && !ended) {
    onProgress("Downloading Temporal's development server.");
    await until(() => (ended ? true : undefined), { timeout: downloadTimeout });
  }
  if (!ended) child.kill('SIGKILL');
  await until(() => (ended ? true : undefined), { timeout: answerTimeout });
  await removeUnfinished(cacheDirectory);
  return downloadedTemporalCli(cacheDirectory);
}

async function files(cacheDirectory: string): Promise<string[]> {
  const names = await readdir(cacheDirectory).catch(() => []); // no cache yet
  return names.filter((name) => name.startsWith(namePrefix));
}

// Another download would wait a minute for this one.
async function removeUnfinished(cacheDirectory: string): Promise<void> {
  const names = (await files(cacheDirectory)).filter((name) => name.endsWith(unfinishedSuffix));
  for (const name of names) await rm(join(cacheDirectory, name), { force: true });
}
