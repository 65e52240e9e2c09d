import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Lockfile } from './lockfile.ts';

const file = fileURLToPath(new URL('../../package-lock.json', import.meta.url));

/** Reads the package-lock.json of this repository. */
export async function readLockfile(): Promise<Lockfile> {
  return JSON.parse(await readFile(file, 'utf8')) as Lockfile;
}

/** Writes the lockfile as npm does, so that a later `npm install` changes only what it has to. */
export async function writeLockfile(lockfile: Lockfile): Promise<void> {
  await writeFile(file, `${JSON.stringify(lockfile, null, 2)}\n`);
}
