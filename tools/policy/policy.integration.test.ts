import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createEngine } from '@tenure/engine/decide';
import { loadConfiguration } from '@tenure/config';
import { createVault, openStore, type Store } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { startPolicy } from '@tenure/engine/policy';
import { takeRecord } from '@tenure/engine/intake';

const keys = { TENURE_MASTER_KEY: randomBytes(32).toString('base64'), TENURE_AUDIT_KEY: randomBytes(32).toString('base64') };
const now = '2026-03-01T12:00:00.000Z';
const tenureYaml = `
url: http://localhost:4000
timeZone: Europe/Berlin
applyPolicy: by-command
attributes: { displayName: { type: string }, employeeNumber: { type: string }, department: { type: string }, endDate: { type: date } }
sources: { hr: { authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] } }
targets: { crm: { kind: scim, url: "\${env:CRM_URL}", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } } }
`;
const accessYaml = `
entitlements:
  crm.user: { target: crm, value: users }
  crm.finance: { target: crm, value: finance }
  crm.audit: { target: crm, value: audit }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
  - { name: finance, when: 'identity.department == "Finance"', entitlements: [crm.finance], until: identity.endDate }
`;
const testsYaml = `
people:
  - title: Somebody in Finance
    now: 2026-03-01T09:00:00Z
    records: [{ source: hr, status: active, facts: { department: Finance, endDate: 2026-03-31 } }]
    expect: { state: active, has: [crm.finance], until: { crm.finance: 2026-03-31T22:00:00Z, crm.user: 2026-03-31T22:00:00Z } }
  - title: Somebody in Sales gets nothing of Finance
    now: 2026-03-01T09:00:00Z
    records: [{ source: hr, status: active, facts: { department: Sales } }]
    expect: { hasNot: [crm.finance], exactly: [crm.user], until: { crm.user: no end } }
`;
let database: TestDatabase;
let store: Store;
let directory: string;
const environment = (): NodeJS.ProcessEnv => ({ ...keys, DATABASE_URL: database.url });

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'tenure-policy-'));
  await mkdir(join(directory, 'policy', 'tests'), { recursive: true });
  await writeFile(join(directory, 'tenure.yaml'), tenureYaml);
  await writeFile(join(directory, 'policy', 'access.yaml'), accessYaml);
  await writeFile(join(directory, 'policy', 'tests', 'people.yaml'), testsYaml);
  const vault = createVault({ master: Buffer.from(keys.TENURE_MASTER_KEY, 'base64'), audit: Buffer.from(keys.TENURE_AUDIT_KEY, 'base64') });
  store = await openStore({ url: database.url, vault, poolSize: 2 });
  const engine = createEngine({ configuration: await loadConfiguration({ directory, environment: { CRM_URL: 'http://127.0.0.1:9', CRM_TOKEN: 'x' } }) });
  await store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now }, async (tx) => {
    await startPolicy(tx, engine);
    for (let index = 0; index < 12; index += 1) {
      const facts = { employeeNumber: `e${index}`, department: index < 4 ? 'Finance' : 'Sales' };
      await takeRecord(tx, engine, { source: 'hr', externalId: `e${index}`, version: '1', facts, status: 'active', endedAt: null });
    }
  });
});
test('check names providers whose logins may become anybody, and says where none may become an administrator', async () => {
  const folder = join(directory, 'linking');
  await mkdir(join(folder, 'policy'), { recursive: true });
  await writeFile(
    join(folder, 'policy', 'access.yaml'),
    accessYaml.replace('entitlements:', 'entitlements:\n  tenure.admin: { target: tenure, value: admin }'),
  );
  const write = (mayLink: string): Promise<void> => {
    const provider = (name: string, more: string): string =>
      `${name}: { protocol: saml, metadata: "https://${name}.example/m", correlate: [{ attribute: employeeNumber }]${more} }`;
    return writeFile(join(folder, 'tenure.yaml'), `${tenureYaml}identityProviders: { ${provider('company', mayLink)}, ${provider('partner', '')} }\n`);
  };
  await write(', mayLink: [privileged, bound]');
  const allowed = await policy(folder, 'check');
  expect(allowed.said).toMatch(
    /^Warning: identityProviders\.company: mayLink .*administrators too, and to people who log in through another provider: .*employeeNumber there/m,
  );
  expect(allowed.said).not.toContain('partner');
  await write('');
  const none = await policy(folder, 'check');
  expect(none).toMatchObject({ code: 0, said: expect.stringContaining('Warning: identityProviders: no provider has mayLink: [privileged]') });
  expect(none.said).toContain('company, partner');
});
afterAll(async () => {
  await store?.close();
  await database?.drop();
  await rm(directory, { recursive: true, force: true });
});

/** Runs the command as npm does. */
function policy(folder: string, ...words: string[]): Promise<{ readonly code: number; readonly said: string; readonly complained: string }> {
  const program = fileURLToPath(new URL('../policy.ts', import.meta.url));
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', new URL('../load-typescript.js', import.meta.url).href, program, ...words, '--config', folder],
      { env: { PATH: process.env['PATH'], TENURE_HOME: directory, ...environment() } },
      (error, said, complained) => resolve({ code: Number(error?.code ?? 0), said, complained }),
    );
  });
}

