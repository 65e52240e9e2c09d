import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const root = `${import.meta.dirname}/../../`;

test('what is audited is a use case of libs/engine, which the API only calls; the login is not moved there yet', () => {
  const files = globSync('apps/api/**/*.ts', { cwd: root, exclude: (name) => name === 'node_modules' || name === 'test' });
  expect(files.length).toBeGreaterThan(100);
  const writing = files.filter((file) => !file.endsWith('.test.ts') && /\baudit\s*\.\s*record\(/.test(readFileSync(`${root}${file}`, 'utf8')));
  expect(writing.filter((file) => !file.startsWith('apps/api/login/'))).toEqual([]);
});
