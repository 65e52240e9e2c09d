import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import LongestFirst, { installations, long } from './longest-first.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const order = (...names: readonly string[]): readonly string[] => orderFor(2, ...names);
const orderFor = (maxWorkers: number, ...names: readonly string[]): readonly string[] =>
  new LongestFirst({ contexts: [], globalConfig: { rootDir: root, maxWorkers } })
    .sort(names.map((name) => ({ path: `${root}${name}`, context: {} })))
    .map(({ path }: { path: string }) => path.slice(root.length));

test('every file that is known to take long is there', () => {
  expect([...Object.keys(installations), ...Object.keys(long)].filter((name) => !existsSync(`${root}${name}`))).toEqual([]);
});

test('a long file comes before a short one, and whole installations come one after the other beside the rest', () => {
  const [short, long] = ['libs/a.test.ts', 'apps/worker/test/wave.integration.test.ts'];
  const [faults, demo] = ['simulations/faults/faults.integration.test.ts', 'demo/demo.integration.test.ts'];
  expect(order(short, long, demo, faults)).toEqual([faults, long, short, demo]);
  // Of three workers two take the rest: twice as much of it comes before the next installation.
  const rest = Array.from({ length: 60 }, (_, index) => `libs/${String(index).padStart(2, '0')}.integration.test.ts`);
  expect(orderFor(2, ...rest, demo, faults).indexOf(demo)).toBeLessThan(orderFor(3, ...rest, demo, faults).indexOf(demo));
  expect(order('libs/b.test.ts', short, 'libs/c.integration.test.ts')).toEqual(['libs/c.integration.test.ts', short, 'libs/b.test.ts']);
});
