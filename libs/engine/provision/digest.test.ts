import { expect, test } from '@jest/globals';
import { digestFor } from './digest.ts';

test('a digest is equal for equal texts of one account and for nothing else, short, and without the value', () => {
  const digest = digestFor('account-1');
  expect(digest('["4711"]')).toMatch(/^[0-9a-f]{16}$/);
  expect(digest('["4711"]')).toBe(digestFor('account-1')('["4711"]'));
  expect(digest('["4712"]')).not.toBe(digest('["4711"]'));
  expect(digestFor('account-2')('["4711"]')).not.toBe(digest('["4711"]'));
});
