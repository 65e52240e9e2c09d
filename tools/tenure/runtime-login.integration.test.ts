import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import pg from 'pg';
import { ensureRuntimeLogin } from './runtime-login.ts';

let database: TestDatabase;
let directory: string;
beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'tenure-login-'));
});
afterAll(async () => {
  await database?.drop();
  await rm(directory, { recursive: true });
});

test('the processes log in as somebody who is no superuser, and stays the same at the next start', async () => {
  const file = join(directory, 'runtime-password');
  const url = await ensureRuntimeLogin(database.url, file);
  expect(await ensureRuntimeLogin(database.url, file)).toBe(url);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(
      'select session_user as name, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls from pg_roles where rolname = session_user',
    );
    expect(rows).toEqual([{ name: 'tenure_app', rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolreplication: false, rolbypassrls: false }]);
    // Actions that the role may not do, its login may not do without it either.
    await client.query('reset role');
    for (const sql of [
      'alter table audit_event disable trigger all',
      'delete from audit_event',
      'update audit_event set action = action',
      'delete from audit_seal',
      'delete from audit_lane',
      'drop table audit_event',
      'create table mine (id int)',
      'delete from person_key',
      `update person_key set wrapped = 'x'`,
      `copy audit_event to program 'true'`,
    ])
      await expect(client.query(sql)).rejects.toThrow(/permission denied|must be owner/);
    await client.query('listen tenure_identity');
  } finally {
    await client.end();
  }
});
