import { expect, test } from '@jest/globals';
import type { StoredKey } from '@tenure/store';
import type { KeyRules } from './key-rules.ts';
import { nextTurns } from './next-turns.ts';

const DAY = 24 * 3_600_000;
const rules: KeyRules = { rotateEvery: 100 * DAY, publishBefore: 10 * DAY, longestValidity: 2 * DAY };
const START = '2026-01-01T00:00:00.000Z';
const day = (days: number): string => new Date(Date.parse(START) + days * DAY).toISOString();
const key = (id: string, state: StoredKey['state'], more: Partial<StoredKey> = {}): StoredKey =>
  ({ id, state, createdAt: START, activatedAt: state === 'next' ? null : START, retiringAt: null, retiredAt: null, ...more }) as StoredKey;
const retiring = key('old', 'retiring', { retiringAt: day(50) });

test.each<readonly [string, readonly StoredKey[], number, object[], Partial<KeyRules>?]>([
  ['nothing while there is no key', [], 500, []],
  ['nothing before the next key is to be published', [key('a', 'active')], 89.9, []],
  ['publishes the next key before the active one is to be replaced', [key('a', 'active')], 90, [{ kind: 'publish' }]],
  ['publishes before it activates, though a worker was away for months', [key('a', 'active')], 400, [{ kind: 'publish' }]],
  ['keeps the next key from signing until it has been published for long enough', [key('a', 'active'), key('b', 'next', { createdAt: day(95) })], 104.9, []],
  ['lets it sign then', [key('a', 'active'), key('b', 'next', { createdAt: day(95) })], 105, [{ kind: 'activate', next: 'b', before: 'a' }]],
  ['keeps it from signing for ten minutes, whatever is set', [key('b', 'next', { createdAt: day(1) })], 1 + 9 / 1440, [], { publishBefore: 1 }],
  ['publishes no key by itself where keys are never rotated', [key('a', 'active')], 4000, [], { rotateEvery: null }],
  ['publishes an old key while something valid may be signed by it', [key('a', 'active', { activatedAt: day(50) }), retiring], 51.9, []],
  ['retires it then', [key('a', 'active', { activatedAt: day(50) }), retiring], 52, [{ kind: 'retire', key: 'old' }]],
  ['never retires a key whose signatures are evidence', [key('a', 'active', { activatedAt: day(50) }), retiring], 139, [], { longestValidity: null }],
])('%s', (_title, keys, at, turns, more = {}) => {
  expect(nextTurns(keys, { ...rules, ...more }, day(at))).toEqual(turns);
});
