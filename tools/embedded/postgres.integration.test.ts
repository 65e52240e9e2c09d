import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { EmbeddedServerError } from './embedded-server-error.ts';
import { type PostgresOptions, type RunningPostgres, startPostgres } from './postgres.ts';
import { findProcess } from './process-table.ts';
import { until } from './until.ts';

const timeout = 120_000;

describe('startPostgres', () => {
  let home: string;
  let directory: string;
  const running: RunningPostgres[] = [];
  const start = async (options: Partial<PostgresOptions> = {}) => {
    const postgres = await startPostgres({ directory, durable: false, ...options });
    running.push(postgres);
    return postgres;
  };

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'embedded-postgres-test-'));
    await chmod(home, 0o711);
    directory = join(home, 'postgres');
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((postgres) => postgres.stop()));
  });
  afterAll(() => rm(home, { recursive: true, force: true }));

  test('keeps data, port and password from one start to the next', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept (word text)');
    await query(first.url, "INSERT INTO kept VALUES ('still here')");
    await first.stop();

    const second = await start();

    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'SELECT word FROM kept')).toEqual([{ word: 'still here' }]);
    expect((await stat(join(directory, 'password'))).mode & 0o777).toBe(0o600);
  });

  test('listens on the loopback address only, and there asks for the password', async () => {
    const { url } = await start();
    expect(await query(url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    const withoutPassword = new URL(url);
    withoutPassword.password = 'wrong';
    await expect(query(withoutPassword.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  test('ends with whoever started it, killed or not', async () => {
    const parent = await startInAnotherProcess(directory);
    const server = await postmaster(directory);
    parent.process.kill('SIGKILL');
    await once(parent.process, 'exit');
    expect(await until(async () => ((await findProcess(server)) ? undefined : true), { timeout })).toBe(true);
  });

  test('takes over after whoever started it was killed', async () => {
    const parent = await startInAnotherProcess(directory);
    await query(parent.url, 'CREATE TABLE written_before_the_kill ()');
    parent.process.kill('SIGKILL');
    await once(parent.process, 'exit');

    const { url } = await start();

    expect(await query(url, 'SELECT count(*)::int AS rows FROM written_before_the_kill')).toEqual([{ rows: 0 }]);
  });

  test('recovers after the server itself was killed', async () => {
    const first = await start({ durable: true });
    await query(first.url, 'CREATE TABLE committed ()');
    process.kill(await postmaster(directory), 'SIGKILL');
    expect((await first.exited).reason).toBe('signal SIGKILL');

    const { url } = await start();

    expect(await query(url, 'SELECT count(*)::int AS rows FROM committed')).toEqual([{ rows: 0 }]);
  });

  test('refuses to start beside another one on the same data', async () => {
    const { url } = await start();
    await expect(start()).rejects.toThrow(/already running, started by process \d+/);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('says which port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const attempt = start({ port });
      await expect(attempt).rejects.toBeInstanceOf(EmbeddedServerError);
      await expect(attempt).rejects.toThrow(`Port ${port} on 127.0.0.1, which is set for PostgreSQL, is in use`);
    } finally {
      other.close();
    }
  });

  test('starts over when the first start was killed halfway', async () => {
    const interrupted = join(home, 'interrupted');
    const starter = inAnotherProcess(interrupted);
    const unfinished = async () => ((await names(interrupted)).some((name) => name.startsWith('data.unfinished-')) ? true : undefined);
    expect(await until(unfinished, { timeout, every: 5 })).toBe(true);
    starter.kill('SIGKILL');
    await once(starter, 'exit');

    const { url } = await start({ directory: interrupted });

    expect(await query(url, 'SELECT current_database()')).toEqual([{ current_database: 'tenure' }]);
    expect((await names(interrupted)).sort()).toEqual(['data', 'logs', 'password', 'state.json']);
  });

  (process.getuid?.() === 0 ? test : test.skip)('as root, says which directory PostgreSQL cannot get through', async () => {
    const closed = join(home, 'closed');
    await mkdir(join(closed, 'checkout'), { recursive: true });
    await chmod(closed, 0o700);
    await expect(start({ directory: join(closed, 'checkout') })).rejects.toThrow(`who may not enter ${closed}: allow it with "chmod o+x`);
  });
});

async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined); // the server is killed on purpose
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function inAnotherProcess(directory: string) {
  const script = `
    const { startPostgres } = await import(${JSON.stringify(new URL('./postgres.ts', import.meta.url).href)});
    console.log((await startPostgres({ directory: ${JSON.stringify(directory)}, durable: false })).url);`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function startInAnotherProcess(directory: string) {
  const child = inAnotherProcess(directory);
  const [line] = await once(child.stdout, 'data');
  return { process: child, url: String(line).trim() };
}

async function postmaster(directory: string): Promise<number> {
  const pid = Number.parseInt(await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8'), 10);
  expect((await findProcess(pid))?.command).toContain(directory);
  return pid;
}

async function names(directory: string): Promise<string[]> {
  return access(directory).then(
    () => readdir(directory),
    () => [],
  );
}
