import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { errorCode, isNotThere } from './error-code.ts';
import { findProcess } from './process-table.ts';
import { until } from './until.ts';

/** Milliseconds. */
const lockTimeout = 30 * 60_000;
const writingTakes = 10_000;

/**
 * Runs something that only one process at a time should do, waiting for another one first. A lock whose owner died does not count. Two may still get
 * through at once in rare cases: the work must stand that, the lock saves doing it twice.
 * @param file the lock file
 * @param onWait called once when another process has the lock
 * @param signal ends the waiting
 * @throws the reason of `signal` when that is given while it waits
 */
export async function withFileLock<T>(file: string, onWait: (pid: number) => void, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  let told = false;
  await until(
    async () => {
      signal?.throwIfAborted();
      if (await claim(file)) return true;
      const holder = await holderOf(file);
      if (holder === undefined) return undefined;
      if (holder === null || !(await isAtWork(holder))) await rm(file, { force: true });
      else if (!told) {
        told = true;
        onWait(holder);
      }
      return undefined;
    },
    { timeout: lockTimeout, every: 500 },
  );
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function claim(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * @returns id of the process that has the lock; `null` when it was never written completely, `undefined` when that cannot be determined yet, or the
 * lock has gone
 */
async function holderOf(file: string): Promise<number | null | undefined> {
  try {
    const holder = Number(await readFile(file, 'utf8'));
    if (holder > 0) return holder;
    return Date.now() - (await stat(file)).mtimeMs > writingTakes ? null : undefined;
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

/** True if the process still works on it. The system reuses ids for new processes, soon and for quite other programs in a container. */
async function isAtWork(pid: number): Promise<boolean> {
  return /\bnode\b/.test((await findProcess(pid))?.command ?? '');
}
