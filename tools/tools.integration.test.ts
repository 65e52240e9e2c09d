import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createEngine } from '@tenure/engine/decide';
import { loadConfiguration, writeStarterConfiguration } from '@tenure/config';
import { anchorLine, createVault, openStore } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { noteRunning } from './tenure/running-file.ts';
import { startPolicy } from '@tenure/engine/policy';
import { takeRecord } from '@tenure/engine/intake';

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
      ['--import', new URL('./load-typescript.js', import.meta.url).href, program, ...flags],
      { env: { PATH: process.env['PATH'], TENURE_HOME: home, ...environment } },
      (error, said, complained) => resolve({ code: Number(error?.code ?? 0), said, complained }),
    );
  });
}

test('a token is made once with its audit, and the audit is whole until a row is touched', async () => {
  const configuration = join(home, 'configuration');
  await writeStarterConfiguration(configuration);
  const installation = { ...keys, DATABASE_URL: database.url, TENURE_CONFIG: configuration };
  const made = await runTool('token', installation, '--role', 'auditor', '--role', 'source:hr', '--name', 'HR feed', '--days', '7');
  expect(made).toMatchObject({ code: 0, said: expect.stringMatching(/^tt_\S{43}\n$/), complained: expect.stringContaining('HR feed (auditor, source:hr)') });
  const [stored] = await database.execute('select name, roles, created_by from service_token');
  expect(stored).toEqual({ name: 'HR feed', roles: ['auditor', 'source:hr'], created_by: 'npm run token' });

  expect(await runTool('audit-verify', installation)).toEqual({
    code: 0,
    said: expect.stringMatching(
      /^The audit is complete and unchanged: 1 events, no broken chain, sealed since \S+Z\.\nNo anchors were read: without them, events removed from the ends of all chains /,
    ),
    complained: '',
  });

  // A person with all rights on the database, but without the key.
  const [event] = await database.execute('select id from audit_event');
  await database.execute('alter table audit_event disable trigger all');
  await database.execute(`update audit_event set actor_id = 'nobody'`);
  const changed = await runTool('audit-verify', installation);
  expect(changed).toMatchObject({ code: 1, said: expect.stringContaining(`changed: event ${event?.['id']}`) });
  await database.execute('delete from audit_event');
  expect(await runTool('audit-verify', installation)).toMatchObject({ code: 1, said: expect.stringContaining('removed: chain') });
});

test('a token for a source that does not exist is refused, with those that do; secrets of tenure.yaml need not be set for that', async () => {
  const configuration = join(home, 'with-secret');
  await writeStarterConfiguration(configuration);
  const file = join(configuration, 'tenure.yaml');
  const crm =
    'targets:\n  crm: { kind: scim, url: https://crm.example/scim/v2, token: "${env:CRM_TOKEN_OF_NOBODY}", attributes: { emails: identity.email } }\n';
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^targets:.*$/m, crm));
  const installation = { ...keys, DATABASE_URL: database.url, TENURE_CONFIG: configuration };
  const [before] = await database.execute('select count(*) from service_token');
  expect(await runTool('token', installation, '--role', 'source:hrr', '--name', 'HR')).toEqual({
    code: 2,
    said: '',
    complained: '--role source:hrr: there is no source hrr in tenure.yaml (did you mean hr?); it has hr.\n',
  });
  expect(await database.execute('select count(*) from service_token')).toEqual([before]);
  expect(await runTool('token', installation, '--role', 'source:hr', '--name', 'HR')).toMatchObject({ code: 0, said: expect.stringMatching(/^tt_/) });
  // Without a tenure.yaml nobody knows which sources there are.
  expect(await runTool('token', { ...installation, TENURE_CONFIG: join(home, 'nowhere') }, '--role', 'source:hr', '--name', 'HR')).toMatchObject({
    code: 2,
    complained: expect.stringContaining('tenure.yaml'),
  });
  expect(await runTool('token', { ...installation, TENURE_CONFIG: join(home, 'nowhere') }, '--role', 'auditor', '--name', 'Grace')).toMatchObject({ code: 0 });
});

