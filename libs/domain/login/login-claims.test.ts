import { describe, expect, test } from '@jest/globals';
import { ExpressionRefused } from '../expressions/expression-rules.ts';
import { claimsReadBy, compileLoginMapping, readLoginClaims, type WrittenLoginMapping } from './login-claims.ts';
import { SCHEMA } from '../testing/people.ts';

const written: WrittenLoginMapping = {
  attributes: { department: 'claims.department', endDate: 'claims.contractEnd' },
  groups: 'claims.groups',
  userType: { cel: 'claims.kind' },
  emailVerified: null,
  absentGroups: 'keep',
  absentAttributes: 'keep',
};
const mapping = (more: Partial<WrittenLoginMapping> = {}) => compileLoginMapping({ ...written, ...more }, SCHEMA, []);
const none = { absentGroups: 'none', absentAttributes: 'none' } as const;
const read = (claims: object, more: Partial<WrittenLoginMapping> = {}, isWhole = true) => readLoginClaims(mapping(more), { ...claims }, isWhole);
const whole = { department: 'Finance', contractEnd: '2026-12-31', groups: ['staff'], kind: 'employee' };
const nothingLeftOut = { attributes: [], groups: false, userType: false };

test('what is said is taken, and nothing is left out', () => {
  expect(read(whole)).toEqual({
    facts: { department: 'Finance', endDate: '2026-12-31' },
    groups: ['staff'],
    userType: 'employee',
    leftOut: nothingLeftOut,
    elsewhere: [],
  });
});

describe('a claim that is absent', () => {
  test('stays as it was said before, unless the entry says that it means none', () => {
    expect(read({})).toEqual({
      facts: {},
      groups: null,
      userType: null,
      leftOut: { attributes: ['department', 'endDate'], groups: true, userType: true },
      elsewhere: [],
    });
  });

  test('means none where the entry says so, but a date stays: "no end" has to be said', () => {
    expect(read({}, none)).toEqual({
      facts: { department: null },
      groups: [],
      userType: 'contractor',
      leftOut: { ...nothingLeftOut, attributes: ['endDate'] },
      elsewhere: [],
    });
    expect(read({ ...whole, contractEnd: '' }, none).facts).toEqual({ department: 'Finance', endDate: null });
  });

  test('means nothing at all where the provider would not let us read what it says', () => {
    expect(read({}, none, false)).toEqual(read({}));
  });

  test('of a provider that says nothing of groups leaves no groups behind', () => {
    expect(read(whole, { groups: null })).toMatchObject({ groups: null, leftOut: nothingLeftOut });
  });
});

describe('more than a token may list (OIDC core 5.6.2, Entra ID)', () => {
  const names = (claims: object) => ({ _claim_names: Object.fromEntries(Object.keys(claims).map((name) => [name, 'src1'])), _claim_sources: { src1: {} } });
  const { groups: _groups, ...withoutGroups } = whole;
  test.each([
    ['a name under _claim_names', { ...withoutGroups, ...names({ groups: 1 }) }],
    ['the link of a SAML assertion', { ...withoutGroups, 'http://schemas.microsoft.com/claims/groups.link': ['https://graph.example/x'] }],
    ['the flag of the implicit flow', { ...withoutGroups, hasgroups: true }],
  ])('%s is never "none"', (_, claims) => {
    for (const groups of ['claims.groups', 'claims.?groups.orValue([])'])
      expect(read(claims, { ...none, groups })).toMatchObject({ groups: null, leftOut: { groups: true }, elsewhere: ['groups'] });
  });

  test('attributes and the kind of person are elsewhere as well', () => {
    const claims = names({ department: 1, kind: 1 });
    const attributes = { department: 'claims.?department.orValue("")' };
    expect(read(claims, { ...none, attributes })).toMatchObject({
      facts: {},
      userType: null,
      leftOut: { attributes: ['department'], userType: true },
      elsewhere: ['department'],
    });
  });

  test('what is there counts, whatever else is said of it, and another name concerns nobody', () => {
    expect(read({ ...whole, ...names({ groups: 1 }), hasgroups: 'true' })).toMatchObject({ groups: ['staff'], elsewhere: [] });
    expect(read({ ...withoutGroups, ...names({ address: 1 }), hasgroups: false }, none)).toMatchObject({ groups: [], elsewhere: [] });
  });
});

test('the kind of person: a known word, else a contractor; another shape is refused', () => {
  const type = (kind: unknown) => read({ ...whole, kind }).userType;
  expect([type('partner'), type(['employee']), type('intern'), type(''), type([])]).toEqual(['partner', 'employee', 'contractor', 'contractor', 'contractor']);
  for (const kind of [7, true, { a: 1 }, ['employee', 'partner']]) expect(() => type(kind)).toThrow('claims do not fit the type of: userType');
});

test('which claims an entry reads', () => {
  expect(claimsReadBy(mapping({ emailVerified: 'claims.email_verified == true' }))).toEqual(['contractEnd', 'department', 'email_verified', 'groups', 'kind']);
  expect(claimsReadBy(mapping({ groups: null, userType: 'employee' }))).toEqual(['contractEnd', 'department']);
  expect(claimsReadBy(mapping({ groups: 'claims[claims.x]' }))).toBeNull();
});

test('a mapping that is wrong is refused when it is compiled', () => {
  const wrong: readonly Partial<WrittenLoginMapping>[] = [
    { attributes: { department: 'claims.' } },
    { groups: '1' },
    { userType: { cel: '["employee"]' } },
    { emailVerified: '"yes"' },
  ];
  for (const more of wrong) expect(() => mapping(more)).toThrow(ExpressionRefused);
});
