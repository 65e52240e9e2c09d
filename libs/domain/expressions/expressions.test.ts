import { describe, expect, test } from '@jest/globals';
import { checkExpression, compileExpression } from './expressions.ts';
import { identityFacts } from '../identity/identity-facts.ts';
import { person, SCHEMA } from '../testing/people.ts';

const ask = (source: string, facts: Parameters<typeof person>[0] = {}, more: Parameters<typeof person>[1] = {}) =>
  compileExpression(source, 'any', 'rule', SCHEMA).evaluate({
    identity: identityFacts(person(facts, more), SCHEMA),
    now: new Date('2026-03-01T00:00:00Z'),
  });

describe('evaluating', () => {
  test.each([
    ['identity.department == "Finance"', true],
    ['identity.department == "Sales"', false],
    ['identity.level == 3', true],
    ['identity.level >= 3 && identity.level + 1 == 4', true],
    ['"cel" in identity.skills', true],
    ['identity.skills.exists(s, s.startsWith("c"))', true],
    ['identity.remote', true],
    ['has(identity.jobRole)', false],
    ['has(identity.department)', true],
    ['identity.?jobRole.orValue("none") == "none"', true],
    ['identity.userType == "employee" && identity.userName == "ada"', true],
    ['"g" in identity.groups', true],
    ['identity.email.like("*@contoso.example")', true],
    ['identity.email.like("?da@*")', true],
    ['identity.email.like("contoso")', false],
    ['identity.email.matchesRe2("^[a-z]+@contoso[.]example$")', true],
    ['identity.email.lower() == "ada@contoso.example"', true],
    ['identity.endDate == timestamp("2026-03-31T22:00:00Z")', true],
    ['identity.birthday == timestamp("1999-12-31T23:00:00Z")', true],
    ['now < identity.endDate', true],
    // An absent fact has no effect if the other operands decide.
    ['identity.jobRole == "x" || true', true],
    ['identity.jobRole == "x" && false', false],
  ])('%s is %p', (source, value) => {
    const facts = {
      department: 'Finance',
      level: 3,
      skills: ['cel'],
      remote: true,
      email: 'ada@contoso.example',
      endDate: '2026-03-31',
      birthday: '2000-01-01',
    };
    expect(ask(source, facts, { groups: { saml: { groups: ['g'], recordId: 'r' } } })).toEqual({ kind: 'value', value });
  });

  test.each([
    'identity.department == "Finance"',
    'identity.department != "Finance"',
    '!(identity.department == "Finance")',
    'identity.endDate',
    'now > identity.endDate',
    '"x" in identity.skills',
    'identity.?endDate',
  ])('a fact that is absent makes %s absent, never true', (source) => expect(ask(source)).toEqual({ kind: 'absent' }));

  test('a mistake is an error that shows no value', () => {
    expect(ask('timestamp(identity.department) < now', { department: 'Secret' })).toEqual({
      kind: 'error',
      message: 'the expression could not be evaluated (invalid_timestamp)',
    });
  });

  test('a fact of another type than the schema says is absent', () => {
    expect(ask('identity.level', { level: 'high' })).toEqual({ kind: 'absent' });
  });

  test('hostile patterns end at once', () => {
    const text = `${'a'.repeat(5000)}!`;
    expect(ask('identity.department.matchesRe2("^(a+)+$")', { department: text })).toEqual({ kind: 'value', value: false });
    expect(ask('identity.department.like("*a*a*a*a*a*a*a*b")', { department: text })).toEqual({ kind: 'value', value: false });
  });

  test('names like those of JavaScript objects are no facts', () => {
    expect(checkExpression('identity.constructor == "x"', 'bool', 'rule', SCHEMA)).toMatch(/no attribute constructor/);
    expect(compileExpression('claims.__proto__', 'any', 'assertion', SCHEMA).evaluate({ claims: {} })).toEqual({ kind: 'absent' });
  });
});