test('without an installation to work on, one sentence says so', async () => {
  expect(await runTool('audit-verify', {})).toMatchObject({
    code: 2,
    said: '',
    complained: expect.stringMatching(/^Tenure is not running here: npm start\. .*\n$/),
  });
  expect(await runTool('lifecycles-restart', {})).toMatchObject({ code: 2, complained: expect.stringContaining('DATABASE_URL and TEMPORAL_ADDRESS') });
  expect(await runTool('token', { DATABASE_URL: database.url }, '--role', 'admin', '--name', 'x')).toMatchObject({
    code: 2,
    complained: expect.stringContaining('TENURE_MASTER_KEY'),
  });
});

test.each([
  ['api', 'DATABASE_URL', {}],
  ['worker', 'DATABASE_URL and TEMPORAL_ADDRESS', {}],
  ['worker', 'TEMPORAL_ADDRESS', { DATABASE_URL: 'postgresql://tenure@127.0.0.1:1/tenure' }],
])('the %s does not start without %s, and says so', async (part, missing, environment) => {
  expect(await runTool(`../apps/${part}/main`, { ...keys, ...environment })).toMatchObject({ code: 1, complained: expect.stringContaining(missing) });
});

test('finds the installation that npm start runs, and is not taken in by the file of one that was killed', async () => {
  const installation = { url: 'http://localhost:4000', databaseUrl: database.url, temporalAddress: '127.0.0.1:1', temporalNamespace: 'default' };
  await noteRunning(home, { ...installation, pid: process.pid });
  expect((await stat(join(home, 'running.json'))).mode & 0o777).toBe(0o600);
  expect(await runTool('migrate', keys)).toEqual({ code: 0, said: 'The database is up to date.\n', complained: '' });
  expect(await runTool('lifecycles-restart', keys)).toMatchObject({ code: 2, complained: expect.stringContaining('Temporal does not answer at 127.0.0.1:1') });

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

test('audit:verify compares with anchors that were kept elsewhere, all of them or since an instant', async () => {
  const own = await createTestDatabase();
  try {
    const installation = { TENURE_MASTER_KEY: newKey(), TENURE_AUDIT_KEY: newKey(), DATABASE_URL: own.url };
    const store = await openStore({
      url: own.url,
      vault: createVault({ master: Buffer.from(installation.TENURE_MASTER_KEY, 'base64'), audit: Buffer.from(installation.TENURE_AUDIT_KEY, 'base64') }),
    });
    const now = new Date().toISOString();
    const write = () =>
      store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'c', now }, async (tx) =>
        tx.audit.record({ action: 'import.begun', subjectKind: 'test', subjectId: 'x', identityId: null, reason: { source: 'hr' } }),
      );
    await write();
    await own.execute('create table stolen as select * from audit_lane');
    await Promise.all(Array.from({ length: 20 }, write));
    const { anchor } = await store.anchorAudit(now, null, true);
    await store.close();
    const file = join(home, 'kept.jsonl');
    await writeFile(file, `{"level":30,"msg":"another line"}\n${anchorLine(anchor)}\n`);
    expect(await runTool('audit-verify', installation, '--anchors', file)).toMatchObject({
      code: 0,
      said: expect.stringContaining('It matches 1 anchors from'),
    });
    expect(await runTool('audit-verify', installation, '--anchors', file, '--since', now)).toMatchObject({
      code: 0,
      said: expect.stringContaining(`unchanged since ${now}: 0 events`),
    });
    expect(await runTool('audit-verify', installation, '--anchors', file, '--since', '2020-01-01T00:00:00Z')).toMatchObject({
      code: 2,
      complained: expect.stringContaining('No anchor is from'),
    });
    expect(await runTool('audit-verify', installation, '--anchors', join(home, 'gone.jsonl'))).toMatchObject({ code: 2 });
    expect(await runTool('audit-verify', installation, '--since', 'yesterday')).toMatchObject({
      code: 2,
      complained: expect.stringContaining('but has to be an instant'),
    });

    // The ends as they were earlier, with all later events cut off: nothing in the database contradicts them.
    await own.execute('alter table audit_event disable trigger all');
    await own.execute('delete from audit_event e where sequence > (select sequence from stolen s where s.lane = e.lane)');
    await own.execute('update audit_lane l set sequence = s.sequence, hash = s.hash, mac = s.mac from stolen s where s.lane = l.lane');
    expect(await runTool('audit-verify', installation)).toMatchObject({
      code: 0,
      said: expect.stringContaining('No anchors were read: without them, events removed'),
    });
    expect(await runTool('audit-verify', installation, '--anchors', file)).toMatchObject({
      code: 1,
      said: expect.stringContaining('which was anchored up to number'),
    });

    expect(await runTool('audit-seal', installation)).toMatchObject({ code: 2, complained: expect.stringContaining('Provide --reason') });
    expect(await runTool('audit-seal', { ...installation, TENURE_AUDIT_KEY: newKey() }, '--reason', 'the key was lost')).toMatchObject({ code: 0 });
  } finally {
    await own.drop();
  }
});

