import { readFile, rm, writeFile } from 'node:fs/promises';
import { errorCode, isNotThere } from './error-code.ts';
import { findProcess } from './process-table.ts';
import { until } from './until.ts';

const lockTimeout = 30 * 60_000;

/**
 * Runs something that only one process at a time should do, waiting for another one first. A lock whose holder died
 * does not count. Two may still get through at once in rare cases: the work must stand that, the lock saves doing it twice.
 * @param file the lock file
 * @param onWait called once when there is somebody to wait for
 */
export async function withFileLock<T>(file: string, onWait: (pid: number) => void, work: () => Promise<T>): Promise<T> {
  let told = false;
  await until(
    async () => {
      if (await claim(file)) return true;
      const holder = await holderOf(file);
      if (holder === null) return undefined;
      if (!(await findProcess(holder))) await rm(file, { force: true });
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

async function holderOf(file: string): Promise<number | null> {
  try {
    return Number(await readFile(file, 'utf8')) || null;
  } catch (error) {
    if (isNotThere(error)) return null;
    throw error;
  }
}
