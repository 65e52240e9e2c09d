import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Applied, createActivities } from '@tenure/activities';
import { createEngine, type Engine } from '@tenure/engine/decide';
import type { Configuration } from '@tenure/config';
import { createConnector, type TargetConnector } from '@tenure/connectors';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { type DialectServer, type RunningScimServer, type ScimDialect, startDialectServer, startScimServer } from '@tenure/testing/targets/index.ts';
import { createGroupLease } from '../group-lease.ts';
import { takeRecord } from '@tenure/engine/intake';
import { publishPolicy } from '@tenure/engine/policy';

const token = 'test-token';
const attributes = { email: { type: 'string' }, department: { type: 'string' } } as const;

function configured(url: string): Configuration {
  return {
    directory: '/',
    url: 'http://localhost:4000',
    timeZone: 'UTC',
    attributes,
    precedence: { default: ['hr'], attributes: {} },
    sources: { hr: { name: 'hr', title: 'HR', authoritative: true, mayCreate: true, userType: 'employee', trustedEmailDomains: [], correlate: [] } },
    identityProviders: {},
    applications: {},
    targets: {
      crm: {
        kind: 'scim',
        name: 'crm',
        title: 'CRM',
        url,
        token,
        timeout: 10_000,
        concurrency: 4,
        ratePerSecond: 1000,
        confirmWithin: 60_000,
        attributes: { emails: 'identity.email' },
      },
    },
    policy: {
      attributes,
      roles: {},
      entitlements: {
        'crm.account': { name: 'crm.account', title: 'Account', target: 'crm', value: null },
        'crm.finance': { name: 'crm.finance', title: 'Finance', target: 'crm', value: 'Finance' },
      },
      birthright: [
        { name: 'everybody', when: 'true', roles: [], entitlements: ['crm.account'] },
        { name: 'finance', when: 'identity.department == "Finance"', roles: [], entitlements: ['crm.finance'] },
      ],
      groups: [],
      lifecycle: [],
      separation: [],
    },
    applyPolicy: 'at-start',
    mail: null,
    webhooks: {},
    session: { lifetime: 3_600_000, idle: 3_600_000 },
  };
}

let database: TestDatabase;
let server: RunningScimServer;
let dialects: DialectServer;
let connector: TargetConnector;
let engine: Engine;
let now = Date.parse('2026-03-01T12:00:00.000Z');

const clock = (): string => new Date((now += 10_000)).toISOString();
const transaction = <T>(work: Parameters<typeof database.store.transaction<T>>[1]): Promise<T> =>
  database.store.transaction({ actor: { kind: 'system', id: 'worker' }, correlationId: randomUUID(), now: clock() }, work);