test('a one-time link for the first administrator is made on the machine, shown once, and audited', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tenure-link-'));
  await mkdir(join(directory, 'policy'));
  await writeFile(join(directory, 'policy', 'access.yaml'), 'entitlements: { tenure.admin: { target: tenure, value: admin } }\n');
  await writeFile(
    join(directory, 'tenure.yaml'),
    'url: ${env:TENURE_URL}\nattributes: { displayName: { type: string } }\nsources: { hr: { mayCreate: true } }\n' +
      'identityProviders: { company: { protocol: saml, metadata: "https://login.company.example/m" } }\n',
  );
  const installation = { ...keys, DATABASE_URL: database.url, TENURE_URL: 'https://tenure.example', TENURE_CONFIG: directory };
  const vault = createVault({ master: Buffer.from(keys.TENURE_MASTER_KEY, 'base64'), audit: Buffer.from(keys.TENURE_AUDIT_KEY, 'base64') });
  const store = await openStore({ url: database.url, vault, poolSize: 2 });
  const now = new Date().toISOString();
  try {
    const engine = createEngine({ configuration: await loadConfiguration({ directory, environment: installation }) });
    const userName = await store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now }, async (tx) => {
      await startPolicy(tx, engine);
      const facts = { displayName: 'Ada Lovelace' };
      const { identityId } = await takeRecord(tx, engine, { source: 'hr', externalId: '7', version: '1', facts, status: 'active', endedAt: null });
      return (await tx.identities.get(identityId ?? ''))?.userName ?? '';
    });
    const made = await runTool('login-link', installation, '--user', userName, '--provider', 'company', '--reason', 'First administrator');
    expect(made).toMatchObject({ code: 0, said: expect.stringMatching(/^https:\/\/tenure\.example\/saml\/company\/login\?link=tl_\S{43}\n$/) });
    const token = new URL(made.said.trim()).searchParams.get('link') ?? '';
    expect(await store.read((tx) => tx.loginLinks.look(token, now))).toMatchObject({ provider: 'company', createdBy: 'service npm run login-link' });
    expect((await store.read((tx) => tx.audit.page({ action: 'login.linkMade' }, 1, null)))[0]?.personal).toEqual({ reason: 'First administrator' });
    const wrong = await runTool('login-link', installation, '--user', userName, '--provider', 'nobody', '--reason', 'x');
    expect(wrong).toMatchObject({ code: 2, said: '', complained: expect.stringContaining('there is no identity provider "nobody"') });
  } finally {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  }
});
