import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { type RunningSqlApplication, startSqlApplication } from '@tenure/testing/targets/sql-application.ts';
import { type ConnectorHarness, describeConnector } from '../contract.ts';
import { makeCertificates } from '../test-certificates.ts';
import type { SqlSettings } from './settings.ts';
import { createSqlConnector } from './sql-connector.ts';

const server = process.env['TENURE_TEST_DATABASE_URL'] ?? '';
const database = new URL(server || 'postgres://localhost');
database.pathname = `/connectors_${randomBytes(6).toString('hex')}`;
let application: RunningSqlApplication;

const columns = 'id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name, mail';
const statements: SqlSettings['statements'] = {
  list: `SELECT ${columns} FROM accounts WHERE id > COALESCE(:page, '0')::bigint ORDER BY id LIMIT :limit`,
  find: `SELECT ${columns} FROM accounts WHERE login = :userName`,
  read: `SELECT ${columns} FROM accounts WHERE id = :nativeId::bigint`,
  create:
    'INSERT INTO accounts (login, external_id, active, full_name, mail) VALUES (:userName, :externalId, :enabled, :full_name, :mail) RETURNING id::text AS native_id',
  update: 'UPDATE accounts SET external_id = :externalId, full_name = :full_name, mail = :mail WHERE id = :nativeId::bigint',
  enable: 'UPDATE accounts SET active = true WHERE id = :nativeId::bigint',
  disable: 'UPDATE accounts SET active = false WHERE id = :nativeId::bigint',
  delete: 'DELETE FROM accounts WHERE id = :nativeId::bigint',
  memberships: 'SELECT role AS entitlement FROM account_roles WHERE account_id = :nativeId::bigint ORDER BY role',
  addMember: 'INSERT INTO account_roles (account_id, role) VALUES (:nativeId::bigint, :entitlement) ON CONFLICT DO NOTHING',
  removeMember: 'DELETE FROM account_roles WHERE account_id = :nativeId::bigint AND role = :entitlement',
};

function settings(more: Partial<SqlSettings> = {}): SqlSettings {
  return {
    name: 'ledger',
    kind: 'sql',
    url: database.href,
    tls: 'none',
    caFile: null,
    timeout: 5000,
    concurrency: 4,
    attributes: { full_name: '', mail: '' },
    statements,
    ...more,
  };
}

