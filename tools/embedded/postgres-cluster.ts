import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedServerError } from './embedded-server-error.ts';
import { isNotThere } from './error-code.ts';
import type { PostgresPrograms } from './postgres-programs.ts';
import type { UnprivilegedUser } from './unprivileged-user.ts';

/** Name of the database's superuser; nobody but Tenure uses this cluster. */
export const databaseUser = 'tenure';

/** Folder of a cluster, and the user who runs it. */
export interface Cluster {
  readonly data: string;
  readonly passwordFile: string;
  readonly user: UnprivilegedUser | null;
  readonly durable: boolean;
}

/**
 * Creates the cluster when it is not there yet.
 *
 * It is made beside its place and then moved there: a start that was interrupted leaves nothing that looks finished.
 * @returns the password of `databaseUser`
 */
export async function ensureCluster(cluster: Cluster, programs: PostgresPrograms): Promise<string> {
  const exists = await isThere(join(cluster.data, 'PG_VERSION'));
  const password = await ensurePassword(cluster.passwordFile, exists);
  if (exists) return password;
  await removeUnfinished(cluster.data);
  const unfinished = await mkdtemp(`${cluster.data}.unfinished-`);
  const passwordCopy = `${unfinished}.password`;
  await writeFile(passwordCopy, password, { mode: 0o600 });
  if (cluster.user) {
    for (const path of [unfinished, passwordCopy]) await chown(path, cluster.user.uid, cluster.user.gid);
  }
  await initialise(cluster, programs, unfinished, passwordCopy);
  await rm(passwordCopy);
  await moveIntoPlace(unfinished, cluster.data);
  return password;
}

async function initialise(cluster: Cluster, programs: PostgresPrograms, directory: string, passwordCopy: string): Promise<void> {
  const flags = [
    `--pgdata=${directory}`,
    `--username=${databaseUser}`,
    `--pwfile=${passwordCopy}`,
    '--auth=scram-sha-256',
    // The same sorting and the same messages on every system, whatever locales it has.
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(cluster.durable ? [] : ['--no-sync']),
  ];
  try {
    await chmod(programs.initdb, 0o755).catch(() => undefined); // some installers lose the mode
    await promisify(execFile)(programs.initdb, flags, cluster.user ? { uid: cluster.user.uid, gid: cluster.user.gid } : {});
  } catch (error) {
    const output = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new EmbeddedServerError(`PostgreSQL could not create its data under ${dirname(cluster.data)}: ${output || String(error)}`, {
      cause: error,
    });
  }
}

async function moveIntoPlace(unfinished: string, data: string): Promise<void> {
  try {
    await rename(unfinished, data);
  } catch (error) {
    throw new EmbeddedServerError(`${data} contains no PostgreSQL data (PG_VERSION is missing): remove it, or restore the data.`, { cause: error });
  }
}

// Removes the rest of an interrupted start; an initdb that outlived it may still use some of it.
async function removeUnfinished(data: string): Promise<void> {
  const entries = await readdir(dirname(data));
  for (const name of entries.filter((entry) => entry.startsWith(`${basename(data)}.unfinished-`))) {
    await rm(join(dirname(data), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

async function ensurePassword(file: string, clusterExists: boolean): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (!isNotThere(error)) throw error;
  }
  if (clusterExists) {
    throw new EmbeddedServerError(`The password file ${file} of the PostgreSQL data beside it is missing: restore it, or remove the data too.`);
  }
  const password = randomBytes(24).toString('base64url');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, password, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return password;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isNotThere(error)) return false;
    throw error;
  }
}
