import { describe, expect, test } from '@jest/globals';
import { namedAttribute } from './refused-attribute.ts';

describe('namedAttribute', () => {
  const sent = ['objectClass', 'cn', 'sn', 'mail', 'l', 'o', 'c', 'title', 'ou', 'homePhone'];

  test.each([
    // OpenLDAP
    ['mail: value #0 invalid per syntax Code: 0x15', 'mail'],
    ['homePhone: attribute type undefined Code: 0x11', 'homePhone'],
    ["attribute 'title' not allowed Code: 0x41", 'title'],
    ["object class 'person' requires attribute 'sn' Code: 0x41", 'sn'],
    ['modify breaks constraint on mail Code: 0x13', 'mail'],
    ['modify/add: mail: value #0 already exists Code: 0x14', 'mail'],
    ['title: multiple values provided Code: 0x13', 'title'],
    // 389 Directory Server
    ['attribute "homePhone" not allowed\\n Code: 0x41', 'homePhone'],
    ['missing attribute "sn" required by object class "person"\\n Code: 0x41', 'sn'],
    ['Another entry with the same attribute value already exists (attribute: "mail") Code: 0x13', 'mail'],
    // Active Directory
    ['00002082: AttrErr: DSID-03151E, #1:\\n\\t0: 00002082: DSID-03151E, problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att 31 (title):len 200\\n', 'title'],
    // Samba
    ["error in module objectclass_attrs: attribute 'homePhone' on entry 'CN=x' was specified twice!", 'homePhone'],
    // No attribute is named: letters and words of the text are no attributes.
    ['some attributes not unique Code: 0x13', null],
    ['c is not o, and l is neither Code: 0x13', null],
    ['no write access to parent Code: 0x32', null],
    ['', null],
  ])('%j names %s', (message, attribute) => {
    expect(namedAttribute(new Error(message), sent)).toBe(attribute);
  });

  test('a name that means something in a pattern is only a name', () => {
    expect(namedAttribute(new Error('anything: bad'), ['.*', '(', 'a|b', 'cn;lang-de'])).toBeNull();
    expect(namedAttribute(new Error('cn;lang-de: value #0 invalid'), ['cn', 'cn;lang-de'])).toBe('cn;lang-de');
  });
});
