import { readFile, rm, writeFile } from 'node:fs/promises';
import { findProcess } from '../tools/embedded/process-table.ts';

/**
 * The process id of a demo that runs with this file, or `null`. One that was killed does not count.
 * @param file where a demo notes its process id
 */
export async function runningDemo(file: string): Promise<number | null> {
  const noted = Number(await readFile(file, 'utf8').catch(() => ''));
  if (!Number.isInteger(noted) || noted <= 0 || noted === process.pid) return null;
  const found = await findProcess(noted);
  return found?.command.includes('demo/run.ts') ? noted : null;
}

/**
 * Makes this the only demo that runs here.
 * @returns a function that releases the place
 * @throws Error when another one runs
 */
export async function claimDemo(file: string): Promise<() => Promise<void>> {
  const other = await runningDemo(file);
  if (other !== null) throw new Error(`A demo is already running here as process ${other}: stop it first.`);
  await writeFile(file, String(process.pid));
  return () => rm(file, { force: true });
}
