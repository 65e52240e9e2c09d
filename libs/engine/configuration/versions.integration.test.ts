import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ActContext } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { approveBatch } from '../batches/approve-batch.ts';
import { undoBatchAs } from '../batches/undo/undo-batch.ts';
import type { Caller } from '../callers/caller.ts';
import { createEngine } from '../decide/create-engine.ts';
import type { Engine } from '../decide/engine.ts';
import { readStartFiles, startVersion, type StartedVersion } from './version-in-use.ts';
import { takeRecord } from '../intake/take-records.ts';
import { decideIdentity } from '../decide/decide-identities.ts';
import { isBehind } from '../policy/read-policy.ts';

/** Five people who are in Finance by HR and in Sales by payroll: tenure.yaml decides which source counts. */
let database: TestDatabase;
let directory: string;
const people = 5;
const now = '2026-03-01T12:00:00.000Z';
const context = (id = 'test'): ActContext => ({ actor: { kind: 'system', id }, correlationId: 'test', now });
const environment = { CRM_TOKEN: 'token' };
const crm = 'targets: { crm: { kind: scim, url: "http://127.0.0.1:9/scim", token: "${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } } }';
const tenureYaml = ({ precedence = 'hr, payroll', targets = crm, applyPolicy = 'at-start' } = {}): string => `
url: http://localhost:4000
applyPolicy: ${applyPolicy}
attributes: { displayName: { type: string }, employeeNumber: { type: string }, department: { type: string } }
precedence: { default: [${precedence}] }
sources:
  hr: { authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber, forLife: true }] }
  payroll: { correlate: [{ attribute: employeeNumber, forLife: true }] }
${targets}
`;
const accessYaml = `
entitlements: { crm.finance: { target: crm, value: Finance }, crm.user: { target: crm, value: Users } }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
  - { name: finance, when: 'identity.department == "Finance"', entitlements: [crm.finance] }
budget: { limits: { lose: { count: 2, share: 0.1, from: 1 } } }
`;
const withoutCrm = `
entitlements: { tenure.auditor: { target: tenure, value: auditor } }
birthright: [{ name: auditors, when: 'identity.department == "Audit"', entitlements: [tenure.auditor] }]
`;

beforeEach(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'tenure-versions-'));
  await mkdir(join(directory, 'policy'));
  await configure(tenureYaml());
});
afterEach(async () => {
  await database?.drop();
  await rm(directory, { recursive: true, force: true });
});

const configure = async (tenure: string, access = accessYaml): Promise<void> => {
  await writeFile(join(directory, 'tenure.yaml'), tenure);
  await writeFile(join(directory, 'policy', 'access.yaml'), access);
};
/** Steps of a process at its start. */
const start = async (variables: Readonly<Record<string, string>> = environment): Promise<StartedVersion> => {
  const place = { directory, environment: variables };
  return startVersion(database.store, place, await readStartFiles(place), context('api'));
};
const engineOf = ({ configuration, digest }: StartedVersion): Engine => createEngine({ configuration, keepsTo: digest });
const take = async (engine: Engine): Promise<readonly string[]> => {
  const facts = (number: number) => ({ displayName: `Person ${number}`, employeeNumber: String(number) });
  const taken = await database.store.transaction(context(), async (tx) => {
    for (const [source, department] of [
      ['hr', 'Finance'],
      ['payroll', 'Sales'],
    ] as const)
      for (let number = 0; number < people; number += 1)
        await takeRecord(tx, engine, {
          source,
          externalId: `${source} ${number}`,
          version: '1',
          facts: { ...facts(number), department },
          status: source === 'hr' ? 'active' : null,
          endedAt: null,
        });
    return tx.people.page(null, 100, { entitlements: [], targets: [] });
  });
  return taken.map(({ identity }) => identity.id);
};
const holdersOf = async (name: string): Promise<number> =>
  Number((await database.execute('select count(*) from access_grant where name = ? and ended_at is null', [name]))[0]?.['count']);
const administrator: Caller = {
  kind: 'service',
  id: randomUUID(),
  personId: null,
  roles: new Set(['admin']),
  sources: new Set(),
  sessionId: null,
  expiresAt: '2099-01-01T00:00:00.000Z',
};
const batchOfVersion = async (version: number): Promise<string> =>
  String((await database.execute('select id from wave where policy_version = ?', [version]))[0]?.['id']);
/** Finishes all batches, as if a worker had carried them out. */
const finish = () => database.execute(`update wave set finished_at = '${now}' where standing = 'free'`);
const versions = () =>
  database.execute(
    'select version, published_by, settings_digest is not null as kept, left(digest, 4) as policy, left(settings_digest, 4) as settings from policy_version order by 1',
  );

