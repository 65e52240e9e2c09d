import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkProvider } from '@tenure/engine/connections';
import type { OidcProviderSettings, ProviderSettings, SamlProviderSettings } from '@tenure/config';
import { type RunningOidcProvider, startOidcProvider } from '@tenure/testing/identity-providers/oidc-provider.ts';
import { type RunningSamlProvider, startSamlProvider } from '@tenure/testing/identity-providers/saml-provider.ts';
import type { ConnectionCheck } from '@tenure/domain';
import { badCertificates, makeBadCertificates, makeCertificates } from '../../../libs/connectors/test-certificates.ts';

const url = 'https://tenure.example';
const folder = mkdtempSync(join(tmpdir(), 'check-provider-'));
const stops: (() => unknown)[] = [];
const base = {
  name: 'contoso',
  title: 'Contoso',
  userType: 'employee',
  mayCreate: false,
  trustedEmailDomains: [],
  emailVerified: null,
  attributes: {},
  groups: null,
  absentGroups: 'keep',
  absentAttributes: 'keep',
  correlate: [],
} as const;
const saml = (metadata: string): SamlProviderSettings => ({
  ...base,
  protocol: 'saml',
  metadata,
  allowIdpInitiated: false,
  signed: 'assertion',
  decryptionKey: null,
  clockSkew: 30_000,
});
const oidc = (issuer: string, more: Partial<OidcProviderSettings> = {}): OidcProviderSettings => ({
  ...base,
  protocol: 'oidc',
  issuer,
  clientId: 'tenure',
  clientSecret: 'client-secret',
  scopes: ['openid'],
  userInfo: 'when-needed',
  ...more,
});

let idp: RunningSamlProvider;
let op: RunningOidcProvider;
beforeAll(async () => {
  makeCertificates(folder);
  makeBadCertificates(folder);
  idp = await startSamlProvider({
    port: 0,
    people: () => [],
    serviceProvider: { entityId: `${url}/saml/contoso/metadata`, acsUrl: `${url}/saml/contoso/acs` },
  });
  op = await startOidcProvider({ port: 0, people: () => [], clientSecret: 'client-secret', redirectUri: `${url}/oidc/contoso/callback` });
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await idp.stop();
  await op.stop();
  rmSync(folder, { recursive: true });
});

const check = (settings: ProviderSettings, now = new Date().toISOString()): Promise<ConnectionCheck> => checkProvider(settings, url, now);
const results = ({ steps }: ConnectionCheck): string => steps.map(({ step, result }) => `${step} ${result}`).join(', ');
const failed = ({ steps }: ConnectionCheck) => steps.find(({ result }) => result === 'failed');
async function serve(listener: RequestListener, certificate?: string): Promise<string> {
  const server =
    certificate === undefined
      ? createServer(listener)
      : createSecureServer({ cert: readFileSync(join(folder, `${certificate}.pem`)), key: readFileSync(join(folder, `${certificate}.key`)) }, listener);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `${certificate === undefined ? 'http' : 'https'}://localhost:${(server.address() as AddressInfo).port}`;
}
const answering = (status: number, headers: Record<string, string>, body: string): Promise<string> =>
  serve((_, answer) => answer.writeHead(status, headers).end(body));

