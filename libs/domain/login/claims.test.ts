import { describe, expect, test } from '@jest/globals';
import { checkFacts } from '../identity/check-facts.ts';
import { claimGroups, claimHolds, claimText, compileClaims, mapClaims, statesExactly } from './claims.ts';
import { compileExpression, type ExpressionType } from '../expressions/expressions.ts';
import { SCHEMA } from '../testing/people.ts';

const cel = (source: string, type: ExpressionType) => compileExpression(source, type, 'assertion', SCHEMA);
const mapping = compileClaims(
  {
    department: 'claims.department[0]',
    displayName: 'claims.given[0] + " " + claims.family[0]',
    endDate: 'claims.contractEnd[0]',
    level: 'claims.level',
    remote: 'claims.remote',
    skills: 'claims.skills',
    email: 'claims.email',
  },
  SCHEMA,
);

describe('mapClaims', () => {
  test.each([
    ['values', { department: ['Finance'], given: ['Ada'], family: ['L'] }, { department: 'Finance', displayName: 'Ada L' }],
    ['absent says nothing', {}, {}],
    ['empty says none', { department: [], skills: [], email: '' }, { department: null, skills: null, email: null }],
    ['an empty value says none', { department: [''], email: null }, { department: null, email: null }],
    ['half of a composed value says nothing', { given: ['Ada'] }, {}],
    [
      'types are read',
      { contractEnd: ['2026-03-31'], level: '5', remote: 'true', skills: ['b', 'a'] },
      { endDate: '2026-03-31', level: 5, remote: true, skills: ['a', 'b'] },
    ],
    ['a day as its midnight', { contractEnd: ['2026-03-31T00:00:00.000Z'] }, { endDate: '2026-03-31' }],
    ['JSON values', { level: 5, remote: false, email: ['only@x'] }, { level: 5, remote: false, email: 'only@x' }],
  ])('%s', (_, claims, facts) => expect(mapClaims(mapping, claims)).toEqual(facts));

  test('a date that cannot be read is refused, without its value', () => {
    expect(() => mapClaims(mapping, { contractEnd: ['31.3.2026'], level: 'high' })).toThrow('claims do not fit the type of: endDate, level');
  });
});

test('whether a claim holds: absent, other types and errors mean no', () => {
  const verified = (claims: object) => claimHolds(cel('claims.email_verified == true', 'bool'), { ...claims });
  expect([verified({ email_verified: true }), verified({ email_verified: 'true' }), verified({ email_verified: false }), verified({})]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect([claimHolds(cel('true', 'bool'), {}), claimHolds(cel('claims.x', 'bool'), { x: 1 })]).toEqual([true, false]);
});

test('groups: absent says nothing, empty says none', () => {
  const groups = (claims: object) => claimGroups(cel('claims.groups', 'strings'), { ...claims });
  expect([groups({}), groups({ groups: [] }), groups({ groups: ['b', 'a', 'b'] }), groups({ groups: 'one' }), groups({ groups: null })]).toEqual([
    null,
    [],
    ['a', 'b'],
    ['one'],
    [],
  ]);
});

test.each([
  ['an object', { a: 1 }],
  ['a number', 7],
  ['true', true],
  ['a list of objects', [{ name: 'a' }]],
  ['a list with a number in it', ['a', 1]],
  ['a list in a list', [['a']]],
])('groups as %s are refused: it is not "none"', (_, groups) => {
  expect(() => claimGroups(cel('claims.groups', 'strings'), { groups })).toThrow('claims do not fit the type of: groups');
});

test('an expression of groups that fails on a claim is no "absent"', () => {
  expect(() => claimGroups(cel('claims.groups.filter(g, g.startsWith("x"))', 'strings'), { groups: 7 })).toThrow('claims do not fit the type of: groups');
});

test('which claims an expression reads shows by itself, or is not known', () => {
  const read = (source: string) => compileExpression(source, 'any', 'assertion', SCHEMA).claims;
  expect(read('has(claims.a) && "b" in claims ? claims.?c.orValue("") : claims["d e"][0] + claims[?"f"].orValue("")')).toEqual(['a', 'b', 'c', 'd e', 'f']);
  expect([read('claims[claims.a]'), read('claims.exists(name, name == "a")'), read('"x"')]).toEqual([null, null, []]);
});

test('groups are compared as they look', () => {
  expect(claimGroups(cel('claims.groups', 'strings'), { groups: [' operators', 'operators\u00a0', 'MU\u0308', '\u200b'] })).toEqual(['M\u00dc', 'operators']);
});

test('an address that was stated in other characters is not the one that was verified', () => {
  const mapping = compileClaims({ email: 'claims.email' }, SCHEMA);
  const exactly = (email: unknown, value: string) => statesExactly(mapping, 'email', { email }, value);
  expect([exactly('a@x.example', 'a@x.example'), exactly(['a@x.example'], 'a@x.example')]).toEqual([true, true]);
  expect([exactly('a@x.example ', 'a@x.example'), exactly('\u212a@x.example', 'K@x.example'), exactly(['a', 'b'], 'a')]).toEqual([false, false, false]);
});

test('a text', () => {
  const text = (claims: object) => claimText(cel('claims.kind[0] == "x" ? "contractor" : "employee"', 'string'), { ...claims });
  expect([text({ kind: ['x'] }), text({ kind: ['y'] }), text({})]).toEqual(['contractor', 'employee', null]);
});

test('texts are kept as they look, and what is blank is none', () => {
  const { facts, problems } = checkFacts(
    { department: ' Fi\u00adnance\u00a0', jobRole: '\u200b', displayName: 'Mu\u0308ller', skills: ['b ', ' b', '\u3000', 'a'] },
    SCHEMA,
  );
  expect([facts, problems]).toEqual([{ department: 'Finance', jobRole: null, displayName: 'M\u00fcller', skills: ['a', 'b'] }, []]);
});

test('texts that read as others, that are too long, and keys with what nobody sees are refused by name', () => {
  const wrong = {
    department: 'a\u202eb',
    jobRole: 'a\nb',
    displayName: 'x'.repeat(1001),
    email: 'x'.repeat(257),
    skills: Array.from({ length: 1001 }, (_, index) => String(index)),
  };
  const { facts, problems } = checkFacts(wrong, SCHEMA);
  expect([facts, problems.map(({ attribute }) => attribute)]).toEqual([{}, Object.keys(wrong)]);
  expect(checkFacts({ department: '37\u200d40' }, SCHEMA, ['department']).problems).toEqual([
    { attribute: 'department', message: 'must not contain invisible characters' },
  ]);
  expect(checkFacts({ department: '37\u200d40' }, SCHEMA).problems).toEqual([]);
});

test('facts are checked by name and type', () => {
  const { facts, problems } = checkFacts(
    { department: 'x', departmant: 'y', endDate: '2026-02-30', level: 'NaN', remote: 'yes', skills: [1], jobRole: undefined, email: null },
    SCHEMA,
  );
  expect(facts).toEqual({ department: 'x', email: null });
  expect(problems).toEqual([
    { attribute: 'departmant', message: 'there is no such attribute (did you mean department?)' },
    { attribute: 'endDate', message: 'must be a day (YYYY-MM-DD)' },
    { attribute: 'level', message: 'must be a number' },
    { attribute: 'remote', message: 'must be true or false' },
    { attribute: 'skills', message: 'must be a list of texts' },
  ]);
});
