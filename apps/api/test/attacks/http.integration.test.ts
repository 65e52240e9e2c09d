import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createConnector } from '@tenure/connectors';
import { startSamlProvider, type RunningSamlProvider } from '@tenure/testing/identity-providers/saml-provider.ts';
import { type RunningServer, startServer } from '@tenure/testing/identity-providers/start-server.ts';
import { eventually } from '../../../worker/test/installation.ts';
import { createTestApi, type TestApi } from '../api.ts';
import { type HostileOp, type Script, startHostileOp } from './hostile-op.ts';
import { createVisitor, expectAccepted, expectRefused, logIn } from './login-attempt.ts';

/** HTTP behaviour of the API: the addresses to which it can be made to send requests, and the connections that it tolerates. */
let api: TestApi;
let op: HostileOp;
let saml: RunningSamlProvider;
let metadata: RunningServer;
let canary: RunningServer;
/** Requests that arrive at a place to which nobody should ever be led. */
let sung: string[] = [];
let answerMetadata: (response: import('node:http').ServerResponse) => void;
let port: number;
const newcomers = Array.from({ length: 30 }, (_, index) => `newcomer${index}`);
/** Each reads a claim that only the user info endpoint could have, so that it is called. */
const newcomer = (name: string) =>
  `  ${name}: { title: N, protocol: oidc, issuer: "${op.issuer}", clientId: tenure, clientSecret: "\${env:CLIENT_SECRET}", mayCreate: true, userType: contractor, attributes: { displayName: claims.nickname } }`;

beforeAll(async () => {
  op = await startHostileOp();
  canary = await startServer((request, response) => {
    sung.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }, 0);
  metadata = await startServer((_request, response) => answerMetadata(response), 0);
  saml = await startSamlProvider({
    port: 0,
    people: () => [],
    serviceProvider: { entityId: 'https://tenure.example/saml/idp/metadata', acsUrl: 'https://tenure.example/saml/idp/acs' },
  });
  api = await createTestApi({
    url: 'https://tenure.example',
    app: { loginRateLimit: 10_000, patience: { headers: 300, request: 600, idle: 300 } },
    tenureYaml: `
url: http://localhost:4000
timeZone: UTC
attributes: { displayName: { type: string }, skills: { type: strings }, department: { type: string }, endDate: { type: instant } }
precedence: { default: [hr, corp, idp] }
sources: { hr: { title: HR, authoritative: true, mayCreate: true, userType: employee } }
identityProviders:
  corp: { title: Corp, protocol: oidc, issuer: "${op.issuer}", clientId: tenure, clientSecret: "\${env:CLIENT_SECRET}", mayCreate: true, userType: contractor, attributes: { displayName: claims.name } }
  idp: { title: IdP, protocol: saml, metadata: "${metadata.url}/metadata", mayCreate: true, userType: contractor, attributes: {} }
${newcomers.map(newcomer).join('\n')}
targets: { crm: { title: CRM, kind: scim, url: "http://127.0.0.1:9/", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } } }
`,
    environment: { CLIENT_SECRET: 'client-secret' },
  });
  // The discovery result from before the first login is kept: here each provider has to be looked for by a login.
  answerMetadata = (response) => void response.writeHead(503).end();
  let refused = 0;
  op.play({
    instead: (asked, _request, response) => {
      if (asked !== '/.well-known/openid-configuration') return false;
      refused += 1;
      response.writeHead(503).end();
      return true;
    },
  });
  const listening = await api.app.getHttpAdapter().getInstance().listen({ port: 0, host: '127.0.0.1' });
  await eventually(async () => refused === newcomers.length + 1);
  op.behave();
  port = Number(new URL(listening).port);
});
afterAll(async () => {
  await api?.stop();
  await Promise.all([op?.stop(), saml?.stop(), metadata?.stop(), canary?.stop()]);
});
beforeEach(() => {
  api.now = new Date(Date.parse(api.now) > Date.now() ? Date.parse(api.now) + 61_000 : Date.now()).toISOString();
  op.behave();
  op.clock = () => Date.parse(api.now);
  op.person = { sub: 'vera', name: 'Vera' };
  sung = [];
});

