/** How TypeScript becomes what Node runs, for processes and tests alike: each file by itself, with what decorators need to know. */
export const transpile = {
  jsc: {
    target: 'es2024',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
  module: { type: 'es6' },
};