describe('checking', () => {
  test.each([
    ['identity.departmnt == "x"', 'bool', 'there is no attribute departmnt (did you mean department?)'],
    ['has(identity.depratment)', 'bool', 'there is no attribute depratment (did you mean department?)'],
    ['identity.xyz == "x"', 'bool', 'there is no attribute xyz'],
    ['identiti.department == "x"', 'bool', 'there is no variable identiti (did you mean identity?)'],
    ['identity.email.lik("x")', 'bool', 'there is no function lik (did you mean like?)'],
    [
      'identity.email.matches("(a+)+$")',
      'bool',
      'matches is not available, because some patterns would never end; use like("*@contoso.example") or matchesRe2("^[a-z]+$")',
    ],
    ['identity.email.matchesRe2("(")', 'bool', 'matchesRe2("(") is no pattern that RE2 takes'],
    ['identity.email.matchesRe2(identity.department)', 'bool', 'the pattern of matchesRe2 must be a text in quotes'],
    ['identity.department', 'bool', 'must yield true or false (bool), but yields string'],
    ['identity.department', 'timestamp', 'must yield an instant (timestamp), but yields string'],
    ['identity.endDate', 'string', 'must yield a text (string), but yields timestamp'],
    [
      'identity.department == 1',
      'bool',
      '== does not go between string and int (at character 1 of 24); a text stands in quotes, a number, true and false without',
    ],
    [
      'identity.endDate < "2026-03-01"',
      'bool',
      '< does not go between timestamp and string (at character 1 of 31); an instant is written like timestamp("2026-03-01T00:00:00Z")',
    ],
    ['identity.department == Finance', 'bool', 'there is no variable Finance; a text stands in quotes: "Finance"'],
    ['identity.department = "x"', 'bool', 'is not valid CEL at character 21: Unexpected character: =; whether two are the same is asked by =='],
    ['identity.department ==', 'bool', 'is not valid CEL at character 23: Unexpected token: EOF'],
    ['identity', 'any', 'identity is used by its attributes: identity.userType'],
    ['identity["department"] == "x"', 'bool', 'identity is used by its attributes: identity.userType'],
    ['', 'bool', 'is empty'],
    [`${'true || '.repeat(300)}true`, 'bool', 'has 2404 characters, more than the 2000 allowed'],
    ['now < timestamp("2026-01-01")', 'bool', 'timestamp("2026-01-01") is none; write it like timestamp("2026-03-01T00:00:00Z")'],
    ['now < identity.endDate + duration("P1D")', 'bool', 'duration("P1D") is none; write it like duration("2160h") or duration("90m")'],
  ] as const)('%s (%s): %s', (source, type, message) => {
    expect(checkExpression(source, type, 'rule', SCHEMA)).toBe(message);
  });

  test('now is compared, and only in conditions of birthright rules', () => {
    expect(checkExpression('now - identity.startDate > duration("24h")', 'bool', 'rule', SCHEMA)).toMatch(/^now can only be compared/);
    expect(checkExpression('identity.skills.exists(s, now > identity.startDate)', 'bool', 'rule', SCHEMA)).toMatch(/^now can only be compared/);
    expect(checkExpression('now.getDayOfWeek() == 1', 'bool', 'rule', SCHEMA)).toMatch(/^now can only be compared/);
    expect(checkExpression('identity.endDate > now', 'bool', 'identity', SCHEMA)).toMatch(/^there is no variable now|^now can only be used/);
    expect(checkExpression('now > identity.startDate + duration("24h")', 'bool', 'rule', SCHEMA)).toBeNull();
  });

  test('loops do not nest without end', () => {
    const loops = (body: string) => `identity.groups.exists(a, identity.groups.exists(b, ${body}))`;
    expect(checkExpression(loops('a == b'), 'bool', 'identity', SCHEMA)).toBeNull();
    expect(checkExpression(loops('identity.groups.exists(c, a == c)'), 'bool', 'identity', SCHEMA)).toMatch(/no more than 2 loops/);
  });

  test('says which attributes it rests on and when it turns', () => {
    const { attributes, turns } = compileExpression('identity.level > 2 && (now >= (identity.startDate) || identity.endDate < now)', 'bool', 'rule', SCHEMA);
    expect([attributes, turns]).toEqual([
      ['endDate', 'level', 'startDate'],
      [
        { at: 'identity.startDate', after: false },
        { at: 'identity.endDate', after: true },
      ],
    ]);
  });
});
