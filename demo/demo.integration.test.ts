import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { findProcess } from '../tools/embedded/process-table.ts';
import { runningDemo } from './only-one-demo.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Milliseconds. */
const patience = 480_000;

const other = await runningDemo(join(root, '.tenure', 'demo.pid'));
if (other !== null) process.stderr.write(`The demo is not tested: one is running here already, as process ${other}.\n`);

describe('npm run demo', () => {
  const play = other === null ? it : it.skip;
  play('plays the whole story on real processes and finds the final state as it has to be', () => plays([]), patience);
  play('plays every chapter on one installation, and finds in the targets what has to be there', () => plays(['--chapter', 'all']), patience);

  // The parent of a process is read from /proc.
  (process.platform === 'linux' ? play : it.skip)(
    'is broken off by Ctrl-C in the middle of its chapters, says so, and leaves no process behind',
    async () => {
      const { code, said, parts } = await run(['--chapter', 'all'], / World /);
      expect({ code, said }).toEqual({ code: 130, said: expect.stringMatching(/Stopping everything \.\.\.\n+Everything has stopped/) });
      expect(parts.length).toBeGreaterThan(6);
      expect(await Promise.all(parts.map(findProcess))).toEqual(parts.map(() => null));
    },
    patience,
  );

  it('lists the chapters, with the nearest name, before anything is started', async () => {
    const { code, said } = await run(['--chapter', 'moover']);
    expect({ code, said }).toEqual({
      code: 2,
      said: expect.stringMatching(/There is no chapter moover \(did you mean mover\?\)[\s\S]*\n {2}all +Every chapter/),
    });
  });
});

async function plays(words: readonly string[]): Promise<void> {
  const { code, said } = await run(words);
  expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('The final state is as expected') });
  expect(said).not.toContain('✗');
}

interface Run {
  readonly code: number | null;
  readonly said: string;
  /** Ids of the processes that it had started when it was broken off. */
  readonly parts: readonly number[];
}

/** @param until output after which Ctrl-C is pressed at once */
async function run(words: readonly string[], until: RegExp | null = null): Promise<Run> {
  const { NODE_OPTIONS: _ofJest, ...environment } = process.env;
  const child = spawn(process.execPath, ['--import', new URL('../tools/load-typescript.js', import.meta.url).href, 'demo/run.ts', ...words], {
    cwd: root,
    env: { ...environment, DEMO_SLOWNESS: '5' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  let parts: Promise<readonly number[]> | null = null;
  const hear = (part: Buffer): void => {
    said.push(part.toString());
    if (until === null || parts !== null || !until.test(said.join(''))) return;
    parts = startedBy(child.pid ?? 0);
    parts.then(() => child.kill('SIGINT')).catch(() => child.kill('SIGTERM'));
  };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', hear);
  // On SIGTERM, it stops the processes that it has started; jest's own time-out would leave all of them behind.
  const timer = setTimeout(() => child.kill('SIGTERM'), patience - 30_000);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, said: said.join(''), parts: (await parts) ?? [] };
}

/** Ids of all processes that a process has started, and of those that they have started. */
async function startedBy(pid: number): Promise<readonly number[]> {
  const ids = (await readdir('/proc').catch(() => [])).map(Number).filter((id) => id > 0);
  const parents = new Map(await Promise.all(ids.map(async (id) => [id, (await findProcess(id))?.parent ?? 0] as const)));
  const found = [pid];
  for (const one of found) for (const [id, parent] of parents) if (parent === one) found.push(id);
  return found;
}
