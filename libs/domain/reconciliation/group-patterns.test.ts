import { expect, test } from '@jest/globals';
import { matchesGroups } from './group-patterns.ts';

test.each<[readonly string[], string, boolean]>([
  [['*'], 'Choir', true],
  [['*'], '', true],
  [[], 'Choir', false],
  [['choir'], 'Choir', true],
  [['choir'], 'Choirs', false],
  [['app-*'], 'APP-payroll', true],
  [['app-*'], 'myapp-payroll', false],
  [['*-admins'], 'db-admins', true],
  [['app-*-admins'], 'app-admins', false],
  [['a*b*b'], 'ab', false],
  [['a*b*c'], 'axbxc', true],
  [['a*b*c'], 'acb', false],
  [['a.c'], 'abc', false],
  [['vpn', 'app-*'], 'vpn', true],
])('%j and %s: %s', (patterns, name, expected) => expect(matchesGroups(patterns)(name)).toBe(expected));

test('many wildcards take no more than linear time', () => {
  expect(matchesGroups(['*a'.repeat(200)])('b'.repeat(100_000))).toBe(false);
});
