import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Installation, Started } from '../installation.ts';
import { measure } from '../measure.ts';
import { memoryOf } from '../memory.ts';
import { figure, type Row, rowOf } from '../row.ts';
import type { Servers } from '../servers.ts';

/** Measures the time from the start of a process until it answers, cold (nothing compiled before) and warm, and its memory then. */
export async function timeStarts(tenure: Installation, servers: Servers, temporal: NodeJS.ProcessEnv): Promise<readonly Row[]> {
  const node = promisify(execFile);
  const bare = rowOf('floor: Node starts and does nothing', await measure([1, 2, 3], 1, () => node(process.execPath, ['--eval', ''])));
  const rows: Row[] = [bare];
  for (const [name, start] of [
    ['API', (more: NodeJS.ProcessEnv) => tenure.startApi(more)],
    ['worker', (more: NodeJS.ProcessEnv) => tenure.startWorker({ ...temporal, ...more })],
  ] as const) {
    const cold = [{ SWC_NODE_CACHE_DIR: await mkdtemp(join(servers.directory, 'compiled-')) }];
    rows.push(rowOf(`${name}, start, cold`, (await timed(cold, start)).sample, bare));
    const { sample, memory } = await timed(cold, start);
    rows.push(rowOf(`${name}, start, warm`, sample, bare), figure(`${name}, memory at rest`, 'MB', memory));
  }
  return rows;
}

async function timed(environments: readonly NodeJS.ProcessEnv[], start: (more: NodeJS.ProcessEnv) => Promise<Started>) {
  const started: Started[] = [];
  const sample = await measure(environments, 1, async (more) => void started.push(await start(more)));
  const memory = await memoryOf(started.at(-1)?.pid ?? 0);
  for (const one of started) await one.stop();
  return { sample, memory };
}
