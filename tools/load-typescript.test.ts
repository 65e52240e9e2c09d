import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const loader = new URL('./load-typescript.js', import.meta.url).href;
let folder: string;
let program: string;
/** Folder in which the loader keeps its results for the program. */
let kept: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenure-load-'));
  program = join(folder, 'program.ts');
  kept = join(fileURLToPath(new URL('../node_modules/.cache/tenure/transpiled', import.meta.url)), hash('sha256', program));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(kept, { force: true });
});

test('runs TypeScript as it is now, whatever is kept of it: from before, cut short, or gone', () => {
  writeFileSync(program, "const word: string = 'first'; console.log(word);");
  expect([run(), run()]).toEqual(['first', 'first']);

  writeFileSync(program, "enum Word { now = 'second' } console.log(Word.now satisfies string);");
  expect(run()).toBe('second');

  writeFileSync(kept, readFileSync(kept, 'utf8').slice(0, 20));
  expect(run()).toBe('second');
  expect(readFileSync(kept, 'utf8').length).toBeGreaterThan(20);

  rmSync(kept);
  expect(run()).toBe('second');
});

function run(): string {
  const { NODE_OPTIONS: _ofJest, ...environment } = process.env;
  return execFileSync(process.execPath, ['--import', loader, program], { encoding: 'utf8', env: environment }).trim();
}
