import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainError } from '@tenure/domain';
import { freePort } from '@tenure/testing/free-port.ts';
import { createConnector, type LdapSettings, type ScimSettings, type SqlSettings, type TargetSettings } from './index.ts';
import { badCertificates, makeBadCertificates, makeCertificates } from './test-certificates.ts';

const folder = mkdtempSync(join(tmpdir(), 'connection-reasons-'));
const file = (name: string): string => join(folder, name);
const stops: (() => void)[] = [];

beforeAll(() => {
  makeCertificates(folder);
  makeBadCertificates(folder);
});
afterAll(() => {
  for (const stop of stops) stop();
  rmSync(folder, { recursive: true });
});

async function port(server: Server | TcpServer): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  stops.push(() => server.close());
  return (server.address() as AddressInfo).port;
}
const web = (answer: RequestListener): Promise<number> => port(createHttpServer(answer));
const secureWeb = (certificate: string): Promise<number> =>
  port(createHttpsServer({ cert: readFileSync(file(`${certificate}.pem`)), key: readFileSync(file(`${certificate}.key`)) }, (_, answer) => answer.end('{}')));
const tcp = (answer?: string): Promise<number> =>
  port(
    createTcpServer((socket) => {
      stops.push(() => socket.destroy());
      socket.on('error', () => undefined);
      if (answer !== undefined) socket.once('data', () => socket.end(answer));
    }),
  );
const common = { timeout: 1500, concurrency: 2, attributes: {} } as const;
const scim = (url: string, more: Partial<ScimSettings> = {}): TargetSettings => ({ ...common, name: 'crm', kind: 'scim', url, token: 'secret-token', ...more });
const ldap = (url: string, more: Partial<LdapSettings> = {}): TargetSettings => ({
  ...common,
  name: 'crm',
  kind: 'ldap',
  url,
  bindDn: 'cn=tenure',
  password: 'secret-password',
  tls: url.startsWith('ldaps') ? 'ldaps' : 'none',
  caFile: null,
  people: ['ou=people'],
  createBelow: 'ou=people',
  lookBelow: null,
  groups: 'ou=groups',
  idAttribute: 'uid',
  externalIdAttribute: null,
  disable: { attribute: 'employeeType', disabled: 'disabled', enabled: 'enabled' },
  ...more,
});
const parameters = { find: ':userName', create: ':userName', list: ':page', addMember: ':nativeId, :entitlement', removeMember: ':nativeId, :entitlement' };
const statements = Object.fromEntries(
  ['list', 'find', 'read', 'create', 'update', 'enable', 'disable', 'delete', 'memberships', 'addMember', 'removeMember'].map((name) => [
    name,
    `SELECT ${(parameters as Readonly<Record<string, string>>)[name] ?? ':nativeId'}`,
  ]),
) as SqlSettings['statements'];
const sql = (url: string, more: Partial<SqlSettings> = {}): TargetSettings => ({
  ...common,
  name: 'crm',
  kind: 'sql',
  url,
  tls: 'none',
  caFile: null,
  statements,
  ...more,
});

async function failed(settings: TargetSettings): Promise<DomainError> {
  const connector = createConnector(settings);
  try {
    await connector.observe({ nativeId: null, userName: 'vera.marker' });
  } catch (error) {
    return error as DomainError;
  } finally {
    await connector.close();
  }
  throw new Error('it was reached');
}

async function expectReason(settings: TargetSettings, reason: string | RegExp, step: string): Promise<string> {
  const { message, details, code } = await failed(settings);
  expect(['CONNECTOR_UNAVAILABLE', 'CONNECTOR_REFUSED']).toContain(code);
  expect(details).toMatchObject({ target: 'crm', step, reason: typeof reason === 'string' ? reason : expect.stringMatching(reason) });
  expect(message).toMatch(/^crm: .*: /);
  expect(message).not.toMatch(/secret|vera/);
  return message;
}

describe.each(['scim', 'ldap', 'sql'] as const)('a %s target that cannot be reached', (kind) => {
  const at = (host: string, on: number): TargetSettings =>
    ({ scim: scim(`http://${host}:${on}/scim/v2`), ldap: ldap(`ldap://${host}:${on}`), sql: sql(`postgres://tenure:secret@${host}:${on}/hr`) })[kind];

  test('says that its host is not known', async () => {
    await expectReason(at('nowhere.invalid', 4000), /^(ENOTFOUND|EAI_AGAIN)$/, 'reached');
  });
  test('says that nothing listens there', async () => {
    expect(await expectReason(at('127.0.0.1', await freePort()), 'ECONNREFUSED', 'reached')).toContain('targets.crm.url');
    await expectReason(at('localhost', await freePort()), 'ECONNREFUSED', 'reached');
  });
  test('says that it took the connection and was silent', async () => {
    await expectReason(at('127.0.0.1', await tcp()), 'ANSWER_TIMEOUT', 'answers');
  });
  test('says that it hung up', async () => {
    await expectReason(at('127.0.0.1', await tcp('')), /^(CLOSED|ECONNRESET|UND_ERR_SOCKET)$/, 'answers');
  });
});

