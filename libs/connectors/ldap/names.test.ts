import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { childDn, dnKey, escapeDnValue, isBelow, isSameDn, preparedName } from './names.ts';

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

describe('preparedName (RFC 4518)', () => {
  test.each([
    ['Finance', 'finance'],
    ['  Finance   EU ', 'finance eu'],
    ['Ärzte'.normalize('NFD'), 'ärzte'.normalize('NFC')],
    ['ＦＩＮＡＮＣＥ', 'finance'],
    ['名前', '名前'],
  ])('%j is %j', (name, prepared) => {
    expect(preparedName(name)).toBe(prepared);
  });
});

describe('DNs that are written differently', () => {
  test.each([
    ['UID=Ann, OU=People ,dc=example', 'uid=ann,ou=people,dc=example'],
    ['cn=a\\,b,dc=example', 'cn=a\\2Cb,dc=example'],
    ['cn=M\\C3\\BCller,dc=example', 'cn=müller,dc=example'],
    ['cn=ann+uid=1,dc=example', 'UID=1+CN=Ann,dc=example'],
    ['cn=a\\+b,dc=example', 'cn=a\\2bb,dc=example'],
    ['cn=\\ ann\\ ,dc=example', 'cn=ann,dc=example'],
    ['cn=a=b,dc=example', 'cn=a\\=b,dc=example'],
    ['', ''],
  ])('%j and %j are the same', (one, other) => {
    expect(isSameDn(one, other)).toBe(true);
  });

  test.each([
    ['uid=ann,ou=people,dc=example', 'uid=ann,dc=example'],
    ['uid=ann,ou=people', 'uid=ann\\,ou=people'],
    ['cn=a+uid=b,dc=example', 'cn=a\\+uid\\=b,dc=example'],
    ['uid=ann', ''],
  ])('%j and %j are not', (one, other) => {
    expect(isSameDn(one, other)).toBe(false);
  });

  test('below is at or under, by whole parts', () => {
    expect(isBelow('uid=ann,OU=People,dc=example', 'ou=people, dc=example')).toBe(true);
    expect(isBelow('ou=people,dc=example', 'ou=people,dc=example')).toBe(true);
    expect(isBelow('ou=people,dc=example', '')).toBe(true);
    expect(isBelow('ou=morepeople,dc=example', 'people,dc=example')).toBe(false);
    expect(isBelow('dc=example', 'ou=people,dc=example')).toBe(false);
  });

  test('their keys are equal exactly if they are the same', () => {
    const piece = fc.constantFrom(
      'uid=Ann',
      'UID = ann',
      'uid=ann  b',
      'uid=ann b ',
      'cn=a\\,b',
      'cn=a\\2cb',
      'cn=m\u00fcller',
      'cn=M\\C3\\BCLLER',
      'uid=',
      'cn=x+uid=y',
      'UID=y+cn=X',
    );
    const dn = fc.array(piece, { minLength: 1, maxLength: 3 }).chain((parts) => fc.constantFrom(',', ', ', ' ,', ';').map((by) => parts.join(by)));
    fc.assert(
      fc.property(dn, dn, (one, other) => expect(dnKey(one) === dnKey(other)).toBe(isSameDn(one, other))),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(dn, (one) => expect(dnKey(one)).toBe(dnKey(one.toUpperCase().replaceAll('\\2CB', '\\2cb')))));
  });

  test('a value that was escaped is the value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        expect(
          isSameDn(
            childDn('uid', value, 'dc=example'),
            `uid=${[...Buffer.from(value)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')},dc=example`,
          ),
        ).toBe(true);
        expect(isBelow(childDn('uid', value, 'ou=people,dc=example'), 'ou=people,dc=example')).toBe(true);
      }),
    );
  });
});
