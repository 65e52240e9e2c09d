import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { checkDueConnections, followConnections } from '@tenure/engine/connections';
import { type ConnectionCheck, failedAt, passed } from '@tenure/domain';
import { exampleCase } from '@tenure/domain/testing';
import { startScimServer } from '@tenure/testing/targets/scim-server.ts';
import type { RunningTarget } from '@tenure/testing/targets/target-state.ts';
import type { StoredConnection } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { makeBadCertificates, makeCertificates } from '../../../libs/connectors/test-certificates.ts';
import { createInstallation, eventually, type Installation } from './installation.ts';

describe('connections that are tested', () => {
  let database: TestDatabase;
  let now: string;
  let answers: Record<string, ConnectionCheck>;
  let asked: string[];
  const clock = (): string => now;
  const works = passed([]);
  const fails = (reason: string): ConnectionCheck => failedAt({ step: 'reached', reason, message: `crm: nothing listens at its port (${reason})` });
  const probe = (kind: 'target' | 'identity-provider', name: string) => ({
    kind,
    name,
    title: name,
    check: async () => {
      asked.push(name);
      return answers[name] ?? works;
    },
  });
  const all = [probe('target', 'crm'), probe('target', 'mirror'), probe('identity-provider', 'contoso')];

  beforeEach(async () => {
    database = await createTestDatabase();
    now = '2026-03-01T12:00:00.000Z';
    answers = {};
    asked = [];
  });
  afterEach(() => database.drop());

  const later = (seconds: number): void => {
    now = new Date(Date.parse(now) + seconds * 1000).toISOString();
  };
  const look = async (probes = all): Promise<readonly StoredConnection[]> => {
    const tested: StoredConnection[] = [];
    const failed = (error: unknown): never => {
      throw error;
    };
    await checkDueConnections({ store: database.store, probes, clock, worker: 'w1', tested: (one) => tested.push(one), failed });
    return tested;
  };
  const waitingRuns = () => database.execute('select target, trigger from reconciliation_run where started_at is null order by target');
  const openCases = async () =>
    (await database.store.read((tx) => tx.cases.page({ status: 'open' }, 10, null))).map(({ kind, key, evidence }) => ({ kind, key, evidence }));
  async function somebodyWaits(): Promise<void> {
    const id = '00000000-0000-4000-8000-00000000000';
    await database.execute(`insert into identity select * from jsonb_populate_record(null::identity, ?::jsonb)`, [
      JSON.stringify(await firstRow('identity', { id: `${id}1`, user_name: 'ann', state: 'active' })),
    ]);
    await database.execute(`insert into account select * from jsonb_populate_record(null::account, ?::jsonb)`, [
      JSON.stringify(await firstRow('account', { id: `${id}2`, identity_id: `${id}1`, target: 'crm' })),
    ]);
    await database.execute(
      `insert into operation (id, identity_id, account_id, target, kind, change, status, attempts, last_error, reason, correlation_id, position, created_at)
       values (?, ?, ?, 'crm', 'create', '{}', 'pending', 1, '{"code":"CONNECTOR_UNAVAILABLE","message":"crm: …"}', '{}', 'x', 0, ?)`,
      [`${id}3`, `${id}1`, `${id}2`, now],
    );
  }
  /** Columns that have to be there, with whatever fits. */
  async function firstRow(table: string, known: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
    const columns = (await database.execute(
      'select column_name as name, data_type as type from information_schema.columns where table_name = ? and is_nullable = ?',
      [table, 'NO'],
    )) as readonly { name: string; type: string }[];
    const fitting: Readonly<Record<string, unknown>> = {
      text: 'x',
      jsonb: {},
      boolean: false,
      integer: 0,
      bigint: 0,
      uuid: '00000000-0000-4000-8000-000000000009',
      'timestamp with time zone': now,
      ARRAY: [],
    };
    return { ...Object.fromEntries(columns.map(({ name, type }) => [name, fitting[type] ?? 'x'])), ...known };
  }

  test('a target that works again after ten minutes or more is to be read as a whole, since it may have been restored; after less it is not', async () => {
    const reconciled = all.map((one) => ({ ...one, isReconciled: one.name === 'crm' }));
    await followConnections({ store: database.store, probes: reconciled, clock });
    // Each test is made when it is due: long after the one before.
    const fail = async (seconds: number): Promise<void> => {
      for (const name of ['crm', 'mirror']) answers[name] = fails('ECONNREFUSED');
      await followConnections({ store: database.store, probes: reconciled, clock });
      await look(reconciled);
      later(seconds);
      answers = {};
      await followConnections({ store: database.store, probes: reconciled, clock });
      await look(reconciled);
    };
    await fail(599);
    expect(await waitingRuns()).toEqual([]);
    await fail(600);
    expect(await waitingRuns()).toEqual([{ target: 'crm', trigger: 'recovery' }]);
    later(3600);
    await look(reconciled);
    expect(await waitingRuns()).toHaveLength(1);
  });

  test('are tested at start, rarely while they work, and soon again while they fail', async () => {
    answers = { crm: fails('ECONNREFUSED') };
    await followConnections({ store: database.store, probes: all, clock });
    const tested = await look();
    expect(tested.map(({ name, isWorking }) => [name, isWorking])).toEqual(
      expect.arrayContaining([
        ['crm', false],
        ['mirror', true],
        ['contoso', true],
      ]),
    );
    later(14);
    expect(await look()).toEqual([]);
    later(1);
    expect((await look()).map(({ name, failures, since }) => [name, failures, since])).toEqual([['crm', 2, '2026-03-01T12:00:00.000Z']]);
    later(15 * 60);
    asked = [];
    await look();
    expect(asked.toSorted()).toEqual(['contoso', 'crm', 'mirror']);
  });

  test('that fail are one case each after three tests, which closes by itself when a test passes', async () => {
    answers = { crm: fails('ECONNREFUSED'), contoso: fails('ENOTFOUND') };
    await followConnections({ store: database.store, probes: all, clock });
    for (let index = 0; index < 2; index += 1) {
      await look();
      later(60);
    }
    expect(await openCases()).toEqual([]);
    await look();
    expect(await openCases()).toEqual(
      expect.arrayContaining([
        {
          kind: 'target-refuses',
          key: 'target-refuses/crm',
          evidence: {
            target: 'crm',
            step: 'reached',
            reason: 'ECONNREFUSED',
            message: 'crm: nothing listens at its port (ECONNREFUSED)',
            since: '2026-03-01T12:00:00.000Z',
            people: 0,
            operations: 0,
          },
        },
        {
          kind: 'identity-provider-fails',
          key: 'identity-provider-fails/contoso',
          evidence: { provider: 'contoso', step: 'reached', reason: 'ENOTFOUND', message: expect.any(String), since: '2026-03-01T12:00:00.000Z' },
        },
      ]),
    );
    answers = { crm: fails('CERT_HAS_EXPIRED') };
    later(300);
    await look();
    expect(await openCases()).toMatchObject([{ key: 'target-refuses/crm', evidence: { reason: 'CERT_HAS_EXPIRED', since: '2026-03-01T12:00:00.000Z' } }]);
    answers = {};
    later(300);
    await look();
    expect(await openCases()).toEqual([]);
  });

  test('are a case at once where somebody waits, with how many', async () => {
    await somebodyWaits();
    answers = { crm: fails('DEPTH_ZERO_SELF_SIGNED_CERT') };
    await followConnections({ store: database.store, probes: all, clock });
    await look();
    expect(await openCases()).toMatchObject([{ key: 'target-refuses/crm', evidence: { people: 1, operations: 1, reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' } }]);
  });

  test('leave the case of a look-up that one account refused to that account', async () => {
    await followConnections({ store: database.store, probes: all, clock });
    await database.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'x', now }, (tx) =>
      tx.cases.open({ ...exampleCase('target-refuses'), key: 'target-refuses/crm', identityId: null, target: 'crm', operationId: null }, now),
    );
    await look();
    expect(await openCases()).toHaveLength(1);
  });

  test('are tested at once when somebody asks, or when work shows otherwise; who asks meanwhile is answered by the next test', async () => {
    await followConnections({ store: database.store, probes: all, clock });
    await look();
    const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'x', now } as const;
    later(1);
    await database.store.transaction(context, (tx) => tx.connections.request({ kind: 'identity-provider', name: 'contoso' }, now));
    expect(await look()).toMatchObject([{ name: 'contoso' }]);
    expect((await database.store.read((tx) => tx.connections.all())).map(({ requestedAt }) => requestedAt)).toEqual([null, null, null]);
    await database.store.transaction(context, (tx) => tx.connections.doubt('crm', false, now));
    expect(await look()).toEqual([]);
    await database.store.transaction(context, (tx) => tx.connections.doubt('crm', true, now));
    const during = {
      ...probe('target', 'crm'),
      check: async () => {
        await database.store.transaction(context, (tx) => tx.connections.request({ kind: 'target', name: 'crm' }, new Date(Date.parse(now) + 1).toISOString()));
        return works;
      },
    };
    expect(await look([during])).toMatchObject([{ name: 'crm' }]);
    expect((await database.store.read((tx) => tx.connections.all())).find(({ name }) => name === 'crm')?.requestedAt).not.toBeNull();
    expect(await look()).toMatchObject([{ name: 'crm' }]);
  });

  test('are shared by workers: nobody tests what another one is testing', async () => {
    await followConnections({ store: database.store, probes: all, clock });
    const tested = await Promise.all([look(), look()]);
    expect(
      tested
        .flat()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['contoso', 'crm', 'mirror']);
  });

  test('are forgotten with their case when the configuration names them no more', async () => {
    answers = { crm: fails('ECONNREFUSED') };
    await followConnections({ store: database.store, probes: all, clock });
    for (let index = 0; index < 3; index += 1) {
      await look();
      later(60);
    }
    expect(await openCases()).toHaveLength(1);
    await followConnections({ store: database.store, probes: all.slice(1), clock });
    expect(await openCases()).toEqual([]);
    expect((await database.store.read((tx) => tx.connections.all())).map(({ name }) => name)).toEqual(['mirror', 'contoso']);
  });
});

const tenureYaml = (port: number, ca: string): string => `
url: http://localhost:4000
attributes: { displayName: { type: string }, employeeNumber: { type: string } }
precedence: { default: [hr] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: contractor, correlate: [{ attribute: employeeNumber }] }
identityProviders:
  contoso: { protocol: saml, metadata: "http://127.0.0.1:1/metadata" }
targets:
  crm: { kind: scim, url: "https://localhost:${port}/scim/v2", token: "\${env:TOKEN}", caFile: "${ca}", timeout: PT20S, attributes: { displayName: identity.displayName } }
`;
const accessYaml = `
entitlements: { crm.user: { target: crm, value: Users } }
birthright: [{ name: everybody, when: "true", entitlements: [crm.user] }]
`;

describe('a target whose certificate is self-signed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'connections-'));
  let scim: RunningTarget;
  let port = 0;
  let front: Server;
  let installation: Installation;

  /** TLS before the SCIM server, with one of the test's certificates. */
  async function serve(certificate: string, on: number): Promise<Server> {
    const identity = { cert: readFileSync(join(folder, `${certificate}.pem`)), key: readFileSync(join(folder, `${certificate}.key`)) };
    const server = createServer(identity, (incoming, answer) => {
      const { method, url: path, headers } = incoming;
      const upstream = request(new URL(path ?? '/', scim.url), { method, headers } as never, (found) => {
        answer.writeHead(found.statusCode ?? 502, found.headers);
        found.pipe(answer);
      });
      upstream.on('error', () => answer.destroy());
      incoming.pipe(upstream);
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(on, '127.0.0.1', resolve);
    await promise;
    return server;
  }
  async function shut(server: Server): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    server.closeAllConnections();
    await promise;
  }

  beforeAll(async () => {
    makeCertificates(folder);
    makeBadCertificates(folder);
    scim = await startScimServer({ port: 0, token: 'good', groups: ['Users'] });
    front = await serve('self-signed', 0);
    port = (front.address() as AddressInfo).port;
    installation = await createInstallation({
      files: { tenureYaml: tenureYaml(port, join(folder, 'ca.pem')), accessYaml },
      environment: { TOKEN: 'good' },
      watchesConnections: true,
    });
  });
  afterAll(async () => {
    await installation?.stop();
    await shut(front);
    await scim.stop();
    rmSync(folder, { recursive: true });
  });

  test('is named in the log, in lastError and in one case, for however many wait; mended, all of it heals by itself', async () => {
    const { store, log } = installation;
    await eventually(async () => log.some((line) => line.includes('target crm does not work') && line.includes('DEPTH_ZERO_SELF_SIGNED_CERT')));
    await eventually(async () => log.some((line) => line.includes('identity-provider contoso does not work') && line.includes('ECONNREFUSED')));
    const people = await Promise.all(
      ['1', '2', '3'].map((externalId) =>
        installation.record({ externalId, version: '1', facts: { employeeNumber: externalId, displayName: `Person ${externalId}` } }),
      ),
    );
    const errors = await eventually(async () => {
      const operations = await installation.database.execute('select last_error from operation where last_error is not null');
      return operations.length > 0 && operations;
    });
    expect(errors[0]?.['last_error']).toMatchObject({
      code: 'CONNECTOR_UNAVAILABLE',
      message: expect.stringContaining('(DEPTH_ZERO_SELF_SIGNED_CERT): name that CA in targets.crm.caFile'),
    });
    const open = await eventually(async () => {
      const found = await store.read((tx) => tx.cases.page({ status: 'open', kind: 'target-refuses' }, 10, null));
      return found.some(({ evidence }) => (evidence.people ?? 0) >= 3) && found;
    });
    expect(open).toHaveLength(1);
    expect(open[0]?.evidence).toMatchObject({ target: 'crm', reason: 'DEPTH_ZERO_SELF_SIGNED_CERT', step: 'certificate', people: people.length });

    await shut(front);
    front = await serve('server', port);
    await store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'x', now: new Date().toISOString() }, (tx) =>
      tx.connections.request({ kind: 'target', name: 'crm' }, new Date().toISOString()),
    );
    await eventually(async () => (await store.read((tx) => tx.cases.count({ status: 'open', kind: 'target-refuses' }))) === 0);
    await eventually(async () => log.some((line) => line.includes('target crm works again')));
  });
});
