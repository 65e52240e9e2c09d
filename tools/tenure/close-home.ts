import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Restricts the files that this process and its children write from now on to their owner: keys, passwords, logs, Temporal's store. */
export function keepFilesPrivate(): void {
  process.umask(0o077);
}

/** Mode of a folder whose entries nobody else can list, yet that PostgreSQL's own user may pass through: as root it runs as another user. */
const passable = 0o711;

/**
 * Creates the folder of an installation, or closes one that an earlier version left open. Its contents are closed too, but for PostgreSQL's folder
 * and for those that were closed this way.
 */
export async function closeHome(home: string, isRoot = process.getuid?.() === 0): Promise<void> {
  await mkdir(home, { recursive: true });
  await chmod(home, isRoot ? passable : 0o700);
  for (const entry of await readdir(home, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === 'postgres') continue;
    const folder = join(home, entry.name);
    const isClosed = isRoot && ((await stat(folder)).mode & 0o777) === passable;
    if (!isClosed) await chmod(folder, 0o700);
  }
}
