import { expect, test } from '@jest/globals';
import type { Lockfile } from './lockfile.ts';
import { completeLockfile, missingPackages } from './missing-packages.ts';

const lockfile: Lockfile = {
  lockfileVersion: 3,
  packages: {
    '': { version: '1.0.0' },
    'libs/a': { version: '1.0.0', optionalDependencies: { beside: '1.0.0' } },
    'libs/a/node_modules/beside': { version: '1.0.0' },
    'node_modules/swift': {
      version: '2.0.0',
      optionalDependencies: { 'swift-linux-x64-gnu': '2.0.0', 'swift-darwin-arm64': '2.0.0', 'swift-linux-arm-musleabihf': '2.0.0' },
    },
    'node_modules/swift-linux-x64-gnu': { version: '2.0.0', optional: true, cpu: ['x64'], os: ['linux'] },
  },
};

test('names the optional packages that npm left out', () => {
  expect(missingPackages(lockfile).map(({ name }) => name)).toEqual(['swift-darwin-arm64', 'swift-linux-arm-musleabihf']);
});

test('adds them with the version and the platform that their names give, in the order that npm keeps', () => {
  const { packages } = completeLockfile(lockfile);
  expect(packages['node_modules/swift-darwin-arm64']).toEqual({ version: '2.0.0', optional: true, cpu: ['arm64'], os: ['darwin'] });
  expect(packages['node_modules/swift-linux-arm-musleabihf']).toEqual({ version: '2.0.0', optional: true, cpu: ['arm'], libc: ['musl'], os: ['linux'] });
  expect(Object.keys(packages).slice(-4)).toEqual([
    'node_modules/swift',
    'node_modules/swift-darwin-arm64',
    'node_modules/swift-linux-arm-musleabihf',
    'node_modules/swift-linux-x64-gnu',
  ]);
  expect(missingPackages(completeLockfile(lockfile))).toEqual([]);
});

test('does not guess a version or a platform', () => {
  const wanting = (name: string, version: string): Lockfile => ({ packages: { '': { optionalDependencies: { [name]: version } } } });
  expect(() => completeLockfile(wanting('swift-linux-x64', '^2.0.0'))).toThrow(/package-lock.json lacks swift-linux-x64@\^2.0.0/);
  expect(() => completeLockfile(wanting('swift', '2.0.0'))).toThrow(/by hand/);
});