test('a start with an edited tenure.yaml puts it in force as one version with the policy, and asks everybody again', async () => {
  const first = await start();
  expect(first).toMatchObject({ version: 1, started: { differs: false, waitsIn: null } });
  expect(await start()).toMatchObject({ version: 1, digest: first.digest });
  // Another layout of the same content is no news.
  await configure(tenureYaml().replace('authoritative: true, mayCreate: true', 'mayCreate: true, authoritative: true'));
  expect(await start()).toMatchObject({ version: 1, digest: first.digest });
  await take(engineOf(first));
  await configure(tenureYaml().replace('url:', 'timeZone: Europe/Berlin\nurl:'));
  const second = await start();
  expect(second).toMatchObject({ version: 2, configuration: { timeZone: 'Europe/Berlin' }, started: { differs: false } });
  const [before, after] = await versions();
  expect([before?.['policy'], before?.['published_by']]).toEqual([after?.['policy'], 'system api']);
  expect(before?.['settings']).not.toBe(after?.['settings']);
  expect(await database.execute(`select people from wave where trigger = 'policy' and finished_at is null`)).toEqual([{ people }]);
});

test('a version from before tenure.yaml was kept stays readable, and the next start notes the tenure.yaml beside it without asking anybody again', async () => {
  const first = await start();
  const [id = ''] = await take(engineOf(first));
  await database.execute('update policy_version set settings = null, settings_digest = null, published_by = null');
  await database.execute('delete from wave');
  expect(await start()).toMatchObject({ version: 2, digest: first.digest, started: { differs: false, waitsIn: null } });
  expect((await versions()).map(({ version, kept, published_by }) => [version, kept, published_by])).toEqual([
    [1, false, null],
    [2, true, 'system api'],
  ]);
  expect(await database.execute('select 1 from wave')).toEqual([]);
  expect(await database.store.read((tx) => tx.access.policy(1))).toMatchObject({
    version: 1,
    document: { birthright: [{ name: 'everybody' }, { name: 'finance' }] },
  });
  expect(await start()).toMatchObject({ version: 2 });
  expect((await database.store.read((tx) => tx.access.currentGrants([id]))).map(({ name }) => name)).toEqual(['crm.finance', 'crm.user']);
});

test('a tenure.yaml that would take from too many waits for approval, and is in force with its policy once it is approved', async () => {
  const first = await start();
  await take(engineOf(first));
  expect(await holdersOf('crm.finance')).toBe(people);
  await configure(tenureYaml({ precedence: 'payroll, hr' }));
  const waiting = await start();
  expect(waiting).toMatchObject({
    version: 1,
    digest: first.digest,
    configuration: { precedence: { default: ['hr', 'payroll'] } },
    started: { differs: true },
  });
  const id = waiting.started.waitsIn ?? '';
  expect((await start()).started.waitsIn).toBe(id);
  const { store } = database;
  const held = await store.read((tx) => tx.batchChanges.get(id));
  expect(held?.plan).toMatchObject({
    people,
    changes: expect.arrayContaining([expect.objectContaining({ target: 'crm', kind: 'lose', people, isOver: true })]),
  });
  await approveBatch({ store, engine: engineOf(waiting) }, context('operator'), id, { digest: held?.plan.digest ?? '', reason: 'seen', part: {} });
  const second = await start();
  expect(second).toMatchObject({ version: 2, configuration: { precedence: { default: ['payroll', 'hr'] } }, started: { differs: false, waitsIn: null } });
  expect((await versions()).map(({ policy }) => policy)).toEqual([expect.any(String), (await versions())[0]?.['policy']]);
});

test('a version with another tenure.yaml is undone with it, and a start with the same files does not put it in force again', async () => {
  const first = await start();
  await take(engineOf(first));
  await configure(tenureYaml().replace('url:', 'timeZone: Europe/Berlin\nurl:'));
  const second = await start();
  await finish();
  const undo = await undoBatchAs(
    { store: database.store, engine: engineOf(second), caller: administrator },
    context('admin'),
    await batchOfVersion(2),
    'wrong zone',
  );
  expect(undo).toMatchObject({ standing: 'held', origin: { kind: 'undo', requestedBy: 'system admin' } });
  await approveBatch({ store: database.store, engine: engineOf(second) }, context('admin'), undo.id, { digest: undo.plan.digest, reason: 'seen', part: {} });
  expect(await start()).toMatchObject({ version: 3, digest: first.digest, configuration: { timeZone: 'UTC' }, started: { differs: true, waitsIn: null } });
  const [before, , after] = await versions();
  expect(after).toEqual({ ...before, version: 3, published_by: 'system admin' });
});

test('a version is not undone while people have accounts in use in a target that it has added', async () => {
  const first = await start();
  const erp = crm.replace(
    '{ crm: {',
    '{ erp: { kind: scim, url: "http://127.0.0.1:9/scim", token: "${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } }, crm: {',
  );
  await take(engineOf(first));
  await configure(
    tenureYaml({ targets: erp }),
    accessYaml.replace('{ crm.finance:', '{ erp.user: { target: erp, value: Users }, crm.finance:').replace('[crm.user]', '[crm.user, erp.user]'),
  );
  const second = engineOf(await start());
  const people = await database.store.read((tx) => tx.people.page(null, 100, { entitlements: [], targets: [] }));
  for (const { identity } of people) await database.store.transaction(context(), (tx) => decideIdentity(tx, second, identity.id, 'policy'));
  await finish();
  await expect(
    undoBatchAs({ store: database.store, engine: second, caller: administrator }, context('admin'), await batchOfVersion(2), 'wrong'),
  ).rejects.toThrow('in targets that the version before it does not have (erp: 5)');
});

