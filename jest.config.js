const decorators = { jsc: { target: 'es2024', parser: { syntax: 'typescript', decorators: true }, transform: { legacyDecorator: true, decoratorMetadata: true }, keepClassNames: true }, module: { type: 'es6' } };

/** Unit tests lie beside the code; the ones with real servers end in .integration.test.ts. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', decorators] },
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/.tenure/'],
  modulePathIgnorePatterns: ['/.tenure/'],
  testTimeout: 30_000,
};
