import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, jest, test } from '@jest/globals';
import fc from 'fast-check';

const root = fileURLToPath(new URL('..', import.meta.url));
const tests = globSync('**/*.test.ts', { cwd: root, exclude: (name) => ['node_modules', 'dist', '.tenure'].includes(name) });

test('what is drawn by chance comes from the seed of the run', () => {
  expect(fc.check(fc.property(fc.nat(), () => true)).seed).toBe(jest.getSeed());
});

test('no test takes a seed from anywhere else', () => {
  const strange = /_SEED'\]|\bseed\b[^\n]*\b(Math\.random|Date\.now|randomInt|randomBytes)|\border by random\(\)/i;
  expect(tests.length).toBeGreaterThan(200);
  expect(tests.filter((file) => strange.test(readFileSync(`${root}${file}`, 'utf8')) && !file.endsWith('seeded-fast-check.test.ts'))).toEqual([]);
});
