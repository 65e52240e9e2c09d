import { expect, test } from '@jest/globals';
import type { StoredKey } from '@tenure/store';
import { keyLines, readKeysWish } from './signing-keys.ts';

test.each([
  [[], {}, /Provide list, rotate or retire/],
  [['rotate'], {}, /There are no keys for ""/],
  [['rotate', 'smal'], {}, /did you mean saml/i],
  [['retire', 'k-1'], {}, /--reason/],
  [['list', 'saml'.repeat(2), 'more'], {}, /one argument too many/],
])('refuses %j %j', (words, values, message) => {
  expect(() => readKeysWish(words, values)).toThrow(message);
});

test('reads what is wanted', () => {
  expect(readKeysWish(['list'], {})).toEqual({ command: 'list' });
  expect(readKeysWish(['rotate', 'oidc'], { now: true })).toEqual({ command: 'rotate', purpose: 'oidc', isNow: true });
  expect(readKeysWish(['retire', 'k-1'], { reason: ' lost ' })).toEqual({ command: 'retire', key: 'k-1', reason: 'lost' });
});

test('says what each key does and until when, and that a rotation is overdue', () => {
  const key = (state: StoredKey['state'], more: Partial<StoredKey> = {}): StoredKey =>
    ({
      id: `k-${state}`,
      state,
      algorithm: 'RS256',
      createdAt: '2026-01-01T00:00:00.000Z',
      activatedAt: null,
      retiringAt: null,
      retiredAt: null,
      ...more,
    }) as StoredKey;
  const settings = { url: 'https://tenure.example', session: { lifetime: 3_600_000, idle: 3_600_000 }, applications: {} };
  const keys = [
    key('next'),
    key('active', { activatedAt: '2025-01-01T00:00:00.000Z' }),
    key('retiring', { retiringAt: '2026-01-01T00:00:00.000Z' }),
    key('retired', { retiredAt: '2025-01-01T00:00:00.000Z' }),
  ];
  expect(keyLines('oidc', keys, settings, '2026-01-02T00:00:00.000Z')).toEqual([
    'oidc:',
    '  next      k-next  RS256  signs from 2026-01-08T00:00',
    '  active    k-active  RS256  since 2025-01-01T00:00, to be replaced at 2025-04-01T00:00 (overdue: does a worker run?)',
    '  retiring  k-retiring  RS256  since 2026-01-01T00:00, until 2026-01-02T01:00',
    '  retired   k-retired  RS256  since 2025-01-01T00:00',
  ]);
  expect(keyLines('certificate', [], settings, '2026-01-02T00:00:00.000Z')).toEqual(['certificate:', '  no key yet: the first one is made when it is needed']);
});
