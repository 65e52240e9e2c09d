import { expect, test } from '@jest/globals';
import { packagesWithoutIntegrity, withIntegrity } from './integrity.ts';
import type { Lockfile } from './lockfile.ts';
import { readLockfile } from './lockfile-file.ts';

const digest = `sha512-${'a'.repeat(86)}==`;
const lockfile: Lockfile = {
  packages: {
    '': { version: '1.0.0' },
    'libs/a': { version: '1.0.0' },
    'libs/a/node_modules/@some/beside': { version: '3.0.0', optional: true },
    'node_modules/@tenure/a': { link: true },
    'node_modules/swift': { version: '2.0.0', integrity: digest },
  },
};

test('names the packages whose content nothing proves', () => {
  expect(packagesWithoutIntegrity(lockfile)).toEqual([{ place: 'libs/a/node_modules/@some/beside', name: '@some/beside', version: '3.0.0' }]);
});

test('takes a SHA-512 and nothing else', () => {
  const place = 'libs/a/node_modules/@some/beside';
  const complete = withIntegrity(lockfile, new Map([[place, digest]]));
  expect(JSON.stringify(complete.packages[place])).toBe(JSON.stringify({ version: '3.0.0', integrity: digest, optional: true }));
  expect(packagesWithoutIntegrity(complete)).toEqual([]);
  for (const other of ['', 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=', `${digest} ${digest}`])
    expect(() => withIntegrity(lockfile, new Map([[place, other]]))).toThrow(/no SHA-512/);
});

test('every package of package-lock.json has its digest', async () => {
  expect(packagesWithoutIntegrity(await readLockfile())).toEqual([]);
});
