import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

/** A repository of two workspaces. Its bundler replaces Temporal's: a bundle names its source. */
let root: string;
const bundler = `export async function bundleWorkflows(): Promise<{ code: string }> {
  const sources = [new URL('../../workflows/index.ts', import.meta.url).pathname];
  return { code: '//# sourceMappingURL=data:application/json;base64,' + Buffer.from(JSON.stringify({ sources })).toString('base64') };
}`;
const main = `import { said } from '@shop/words';
import { decorated } from './decorated.ts';
console.log(said satisfies string, decorated);
if (process.argv[2] === 'fail') throw new Error('as asked');`;
const decorated = `const seen: unknown[] = [];
const note = (target: object, key: string): void => void seen.push((Reflect as { getMetadata?: Function }).getMetadata?.('design:type', target, key) ?? key);
class Thing { @note name: string = ''; }
export const decorated = \`\${new Thing().name}\${seen.join()}\`;`;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tenure-build-'));
  put('package.json', JSON.stringify({ type: 'module', workspaces: ['libs/*', 'apps/*', 'workflows'] }));
  put('node_modules/.package-lock.json', '{}');
  put('libs/words/package.json', JSON.stringify({ name: '@shop/words', type: 'module', exports: { '.': './index.ts', './*.ts': './*.ts' } }));
  put('libs/words/index.ts', "import { readFileSync } from 'node:fs';\nexport const said = readFileSync(new URL('word.txt', import.meta.url), 'utf8');");
  put('libs/words/word.txt', 'hello');
  put('libs/words/index.test.ts', 'never built');
  put('apps/worker/package.json', JSON.stringify({ name: '@shop/worker', type: 'module' }));
  put('apps/worker/bundle-workflows.ts', bundler);
  put('apps/worker/main.ts', main);
  put('apps/worker/decorated.ts', decorated);
  put('workflows/package.json', JSON.stringify({ name: '@shop/workflows', type: 'module' }));
  put('workflows/index.ts', 'export const one = 1;');
});
afterAll(() => rmSync(root, { recursive: true }));

test('built code runs without a loader: workspaces by their names, decorators, files beside the code; stacks name the sources', () => {
  expect(build()).toEqual({ files: 9, bundled: true });
  expect(run()).toMatchObject({ code: 0, said: 'hello name\n' });
  expect(run('fail').complained).toMatch(/at .*apps\/worker\/main\.ts:4:/);
  expect(existsSync(join(root, 'dist/libs/words/index.test.js'))).toBe(false);
});

test('what has not changed is not made again, whatever its times say', () => {
  expect(build()).toEqual({ files: 0, bundled: false });
  utimesSync(join(root, 'libs/words/word.txt'), 1, 1);
  expect(isFresh()).toBe(false);
  expect(build()).toEqual({ files: 0, bundled: false });
  expect(isFresh()).toBe(true);
});

test('a change that keeps size and times is seen', () => {
  const place = join(root, 'libs/words/word.txt');
  utimesSync(place, 2, 2);
  build();
  writeFileSync(place, 'HELLO');
  utimesSync(place, 2, 2);
  expect(isFresh()).toBe(false);
  expect(build()).toEqual({ files: 1, bundled: false });
  expect(run().said).toBe('HELLO name\n');
});

test('what was deleted or renamed is gone, and back after another branch is checked out', () => {
  cpSync(join(root, 'apps/worker'), join(root, 'kept'), { recursive: true });
  rmSync(join(root, 'apps/worker/decorated.ts'));
  put('apps/worker/main.ts', main.replace('./decorated.ts', './renamed.ts'));
  put('apps/worker/renamed.ts', decorated);
  expect(build()).toEqual({ files: 2, bundled: false });
  expect(existsSync(join(root, 'dist/apps/worker/decorated.js'))).toBe(false);
  expect(existsSync(join(root, 'dist/apps/worker/decorated.js.map'))).toBe(false);
  expect(run().said).toBe('HELLO name\n');

  rmSync(join(root, 'apps/worker'), { recursive: true });
  cpSync(join(root, 'kept'), join(root, 'apps/worker'), { recursive: true });
  expect(build()).toEqual({ files: 2, bundled: false });
  expect(existsSync(join(root, 'dist/apps/worker/renamed.js'))).toBe(false);
  expect(run().said).toBe('HELLO name\n');
});

test('workflows are bundled again when one of their sources has changed, and everything when packages have', () => {
  put('workflows/index.ts', 'export const one = 2;');
  expect(build()).toEqual({ files: 1, bundled: true });
  put('node_modules/.package-lock.json', '{"packages":{}}');
  expect(build()).toEqual({ files: 9, bundled: true });
});

test('a build that did not come to its end is made anew', () => {
  put('libs/words/index.ts', 'export const said = ;');
  expect(() => build()).toThrow(/index\.ts/);
  expect(isFresh()).toBe(false);
  put('libs/words/index.ts', "export const said = 'again';");
  expect(build()).toEqual({ files: 9, bundled: true });
  expect(run().said).toBe('again name\n');
});

function put(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

const build = (): unknown => call('build');
const isFresh = (): unknown => call('isFresh', './sources.js');

/** Calls it in a Node of its own, as it is built: it loads sources without built code yet. */
function call(name: string, file = './build.js'): unknown {
  const script = `import { ${name} } from ${JSON.stringify(new URL(file, import.meta.url).href)}; console.log(JSON.stringify(await ${name}(${JSON.stringify(root)})));`;
  const { code, said, complained } = node('--input-type=module', '--eval', script);
  if (code !== 0) throw new Error(complained);
  return JSON.parse(said);
}

const run = (...words: string[]) => node('--enable-source-maps', join(root, 'dist/apps/worker/main.js'), ...words);

function node(...words: string[]): { readonly code: number | null; readonly said: string; readonly complained: string } {
  const { NODE_OPTIONS: _ofJest, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', env });
  return { code: status, said: stdout, complained: stderr };
}
