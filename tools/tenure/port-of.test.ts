import { expect, test } from '@jest/globals';
import { portOf } from './port-of.ts';

test('PORT is a port, or is not set', () => {
  expect(portOf({})).toBeNull();
  expect(portOf({ PORT: '' })).toBeNull();
  expect(portOf({ PORT: '4100' })).toBe(4100);
});

test.each(['0', '65536', '4100.5', 'http', '-1'])('refuses PORT=%s', (PORT) => {
  expect(() => portOf({ PORT })).toThrow(`PORT is "${PORT}", but has to be a number from 1 to 65535.`);
});
