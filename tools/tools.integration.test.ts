import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { noteRunning } from './tenure/running-file.ts';

const newKey = (): string => randomBytes(32).toString('base64');
const keys = { TENURE_MASTER_KEY: newKey(), TENURE_AUDIT_KEY: newKey() };
let database: TestDatabase;
let home: string;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'tenure-tools-'));
});
afterAll(async () => {
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly said: string;
  readonly complained: string;
}

/** Runs a tool as `npm run` does, in an environment of its own. */
function runTool(tool: string, environment: NodeJS.ProcessEnv, ...flags: string[]): Promise<Ended> {
  const program = fileURLToPath(new URL(`${tool}.ts`, import.meta.url));
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', '@swc-node/register/esm-register', program, ...flags],
      { env: { PATH: process.env['PATH'], TENURE_HOME: home, ...environment } },
      (error, said, complained) => resolve({ code: Number(error?.code ?? 0), said, complained }),
    );
  });
}

test('a token is made once with its audit, and the audit is whole until a row is touched', async () => {
  const installation = { ...keys, DATABASE_URL: database.url };
  const made = await runTool('token', installation, '--role', 'auditor', '--role', 'source:hr', '--name', 'HR feed', '--days', '7');
  expect(made).toMatchObject({ code: 0, said: expect.stringMatching(/^tt_\S{43}\n$/), complained: expect.stringContaining('HR feed (auditor, source:hr)') });
  const [stored] = await database.execute('select name, roles, created_by from service_token');
  expect(stored).toEqual({ name: 'HR feed', roles: ['auditor', 'source:hr'], created_by: 'npm run token' });

  expect(await runTool('audit-verify', installation)).toEqual({ code: 0, said: 'The audit is whole: 1 events, every chain unbroken.\n', complained: '' });

  // Somebody with all rights on the database, but without the key.
  const [event] = await database.execute('select id from audit_event');
  await database.execute('alter table audit_event disable trigger all');
  await database.execute(`update audit_event set actor_id = 'nobody'`);
  const changed = await runTool('audit-verify', installation);
  expect(changed).toMatchObject({ code: 1, said: expect.stringContaining(`changed: event ${event?.['id']}`) });
  await database.execute('delete from audit_event');
  expect(await runTool('audit-verify', installation)).toMatchObject({ code: 1, said: expect.stringContaining('removed: chain') });
});

test('without an installation to work on, one sentence says so', async () => {
  expect(await runTool('audit-verify', {})).toMatchObject({
    code: 2,
    said: '',
    complained: expect.stringMatching(/^Tenure is not running here: npm start\. .*\n$/),
  });
  expect(await runTool('lives-restart', {})).toMatchObject({ code: 2, complained: expect.stringContaining('DATABASE_URL and TEMPORAL_ADDRESS') });
  expect(await runTool('token', { DATABASE_URL: database.url }, '--role', 'admin', '--name', 'x')).toMatchObject({
    code: 2,
    complained: expect.stringContaining('TENURE_MASTER_KEY'),
  });
});

test('finds the installation that npm start runs, and is not taken in by the file of one that was killed', async () => {
  const installation = { url: 'http://localhost:4000', databaseUrl: database.url, temporalAddress: '127.0.0.1:1', temporalNamespace: 'default' };
  await noteRunning(home, { ...installation, pid: process.pid });
  expect((await stat(join(home, 'running.json'))).mode & 0o777).toBe(0o600);
  expect(await runTool('migrate', keys)).toEqual({ code: 0, said: 'The database is up to date.\n', complained: '' });
  expect(await runTool('lives-restart', keys)).toMatchObject({ code: 2, complained: expect.stringContaining('Temporal does not answer at 127.0.0.1:1') });

  const isNotRunning = { code: 2, complained: expect.stringContaining('Tenure is not running here: npm start.') };
  await noteRunning(home, { ...installation, pid: 2 ** 22 + 1 });
  expect(await runTool('migrate', keys)).toMatchObject(isNotRunning);
  await writeFile(join(home, 'running.json'), '{"pid": 1');
  expect(await runTool('migrate', keys)).toMatchObject(isNotRunning);
});

test('a database that does not answer is named without its password', async () => {
  const { code, complained } = await runTool('migrate', { ...keys, DATABASE_URL: 'postgresql://tenure:hidden@127.0.0.1:1/tenure' });
  expect(code).toBe(2);
  expect(complained).toMatch(/^The database tenure on 127\.0\.0\.1:1 cannot be used: .*\n$/);
  expect(complained).not.toContain('hidden');
});
