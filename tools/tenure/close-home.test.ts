import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { closeHome } from './close-home.ts';

let parent: string;
const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'tenure-home-'));
});
afterEach(() => rm(parent, { recursive: true }));

test('the folder of an installation is its owner’s alone, also one that was left open', async () => {
  const home = join(parent, '.tenure');
  await closeHome(home, false);
  expect(await modeOf(home)).toBe('700');
  for (const name of ['temporal', 'postgres']) await mkdir(join(home, name));
  for (const path of [home, join(home, 'temporal'), join(home, 'postgres')]) await chmod(path, 0o755);
  await closeHome(home, false);
  expect([await modeOf(home), await modeOf(join(home, 'temporal')), await modeOf(join(home, 'postgres'))]).toEqual(['700', '700', '755']);
  await closeHome(home, true);
  expect(await modeOf(home)).toBe('711');
  // A folder that is a home of its own, such as the demo's, stays passable while another installation starts around it.
  await closeHome(join(home, 'demo'), true);
  await closeHome(home, true);
  expect([await modeOf(join(home, 'demo')), await modeOf(join(home, 'temporal'))]).toEqual(['711', '700']);
});

test('files of npm start and of what it starts are private', async () => {
  const program = fileURLToPath(new URL('close-home.ts', import.meta.url));
  const script = `import { keepFilesPrivate } from ${JSON.stringify(program)}; import { execFileSync } from 'node:child_process'; keepFilesPrivate();
    process.stdout.write(process.umask().toString(8) + ' ' + execFileSync('sh', ['-c', 'umask']).toString().trim());`;
  const flags = ['--import', new URL('../load-typescript.js', import.meta.url).href, '--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { env: { PATH: process.env['PATH'] } });
  expect(stdout).toMatch(/^77 0*77$/);
});