/** The same configuration with another policy. */
async function changed(change: (yaml: string) => string): Promise<string> {
  const folder = await mkdtemp(join(directory, 'changed-'));
  await cp(join(directory, 'tenure.yaml'), join(folder, 'tenure.yaml'));
  await cp(join(directory, 'policy'), join(folder, 'policy'), { recursive: true });
  const path = join(folder, 'policy', 'access.yaml');
  await writeFile(path, change(await readFile(path, 'utf8')));
  return folder;
}

test('check needs no secret, and says all that is wrong', async () => {
  expect(await policy(directory, 'check')).toMatchObject({
    code: 0,
    said: expect.stringContaining('The policy is valid: 0 roles, 3 entitlements, 2 birthright rules'),
  });
  const broken = await changed((yaml) =>
    yaml.replace('identity.department == "Finance"', 'identity.departmnt == "Finance"').replace('[crm.user]', '[crm.usr]'),
  );
  expect(await policy(broken, 'check')).toMatchObject({
    code: 2,
    complained: expect.stringMatching(/crm\.usr[\s\S]*did you mean crm\.user[\s\S]*departmnt[\s\S]*did you mean department/),
  });
  expect(await policy(directory, 'chek')).toMatchObject({ code: 2, complained: expect.stringContaining('check | test | plan | apply') });
});

test('test asks about the people in files, refusals included; what has no end of its own ends with the person', async () => {
  expect(await policy(directory, 'test')).toMatchObject({ code: 0, said: expect.stringContaining('All 2 tests pass.') });
  const endless = await changed((yaml) => yaml);
  const file = join(endless, 'policy', 'tests', 'people.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('crm.user: 2026-03-31T22:00:00Z', 'crm.user: no end'));
  expect((await policy(endless, 'test')).said).toContain('has crm.user until 2026-03-31T22:00:00.000Z, not no end');
  const generous = await changed((yaml) => yaml.replace('"true", entitlements: [crm.user]', '"true", entitlements: [crm.user, crm.finance]'));
  expect(await policy(generous, 'test')).toMatchObject({
    code: 1,
    said: expect.stringMatching(/✗ Somebody in Sales gets nothing of Finance {2}\(policy\/tests\/people\.yaml:\d+\)\n {4}has crm\.finance, from everybody/),
  });
});

describe('plan and apply', () => {
  test('say who would gain and lose what, and make it current only as it was shown', async () => {
    const folder = await changed(
      (yaml) => `${yaml.replace('"Finance"\'', '"Sales"\'')}  - { name: audit, when: 'identity.department == "Finance"', entitlements: [crm.audit] }\n`,
    );
    const planned = await policy(folder, 'plan');
    expect(planned).toMatchObject({ code: 0, said: expect.stringContaining('would change the access of 12 of 12 people') });
    expect(planned.said).toMatch(
      /gain:\n {2}\+ +8 {2}entitlement crm\.finance, by finance .*\n {2}\+ +4 {2}entitlement crm\.audit, by audit .*\nThey would lose:\n {2}- +4 {2}entitlement crm\.finance, by finance /,
    );
    // People are named as they are called.
    expect(planned.said).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
    const digest = /--digest (\w+)/.exec(planned.said)?.[1] ?? '';
    expect((await policy(folder, 'plan')).said).toBe(planned.said);

    expect(await policy(folder, 'apply')).toMatchObject({ code: 2, complained: expect.stringContaining('digest') });
    await store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now }, async (tx) => {
      const engine = createEngine({ configuration: await loadConfiguration({ directory, environment: { CRM_URL: 'http://127.0.0.1:9', CRM_TOKEN: 'x' } }) });
      await takeRecord(tx, engine, {
        source: 'hr',
        externalId: 'new',
        version: '1',
        facts: { employeeNumber: 'new', department: 'Sales' },
        status: 'active',
        endedAt: null,
      });
    });
    const late = await policy(folder, 'apply', '--digest', digest);
    expect(late).toMatchObject({ code: 1, said: expect.stringContaining('have changed since that plan') });
    expect(await store.read((tx) => tx.access.currentPolicyVersion())).toBe(1);

    const again = /--digest (\w+)/.exec(late.said)?.[1] ?? '';
    expect(await policy(folder, 'apply', '--digest', again)).toMatchObject({ code: 0, said: expect.stringContaining('Version 2 is in force.') });
  });

  test('plan says whose accounts would be closed though they lose nothing', async () => {
    await store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now }, async (tx) => {
      const engine = createEngine({ configuration: await loadConfiguration({ directory, environment: { CRM_URL: 'http://127.0.0.1:9', CRM_TOKEN: 'x' } }) });
      await takeRecord(tx, engine, { source: 'hr', externalId: 'new', version: '2', facts: { employeeNumber: 'new' }, status: 'ended', endedAt: now });
    });
    const folder = await changed((yaml) => `${yaml}lifecycle:\n  - { name: closed-at-once, end: { grace: PT0S, then: delete } }\n`);
    expect((await policy(folder, 'plan')).said).toMatch(
      /\nTheir lifecycle state would change:\n {2}~ +1 {2}left, accounts keep-disabled to absent, by closed-at-once {2}\(/,
    );
  });

  test('a start leaves the version in force when the policy is applied by command', async () => {
    const engine = createEngine({ configuration: await loadConfiguration({ directory, environment: { CRM_URL: 'http://127.0.0.1:9', CRM_TOKEN: 'x' } }) });
    const started = await store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now }, (tx) => startPolicy(tx, engine));
    expect(started).toEqual({ version: 2, differs: true, waitsIn: null });
  });
});
