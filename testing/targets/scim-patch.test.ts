import { describe, expect, test } from '@jest/globals';
import { applyPatch } from './scim-patch.ts';
import { enterpriseSchema, userSchema } from './scim-schema.ts';

const patch = (resource: object, ...Operations: object[]) =>
  applyPatch(resource as never, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations });
const refusal = (...operations: object[]): unknown => {
  try {
    patch({ userName: 'ada', members: [{ value: '1' }] }, ...operations);
    return null;
  } catch (error) {
    return (error as { scimType?: string }).scimType ?? String(error);
  }
};
const ada = { userName: 'ada', emails: [{ type: 'work', value: 'ada@corp.example' }], name: { givenName: 'Ada' } };

describe('RFC 7644 section 3.5.2', () => {
  test.each([
    ['replaces a text', { op: 'Replace', path: 'displayName', value: 'Ada' }, { ...ada, displayName: 'Ada' }],
    ['compares names without case', { op: 'replace', path: 'UserName', value: 'ada2' }, { ...ada, userName: 'ada2' }],
    [
      'without a path',
      { op: 'replace', value: { active: false, 'name.familyName': 'L' } },
      { ...ada, active: false, name: { givenName: 'Ada', familyName: 'L' } },
    ],
    ['a part of an attribute', { op: 'add', path: 'name.familyName', value: 'L' }, { ...ada, name: { givenName: 'Ada', familyName: 'L' } }],
    [
      'an extension by its schema',
      { op: 'add', path: `${enterpriseSchema}:department`, value: 'Finance' },
      { ...ada, [enterpriseSchema]: { department: 'Finance' } },
    ],
    [
      'an extension as a whole',
      { op: 'add', value: { [enterpriseSchema]: { department: 'Finance' } } },
      { ...ada, [enterpriseSchema]: { department: 'Finance' } },
    ],
    ['the schema of the resource', { op: 'replace', path: `${userSchema}:userName`, value: 'ada2' }, { ...ada, userName: 'ada2' }],
    [
      'one of several values',
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'a@corp.example' },
      { ...ada, emails: [{ type: 'work', value: 'a@corp.example' }] },
    ],
    [
      'a value that is not there yet',
      { op: 'replace', path: 'emails[type eq "home"].value', value: 'a@home.example' },
      { ...ada, emails: [...ada.emails, { type: 'home', value: 'a@home.example' }] },
    ],
    ['removes one value', { op: 'remove', path: 'emails[value eq "ada@corp.example"]' }, { ...ada, emails: [] }],
    ['removes an attribute', { op: 'remove', path: 'emails' }, { userName: 'ada', name: { givenName: 'Ada' } }],
    ['removes a part', { op: 'remove', path: 'name.givenName' }, { ...ada, name: {} }],
  ])('%s', (_title, operation, expected) => {
    const before = structuredClone(ada);
    expect(patch(before, operation)).toEqual(expected);
    expect(before).toEqual(ada);
  });

  test('adds members once and removes those that are named, as clients name them', () => {
    const group = { displayName: 'G', members: [{ value: '1', type: 'User' }] };
    const two = patch(group, { op: 'add', path: 'members', value: [{ value: '1', $ref: null }, { value: '2' }] });
    expect(two).toEqual({ displayName: 'G', members: [{ value: '1', type: 'User' }, { value: '2' }] });
    expect(patch(two, { op: 'Remove', path: 'members', value: [{ $ref: null, value: '1' }] })).toEqual({ displayName: 'G', members: [{ value: '2' }] });
    expect(patch(two, { op: 'remove', path: 'members[value eq "2"]' })).toEqual(group);
    expect(patch(two, { op: 'replace', path: 'members', value: [] })).toEqual({ displayName: 'G', members: [] });
  });

  test('does all of it or nothing', () => {
    const before = structuredClone(ada);
    expect(() => patch(before, { op: 'replace', path: 'userName', value: 'x' }, { op: 'replace', path: 'a.b.c', value: 1 })).toThrow();
    expect(before).toEqual(ada);
  });

  test.each([
    [{ op: 'move', path: 'userName', value: 'x' }, 'invalidSyntax'],
    [{ op: 'remove' }, 'noTarget'],
    [{ op: 'replace', value: 'x' }, 'invalidValue'],
    [{ op: 'replace', path: 'emails[type eq', value: 'x' }, 'invalidPath'],
    [{ op: 'replace', path: 'emails[type like "x"].value', value: 'x' }, 'invalidFilter'],
    [{ op: 'remove', path: 'emails[type eq "home"].value' }, 'noTarget'],
  ])('refuses %j', (operation, type) => {
    expect(refusal(operation)).toBe(type);
  });
});

describe('names that JavaScript gives a meaning', () => {
  const evil = JSON.parse('{ "__proto__": { "admin": true }, "constructor": { "prototype": { "admin": true } } }') as object;
  test.each([
    { op: 'add', path: '__proto__.admin', value: true },
    { op: 'add', path: '__proto__', value: { admin: true } },
    { op: 'replace', path: 'constructor.prototype', value: { admin: true } },
    { op: 'add', path: 'name.__proto__', value: { admin: true } },
    { op: 'add', path: 'name.constructor', value: { admin: true } },
    { op: 'add', path: '__PROTO__.admin', value: true },
    { op: 'add', path: `${enterpriseSchema}:__proto__`, value: { admin: true } },
    { op: 'add', path: 'members[value eq "1"].__proto__', value: { admin: true } },
    { op: 'add', value: evil },
    { op: 'replace', value: { '__proto__.admin': true } },
    { op: 'replace', value: { 'constructor.prototype.admin': true } },
    { op: 'replace', path: 'name', value: evil },
    { op: 'add', path: 'members', value: [evil] },
    { op: 'replace', path: 'members[value eq "1"]', value: evil },
  ])('change no object: %j', (operation) => {
    expect(refusal(operation)).toBe('invalidPath');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

test('a thousand members are added to twenty thousand in one pass', () => {
  const members = Array.from({ length: 20_000 }, (_, index) => ({ value: String(index) }));
  const added = Array.from({ length: 1_000 }, (_, index) => ({ value: String(index + 19_500) }));
  const { members: after } = patch({ displayName: 'G', members }, { op: 'add', path: 'members', value: added });
  expect((after as unknown[]).length).toBe(20_500);
});
