import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Restricts the files that this process and its children write from now on to their owner: keys, passwords, logs, Temporal's store. */
export function keepFilesPrivate(): void {
  process.umask(0o077);
}

/**
 * Makes the folder of an installation, or closes one that an earlier version has left open. As root, PostgreSQL runs as another user,
 * who has to get through to its own folder and sees nothing else.
 */
export async function closeHome(home: string, isRoot = process.getuid?.() === 0): Promise<void> {
  await mkdir(home, { recursive: true });
  await chmod(home, isRoot ? 0o711 : 0o700);
  for (const entry of await readdir(home, { withFileTypes: true }))
    if (entry.isDirectory() && entry.name !== 'postgres') await chmod(join(home, entry.name), 0o700);
}