test('a tenure.yaml that was written past Tenure is taken over by no process, nor approved', async () => {
  const first = await start();
  await take(engineOf(first));
  await configure(tenureYaml({ precedence: 'payroll, hr' }));
  const { started } = await start();
  const id = started.waitsIn ?? '';
  const hostile = (table: string, where: string) =>
    database.execute(`update ${table} set settings = replace(settings::text, '127.0.0.1', 'evil.example')::json where ${where}`);
  await hostile('wave', `id = '${id}'`);
  const { store } = database;
  const digest = (await store.read((tx) => tx.batchChanges.get(id)))?.plan.digest ?? '';
  await expect(approveBatch({ store, engine: engineOf(first) }, context('operator'), id, { digest, reason: 'x', part: {} })).rejects.toThrow(
    /were not stored by Tenure/,
  );
  await configure(tenureYaml({ applyPolicy: 'by-command', targets: crm.replace('token: "', 'title: CRM, token: "') }));
  await hostile('policy_version', 'version = 1');
  await expect(start()).rejects.toThrow('the settings of configuration version 1 were not stored by Tenure, or were changed since');
  // Nor is an older one, whose keyed hash is right.
  await database.execute(`update policy_version set settings = replace(settings::text, 'evil.example', '127.0.0.1')::json`);
  expect(await start()).toMatchObject({ version: 1 });
  await database.execute(`insert into policy_version (version, digest, document, created_at, settings, settings_digest, settings_mac)
    select 2, digest, document, created_at, settings, settings_digest, settings_mac from policy_version`);
  await expect(start()).rejects.toThrow('the settings of configuration version 2 were not stored by Tenure');
});

test('who is decided by a process that is behind is decided by its version, and again later by one that is not', async () => {
  const lenient = accessYaml.replace('count: 2, share: 0.1', 'count: 100, share: 1');
  await configure(tenureYaml(), lenient);
  const first = await start();
  const [id = ''] = await take(engineOf(first));
  await database.execute('delete from outbox');
  await configure(tenureYaml({ precedence: 'payroll, hr' }), lenient);
  const second = await start();
  expect(second).toMatchObject({ version: 2, started: { differs: false } });
  const decide = (by: StartedVersion) => database.store.transaction(context(), (tx) => decideIdentity(tx, engineOf(by), id, 'restart'));
  const of = async () => (await database.store.read((tx) => tx.access.currentGrants([id]))).map(({ name }) => name);
  const behind = (by: StartedVersion) => database.store.read((tx) => isBehind(tx, engineOf(by)));
  expect([await behind(first), await behind(second)]).toEqual([true, false]);

  await decide(first);
  expect(await of()).toEqual(['crm.finance', 'crm.user']);
  const later = `select identity_id, trigger, due_at > clock_timestamp() + interval '30 seconds' as is_later from outbox where due_at is not null`;
  expect(await database.execute(later)).toEqual([{ identity_id: id, trigger: 'policy', is_later: true }]);
  await decide(first);
  expect(await database.execute(later)).toHaveLength(1);
  await database.execute('delete from outbox');
  await decide(second);
  expect(await of()).toEqual(['crm.user']);
  expect(await database.execute(later)).toEqual([]);
});

test('a start never takes a target away in which people have accounts, nor a file whose secrets the process lacks', async () => {
  const first = await start();
  await take(engineOf(first));
  await configure(tenureYaml({ targets: '' }), withoutCrm);
  expect(await start()).toMatchObject({
    version: 1,
    configuration: { targets: { crm: { kind: 'scim' } } },
    started: { differs: true, inUse: { crm: people } },
  });

  const another = crm.replace(
    'targets: {',
    'targets: { other: { kind: scim, url: "http://127.0.0.1:9/other", token: "${env:OTHER_TOKEN}", attributes: { displayName: identity.displayName } },',
  );
  await configure(tenureYaml({ targets: another }));
  await expect(start()).rejects.toThrow(/^tenure\.yaml:\d+:\d+ targets\.other\.token: the environment variable OTHER_TOKEN is not set$/);
  expect(await versions()).toHaveLength(1);
  // Where files come into force by a command alone, the version in force needs none of their secrets.
  await configure(tenureYaml({ targets: another, applyPolicy: 'by-command' }));
  expect(await start()).toMatchObject({ version: 1, started: { differs: true } });
  await expect(start({})).rejects.toThrow(/^configuration version 1 targets\.crm\.token: the environment variable CRM_TOKEN is not set$/);
});
