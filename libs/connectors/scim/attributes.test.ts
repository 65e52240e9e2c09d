import { describe, expect, test } from '@jest/globals';
import { attributesOf, patchPath, wireValue, withAttributes } from './attributes.ts';

const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const attributes = {
  displayName: 'Ann',
  'name.givenName': 'Ann',
  'name.familyName': 'Miller',
  emails: 'ann@example.com',
  department: 'Finance',
  'urn:example:User:badge.number': '7',
};

describe('SCIM attributes', () => {
  test('nest, and name the schemas that they belong to', () => {
    expect(withAttributes({ userName: 'ann' }, attributes)).toEqual({
      schemas: [core, enterprise, 'urn:example:User'],
      userName: 'ann',
      displayName: 'Ann',
      name: { givenName: 'Ann', familyName: 'Miller' },
      emails: [{ value: 'ann@example.com', type: 'work', primary: true }],
      [enterprise]: { department: 'Finance' },
      'urn:example:User': { badge: { number: '7' } },
    });
  });

  test('read back as they were written', () => {
    expect(attributesOf(withAttributes({ id: '1', userName: 'ann', active: true, meta: {}, groups: [] }, attributes))).toEqual(attributes);
  });

  test('leave what they do not touch, and take nothing from the original', () => {
    const before = { schemas: [core], name: { givenName: 'A', middleName: 'B' }, nickName: 'An' };
    expect(withAttributes(before, { 'name.givenName': 'Ann', nickName: [] })).toEqual({ schemas: [core], name: { givenName: 'Ann', middleName: 'B' } });
    expect(before.name.givenName).toBe('A');
  });

  test('of several addresses the one of type work counts, else the primary one without a type, else the first', () => {
    expect(attributesOf({ emails: [{ value: 'a' }, { value: 'b', primary: true }] })).toEqual({ emails: 'b' });
    expect(attributesOf({ emails: [{ value: 'a' }, { value: 'b' }] })).toEqual({ emails: 'a' });
    expect(attributesOf({ emails: [{ value: 'a', type: 'home', primary: true }, { value: 'b' }] })).toEqual({ emails: 'b' });
    expect(
      attributesOf({
        emails: [
          { value: 'a', primary: true },
          { value: 'b', type: 'Work' },
        ],
      }),
    ).toEqual({ emails: 'b' });
    expect(attributesOf({ emails: [{ value: 'a', type: 'home', primary: true }] })).toEqual({});
    const office = { type: 'work', formatted: 'Main Street 1, Bern', locality: 'Bern' };
    expect(attributesOf({ addresses: [{ type: 'home', locality: 'Thun' }, office] })).toEqual({
      addresses: 'Main Street 1, Bern',
      'addresses.locality': 'Bern',
    });
    expect(attributesOf({ emails: [] })).toEqual({});
    expect(attributesOf({ roles: [{ value: 'x' }, { value: 'y' }], title: null })).toEqual({ roles: ['x', 'y'] });
  });

  test('have the paths that PATCH wants', () => {
    expect(patchPath('name.givenName')).toBe('name.givenName');
    expect(patchPath('department')).toBe(`${enterprise}:department`);
    expect(wireValue('emails', ['a', 'b'])).toBe('a');
    expect(wireValue('roles', [])).toBeUndefined();
  });
});
