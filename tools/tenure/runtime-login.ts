import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import pg from 'pg';

/** Database login of the API and the worker: only the rights of `tenure_runtime`, which can append to the audit and not change it. */
const login = 'tenure_app';

/**
 * Gives the processes of an embedded PostgreSQL a login of their own, after the migrations have made the role.
 * @param ownerUrl with the rights of the superuser
 * @param passwordFile kept for its owner alone
 * @returns the connection URL of the login
 */
export async function ensureRuntimeLogin(ownerUrl: string, passwordFile: string): Promise<string> {
  const password = await knownPassword(passwordFile);
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [login]);
    if (rowCount === 0) await client.query(`create role ${login} login in role tenure_runtime`);
    await client.query(`alter role ${login} nosuperuser nocreatedb nocreaterole login password ${client.escapeLiteral(password)}`);
  } finally {
    await client.end();
  }
  const url = new URL(ownerUrl);
  url.username = login;
  url.password = password;
  return url.href;
}

async function knownPassword(file: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? null : Promise.reject(error)));
  if (known !== null) return known.trim();
  const password = randomBytes(24).toString('base64url');
  await writeFile(`${file}.new`, password, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return password;
}
