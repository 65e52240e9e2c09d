import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ConnectionCheck, ConnectionStep } from '@tenure/domain';
import { Client } from 'pg';
import { bindDn, groups, people, type RunningDirectory, slapdPath, startDirectory } from '@tenure/testing/targets/directory.ts';
import { startScimServer } from '@tenure/testing/targets/scim-server.ts';
import { type RunningSqlApplication, startSqlApplication } from '@tenure/testing/targets/sql-application.ts';
import type { RunningTarget } from '@tenure/testing/targets/target-state.ts';
import { freePort } from '@tenure/testing/free-port.ts';
import { checkConnection, createConnector, type LdapSettings, type SqlSettings, type TargetSettings } from './index.ts';
import { makeCertificates } from './test-certificates.ts';

const common = { timeout: 3000, concurrency: 2 } as const;

async function check(settings: TargetSettings): Promise<ConnectionCheck> {
  const connector = createConnector(settings);
  try {
    return await checkConnection(settings, connector);
  } finally {
    await connector.close();
  }
}
const results = ({ steps }: ConnectionCheck): string => steps.map(({ step, result }) => `${step} ${result}`).join(', ');
const codes = ({ limits }: ConnectionCheck): readonly string[] => limits.map(({ code }) => code);
const atStep = ({ steps }: ConnectionCheck, step: ConnectionStep) => steps.find((each) => each.step === step);

describe('checking a SCIM target', () => {
  const scim = (url: string, token = 'good'): TargetSettings => ({ ...common, name: 'crm', kind: 'scim', url, token, attributes: {} });
  let server: RunningTarget;
  beforeAll(async () => {
    server = await startScimServer({ port: 0, token: 'good', groups: ['Finance'] });
  });
  afterAll(() => server.stop());

  test('that works names every step, and says that nothing is encrypted', async () => {
    const done = await check(scim(server.url));
    expect(results(done)).toBe('reached ok, certificate not-tested, answers ok, credentials ok, rights ok');
    expect(atStep(done, 'certificate')).toMatchObject({ reason: 'NOT_ENCRYPTED' });
    expect(codes(done)).toEqual([]);
    const meant = await check({ ...scim(server.url), cleartext: 'container network' });
    expect(atStep(meant, 'certificate')).toMatchObject({ result: 'not-tested', message: 'nothing is encrypted on the way there: container network' });
  });

  test('with a wrong token fails there, and what comes before is proven', async () => {
    const done = await check(scim(server.url, 'wrong'));
    expect(results(done)).toBe('reached ok, certificate not-tested, answers not-tested, credentials failed, rights not-tested');
    expect(atStep(done, 'credentials')).toMatchObject({ reason: 'HTTP_401', message: expect.stringContaining('targets.crm.token') });
  });

  test('that is not there fails at the first step', async () => {
    const done = await check(scim(`http://127.0.0.1:${await freePort()}`));
    expect(results(done)).toBe('reached failed, certificate not-tested, answers not-tested, credentials not-tested, rights not-tested');
  });

  // A foreign service, reduced to the parts that a check uses.
  const list = (...Resources: readonly object[]) => ({ schemas: [], totalResults: Resources.length, startIndex: 1, Resources });
  const [user, group] = [
    { id: '1', userName: 'vera.marker' },
    { id: 'g', displayName: 'Finance', members: [] },
  ];
  type Answer = (path: string, filter: string | null) => object | number;
  async function foreign(answer: Answer): Promise<ConnectionCheck> {
    const http = createHttpServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://localhost');
      const said = answer(url.pathname.slice(1), url.searchParams.get('filter'));
      const body = typeof said === 'number' ? { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(said) } : said;
      response.writeHead(typeof said === 'number' ? said : 200, { 'content-type': 'application/scim+json' }).end(JSON.stringify(body));
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    http.listen(0, '127.0.0.1', resolve);
    await promise;
    try {
      return await check(scim(`http://127.0.0.1:${(http.address() as AddressInfo).port}`));
    } finally {
      http.close();
    }
  }
  const usual: Answer = (path, filter) => {
    if (path === 'ServiceProviderConfig') return { patch: { supported: true } };
    if (filter !== null) return list();
    return path === 'Users' ? list(user) : list(group);
  };

  test.each<[string, readonly string[], Answer]>([
    ['no PATCH', ['NO_PATCH', 'NO_MEMBERS_SEEN'], (path, filter) => (path === 'ServiceProviderConfig' ? { patch: { supported: false } } : usual(path, filter))],
    ['groups without members, always', ['NO_MEMBERS_SEEN'], usual],
    ['no groups', ['NO_GROUPS'], (path, filter) => (path === 'Groups' ? 404 : usual(path, filter))],
    ['no filter for members', ['MEMBER_FILTER_UNSUPPORTED', 'NO_MEMBERS_SEEN'], (path, filter) => (filter?.startsWith('members') ? 400 : usual(path, filter))],
    [
      'a filter for members that is ignored',
      ['MEMBER_FILTER_IGNORED', 'NO_MEMBERS_SEEN'],
      (path, filter) => (filter?.startsWith('members') ? list(group) : usual(path, filter)),
    ],
  ])('that has %s works, and says what it cannot do', async (_title, limits, answer) => {
    const done = await foreign(answer);
    expect(results(done)).toContain('rights ok');
    expect(codes(done)).toEqual(limits);
  });

  test.each<[string, string, string, Answer]>([
    ['ignores the filter userName', 'answers', 'FILTER_IGNORED', (path, filter) => (path === 'Users' && filter !== null ? list(user) : usual(path, filter))],
    ['does not know the filter userName', 'answers', 'FILTER_UNSUPPORTED', (path, filter) => (path === 'Users' && filter !== null ? 400 : usual(path, filter))],
    ['does not let groups be read', 'rights', 'HTTP_403', (path, filter) => (path === 'Groups' ? 403 : usual(path, filter))],
    ['is a web service of another kind', 'answers', 'NOT_SCIM', () => ({ hello: 'vera.marker' })],
  ])('that %s fails', async (_title, step, reason, answer) => {
    const done = await foreign(answer);
    expect(atStep(done, step as ConnectionStep)).toMatchObject({ result: 'failed', reason });
    expect(JSON.stringify(done)).not.toContain('vera');
  });

  test('that asks to wait is no failure', async () => {
    expect(results(await foreign(() => 429))).toBe('reached ok, certificate not-tested, answers ok, credentials not-tested, rights not-tested');
  });
});