async function execute(sql: string, url: string = database.href): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Starts a TLS proxy, negotiated as in PostgreSQL, in front of the test's server without TLS. */
async function startTlsFront(folder: string): Promise<{ readonly port: number; stop(): void }> {
  const identity = { key: readFileSync(join(folder, 'server.key')), cert: readFileSync(join(folder, 'server.pem')) };
  const server = createServer((raw) => {
    raw
      .on('error', () => undefined)
      .once('data', () => {
        raw.write('S'); // the first message is the SSLRequest, and nothing else
        const secure = new TLSSocket(raw, { isServer: true, ...identity });
        const upstream = connect(Number(database.port || 5432), database.hostname);
        secure.on('error', () => upstream.destroy()).pipe(upstream);
        upstream.on('error', () => secure.destroy()).pipe(secure);
      });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return { port: (server.address() as AddressInfo).port, stop: () => void server.close() };
}

const harness: ConnectorHarness = {
  name: 'SQL',
  groups: ['clerk', 'reader'],
  areGroupsCaseless: false,
  changeable: 'mail',
  address: () => ({ host: database.hostname, port: Number(database.port || 5432) }),
  async start() {
    if (!server) throw new Error('TENURE_TEST_DATABASE_URL is not set: run the tests through npm test, which starts PostgreSQL');
    application = await startSqlApplication({ url: database.href });
    await execute('CREATE ROLE connector_stranger NOLOGIN', server).catch(() => undefined);
  },
  async stop() {
    await application.stop();
    await execute(`DROP DATABASE ${database.pathname.slice(1)} WITH (FORCE)`, server);
    await execute('DROP ROLE connector_stranger', server).catch(() => undefined);
  },
  async reset() {
    await execute('DELETE FROM accounts');
  },
  connect({ host, port, timeout = 5000, wrongCredentials = false }) {
    const url = new URL(database.href);
    url.hostname = host;
    url.port = String(port);
    // A role that may not log in is refused even if the server requires no password for local connections.
    if (wrongCredentials) url.username = 'connector_stranger';
    return createSqlConnector(settings({ url: url.href, timeout }));
  },
  look: (userName) => application.look(userName),
  attributes: (text) => ({ full_name: `${text} Miller`, mail: `${text}@example.com` }),
  async fill(count) {
    await execute(`INSERT INTO accounts (login, full_name) SELECT 'filled-' || n, 'Filled' FROM generate_series(1, ${count}) n`);
  },
  async join(group) {
    await execute(`INSERT INTO account_roles (account_id, role) SELECT id, '${group}' FROM accounts`);
  },
};

describeConnector(harness);

describe('SQL connector, past the contract', () => {
  beforeAll(async () => {
    application = await startSqlApplication({ url: database.href });
  });
  afterAll(() => harness.stop());

  async function using<T>(more: Partial<SqlSettings>, work: (connector: ReturnType<typeof createSqlConnector>) => Promise<T>): Promise<T> {
    const connector = createSqlConnector(settings(more));
    try {
      return await work(connector);
    } finally {
      await connector.close();
    }
  }
  const wellKnown = { userName: 'zoe', externalId: 'id', enabled: true, attributes: { full_name: 'Zoe' } } as const;

  test('takes nothing of a create that could not be read back', async () => {
    const broken = { ...statements, memberships: 'SELECT role AS entitlement FROM no_such_table WHERE id = :nativeId' };
    await using({ statements: broken }, (connector) => expect(connector.create(wellKnown)).rejects.toMatchObject({ code: 'CONNECTOR_REFUSED' }));
    expect(await application.look('zoe')).toMatchObject({ exists: false });
  });

  test('a slow statement ends with the time-out of the target and leaves nothing running', async () => {
    const slow = { ...statements, find: `SELECT ${columns} FROM (SELECT pg_sleep(30)) slept LEFT JOIN accounts ON login = :userName` };
    await using({ statements: slow, timeout: 300 }, (connector) =>
      expect(connector.observe({ nativeId: null, userName: 'zoe' })).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE' }),
    );
    const deadline = performance.now() + 60_000;
    for (;;) {
      const running = await execute(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()",
      );
      if (running.length === 0) break;
      expect(performance.now()).toBeLessThan(deadline);
    }
  });

  test('an answer without end is cut off', async () => {
    const endless = {
      ...statements,
      list: `SELECT ${columns.replace('full_name', "repeat('x', 1000000) AS full_name")} FROM accounts, generate_series(1, 1000) WHERE :page::text IS NULL OR :limit::int > 0`,
    };
    await using({ statements: endless, timeout: 20_000 }, async (connector) => {
      await connector.create(wellKnown);
      await expect(connector.list()).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE', details: { reason: 'too-large' } });
    });
  });

  /** Name that says whether it was read for one account or for a page of them. */
  const form = `CASE WHEN current_query() LIKE '%tenure_' || 'account%' THEN 'together' ELSE 'one by one' END`;
  test.each([
    ['a cast of the name', `SELECT ${form} AS entitlement FROM accounts WHERE id = :nativeId::bigint`, 'together'],
    ['a name whose type the database infers', `SELECT ${form} AS entitlement FROM accounts WHERE id = :nativeId AND login = :userName`, 'together'],
    ['both names, a quoted parameter and a comment at the end', `SELECT ${form} AS entitlement WHERE ':nativeId $1' <> :userName -- :nativeId`, 'together'],
    ['a WITH and an order', `WITH x AS (SELECT :userName::text AS n) SELECT ${form} AS entitlement FROM x ORDER BY n LIMIT 1`, 'together'],
    ['a semicolon at the end', `SELECT ${form} AS entitlement FROM accounts WHERE id = :nativeId::bigint;`, 'one by one'],
  ])('memberships are read for a page together, where the statement can be part of another one: %s', async (_title, memberships, expected) => {
    await execute(`INSERT INTO accounts (login, full_name, active) SELECT 'page-' || n, 'x', true FROM generate_series(1, 3) n ON CONFLICT DO NOTHING`);
    await using({ statements: { ...statements, memberships } }, async (connector) => {
      const { items } = await connector.list();
      expect(items.length).toBeGreaterThan(2);
      expect(items.map(({ entitlements }) => entitlements)).toEqual(Array(items.length).fill([expected]));
      expect((await connector.list(items[0]?.nativeId)).items).toHaveLength(items.length - 1);
    });
  });

  test('memberships of a page are those that each account shows alone', async () => {
    await execute(`INSERT INTO accounts (login, full_name, active) SELECT 'page-' || n, 'x', true FROM generate_series(1, 12) n ON CONFLICT DO NOTHING`);
    await execute(
      `INSERT INTO account_roles (account_id, role) SELECT a.id, r FROM accounts a, (VALUES ('reader'), ('payer')) x (r) WHERE (a.id + length(r)) % 3 > 0 ON CONFLICT DO NOTHING`,
    );
    await using({}, async (connector) => {
      const { items } = await connector.list();
      const alone = await Promise.all(items.map(({ nativeId, userName }) => connector.observe({ nativeId, userName })));
      expect(items.map(({ userName, entitlements }) => [userName, entitlements])).toEqual(alone.map((one) => [one?.userName, one?.entitlements]));
      expect(new Set(items.map(({ entitlements }) => entitlements.join())).size).toBeGreaterThan(1);
    });
    await execute(`DELETE FROM accounts WHERE login LIKE 'page-%'`);
  });

  test('a list that does not keep to its limit is refused, not believed', async () => {
    const greedy = {
      ...statements,
      list: `SELECT n::text AS native_id, 'u' || n AS user_name, NULL AS external_id, true AS enabled FROM generate_series(1, 600) n WHERE :page::text IS NULL OR :limit::int > 0`,
    };
    await using({ statements: greedy }, (connector) => expect(connector.list()).rejects.toMatchObject({ code: 'CONNECTOR_REFUSED' }));
  });

  test('a name that two accounts answer to is nobody: neither is read, taken for the other, closed or changed', async () => {
    const loose = { ...statements, find: statements.find.replace('login = :userName', 'lower(login) = lower(:userName)') };
    expect(loose.find).not.toBe(statements.find);
    await using({ statements: loose }, async (connector) => {
      await execute(`INSERT INTO accounts (login, full_name, active) VALUES ('eva', 'Eva', true), ('EVA', 'Another', true)`);
      const ref = { nativeId: null, userName: 'eva' };
      for (const call of [
        () => connector.observe(ref),
        () => connector.disable(ref),
        () => connector.delete(ref),
        () => connector.create({ ...wellKnown, userName: 'eva' }),
      ])
        await expect(call()).rejects.toMatchObject({ code: 'CONNECTOR_REFUSED' });
      for (const login of ['eva', 'EVA']) expect(await application.look(login)).toMatchObject({ exists: true, enabled: true });
      await execute(`DELETE FROM accounts WHERE lower(login) = 'eva'`);
    });
  });

  test('columns that are missing are a mistake of the statement', async () => {
    const poor = { ...statements, find: 'SELECT login AS user_name FROM accounts WHERE login = :userName' };
    await using({ statements: poor }, (connector) =>
      expect(connector.observe({ nativeId: null, userName: 'zoe' })).rejects.toMatchObject({ code: 'CONNECTOR_REFUSED' }),
    );
  });

  test('two changes at the same time: one is to be tried again, none is lost', async () => {
    await using({}, async (connector) => {
      const ref = { nativeId: null, userName: 'zoe' };
      const outcomes = await Promise.allSettled([
        connector.update(ref, { full_name: 'One' }, 'id'),
        connector.update(ref, { mail: 'two@example.com' }, 'id'),
        connector.disable(ref),
      ]);
      for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'CONNECTOR_UNAVAILABLE' });
      if (outcomes.every(({ status }) => status === 'fulfilled')) {
        expect(await connector.observe(ref)).toMatchObject({ enabled: false, attributes: { full_name: 'One', mail: 'two@example.com' } });
      }
    });
  });

  test('a server without TLS is not spoken to where TLS is asked for', async () => {
    await using({ tls: 'verify-full' }, (connector) => expect(connector.check()).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE' }));
  });

  test('verify-full: speaks to a server whose authority and name are right, and to no other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'connector-tls-'));
    makeCertificates(folder);
    const front = await startTlsFront(folder);
    const at = (host: string): string => {
      const url = new URL(database.href);
      url.hostname = host;
      url.port = String(front.port);
      url.searchParams.set('sslmode', 'disable'); // without effect: `tls` decides
      return url.href;
    };
    const caFile = join(folder, 'ca.pem');
    await using({ url: at('localhost'), tls: 'verify-full', caFile }, (connector) => connector.check());
    const list = `SELECT ${columns.replace('full_name', "repeat('x', 1000000) AS full_name")} FROM accounts, generate_series(1, 1000) WHERE :page::text IS NULL OR :limit::int > 0`;
    await using({ url: at('localhost'), tls: 'verify-full', caFile, statements: { ...statements, list }, timeout: 20_000 }, (connector) =>
      expect(connector.list()).rejects.toMatchObject({ details: { reason: 'too-large' } }),
    );
    for (const wrong of [
      { url: at('127.0.0.1'), caFile },
      { url: at('localhost'), caFile: join(folder, 'stranger.pem') },
      { url: at('localhost'), caFile: null },
    ]) {
      await using({ ...wrong, tls: 'verify-full' }, (connector) => expect(connector.check()).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE' }));
    }
    front.stop();
    rmSync(folder, { recursive: true });
  });

  test('a name that is not known is found when the connector is made', () => {
    expect(() => createSqlConnector(settings({ statements: { ...statements, enable: 'UPDATE accounts SET active = :activ' } }))).toThrow(
      'ledger: statements.enable: :activ is not known here; known are :nativeId, :userName',
    );
  });
});
