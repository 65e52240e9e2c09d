import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedServerError } from './embedded-server-error.ts';
import { isNotThere } from './error-code.ts';

/** The user that PostgreSQL runs as when we are root, which it refuses to be. */
export interface UnprivilegedUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const candidates = ['postgres', 'nobody'];

/**
 * Chooses the user for PostgreSQL: the owner of data that is there already, else `postgres`, else `nobody`.
 * @returns `null` when this process is not root and needs nobody else
 */
export async function unprivilegedUser(dataDirectory: string): Promise<UnprivilegedUser | null> {
  if (process.getuid?.() !== 0) return null;
  const owner = await ownerOf(dataDirectory);
  if (owner) return owner;
  for (const name of candidates) {
    const user = await lookUp(name);
    if (user) return user;
  }
  throw new EmbeddedServerError(
    'PostgreSQL refuses to run as root and there is no user "postgres" to run it as: add one with "useradd --system postgres", or set DATABASE_URL.',
  );
}

/**
 * Makes sure that the user can get to a directory, through every directory above it.
 * @throws EmbeddedServerError naming the directory that is closed
 */
export async function assertReachable(directory: string, user: UnprivilegedUser | null): Promise<void> {
  if (!user) return;
  for (let current = await realpath(directory); ; current = dirname(current)) {
    if (!(await mayEnter(current, user))) {
      throw new EmbeddedServerError(
        `PostgreSQL refuses to run as root, so it runs as user ${user.name}, who may not enter ${current}: allow it with "chmod o+x ${current}", move Tenure to a directory open to all, or set DATABASE_URL.`,
      );
    }
    if (current === dirname(current)) return;
  }
}

async function mayEnter(directory: string, user: UnprivilegedUser): Promise<boolean> {
  const { mode, uid, gid } = await stat(directory);
  if (uid === user.uid) return (mode & 0o100) !== 0;
  if (gid === user.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

async function ownerOf(directory: string): Promise<UnprivilegedUser | null> {
  try {
    const { uid, gid } = await stat(directory);
    return uid === 0 ? null : { name: (await lookUp(String(uid)))?.name ?? String(uid), uid, gid };
  } catch (error) {
    if (isNotThere(error)) return null;
    throw error;
  }
}

async function lookUp(nameOrId: string): Promise<UnprivilegedUser | null> {
  const ask = async (option: string) => (await promisify(execFile)('id', [option, nameOrId])).stdout.trim();
  try {
    const [name, uid, gid] = await Promise.all([ask('-un'), ask('-u'), ask('-g')]);
    return { name, uid: Number(uid), gid: Number(gid) };
  } catch {
    return null; // id ends with an error when there is no such user
  }
}