(slapdPath() === null ? describe.skip : describe)('checking a directory', () => {
  const folder = mkdtempSync(join(tmpdir(), 'check-slapd-'));
  let [plain, secure] = [0, 0];
  let directory: RunningDirectory;
  let withoutTls: RunningDirectory;
  let withoutTlsPort = 0;
  const ldap = (more: Partial<LdapSettings> = {}): TargetSettings => ({
    ...common,
    name: 'directory',
    kind: 'ldap',
    url: `ldap://localhost:${plain}`,
    bindDn,
    password: 'good',
    tls: 'starttls',
    caFile: join(folder, 'ca.pem'),
    people: [people],
    createBelow: people,
    lookBelow: null,
    groups,
    idAttribute: 'uid',
    externalIdAttribute: null,
    disable: { attribute: 'employeeType', disabled: 'disabled', enabled: 'enabled' },
    attributes: { cn: '', surname: '' },
    ...more,
  });
  beforeAll(async () => {
    makeCertificates(folder);
    plain = await freePort();
    secure = await freePort();
    withoutTlsPort = await freePort();
    const tls = { certificate: join(folder, 'server.pem'), key: join(folder, 'server.key'), authority: join(folder, 'ca.pem'), securePort: secure };
    directory = await startDirectory({ directory: folder, port: plain, password: 'good', tls });
    withoutTls = await startDirectory({ directory: mkdtempSync(join(folder, 'plain-')), port: withoutTlsPort, password: 'good' });
  });
  afterAll(async () => {
    await directory.stop();
    await withoutTls.stop();
    rmSync(folder, { recursive: true });
  });

  test.each(['starttls', 'ldaps'] as const)('that works, by %s', async (tls) => {
    const url = tls === 'ldaps' ? `ldaps://localhost:${secure}` : `ldap://localhost:${plain}`;
    const done = await check(ldap({ url, tls }));
    expect(results(done)).toBe('reached ok, certificate ok, answers ok, credentials ok, rights ok');
    expect(codes(done)).toEqual([]);
  });

  test.each<[string, Partial<LdapSettings>, ConnectionStep, string | RegExp]>([
    ['of an authority that is not known', { caFile: join(folder, 'stranger.pem') }, 'certificate', /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|DEPTH_ZERO)/],
    ['by another name than its certificate', { url: 'ldap://127.0.0.1' }, 'certificate', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['with a wrong password', { password: 'wrong' }, 'credentials', 'LDAP_49'],
    ['with an empty password', { password: '' }, 'credentials', 'NO_PASSWORD'],
    ['without its branch of people', { people: [`ou=nowhere,${people}`], createBelow: `ou=nowhere,${people}` }, 'rights', 'LDAP_32'],
    ['without its branch of groups', { groups: `ou=nowhere,${groups}` }, 'rights', 'LDAP_32'],
    ['without the group that disables', { disable: { group: `cn=nowhere,${groups}` } }, 'rights', 'LDAP_32'],
  ])('%s', async (_title, more, step, reason) => {
    const url = more.url === undefined ? {} : { url: `${more.url}:${plain}` };
    const done = await check(ldap({ ...more, ...url }));
    expect(atStep(done, step)).toMatchObject({ result: 'failed', reason: typeof reason === 'string' ? reason : expect.stringMatching(reason) });
  });

  test('that has no TLS is not spoken to', async () => {
    const done = await check(ldap({ url: `ldap://localhost:${withoutTlsPort}` }));
    expect(atStep(done, 'certificate')).toMatchObject({ result: 'failed', reason: 'STARTTLS_REFUSED' });
    expect(results(await check(ldap({ url: `ldaps://localhost:${withoutTlsPort}`, tls: 'ldaps' })))).toContain('certificate failed');
  });

  test('LDAP to the port that expects TLS', async () => {
    const done = await check(ldap({ url: `ldap://localhost:${secure}`, tls: 'none' }));
    expect(atStep(done, 'answers')).toMatchObject({ result: 'failed', reason: expect.stringMatching(/^(CLOSED|ECONNRESET|ANSWER_TIMEOUT)$/) });
  });

  test('names attributes that its schema does not have', async () => {
    const done = await check(ldap({ attributes: { cn: '', sn: '', costCenter: '' }, externalIdAttribute: 'tenureId' }));
    expect(done.limits.map(({ message }) => message)).toEqual([
      expect.stringContaining('attribute tenureId:'),
      expect.stringContaining('attribute costCenter:'),
    ]);
  });
});

