import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const { scripts } = createRequire(import.meta.url)('../package.json') as { readonly scripts: Readonly<Record<string, string>> };
const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Runs node-24.js on a Node with the version of another one. */
function runOn(version: string, platform: string): { readonly code: number | null; readonly complained: string } {
  const disguise = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } }); Object.defineProperty(process, 'platform', { value: '${platform}' });`;
  const { status, stderr } = spawnSync(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(disguise)}`, fileOf('node-24.js')]);
  return { code: status, complained: stderr.toString() };
}

test('every npm script that runs Node looks at its version before it loads anything else', () => {
  const running = Object.entries(scripts).filter(([name, script]) => name !== 'postinstall' && script.startsWith('node '));
  expect(running.length).toBeGreaterThan(10);
  expect(running.filter(([, script]) => !script.startsWith('node --import ./tools/node-24.js ')).map(([name]) => name)).toEqual([]);
});

test('an older Node is refused in one sentence that says what to do', () => {
  expect(runOn('24.0.0', 'linux')).toEqual({ code: 0, complained: '' });
  expect(runOn('26.1.0', 'darwin')).toEqual({ code: 0, complained: '' });
  expect(runOn('20.19.5', 'linux')).toMatchObject({
    code: 1,
    complained: expect.stringMatching(/^Tenure needs Node 24, but this is Node 20\.19\.5\. .*npm ci.*\n$/),
  });
  expect(runOn('22.12.0', 'darwin')).toMatchObject({ code: 1, complained: expect.stringMatching(/^Tenure needs Node 24, .* install Node 24\.\n$/) });
});

test('after an install npm scripts find the Node of this platform, whatever npm has made of its link', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenure-link-node-'));
  const install = (): number | null => spawnSync(process.execPath, [fileOf('link-node.js')], { cwd: folder }).status;
  const program = join(`node-${process.platform}-${process.arch}`, 'bin', 'node');
  const link = join(folder, 'node_modules', '.bin', 'node');
  try {
    expect(install()).toBe(0); // a platform without a package keeps its own Node
    mkdirSync(join(folder, 'node_modules', program, '..'), { recursive: true });
    writeFileSync(join(folder, 'node_modules', program), '');
    expect(install()).toBe(0);
    expect(readlinkSync(link)).toBe(join('..', program));
    rmSync(link);
    symlinkSync('../node-linux-gone/bin/node', link);
    expect(install()).toBe(0);
    expect(readlinkSync(link)).toBe(join('..', program));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the image holds what an install runs before it installs', () => {
  const [before = ''] = readFileSync(fileOf('../Dockerfile'), 'utf8').split('RUN npm ci');
  expect(before).toContain(scripts['postinstall']?.replace('node ', ''));
});
