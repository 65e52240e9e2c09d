import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { childDn, escapeDnValue } from './names.ts';

describe('escapeDnValue (RFC 4514 section 2.4)', () => {
  test.each([
    ['ann', 'ann'],
    ['a,b+c"d\\e<f>g;h=i', 'a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h\\=i'],
    [' both ', '\\ both\\ '],
    [' ', '\\ '],
    ['  ', '\\ \\ '],
    ['a b', 'a b'],
    ['#1#', '\\#1#'],
    ['nul\0', 'nul\\00'],
    ['名前', '名前'],
  ])('%j', (value, escaped) => {
    expect(escapeDnValue(value)).toBe(escaped);
  });

  test('a value never becomes two parts of a name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const escaped = escapeDnValue(value);
        expect(escaped.replace(/\\(?:00|[\s\S])/g, '')).not.toMatch(/[\\,+"<>;=\0]|^[ #]| $/);
        expect(escaped.replace(/\\(00|[\s\S])/g, (_all, of: string) => (of === '00' ? '\0' : of))).toBe(value);
      }),
    );
  });

  test('stands before the branch', () => {
    expect(childDn('uid', 'a,b', 'ou=people,dc=example')).toBe('uid=a\\,b,ou=people,dc=example');
  });
});
