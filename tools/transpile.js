/** Options by which TypeScript becomes JavaScript for Node, for processes and tests alike: each file by itself, with the metadata for decorators. */
export const transpile = {
  jsc: {
    target: 'es2024',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
  module: { type: 'es6' },
};
