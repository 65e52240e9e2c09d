import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStore } from '@tenure/store';
import { pino } from 'pino';
import { type RunningPostgres, startPostgres } from '../../../tools/embedded/postgres.ts';
import { createApp } from '../server/create-app.ts';
import { createTestApi, type TestApi } from './api.ts';

/** A PostgreSQL of this test's own, which it kills. */
let home: string;
let postgres: RunningPostgres;
let api: TestApi;
let hr: string;

const start = (): Promise<RunningPostgres> => startPostgres({ directory: join(home, 'postgres'), durable: true });
/** The server's first process, at once and with everything that it was about to do. */
async function kill(): Promise<void> {
  process.kill(Number((await readFile(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]), 'SIGKILL');
  await postgres.exited;
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tenure-database-away-'));
  await chmod(home, 0o711);
  postgres = await start();
  api = await createTestApi({ server: postgres.url, patience: 60_000 });
  hr = await api.serviceToken('source:hr');
});
afterAll(async () => {
  await api.stop();
  await postgres.stop();
  await rm(home, { recursive: true, force: true });
});

const mutation = 'mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { results { externalId outcome } } }';
const record = (externalId: string) => ({ externalId, version: '1', status: 'ACTIVE', attributes: { displayName: externalId, employeeNumber: externalId } });
const send = (to: TestApi, externalId: string) => to.graphql(mutation, { token: hr, variables: { input: { source: 'hr', records: [record(externalId)] } } });

/** Sends people one by one from six senders, and lets something happen at certain numbers of answers. */
async function sendThrough(prefix: string, count: number, events: Readonly<Record<number, () => Promise<unknown>>>): Promise<readonly string[]> {
  const waiting = Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  const outcomes: string[] = [];
  // One after the other: a server that begins answers before its start is over here.
  let happening: Promise<unknown> = Promise.resolve();
  const sender = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { data, errors, status } = await send(api, next);
      outcomes.push(errors.length > 0 ? `${status} ${errors[0]?.extensions.code}` : String((data as never)['recordFacts']['results'][0]['outcome']));
      const event = events[outcomes.length];
      if (event !== undefined) happening = happening.then(event);
    }
  };
  await Promise.all(Array.from({ length: 6 }, sender));
  await happening;
  return outcomes;
}

async function mustBeOnceEach(prefix: string, count: number, outcomes: readonly string[]): Promise<void> {
  expect(outcomes.filter((outcome) => outcome !== 'CREATED')).toEqual([]);
  const rows = await api.store.read(async (tx) => tx.audit.count({ action: 'identity.created' }));
  const [stored] = await api.database.execute(
    'select count(*)::int as records, count(distinct identity_id)::int as people from source_record where external_id like ?',
    [`${prefix}%`],
  );
  expect(stored).toEqual({ records: count, people: count });
  expect(rows).toBeGreaterThanOrEqual(count);
  expect((await api.store.read((tx) => tx.audit.verify())).problems).toEqual([]);
}

describe('recordFacts while PostgreSQL is lost', () => {
  test('every record is stored once and answered truly through connections that are ended', async () => {
    const end = () =>
      api.database.execute('select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
    await mustBeOnceEach('t', 120, await sendThrough('t', 120, { 10: end, 30: end, 50: end, 70: end, 90: end }));
  });

  test('every record is stored once and answered truly through kill -9 of the server, and through a stop in order', async () => {
    const killed = async (): Promise<void> => {
      await kill();
      postgres = await start();
    };
    const stopped = async (): Promise<void> => {
      await postgres.stop();
      postgres = await start();
    };
    await mustBeOnceEach('k', 120, await sendThrough('k', 120, { 20: killed, 60: stopped, 100: killed }));
  });

  test('what does not come back in time is 503 with Retry-After, says that nothing was stored, and is taken when it is sent again', async () => {
    const impatient = await openStore({ url: api.database.url, vault: api.database.vault, patience: 0 });
    const app = await createApp({
      store: impatient,
      engine: api.engine,
      configuration: api.configuration,
      temporalUiUrl: null,
      clock: () => api.now,
      logger: pino({ level: 'silent' }),
      changes: api.changes,
    });
    const ask = (path: string, method: 'GET' | 'POST' = 'GET', payload?: object) =>
      app.inject({
        method,
        url: path,
        headers: { authorization: `Bearer ${hr}`, 'content-type': 'application/json' },
        ...(payload === undefined ? {} : { payload }),
      });
    const query = { query: mutation, variables: { input: { source: 'hr', records: [record('late')] } } };
    await kill();
    const refused = await ask('/graphql', 'POST', query);
    const page = await ask('/oidc/partner/login');
    const own = await app.inject({ url: '/me', headers: { cookie: 'tenure_session=ts_somebody' } });
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '5']);
    expect(refused.json()).toEqual({
      data: null,
      errors: [
        expect.objectContaining({
          message: 'The database does not answer. This was not stored; send the same again.',
          extensions: { code: 'DATABASE_UNAVAILABLE', details: { stored: 'nothing' }, retryable: true },
        }),
      ],
    });
    expect([page.statusCode, own.statusCode, own.headers['retry-after']]).toEqual([503, 503, '5']);
    expect(own.body).toContain('Tenure cannot reach its database');
    postgres = await start();
    expect((await ask('/graphql', 'POST', query)).json()).toMatchObject({ data: { recordFacts: { results: [{ outcome: 'CREATED' }] } } });
    await app.close();
    await impatient.close();
  });
});
