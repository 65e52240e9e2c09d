import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('..', import.meta.url));
const model = readFileSync(`${root}docs/security-model.md`, 'utf8');
const files = globSync('{apps,libs,activities,workflows,tools,testing,simulations}/**/*.test.ts', { cwd: root, exclude: (name) => name === 'node_modules' });

test('every test that the security model names is there', () => {
  const named = [...new Set([...model.matchAll(/(?<!\*)\*([\w-]+(?:\/[\w-]*)*)\*(?!\*)/g)].map(([, name = '']) => name))].filter((name) => name !== 'slanted');
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((name) => !files.some((file) => file.includes(name)))).toEqual([]);
});

test('every suite of attacks is named in it', () => {
  const suites = files.filter((file) => file.includes('/attacks/') && file.includes('.integration.')).map((file) => file.replace('.integration.test.ts', ''));
  expect(suites.length).toBeGreaterThan(7);
  expect(suites.filter((suite) => !model.includes(`*${suite}*`))).toEqual([]);
});
