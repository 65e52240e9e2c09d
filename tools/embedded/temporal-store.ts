import { rename, stat } from 'node:fs/promises';
import { isNotThere } from './error-code.ts';

/** True if there is a store already. */
export async function storeExists(file: string): Promise<boolean> {
  try {
    return (await stat(file)).size > 0;
  } catch (error) {
    if (isNotThere(error)) return false;
    throw error;
  }
}

/**
 * Renames a store that the server cannot open, so that a new one is made in its place. Nothing is lost for good: PostgreSQL holds the truth, and the
 * file stays, so that it can be inspected.
 * @returns the new name
 */
export async function putStoreAside(file: string): Promise<string> {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const aside = file.replace(/(\.\w+)?$/, `-put-aside-${time}$1`);
  // SQLite finds the rest of a database by the name of its main file.
  for (const suffix of ['-wal', '-shm', '']) {
    await rename(file + suffix, aside + suffix).catch((error: unknown) => {
      if (!isNotThere(error)) throw error;
    });
  }
  return aside;
}