describe('checking a database', () => {
  const server = process.env['TENURE_TEST_DATABASE_URL'] ?? '';
  const database = new URL(server || 'postgres://localhost');
  database.pathname = `/check_${randomBytes(6).toString('hex')}`;
  const user = `check_${randomBytes(6).toString('hex')}`;
  let application: RunningSqlApplication;
  const columns = 'id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name, mail';
  const statements: SqlSettings['statements'] = {
    list: `SELECT ${columns} FROM accounts WHERE id > COALESCE(:page, '0')::bigint ORDER BY id LIMIT :limit`,
    find: `-- by name\nSELECT ${columns} FROM accounts WHERE login = :userName`,
    read: `SELECT ${columns} FROM accounts WHERE id = :nativeId::bigint`,
    create:
      'INSERT INTO accounts (login, external_id, active, full_name) VALUES (:userName, :externalId, :enabled, :full_name) RETURNING id::text AS native_id',
    update: 'UPDATE accounts SET external_id = :externalId, full_name = :full_name WHERE id = :nativeId::bigint',
    enable: 'UPDATE accounts SET active = true WHERE id = :nativeId::bigint',
    disable: 'UPDATE accounts SET active = false WHERE id = :nativeId::bigint',
    delete: 'DELETE FROM accounts WHERE id = :nativeId::bigint',
    memberships: 'SELECT role AS entitlement FROM account_roles WHERE account_id = :nativeId::bigint',
    addMember: 'INSERT INTO account_roles (account_id, role) VALUES (:nativeId::bigint, :entitlement) ON CONFLICT DO NOTHING',
    removeMember: 'DELETE FROM account_roles WHERE account_id = :nativeId::bigint AND role = :entitlement',
  };
  const sql = (more: Partial<SqlSettings> = {}): TargetSettings => ({
    ...common,
    name: 'hr',
    kind: 'sql',
    url: database.href,
    tls: 'none',
    caFile: null,
    attributes: { full_name: '' },
    statements,
    ...more,
  });
  const withStatement = (name: string, text: string): TargetSettings => sql({ statements: { ...statements, [name]: text } });
  async function execute(text: string, url = database.href): Promise<void> {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(text).finally(() => client.end());
  }
  beforeAll(async () => {
    application = await startSqlApplication({ url: database.href });
    await execute(
      `CREATE ROLE ${user} LOGIN PASSWORD 'any'; GRANT SELECT, INSERT, UPDATE, DELETE ON accounts TO ${user}; GRANT SELECT ON account_roles TO ${user}`,
    );
  });
  afterEach(() => execute('DELETE FROM accounts'));
  afterAll(async () => {
    await application.stop();
    await execute(`DROP DATABASE ${database.pathname.slice(1)} WITH (FORCE)`, server);
    await execute(`DROP ROLE ${user}`, server);
  });

  test('that works; nothing is done there', async () => {
    await execute(`INSERT INTO accounts (login, full_name) VALUES ('ann', 'Ann')`);
    const done = await check(sql());
    expect(results(done)).toBe('reached ok, certificate not-tested, answers ok, credentials ok, rights ok');
    expect(codes(done)).toEqual([]);
    expect(await application.look('ann')).toMatchObject({ exists: true, enabled: true });
  });

  test.each<[string, string, string, ConnectionStep, string]>([
    ['a table that is not there', 'addMember', 'INSERT INTO memberships VALUES (:nativeId, :entitlement)', 'rights', 'SQLSTATE_42P01'],
    ['a column that is not there', 'disable', 'UPDATE accounts SET locked = true WHERE id = :nativeId::bigint', 'rights', 'SQLSTATE_42703'],
    ['SQL that is none', 'delete', 'DELETE accounts WHERE id = :nativeId::bigint', 'rights', 'SQLSTATE_42601'],
    ['columns that are missing', 'find', 'SELECT login AS user_name FROM accounts WHERE login = :userName', 'answers', 'COLUMNS_MISSING'],
    [
      'a column of memberships that is missing',
      'memberships',
      'SELECT role FROM account_roles WHERE account_id = :nativeId::bigint',
      'answers',
      'COLUMNS_MISSING',
    ],
  ])('with %s names the statement', async (_title, name, text, step, reason) => {
    const found = atStep(await check(withStatement(name, text)), step);
    expect(found).toMatchObject({ result: 'failed', reason, message: expect.stringContaining(`statements.${name}`) });
  });

  test('where the user may not write', async () => {
    const url = new URL(database.href);
    url.username = user;
    url.password = 'any';
    expect(atStep(await check(sql({ url: url.href })), 'rights')).toMatchObject({
      result: 'failed',
      reason: 'SQLSTATE_42501',
      message: expect.stringContaining('statements.addMember'),
    });
  });

  test('that is not there, or refuses the user', async () => {
    const [nowhere, nobody] = [new URL(database.href), new URL(database.href)];
    nowhere.pathname = '/no_such_database';
    nobody.username = 'no_such_user';
    expect(atStep(await check(sql({ url: nowhere.href })), 'answers')).toMatchObject({ result: 'failed', reason: 'SQLSTATE_3D000' });
    expect(atStep(await check(sql({ url: nobody.href })), 'credentials')).toMatchObject({ result: 'failed', reason: expect.stringMatching(/^SQLSTATE_28/) });
  });

  test('says what it cannot show or test', async () => {
    const shown = await check(sql({ attributes: { full_name: '', mail: '' }, lastActivity: 'seen_at', statements }));
    expect(shown.limits.map(({ message }) => message)).toEqual(
      ['list', 'find', 'read'].map((name) => expect.stringMatching(`statements.${name} .* column seen_at`)),
    );
    expect(codes(await check(withStatement('disable', 'CALL lock_account(:nativeId)')))).toEqual(['STATEMENT_NOT_TESTED']);
  });
});
