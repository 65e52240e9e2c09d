import { expect, test } from '@jest/globals';
import { mustBeSupported } from './must-be-supported.ts';

test('a PostgreSQL that is too old is refused in a sentence that names its version and the oldest supported one', () => {
  expect(() => mustBeSupported(140_011)).toThrow('PostgreSQL 14 is too old: Tenure needs 15 or newer');
  expect(() => mustBeSupported(150_000)).not.toThrow();
});