describe('the certificate of a target', () => {
  const expected: Readonly<Record<(typeof badCertificates)[number], string>> = {
    expired: 'CERT_HAS_EXPIRED',
    'not-yet-valid': 'CERT_NOT_YET_VALID',
    'other-host': 'ERR_TLS_CERT_ALTNAME_INVALID',
    'self-signed': 'DEPTH_ZERO_SELF_SIGNED_CERT',
  };
  test.each(badCertificates)('%s, by SCIM and by LDAP', async (name) => {
    const on = await secureWeb(name);
    await expectReason(scim(`https://localhost:${on}/scim`, { caFile: file('ca.pem') }), expected[name], 'certificate');
    await expectReason(ldap(`ldaps://localhost:${on}`, { caFile: file('ca.pem') }), expected[name], 'certificate');
  });
  test('of an authority that is not known says where to name it', async () => {
    const on = await secureWeb('server');
    const reason = /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|SELF_SIGNED_CERT_IN_CHAIN)$/;
    expect(await expectReason(scim(`https://localhost:${on}/scim`), reason, 'certificate')).toContain('targets.crm.caFile');
    await expectReason(ldap(`ldaps://localhost:${on}`), reason, 'certificate');
  });
  test('a SCIM target of an own authority is spoken to by caFile', async () => {
    const { details } = await failed(scim(`https://localhost:${await secureWeb('server')}/scim`, { caFile: file('ca.pem') }));
    expect(details).not.toHaveProperty('step', 'certificate');
  });
  test.each([
    ['is not there', 'missing.pem', 'ENOENT'],
    ['contains no certificate', 'server.key', 'NO_CERTIFICATE'],
    ['is empty', 'empty.pem', 'NO_CERTIFICATE'],
  ])('a caFile that %s, by each kind', async (_title, name, reason) => {
    writeFileSync(file('empty.pem'), '');
    const caFile = file(name);
    const on = await secureWeb('server');
    await expectReason(scim(`https://localhost:${on}/scim`, { caFile }), reason, 'certificate');
    await expectReason(ldap(`ldaps://localhost:${on}`, { caFile }), reason, 'certificate');
    await expectReason(sql(`postgres://tenure:secret@localhost:${on}/hr`, { caFile, tls: 'verify-full' }), reason, 'certificate');
  });
  test('TLS to a port without it, and silence in the handshake', async () => {
    const plain = await web((_, answer) => answer.end('{}'));
    await expectReason(scim(`https://localhost:${plain}/scim`), /^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG)$/, 'certificate');
    await expectReason(ldap(`ldaps://localhost:${plain}`), /^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG)$/, 'certificate');
    const hangsUp = await tcp('');
    await expectReason(scim(`https://localhost:${hangsUp}/scim`), 'TLS_CLOSED', 'certificate');
    await expectReason(ldap(`ldaps://localhost:${hangsUp}`), 'TLS_CLOSED', 'certificate');
    const silent = await tcp();
    await expectReason(scim(`https://localhost:${silent}/scim`), 'TLS_TIMEOUT', 'certificate');
    await expectReason(ldap(`ldaps://localhost:${silent}`), 'TLS_TIMEOUT', 'certificate');
  });
  test('PostgreSQL that offers no TLS', async () => {
    await expectReason(sql(`postgres://tenure:secret@localhost:${await tcp('N')}/hr`, { tls: 'verify-full' }), 'TLS_NOT_OFFERED', 'certificate');
  });
  test('HTTP to a port that speaks TLS', async () => {
    await expectReason(scim(`http://localhost:${await secureWeb('server')}/scim`), /^(HPE_|UND_ERR_SOCKET|ECONNRESET|CLOSED)/, 'answers');
  });
});

describe('what answers at a SCIM address', () => {
  const answering = (status: number, headers: Record<string, string>, body = ''): Promise<number> =>
    web((_, answer) => answer.writeHead(status, headers).end(body));

  test.each([
    ['a page', 200, { 'content-type': 'text/html; charset=utf-8' }, '<!doctype html><p>Sign in, vera.marker</p>', 'HTML_PAGE', 'answers'],
    ['a page without its type', 200, {}, '\n<html></html>', 'HTML_PAGE', 'answers'],
    ['text', 200, { 'content-type': 'text/plain' }, 'hello', 'NOT_JSON', 'answers'],
    ['a page that is not found', 404, { 'content-type': 'text/html' }, '<h1>404</h1>', 'NO_SCIM_HERE', 'answers'],
    ['JSON that is not found', 404, { 'content-type': 'application/json' }, '{"message":"no route"}', 'NO_SCIM_HERE', 'answers'],
    ['a wrong token', 401, {}, '', 'HTTP_401', 'credentials'],
    ['a missing right', 403, {}, '', 'HTTP_403', 'rights'],
    ['a proxy', 407, {}, '', 'HTTP_407', 'reached'],
    ['JSON that is not SCIM', 200, { 'content-type': 'application/json' }, '{"ok":true}', 'NOT_SCIM', 'answers'],
  ])('%s', async (_title, status, headers, body, reason, step) => {
    await expectReason(scim(`http://localhost:${await answering(status, headers, body)}/scim`), reason, step);
  });

  test.each([
    ['https', (on: number) => `https://localhost:${on}/scim/Users?filter=vera`, 'write https:// in targets.crm.url'],
    ['another host', () => 'https://login.example/sign-in?token=secret', 'to another host, https://login.example,'],
    ['this machine', () => 'http://127.0.0.1:9/vera', 'to the loopback address'],
    ['another path', () => '/scim/v2/Users?filter=vera', 'to another path'],
    ['nowhere', () => 'http://[', 'check targets.crm.url'],
  ])('a redirect to %s says so in outline', async (_title, to, says) => {
    const on = await web((request, answer) => answer.writeHead(302, { location: to(Number(request.headers.host?.split(':')[1])) }).end());
    expect(await expectReason(scim(`http://localhost:${on}/scim`), 'REDIRECT', 'answers')).toContain(says);
  });
});
