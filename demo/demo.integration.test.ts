import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { runningDemo } from './only-one-demo.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Milliseconds. */
const patience = 180_000;

const other = await runningDemo(join(root, '.tenure', 'demo.pid'));
if (other !== null) process.stderr.write(`The demo is not tested: one is running here already, as process ${other}.\n`);

describe('npm run demo', () => {
  const play = other === null ? it : it.skip;
  play('plays the whole story on real processes and finds the final state as it has to be', () => plays([]), patience);
  play('plays every chapter on one installation, and finds in the targets what has to be there', () => plays(['--chapter', 'all']), patience);

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
  expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('All is as it should be') });
  expect(said).not.toContain('✗');
}

async function run(words: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  const { NODE_OPTIONS: _ofJest, ...environment } = process.env;
  const child = spawn(process.execPath, ['--import', '@swc-node/register/esm-register', 'demo/run.ts', ...words], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => said.push(part.toString()));
  // Told to stop, it stops what it has started; jest's own time-out would leave all of that behind.
  const timer = setTimeout(() => child.kill('SIGTERM'), patience - 30_000);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, said: said.join('') };
}