/** Records where a person works, and provisions the result until it is settled, as Temporal would do it. */
async function says(externalId: string, version: number, department: string, status: 'active' | 'ended' = 'active'): Promise<Applied['outcome']> {
  const record = { source: 'hr', externalId, version: String(version), facts: { email: `${externalId}@corp.example`, department }, status, endedAt: null };
  const { identityId } = await transaction((tx) => takeRecord(tx, engine, record));
  if (identityId === null) throw new Error('the record was not taken');
  const activities = createActivities({ store: database.store, engine, connectors: { crm: connector }, clock, alive: () => undefined });
  await activities.decide({ identityId, trigger: 'record', correlationId: 'test', now: clock() });
  let last: unknown;
  for (let attempt = 0; attempt < 8; attempt += 1) {
    try {
      return (await activities.applyOperations({ identityId, target: 'crm', correlationId: 'test' })).outcome;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
async function call(method: string, path: string, body?: object): Promise<{ readonly id: string; readonly Resources: readonly { readonly id: string }[] }> {
  const response = await fetch(`${server.url}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return (await response.json()) as never;
}
const groupsOf = async (userName: string): Promise<readonly string[]> => (await server.look(userName)).groups;
const nameOf = async (externalId: string): Promise<string> => {
  const [row] = await database.execute('select a.user_name from account a join source_record r on r.identity_id = a.identity_id where r.external_id = ?', [
    externalId,
  ]);
  return String(row?.['user_name']);
};

beforeEach(async () => {
  database = await createTestDatabase();
  server = await startScimServer({ port: 0, token, groups: [] });
  dialects = await startDialectServer(server);
  const configuration = configured(dialects.url);
  engine = createEngine({ configuration });
  await transaction((tx) => publishPolicy(tx, engine));
  const lease = createGroupLease({ store: database.store, target: 'crm', clock, logger: { warn: () => undefined } });
  const [target] = Object.values(configuration.targets);
  if (!target) throw new Error('there is no target');
  connector = createConnector(target, lease);
});
afterEach(async () => {
  await connector.close();
  await dialects.stop();
  await server.stop();
  await database.drop();
});

const group = (displayName: string): Promise<{ readonly id: string }> =>
  call('POST', 'Groups', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName });

describe('somebody holds Finance, moves and loses it; whatever the target shows, they are out of it, and nothing is confirmed that was not seen', () => {
  test.each<readonly [string, ScimDialect, Applied['outcome']]>([
    ['shows all', {}, 'confirmed'],
    ['members: [] and groups: [] always', { members: 'empty', groups: 'empty' }, 'confirmed'],
    ['members: [] always, and no filter by member', { members: 'empty', groups: 'absent', groupFilters: 'refused', groupFiltersBy: 'members' }, 'not-visible'],
    ['ignores filters by member and returns every group', { groups: 'absent', groupFilters: 'ignored', groupFiltersBy: 'members' }, 'confirmed'],
    ['ignores them and hides members', { groups: 'absent', members: 'empty', groupFilters: 'ignored', groupFiltersBy: 'members' }, 'not-visible'],
    ['answers them with nothing', { groups: 'absent', groupFilters: 'nothing', groupFiltersBy: 'members' }, 'confirmed'],
    ['takes groups whole only', { patch: 'none', version: 'none' }, 'confirmed'],
    ['demands If-Match', { version: 'header' }, 'confirmed'],
    ['knows no filter in a path', { patch: 'no-member-filter' }, 'confirmed'],
    ['lower-cases addresses, which are in lower case', { emails: 'lower-cased' }, 'confirmed'],
  ])('%s', async (title, dialect, outcome) => {
    await group('Finance');
    dialects.speak(dialect);
    const [one, other] = [`ann-${title}`, `ben-${title}`].map((name) => name.replaceAll(/\W+/g, '-'));
    if (!one || !other) throw new Error('nobody');
    expect(await says(other, 1, 'Finance')).toBe(outcome);
    expect(await says(one, 1, 'Finance')).toBe(outcome);
    expect(await groupsOf(await nameOf(one))).toEqual(['Finance']);
    expect(await says(one, 2, 'Sales')).toBe(outcome);
    expect(await groupsOf(await nameOf(one))).toEqual([]);
    expect(await groupsOf(await nameOf(other))).toEqual(['Finance']);
  });

  test('a group that was renamed', async () => {
    const { id } = await group('Finance');
    expect(await says('rena', 1, 'Finance')).toBe('confirmed');
    await call('PATCH', `Groups/${id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'displayName', value: 'Finance EU' }],
    });
    expect(await says('rena', 2, 'Sales')).toBe('confirmed');
    expect(await groupsOf(await nameOf('rena'))).toEqual([]);
  });

  test('a group that is not there, and then is; until then it is one case for all of them', async () => {
    for (const name of ['gho', 'sti']) expect(await says(name, 1, 'Finance')).toBe('waiting');
    const open = () => database.store.read((tx) => tx.cases.openOfTarget('target-refuses-change', 'crm'));
    expect(await open()).toMatchObject([{ identityId: null, evidence: { operation: 'addMember', name: 'Finance', accounts: 2 } }]);
    await group('Finance');
    expect(await says('new', 1, 'Finance')).toBe('confirmed');
    expect(await open()).toEqual([]);
    for (const name of ['gho', 'sti']) {
      expect(await says(name, 2, 'Finance')).toBe('confirmed');
      expect(await groupsOf(await nameOf(name))).toEqual(['Finance']);
    }
  });

  test('a group whose name differs by case', async () => {
    await group('finance');
    expect(await says('cas', 1, 'Finance')).toBe('confirmed');
    expect(await groupsOf(await nameOf('cas'))).toEqual(['finance']);
    expect(await says('cas', 2, 'Sales')).toBe('confirmed');
    expect(await groupsOf(await nameOf('cas'))).toEqual([]);
  });
});
