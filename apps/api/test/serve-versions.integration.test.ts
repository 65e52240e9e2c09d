import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readStartFiles, startVersion } from '@tenure/engine/configuration';
import { createEngine } from '@tenure/engine/decide';
import { loadConfiguration } from '@tenure/config';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { createMetrics } from '@tenure/telemetry';
import { pino } from 'pino';
import { eventually } from '@tenure/testing/eventually.ts';
import { type RunningSamlProvider, startSamlProvider } from '@tenure/testing/identity-providers/saml-provider.ts';
import { namesOf, serveVersions, type ServedVersions } from '../server/serve-versions.ts';
import { openSocket } from './socket-client.ts';
import { publishPolicy } from '@tenure/engine/policy';

/** Two API processes over one database, in one process. */
let database: TestDatabase;
let directory: string;
let saml: RunningSamlProvider;
const served: { readonly api: ServedVersions; readonly at: string }[] = [];
const place = (): { directory: string; environment: Record<string, string> } => ({ directory, environment: {} });
const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: new Date().toISOString() } as const;

const configure = (providers: readonly string[], more = ''): Promise<void> =>
  writeFile(
    join(directory, 'tenure.yaml'),
    `url: http://localhost:4000
attributes: { displayName: { type: string } }
identityProviders: {${providers.map((name) => ` ${name}: { protocol: saml, metadata: "${saml.metadataUrl}", mayCreate: true, attributes: { displayName: "claims.givenName[0]" } }`).join(',')} }
${more}`,
  );
/** Result of `npm run config -- apply`. */
async function apply(): Promise<number> {
  const engine = createEngine({ configuration: await loadConfiguration(place()) });
  const { version } = await database.store.transaction(context, (tx) => publishPolicy(tx, engine));
  return version;
}
const works = (version: number) =>
  eventually(
    'all to have taken it over',
    async () => served.every(({ api }) => api.versions().version === version && api.versions().behind === null) || null,
    120_000,
  );

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'tenure-served-'));
  saml = await startSamlProvider({ port: 0, people: () => [] });
  await mkdir(join(directory, 'policy'));
  await writeFile(join(directory, 'policy', 'access.yaml'), 'birthright: []\n');
  await configure(['one']);
  for (let index = 0; index < 2; index += 1) {
    const first = await startVersion(database.store, place(), await readStartFiles(place()), context);
    const metrics = createMetrics(namesOf(first.configuration));
    const api = await serveVersions({
      first,
      place: place(),
      databaseUrl: database.url,
      store: database.store,
      clock: () => new Date().toISOString(),
      logger: pino({ level: 'silent' }),
      metrics,
      temporalUiUrl: null,
    });
    served.push({ api, at: `127.0.0.1:${await api.listen(0, '127.0.0.1')}` });
  }
});
afterAll(async () => {
  await Promise.all(served.map(({ api }) => api.close()));
  await saml?.stop();
  await database?.drop();
  await rm(directory, { recursive: true, force: true });
});

const loginAt = async (at: string, provider: string): Promise<number> => (await fetch(`http://${at}/saml/${provider}/login`, { redirect: 'manual' })).status;

/** A request that has begun: its headers are sent, and half of its body. */
async function halfway(at: string, path: string): Promise<{ finish(): Promise<number> }> {
  const [host = '', port = ''] = at.split(':');
  const body = `SAMLResponse=${'A'.repeat(200)}`;
  const asked = request({ host, port, path, method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length } });
  const answered = new Promise<number>((resolve, reject) => {
    asked.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    asked.on('error', reject);
  });
  await new Promise<void>((resolve) => asked.write(body.slice(0, 20), () => resolve()));
  return {
    finish() {
      asked.end(body.slice(20));
      return answered;
    },
  };
}

test('both take a new provider over, and the old one away; a request goes on by the version in which it began', async () => {
  const [first] = served;
  const at = first?.at ?? '';
  for (const one of served) expect([await loginAt(one.at, 'one'), await loginAt(one.at, 'two')]).toEqual([303, 404]);
  const open = await openSocket(`ws://${at}`);
  const begun = await halfway(at, '/saml/two/acs');
  // The server has read its headers before it answers another request of the same kind.
  expect(await loginAt(at, 'one')).toBe(303);
  await configure(['two']);
  await works(await apply());
  for (const one of served) expect([await loginAt(one.at, 'one'), await loginAt(one.at, 'two')]).toEqual([404, 303]);
  // The provider was not there when it began: a new request is answered otherwise.
  expect(await begun.finish()).toBe(404);
  const after = await halfway(at, '/saml/two/acs');
  expect(await after.finish()).toBe(403);
  // Subscriptions of the old one end with it, and clients connect again.
  expect(await open.closed).toBeGreaterThan(0);
  const again = await openSocket(`ws://${at}`);
  again.socket.close();
  await again.closed;
});

test('a provider that stays keeps what was fetched, though it cannot be reached any more', async () => {
  await configure(['two', 'three'], 'timeZone: Europe/Berlin\n');
  await works(await apply());
  expect(await loginAt(served[0]?.at ?? '', 'three')).toBe(303);
  await saml.stop();
  await configure(['two'], 'timeZone: Europe/Paris\n');
  await works(await apply());
  expect(await loginAt(served[0]?.at ?? '', 'two')).toBe(303);
});
