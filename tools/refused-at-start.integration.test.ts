import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeStarterConfiguration } from '@tenure/config';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { type NodeChild, startNodeChild } from './tenure/node-child.ts';

let home: string;
let database: TestDatabase;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tenure-refused-'));
  await writeStarterConfiguration(join(home, 'configuration'));
  database = await createTestDatabase();
});
afterAll(async () => {
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

/** A process that is started with these variables beside the usual ones. */
function start(app: string, more: NodeJS.ProcessEnv, isReady: (line: string) => boolean): NodeChild {
  const environment = {
    PATH: process.env['PATH'],
    DATABASE_URL: database.url,
    // Nothing listens there.
    TEMPORAL_ADDRESS: '127.0.0.1:9',
    TENURE_CONFIG: join(home, 'configuration'),
    ...database.keys,
    PORT: '0',
    METRICS_PORT: '0',
    ...more,
  };
  const entry = fileURLToPath(new URL(`../apps/${app}/main.ts`, import.meta.url));
  return startNodeChild({ entry, environment, isReady });
}

/** End of such a process. */
const end = (app: string, more: NodeJS.ProcessEnv) => start(app, more, () => false).exited;

test('an API without TEMPORAL_ADDRESS is ready: it asks nothing of Temporal', async () => {
  const api = start('api', { TEMPORAL_ADDRESS: '' }, (line) => line.includes('"ready":true'));
  await api.ready;
  await api.stop();
  expect(await api.exited).toMatchObject({ code: 0 });
});

test.each(['api', 'worker'])(
  'the process %s says which migrations its database lacks, and that a database does not answer, and ends',
  async (app) => {
    expect(await end(app, { DATABASE_URL: 'postgresql://tenure_app:none@127.0.0.1:9/tenure' })).toEqual({
      code: 1,
      lastWords: expect.stringContaining('the database of DATABASE_URL does not answer'),
    });
    await database.execute(`delete from tenure_migration where name = '0135-source-contacts'`);
    const lacking = await end(app, {}).finally(() => database.execute(`insert into tenure_migration (name) values ('0135-source-contacts')`));
    expect(lacking).toEqual({ code: 1, lastWords: expect.stringContaining('the database lacks 0135-source-contacts: run npm run migrate first') });
  },
  180_000,
);
