import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { parseResponse } from '@tenure/federation';
import { createBrowser } from '@tenure/testing/browser.ts';
import { type RunningSamlProvider, startSamlProvider } from '@tenure/testing/identity-providers/saml-provider.ts';
import { createSamlMetadataSource, type SamlMetadataSettings, verifyWithFreshMetadata } from './saml-metadata.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const SERVICE_PROVIDER = { entityId: 'https://tenure.example/saml/contoso/metadata', acsUrl: 'https://tenure.example/saml/contoso/acs' };

async function provider(): Promise<RunningSamlProvider> {
  const running = await startSamlProvider({
    port: 0,
    people: () => [{ name: 'ada', attributes: { department: 'Finance' } }],
    serviceProvider: SERVICE_PROVIDER,
  });
  cleanups.push(() => running.stop());
  return running;
}
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
function follow(
  location: string,
  settings: Partial<SamlMetadataSettings> = {},
): { readonly source: ReturnType<typeof createSamlMetadataSource>; readonly problems: Error[] } {
  const problems: Error[] = [];
  const source = createSamlMetadataSource({ location, onProblem: (error) => problems.push(error), ...settings });
  cleanups.push(() => source.stop());
  return { source, problems };
}
/** The response that the provider would have a browser post. */
async function response(url: string): Promise<string> {
  const body = await (await fetch(url)).text();
  return /name="SAMLResponse" value="([^"]*)"/.exec(body)?.[1] ?? '';
}
const now = () => new Date().toISOString();
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

describe('metadata of a SAML provider', () => {
  test('is fetched with the first login and kept', async () => {
    const idp = await provider();
    const { source } = follow(idp.metadataUrl);
    const metadata = await source.current(now());
    expect([metadata.entityId, metadata.signingCertificates.length]).toEqual([idp.entityId, 1]);
    await idp.stop();
    expect(await source.current(inMinutes(120))).toBe(metadata);
  });

  test('is read from a file', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'metadata-'));
    cleanups.push(() => rm(directory, { recursive: true }));
    const idp = await provider();
    const path = join(directory, 'contoso.xml');
    await writeFile(path, await (await fetch(idp.metadataUrl)).text());
    expect((await follow(path).source.current(now())).entityId).toBe(idp.entityId);
  });

  test('a failed look keeps the last good one and is reported', async () => {
    const idp = await provider();
    const good = await (await fetch(idp.metadataUrl)).text();
    let body = good;
    const { source, problems } = follow(await serve((_request, answer) => answer.end(body)));
    const metadata = await source.current(now());
    body = '<html>maintenance</html>';
    expect(await source.refresh(inMinutes(2))).toBe(false);
    expect(await source.current(inMinutes(2))).toBe(metadata);
    expect(problems).toHaveLength(1);
  });

  test('is refreshed on an interval', async () => {
    const idp = await provider();
    const { source } = follow(idp.metadataUrl, { refreshInterval: 20 });
    const keys = async () => (await source.current(now())).signingCertificates.map(({ pem }) => pem).join();
    const before = await keys();
    idp.rotateKey();
    const deadline = Date.now() + 60_000;
    let after = before;
    while (after === before && Date.now() < deadline) {
      await new Promise(setImmediate);
      after = await keys();
    }
    expect(after).not.toEqual(before);
  });

  test('a login signed with a new key is let in after one look, and strangers cannot make us look more than once a minute', async () => {
    const idp = await provider();
    let looks = 0;
    const relay = await serve((_request, answer) => {
      looks += 1;
      void fetch(idp.metadataUrl)
        .then((metadata) => metadata.text())
        .then((text) => answer.end(text));
    });
    const { source } = follow(relay);
    const verify = (samlResponse: string, at: string) =>
      verifyWithFreshMetadata(source, {
        response: parseResponse(samlResponse),
        serviceProvider: SERVICE_PROVIDER,
        expectedInResponseTo: null,
        clockSkew: 180_000,
        now: at,
      });
    const start = `${idp.startUrl}?as=ada`;
    expect((await verify(await response(start), now())).claims['department']).toEqual(['Finance']);
    idp.rotateKey();
    const renewed = await response(start);
    await expect(verify(renewed, now())).rejects.toEqual(expect.objectContaining({ reason: 'signature-key-unknown' }));
    expect(looks).toBe(1);
    expect((await verify(renewed, inMinutes(1.1))).subject).toBe('ada');
    expect(looks).toBe(2);
  });

  test.each([
    ['http on another host', 'http://idp.example/metadata', /https/],
    ['an address of the cloud', 'https://169.254.169.254/metadata', /nobody can be/],
    ['an address with a password', 'https://a:b@idp.example/', /password/],
  ])('is not fetched from %s', async (_title, location, message) => {
    const { source, problems } = follow(location);
    await expect(source.current(now())).rejects.toEqual(expect.objectContaining({ reason: 'provider-unreachable' }));
    expect(problems[0]?.message).toMatch(message);
  });

  test('redirects are followed on the same host only', async () => {
    const idp = await provider();
    const metadata = await (await fetch(idp.metadataUrl)).text();
    const url = await serve((request, answer) => {
      if (request.url === '/here') answer.writeHead(302, { location: '/metadata' }).end();
      else if (request.url === '/away') answer.writeHead(302, { location: idp.metadataUrl }).end();
      else answer.end(metadata);
    });
    expect((await follow(`${url}/here`).source.current(now())).entityId).toBe(idp.entityId);
    const { source, problems } = follow(`${url}/away`);
    await expect(source.current(now())).rejects.toEqual(expect.objectContaining({ reason: 'provider-unreachable' }));
    expect(problems[0]?.message).toMatch(/another host/);
  });

  test('an answer without end is cut off', async () => {
    const url = await serve((_request, answer) => {
      const more = (): void => void (answer.writable && answer.write('x'.repeat(65_536), () => setImmediate(more)));
      more();
    });
    const { source, problems } = follow(url);
    await expect(source.current(now())).rejects.toEqual(expect.objectContaining({ reason: 'provider-unreachable' }));
    expect(problems[0]?.message).toMatch(/larger than/);
  });
});

describe("the demo's SAML provider", () => {
  test('lists its people to a person and reads them again at each login', async () => {
    let department: string | readonly string[] = 'Finance';
    const idp = await startSamlProvider({
      port: 0,
      people: () => [{ name: 'ada', attributes: { department } }],
      serviceProvider: SERVICE_PROVIDER,
      signResponse: true,
    });
    cleanups.push(() => idp.stop());
    const page = await createBrowser().open(idp.startUrl);
    expect(Object.keys(page.links)).toEqual(['ada']);
    const { source } = follow(idp.metadataUrl);
    for (const value of ['Finance', 'Sales', []] as const) {
      department = value;
      const assertion = await verifyWithFreshMetadata(source, {
        response: parseResponse(await response(page.links['ada'] ?? '')),
        serviceProvider: SERVICE_PROVIDER,
        expectedInResponseTo: null,
        clockSkew: 30_000,
        now: now(),
      });
      expect(assertion.claims['department']).toEqual([value].flat());
    }
  });
});
