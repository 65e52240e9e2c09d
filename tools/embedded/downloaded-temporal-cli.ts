import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedServerError } from './embedded-server-error.ts';
import type { ObtainOptions } from './obtain-options.ts';
import { runWatched } from './watched-program.ts';
import { root } from '../tenure/root.ts';

const namePrefix = 'temporal-cli-'; // given by the SDK, followed by its own name and version
const unfinishedSuffix = '.downloading';

/** Milliseconds. A machine without internet has to learn it quickly; a download that gets on may take its time. */
const patience = { first: 5_000, further: 20_000 };
const limit = 180_000;

/** Programs that the SDK downloaded earlier, the newest first. */
export async function downloadedTemporalClis(cacheDirectory: string): Promise<string[]> {
  const names = (await files(cacheDirectory)).filter((name) => !name.endsWith(unfinishedSuffix));
  return names
    .sort()
    .reverse()
    .map((name) => join(cacheDirectory, name));
}

/**
 * Lets the SDK download the Temporal CLI into the cache. To be called by one process at a time.
 * @returns its path
 * @throws EmbeddedServerError when the download gives no answer within 5 seconds, makes no progress for 20, or fails
 */
export async function downloadTemporalCli({ cacheDirectory, onProgress, signal }: ObtainOptions): Promise<string> {
  await mkdir(cacheDirectory, { recursive: true });
  await removeUnfinished(cacheDirectory);
  const script = join(root, 'tools/embedded/download-temporal-cli.ts');
  let told = false;
  const progress = async (): Promise<string> => {
    const sizes = await sizesOf(cacheDirectory);
    if (sizes !== '' && !told) onProgress("Downloading Temporal's development server.");
    told ||= sizes !== '';
    return sizes;
  };
  const { stalled, output } = await runWatched({ program: process.execPath, arguments: [script, cacheDirectory], progress, patience, limit, signal });
  await removeUnfinished(cacheDirectory);
  const [newest] = await downloadedTemporalClis(cacheDirectory);
  if (newest !== undefined) return newest;
  const reason = stalled ? (told ? 'it makes no progress' : 'there is no answer') : (output.match(/: ([^:\n\]]+)\]/)?.[1] ?? 'it failed');
  throw new EmbeddedServerError(`Temporal's development server cannot be downloaded from here: ${reason}.`);
}

async function files(cacheDirectory: string): Promise<string[]> {
  const names = await readdir(cacheDirectory).catch(() => []); // no cache yet
  return names.filter((name) => name.startsWith(namePrefix));
}

async function sizesOf(cacheDirectory: string): Promise<string> {
  const found = await files(cacheDirectory);
  const sizes = await Promise.all(
    found.map((name) =>
      stat(join(cacheDirectory, name)).then(
        ({ size }) => `${name} ${size}`,
        () => name,
      ),
    ),
  );
  return sizes.join();
}

// Another download would wait for this one.
async function removeUnfinished(cacheDirectory: string): Promise<void> {
  const names = (await files(cacheDirectory)).filter((name) => name.endsWith(unfinishedSuffix));
  for (const name of names) await rm(join(cacheDirectory, name), { force: true });
}
