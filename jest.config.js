import './tools/node-24.js';

const typescript = [
  '@swc/jest',
  {
    jsc: {
      target: 'es2024',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      keepClassNames: true,
    },
    module: { type: 'es6' },
  },
];

const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': typescript },
  testPathIgnorePatterns: ['/node_modules/', '/.tenure/'],
  modulePathIgnorePatterns: ['/.tenure/'],
};

/** Unit tests lie beside the code and need nothing; those ending in .integration.test.ts get a real PostgreSQL and a real Temporal server. */
export default {
  testTimeout: 60_000,
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
