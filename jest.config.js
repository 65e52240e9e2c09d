import { availableParallelism } from 'node:os';
import './tools/node-24.js';
import { transpile } from './tools/transpile.js';

const typescript = ['@swc/jest', transpile];

const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': typescript },
  moduleNameMapper: { '^fast-check$': '<rootDir>/testing/seeded-fast-check.js' },
  testPathIgnorePatterns: ['/node_modules/', '/.tenure/', '<rootDir>/dist/'],
  modulePathIgnorePatterns: ['/.tenure/', '<rootDir>/dist/'],
};

/** Unit tests lie beside the code and need nothing; those ending in .integration.test.ts get a real PostgreSQL and a real Temporal server. */
export default {
  // Many files wait as much as they reckon: on two cores Jest itself would run one at a time.
  maxWorkers: Math.max(3, availableParallelism() - 1),
  testSequencer: '<rootDir>/tools/longest-first.js',
  // Enough for a machine that is much slower; only what hangs takes so long.
  testTimeout: 180_000,
  // Everything that is drawn by chance in tests comes from it, by jest.getSeed() or fast-check: --seed=<the one shown> plays a run again.
  showSeed: true,
  // ES modules of a test file stay in memory after it (--experimental-vm-modules): a worker process above this size is replaced before the next file.
  workerIdleMemoryLimit: '1GB',
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['**/*.test.ts'], testPathIgnorePatterns: [...shared.testPathIgnorePatterns, '\\.integration\\.test\\.ts$'] },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['**/*.integration.test.ts'],
      globalSetup: '<rootDir>/tools/embedded/jest-global-setup.ts',
      globalTeardown: '<rootDir>/tools/embedded/jest-global-teardown.ts',
    },
  ],
};