const goodMetadata = async (): Promise<string> => (await fetch(saml.metadataUrl)).text();
const loginAt = (provider: string) => createVisitor(api).get(`/saml/${provider}/login`);

describe('SSRF: the address of SAML metadata', () => {
  const bad: Readonly<Record<string, (good: string) => typeof answerMetadata>> = {
    'a redirect to another host': () => (response) => response.writeHead(302, { location: canary.url }).end(),
    'a redirect to the address of a cloud’s secrets': () => (response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    'a redirect to a file': () => (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    'redirects in a circle': () => (response) => response.writeHead(307, { location: '/metadata' }).end(),
    'an external entity': (good) => (response) =>
      response.end(good.replace(/^(<\?xml[^>]*\?>)?/, `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "${canary.url}/entity">]>`)),
    'an external document type': (good) => (response) =>
      response.end(good.replace(/^(<\?xml[^>]*\?>)?/, `<?xml version="1.0"?><!DOCTYPE x SYSTEM "${canary.url}/dtd">`)),
    'a login address that is a script': (good) => (response) =>
      response.end(good.replaceAll(/(SingleSignOnService[^>]*Location=")[^"]*"/g, '$1javascript:alert(1)"')),
    'a login address without https elsewhere': (good) => (response) =>
      response.end(good.replaceAll(/(SingleSignOnService[^>]*Location=")[^"]*"/g, '$1http://login.elsewhere.example/"')),
    'more than a megabyte': (good) => (response) => response.end(`${good}<!-- ${'x'.repeat(1_200_000)} -->`),
  };
  for (const [title, answer] of Object.entries(bad))
    test(`${title} leads nowhere, and nobody is sent there`, async () => {
      answerMetadata = answer(await goodMetadata());
      await expectRefused(api, await loginAt('idp'), 'provider-unreachable');
      expect(sung).toEqual([]);
    });

  test('a good one is taken right after', async () => {
    const good = await goodMetadata();
    answerMetadata = (response) => void response.end(good);
    expect((await loginAt('idp')).status).toBe(303);
  });
});

describe('SSRF: what a discovery document names', () => {
  let next = 0;
  /** Discovery is kept once it was good, so each of these scripts is for a provider that was not called yet. */
  async function refusedWith(script: Script, reason: string | RegExp): Promise<void> {
    const provider = newcomers[next++] ?? '';
    op.play(script);
    const visitor = createVisitor(api);
    const begun = await visitor.get(`/oidc/${provider}/login`);
    if (begun.status !== 303) await expectRefused(api, begun, reason);
    else {
      const back = await op.visit(begun.location ?? '');
      await expectRefused(api, await visitor.get(`${back.pathname}${back.search}`), reason);
    }
    expect(sung).toEqual([]);
  }
  const inward = [
    'http://169.254.169.254/latest/meta-data/',
    'https://[fd00:ec2::254]/',
    'http://10.0.0.1/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/_FLUSHALL',
  ];
  for (const endpoint of ['token_endpoint', 'userinfo_endpoint', 'jwks_uri'])
    test(`${endpoint}: not even asked for at an address that no provider has`, async () => {
      for (const address of inward)
        await refusedWith({ discovery: (good) => ({ ...good, [endpoint]: address }) }, /provider-unreachable|token-invalid|user-info-refused/);
    });

  test('authorization_endpoint: no browser is sent to a script, nor where others listen', async () => {
    for (const address of ['javascript:alert(1)', 'http://login.elsewhere.example/', 'data:text/html,x', 'https://user:password@elsewhere.example/'])
      await refusedWith({ discovery: (good) => ({ ...good, authorization_endpoint: address }) }, 'provider-unreachable');
  });

  for (const path of ['/.well-known/openid-configuration', '/token', '/jwks', '/userinfo'])
    test(`${path}: a redirect is not followed, so neither code nor secret goes along`, async () => {
      const instead: Script['instead'] = (asked, _request, response) => {
        if (asked !== path) return false;
        response.writeHead(307, { location: `${canary.url}/steal` }).end();
        return true;
      };
      await refusedWith({ instead }, /provider-unreachable|code-refused|token-invalid|user-info-refused/);
    });

  test('a good one is used right after', async () => {
    expectAccepted(await logIn(api, op, 'corp'));
  });
});

describe('SSRF: redirects of a target', () => {
  test('are followed by no call of the connector, so its token goes nowhere else', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const target = await startServer((_request, response) => void response.writeHead(status, { location: `${canary.url}/steal` }).end(), 0);
      const settings = {
        name: 'crm',
        title: 'CRM',
        kind: 'scim',
        url: target.url,
        token: 'target-token',
        timeout: 2000,
        concurrency: 2,
        attributes: { displayName: '' },
      };
      const connector = createConnector({ ...Object.values(api.configuration.targets)[0], ...settings } as never);
      const person = { userName: 'ann', externalId: 'x', enabled: true, attributes: { displayName: 'Ann' } };
      const calls = [
        () => connector.check(),
        () => connector.list(),
        () => connector.observe({ nativeId: '1', userName: 'ann' } as never),
        () => connector.create(person as never),
        () => connector.disable({ nativeId: '1', userName: 'ann' } as never),
        () => connector.addMember('Finance', { nativeId: '1', userName: 'ann' } as never),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE' });
      await connector.close();
      await target.stop();
    }
    expect(sung).toEqual([]);
  });
});

/** Writes to the API as raw bytes. @returns its answer until it hung up */
function speak(write: (socket: Socket) => void): Promise<string> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => write(socket));
    let heard = '';
    socket.on('data', (data) => {
      heard += data;
    });
    socket.on('error', () => undefined);
    socket.once('close', () => done(heard));
  });
}

/** A letter at a time, for ever. */
function drip(socket: Socket, letter: string): void {
  const timer = setInterval(() => socket.write(letter), 20);
  socket.once('close', () => clearInterval(timer));
}

describe('RFC 9112 section 9.8: connections that take their time', () => {
  test('headers that never end are hung up on', async () => {
    const heard = await speak((socket) => {
      socket.write('GET /me HTTP/1.1\r\nhost: tenure.example\r\nx-slow: ');
      drip(socket, 'a');
    });
    expect(heard).toMatch(/^$|^HTTP\/1\.1 408 /);
  });

  for (const [path, type] of [
    ['/graphql', 'application/json'],
    ['/saml/idp/acs', 'application/x-www-form-urlencoded'],
    ['/logout', 'application/x-www-form-urlencoded'],
  ] as const)
    test(`a body of ${path} that never ends is hung up on`, async () => {
      const head = `POST ${path} HTTP/1.1\r\nhost: tenure.example\r\ncontent-type: ${type}\r\ncontent-length: 9000\r\n\r\n`;
      const heard = await speak((socket) => {
        socket.write(head);
        drip(socket, 'a');
      });
      expect(heard).toMatch(/^$|^HTTP\/1\.1 408 /);
    });

  test('a connection that says nothing more is hung up on, after its good request was answered', async () => {
    const heard = await speak((socket) => socket.write('GET /health/live HTTP/1.1\r\nhost: tenure.example\r\n\r\n'));
    expect(heard).toContain('HTTP/1.1 200 OK');
  });

  test('while fifty of them hang, others are answered', async () => {
    const hanging = Array.from({ length: 50 }, () => speak((socket) => drip(socket, 'G')));
    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
    await Promise.all(hanging);
  });
});

describe('RFC 9110 section 15.5: more than is taken', () => {
  const post = (url: string, payload: string, type = 'application/x-www-form-urlencoded') =>
    api.app.inject({ method: 'POST', url, payload, headers: { 'content-type': type } });

  test('bodies are cut off by their length, said or counted', async () => {
    expect((await post('/saml/idp/acs', `SAMLResponse=${'A'.repeat(400_001)}`)).statusCode).toBe(413);
    expect((await post('/logout', `token=${'A'.repeat(10_001)}`)).statusCode).toBe(413);
    expect((await post('/graphql', JSON.stringify({ query: 'x'.repeat(1_048_577) }), 'application/json')).statusCode).toBe(413);
    const chunked = await speak((socket) => {
      socket.write(
        'POST /graphql HTTP/1.1\r\nhost: tenure.example\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n',
      );
      const chunk = 'x'.repeat(65_536);
      for (let index = 0; index < 17; index += 1) socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    });
    expect(chunked).toMatch(/^$|^HTTP\/1\.1 413 /);
  });

  test('one that would grow when unpacked is not unpacked', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const answered = await api.app.inject({ method: 'POST', url: '/graphql', payload: Buffer.from('H4sIAAAAAAAAAwMAAAAAAAAAAAA=', 'base64'), headers });
    expect([400, 415]).toContain(answered.statusCode);
  });

  test('addresses and headers beyond 16 kB', async () => {
    for (const head of [`GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(20_000)}\r\n\r\n`])
      expect(await speak((socket) => socket.write(head))).toContain('HTTP/1.1 431 ');
  });

  test('lists in lists in lists, in JSON and in a record', async () => {
    const deep = `${'['.repeat(100_000)}"x"${']'.repeat(100_000)}`;
    const hr = await api.serviceToken('source:hr');
    const query =
      'mutation ($a: JSON!) { recordFacts(input: { source: "hr", records: [{ externalId: "deep", version: "1", attributes: $a }] }) { problems results { outcome } } }';
    const send = (attributes: string) =>
      api.app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${hr}` },
        payload: `{"query":${JSON.stringify(query)},"variables":{"a":${attributes}}}`,
      });
    for (const attributes of [`{"displayName":${deep}}`, `{"skills":${deep}}`, deep]) {
      const { body } = await send(attributes);
      expect(body).not.toContain('CREATED');
      expect(body).not.toMatch(/INTERNAL|call stack|RangeError/);
    }
    expect((await send('{"displayName":["Deep"]}')).body).toContain('CREATED');
  });

  test('names that JavaScript gives a meaning', async () => {
    const { statusCode } = await post('/graphql', '{"query":"{ me { id } }","__proto__":{"admin":true}}', 'application/json');
    expect(statusCode).toBeGreaterThanOrEqual(400);
    const hr = await api.serviceToken('source:hr');
    const record = (attributes: string): string =>
      `mutation { recordFacts(input: { source: "hr", records: [{ externalId: "odd", version: "1", attributes: ${attributes} }] }) { results { outcome message } } }`;
    for (const attributes of [
      '{ __proto__: { admin: true } }',
      '{ constructor: { prototype: { admin: true } } }',
      '{ toString: "x" }',
      '{ hasOwnProperty: "x" }',
    ]) {
      const { data, errors } = await api.graphql(record(attributes), { token: hr });
      expect([attributes, JSON.stringify(data ?? errors)]).toEqual([attributes, expect.stringMatching(/INVALID|there is no such attribute/)]);
    }
    for (const name of ['__proto__', 'constructor']) {
      const query =
        'mutation ($a: JSON!) { recordFacts(input: { source: "hr", records: [{ externalId: "odd", version: "1", attributes: $a }] }) { results { outcome } } }';
      const payload = `{"query":${JSON.stringify(query)},"variables":{"a":{"${name}":{"prototype":{"admin":true}}}}}`;
      const answered = await api.app.inject({
        method: 'POST',
        url: '/graphql',
        payload,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${hr}` },
      });
      expect([name, answered.body]).toEqual([name, expect.not.stringContaining('CREATED')]);
    }
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
    expect((await api.graphql(record('{ displayName: "Good" }'), { token: hr })).data).toMatchObject({ recordFacts: { results: [{ outcome: 'CREATED' }] } });
  });
});

describe('RFC 9110 section 7.2: the host that a request names', () => {
  test('decides nothing: providers are sent back to the configured address', async () => {
    const { headers } = await api.app.inject({ method: 'GET', url: '/oidc/corp/login', headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' } });
    expect(new URL(String(headers.location)).searchParams.get('redirect_uri')).toBe('https://tenure.example/oidc/corp/callback');
    expect(JSON.stringify(headers)).not.toContain('evil');
  });
});