describe('a SAML provider', () => {
  test('that works', async () => {
    const done = await check(saml(idp.metadataUrl));
    expect(results(done)).toBe('reached ok, certificate not-tested, answers ok, credentials not-tested, rights not-tested');
  });

  test('whose metadata is a file, there or not', async () => {
    const file = join(folder, 'metadata.xml');
    writeFileSync(file, await (await fetch(idp.metadataUrl)).text());
    expect(results(await check(saml(file)))).toContain('answers ok');
    expect(failed(await check(saml(join(folder, 'missing.xml'))))).toMatchObject({ step: 'reached', reason: 'ENOENT' });
  });

  test('whose signing certificate has expired, or its metadata', async () => {
    const later = new Date(Date.now() + 50 * 365 * 24 * 3_600_000).toISOString();
    expect((await check(saml(idp.metadataUrl), later)).limits.map(({ code }) => code)).toContain('SIGNING_CERTIFICATE_EXPIRED');
    const document = await (await fetch(idp.metadataUrl)).text();
    const expired = await answering(200, { 'content-type': 'application/xml' }, document.replace('entityID=', 'validUntil="2020-01-01T00:00:00Z" entityID='));
    expect(failed(await check(saml(expired)))).toMatchObject({ step: 'answers', reason: 'METADATA_EXPIRED' });
  });

  test.each<[string, number, Record<string, string>, string, string]>([
    ['a page', 200, { 'content-type': 'text/html' }, '<html>vera.marker</html>', 'HTML_PAGE'],
    ['nothing', 404, {}, '', 'HTTP_404'],
    ['a redirect elsewhere', 302, { location: 'https://login.example/' }, '', 'REDIRECT'],
    ['other XML', 200, { 'content-type': 'application/xml' }, '<a/>', 'METADATA_INVALID'],
  ])('that answers with %s', async (_title, status, headers, body, reason) => {
    const done = await check(saml(await answering(status, headers, body)));
    expect(failed(done)).toMatchObject({ step: 'answers', reason });
    expect(JSON.stringify(done)).not.toContain('vera');
  });
});

describe('an OpenID provider', () => {
  test('that works, and knows Tenure as a client', async () => {
    expect(results(await check(oidc(op.issuer)))).toBe('reached ok, certificate not-tested, answers ok, credentials ok, rights not-tested');
  });

  test('that does not know the client, or its secret', async () => {
    for (const wrong of [{ clientSecret: 'expired' }, { clientId: 'somebody' }, { clientId: 'somebody', clientSecret: null }])
      expect(failed(await check(oidc(op.issuer, wrong)))).toMatchObject({
        step: 'credentials',
        reason: 'INVALID_CLIENT',
        message: expect.stringContaining('clientId'),
      });
  });

  test('whose issuer is not spelled as it spells it', async () => {
    expect(failed(await check(oidc(`${op.issuer}/`)))).toMatchObject({
      step: 'answers',
      reason: 'ISSUER_MISMATCH',
      message: expect.stringContaining('without the slash at the end'),
    });
    const other = await serve((request, answer) => void fetch(`${op.issuer}${request.url}`).then(async (found) => answer.end(await found.text())));
    expect(failed(await check(oidc(other)))).toMatchObject({
      step: 'answers',
      reason: 'ISSUER_MISMATCH',
      message: expect.stringContaining('as its discovery document says it'),
    });
  });

  test('that has no keys, or leads where it may not', async () => {
    const without = (change: (document: Record<string, unknown>, self: string) => Record<string, unknown>) =>
      serve((request, answer) => {
        const self = `http://${request.headers.host}`;
        const document = { issuer: self, authorization_endpoint: `${self}/auth`, token_endpoint: `${self}/token`, jwks_uri: `${self}/jwks` };
        answer.end(JSON.stringify(request.url === '/jwks' ? { keys: [] } : change(document, self)));
      });
    expect(failed(await check(oidc(await without((document) => document))))).toMatchObject({ reason: 'NO_KEYS' });
    expect(failed(await check(oidc(await without(({ token_endpoint: _gone, ...document }) => document))))).toMatchObject({
      reason: 'DISCOVERY_INVALID',
      message: expect.stringContaining('token_endpoint'),
    });
    expect(failed(await check(oidc(await without((document) => ({ ...document, jwks_uri: 'http://login.example/jwks' })))))).toMatchObject({
      reason: 'DISCOVERY_INVALID',
    });
  });

  test.each([...badCertificates, 'server'])('with the certificate %s is not believed', async (certificate) => {
    const done = await check(oidc(await serve((_, answer) => answer.end('{}'), certificate)));
    expect(failed(done)).toMatchObject({ step: 'certificate', reason: expect.stringMatching(/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS_CERT)/) });
    expect(results(done)).toContain('reached ok');
  });

  test('that is not there', async () => {
    expect(failed(await check(oidc('https://nowhere.invalid')))).toMatchObject({ step: 'reached', reason: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) });
    expect(failed(await check(oidc('https://127.0.0.1:1')))).toMatchObject({ step: 'reached', reason: 'ECONNREFUSED' });
  });
});
