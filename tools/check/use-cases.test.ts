import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const root = `${import.meta.dirname}/../../`;

/** Files of the API that are no test. */
function apiFiles(): readonly string[] {
  const files = globSync('apps/api/**/*.ts', { cwd: root, exclude: (name) => name === 'node_modules' || name === 'test' });
  expect(files.length).toBeGreaterThan(100);
  return files.filter((file) => !file.endsWith('.test.ts'));
}

test('a transaction of the API is one use case: what it does more of belongs into libs/engine; the login is not moved there yet', () => {
  const opening = apiFiles().filter((file) => /\btransaction\(/.test(readFileSync(`${root}${file}`, 'utf8')));
  expect(opening.length).toBeGreaterThan(20);
  // A block does more than call one function.
  const doingMore = opening.filter((file) => /\btransaction\(.*\(tx\) => \{/.test(readFileSync(`${root}${file}`, 'utf8'))); // super-linear: a file of our own
  expect(doingMore.filter((file) => !file.startsWith('apps/api/login/'))).toEqual([]);
});

test('what is audited is a use case of libs/engine, which the API only calls; the login is not moved there yet', () => {
  const writing = apiFiles().filter((file) => /\baudit\s*\.\s*record\(/.test(readFileSync(`${root}${file}`, 'utf8')));
  expect(writing.filter((file) => !file.startsWith('apps/api/login/'))).toEqual([]);
});
