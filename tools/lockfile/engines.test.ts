import { expect, test } from '@jest/globals';
import { placesWithEngines, withoutEngines } from './engines.ts';
import type { Lockfile } from './lockfile.ts';

const lockfile: Lockfile = {
  lockfileVersion: 3,
  packages: {
    '': { version: '1.0.0', engines: { npm: '>=10' } },
    'libs/a': { version: '1.0.0' },
    'libs/a/node_modules/modern': { version: '3.0.0', engines: { node: '>=22' }, license: 'MIT' },
    'node_modules/silent': { version: '1.0.0', license: 'MIT' },
  },
};

test('names the packages that npm would compare with the machine’s Node', () => {
  expect(placesWithEngines(lockfile)).toEqual(['libs/a/node_modules/modern']);
});

test('drops what they say, and nothing else', () => {
  const without = withoutEngines(lockfile);
  expect(without).toEqual({ ...lockfile, packages: { ...lockfile.packages, 'libs/a/node_modules/modern': { version: '3.0.0', license: 'MIT' } } });
  expect(placesWithEngines(without)).toEqual([]);
});
