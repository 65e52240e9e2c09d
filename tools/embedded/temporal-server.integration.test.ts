import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProcess } from './process-table.ts';
import { findTemporalServer, type TemporalProgram } from './temporal-binary.ts';
import type { SearchAttributeType } from './temporal-command.ts';
import { type RunningTemporal, startTemporal, type TemporalOptions } from './temporal-server.ts';
import { until } from './until.ts';

const timeout = 120_000;
const namespace = 'embedded-test';
const searchAttributes: Readonly<Record<string, SearchAttributeType>> = { TestStage: 'Keyword', TestDueAt: 'Datetime' };

describe('startTemporal', () => {
  let directory: string;
  let program: TemporalProgram;
  const running: RunningTemporal[] = [];
  const logged: string[] = [];
  const start = async (options: Partial<TemporalOptions> = {}) => {
    const onLog = (message: string) => logged.push(message);
    const temporal = await startTemporal({ directory, namespace, searchAttributes, program, onLog, ...options });
    running.push(temporal);
    return temporal;
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'embedded-temporal-test-'));
    const cacheDirectory = fileURLToPath(new URL('../../.tenure/bin', import.meta.url));
    // The first build on a machine takes minutes; found in the cache it takes none.
    program = await findTemporalServer({ cacheDirectory, onProgress: (message) => process.stderr.write(`${message}\n`) });
  }, 30 * 60_000);
  afterEach(async () => {
    await Promise.all(running.splice(0).map((temporal) => temporal.stop()));
    logged.length = 0;
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test('keeps workflows and ports from one start to the next, and takes search attributes at once', async () => {
    const first = await start();
    await startWorkflow(first, 'kept');
    expect(first).toMatchObject({ storeIsNew: true, storeWasReset: false });
    await first.stop();

    const second = await start();

    expect(second).toMatchObject({ address: first.address, uiUrl: first.uiUrl, storeIsNew: false });
    expect(await statusOf(second, 'kept')).toBe('RUNNING');
    expect((await fetch(second.uiUrl)).status).toBe(200);
  });

  test('ends with whoever started it, killed or not, and starts again', async () => {
    const parent = inAnotherProcess(directory, program);
    const ready = once(parent.stdout, 'data');
    const [address] = await ready;
    const { pid } = JSON.parse(await readFile(join(directory, 'state.json'), 'utf8'));
    await startWorkflow({ address: String(address).trim() }, 'acknowledged');
    const killed = once(parent, 'exit');
    parent.kill('SIGKILL');
    await killed; // while it dies it still is the parent of its server
    expect(await until(async () => ((await findProcess(pid)) ? undefined : true), { timeout })).toBe(true);

    expect(await statusOf(await start(), 'acknowledged')).toBe('RUNNING');
  });

  test('recovers after the server itself was killed', async () => {
    const first = await start();
    await startWorkflow(first, 'survivor');
    const { pid } = JSON.parse(await readFile(join(directory, 'state.json'), 'utf8'));
    process.kill(pid, 'SIGKILL');
    expect((await first.exited).reason).toBe('signal SIGKILL');

    expect(await statusOf(await start(), 'survivor')).toBe('RUNNING');
  });

  test('says which port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start({ port })).rejects.toThrow(`Port ${port} on 127.0.0.1, which is set for Temporal, is in use`);
    other.close();
  });

  test('refuses to start beside another one on the same store', async () => {
    await start();
    await expect(start()).rejects.toThrow(/already running, started by process \d+/);
  });

  test('puts a store aside that does not fit, and says so', async () => {
    await writeFile(join(directory, 'temporal.sqlite'), 'not a store of this version');

    const temporal = await start(program.kind === 'own' ? {} : { program: { ...program, store: 'a newer one' } });

    expect(temporal).toMatchObject({ storeIsNew: true, storeWasReset: true });
    expect(logged).toEqual([expect.stringContaining('Temporal starts with an empty store')]);
    expect((await readdir(directory)).some((name) => /^temporal-put-aside-\d{8}T\d{6}Z\.sqlite$/.test(name))).toBe(true);
  });
});

async function startWorkflow({ address }: Pick<RunningTemporal, 'address'>, workflowId: string): Promise<void> {
  await withClient(address, (client) =>
    // No worker takes it: it is here to be found again.
    client.workflow.start('waiting', { workflowId, taskQueue: 'nobody', searchAttributes: { TestStage: ['waiting'] } }),
  );
}

async function statusOf({ address }: RunningTemporal, workflowId: string): Promise<string> {
  const description = await withClient(address, (client) => client.workflow.getHandle(workflowId).describe());
  return description.status.name;
}

async function withClient<T>(address: string, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}

function inAnotherProcess(directory: string, program: TemporalProgram) {
  const script = `
    const { startTemporal } = await import(${JSON.stringify(new URL('./temporal-server.ts', import.meta.url).href)});
    console.log((await startTemporal(${JSON.stringify({ directory, namespace, searchAttributes, program })})).address);`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
}
