import { expect, test } from '@jest/globals';
import { digestOf } from './digest-of.ts';

test('a digest is equal for what counts as the same and for nothing else, short, and without the value', () => {
  const digest = digestOf('account-1', '4711');
  expect(digest).toMatch(/^[0-9a-f]{16}$/);
  expect(digestOf('account-1', ['4711'])).toBe(digest);
  expect(digestOf('account-1', 4711)).toBe(digest);
  expect(digestOf('account-1', '4712')).not.toBe(digest);
  expect(digestOf('account-2', '4711')).not.toBe(digest);
});

test('case counts unless the rule says that it does not; none, an empty text and an empty list are one', () => {
  expect(digestOf('a', 'Secret')).not.toBe(digestOf('a', 'secret'));
  expect(digestOf('a', 'Secret', { compare: 'caseless' })).toBe(digestOf('a', 'secret', { compare: 'caseless' }));
  expect(new Set([digestOf('a', undefined), digestOf('a', ''), digestOf('a', [])]).size).toBe(1);
});
