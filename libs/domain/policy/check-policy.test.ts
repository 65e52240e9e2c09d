import { describe, expect, test } from '@jest/globals';
import { checkPolicy } from './check-policy.ts';
import { compilePolicy } from './compile-policy.ts';
import type { PolicyDocument } from './policy.ts';
import { PolicyInvalid, pathText } from './policy-invalid.ts';
import { DOCUMENT } from '../testing/people.ts';

const context = { targets: ['crm', 'directory', 'ledger'], sources: ['hr', 'saml'] };
const rule = { name: 'new', when: 'true', roles: [], entitlements: ['crm.sales'] };
const check = (change: Partial<PolicyDocument>) => checkPolicy({ ...DOCUMENT, ...change }, context).map(({ path, message }) => `${pathText(path)}: ${message}`);

describe('checkPolicy', () => {
  test('a good policy has no problems', () => expect(check({})).toEqual([]));

  test.each<[string, Partial<PolicyDocument>, string]>([
    [
      'a role with an unknown entitlement',
      { roles: { ...DOCUMENT.roles, sales: { name: 'sales', title: '', entitlements: ['crm.sale'] } } },
      'roles.sales.entitlements[0]: there is no entitlement "crm.sale" (did you mean crm.sales?)',
    ],
    [
      'an unknown target',
      { entitlements: { ...DOCUMENT.entitlements, x: { name: 'x', title: '', target: 'cmr', value: 'x' } } },
      'entitlements.x.target: there is no target "cmr" (did you mean crm?)',
    ],
    [
      'an unknown role in Tenure',
      { entitlements: { ...DOCUMENT.entitlements, x: { name: 'x', title: '', target: 'tenure', value: 'admn' } } },
      'entitlements.x.value: there is no role in Tenure "admn" (did you mean admin?)',
    ],
    [
      'two names for one entitlement',
      { entitlements: { ...DOCUMENT.entitlements, x: { name: 'x', title: '', target: 'crm', value: 'Sales' } } },
      'entitlements.x.value: is the same in crm as entitlement crm.sales',
    ],
    [
      'an unknown role in a rule',
      { birthright: [{ ...rule, roles: ['finance-clerc'] }] },
      'birthright[0].roles[0]: there is no role "finance-clerc" (did you mean finance-clerk?)',
    ],
    [
      'a name given twice',
      { birthright: [{ ...rule, entitlements: ['crm.sales', 'crm.sales'] }] },
      'birthright[0].entitlements[1]: entitlement crm.sales stands here twice',
    ],
    [
      'a condition of the wrong type',
      { birthright: [{ ...rule, when: 'identity.department' }] },
      'birthright[0].when: must yield true or false (bool), but yields string',
    ],
    [
      'a misspelt attribute',
      { birthright: [{ ...rule, when: 'identity.departmen == "x"' }] },
      'birthright[0].when: there is no attribute departmen (did you mean department?)',
    ],
    [
      'a bound that is no instant',
      { birthright: [{ ...rule, until: 'identity.department' }] },
      'birthright[0].until: must yield an instant (timestamp), but yields string',
    ],
    [
      'a rolling bound',
      { birthright: [{ ...rule, until: 'now + duration("24h")' }] },
      'birthright[0].until: now can only be compared (now < identity.endDate), so that the instant at which the answer turns is known; write now > identity.startDate + duration("24h"), not now - identity.startDate',
    ],
    [
      'a bad duration',
      { birthright: [{ ...rule, duration: '90 days' }] },
      'birthright[0].duration: "90 days" is no ISO 8601 duration; write it like P90D, PT8H or P1Y',
    ],
    ['a rule that gives nothing', { birthright: [{ ...rule, entitlements: [] }] }, 'birthright[0]: gives nothing: name roles or entitlements'],
    ['a rule of the same name', { birthright: [rule, rule] }, 'birthright[1].name: rule new is defined twice'],
    [
      'an unknown source',
      { groups: [{ source: 'samll', group: 'g', roles: [], entitlements: ['crm.sales'] }] },
      'groups[0].source: there is no source or identity provider "samll" (did you mean saml?)',
    ],
    ['a group twice', { groups: [...DOCUMENT.groups, ...DOCUMENT.groups] }, 'groups[1].group: group saml/operators is defined twice'],
    [
      'a lifecycle rule out of reach',
      { lifecycle: DOCUMENT.lifecycle.toReversed() },
      'lifecycle[1]: never applies, because others before it applies to everybody',
    ],
    [
      'a bad grace',
      { lifecycle: [{ name: 'x', start: {}, end: { grace: 'soon', then: 'keep' } }] },
      'lifecycle[0].end.grace: "soon" is no ISO 8601 duration; write it like P90D, PT8H or P1Y',
    ],
    [
      'a condition that nobody can fulfil',
      { birthright: [{ ...rule, when: 'identity.department == "Finance" && (identity.remote && "Sales" == identity.department)' }] },
      'birthright[0].when: can never be true: department cannot be "Finance" and "Sales" at once',
    ],
    [
      'a gift that nobody keeps',
      {
        birthright: [{ ...rule, roles: ['sales'], entitlements: ['ledger.clerk'] }],
        separation: [{ name: 'x', conflicting: [['crm.sales'], ['ledger.clerk']], atMost: 1, priority: [] }],
      },
      'birthright[0]: gives entitlements that separation-of-duties rule x excludes',
    ],
    [
      'two gifts under one condition that nobody keeps',
      {
        birthright: [
          { ...rule, when: 'identity.remote' },
          { ...rule, name: 'other', when: 'identity.remote', entitlements: ['ledger.clerk'] },
        ],
        separation: [{ name: 'x', conflicting: [['crm.sales'], ['ledger.clerk']], atMost: 1, priority: [] }],
      },
      'birthright[1]: gives together with new, under the same condition, entitlements that separation-of-duties rule x excludes',
    ],
    ['a condition that says false', { birthright: [{ ...rule, when: 'identity.remote && false' }] }, 'birthright[0].when: can never be true: it says false'],
    [
      'a separation rule with an unknown name',
      { separation: [{ name: 'x', conflicting: [['sale'], ['ledger.clerk']], atMost: 1, priority: [] }] },
      'separation[0].conflicting[0][0]: there is no role or entitlement "sale" (did you mean sales?)',
    ],
    [
      'a separation rule that forbids nothing',
      { separation: [{ name: 'x', conflicting: [['sales'], ['ledger.clerk']], atMost: 2, priority: [] }] },
      'separation[0].atMost: with 2 sets, 2 at most forbids nothing',
    ],
    [
      'a separation rule that a role breaks by itself',
      { separation: [{ name: 'x', conflicting: [['crm.finance'], ['ledger.clerk']], atMost: 1, priority: [] }] },
      'separation[0].conflicting: role finance-clerk violates this rule by itself: nobody could have all of it',
    ],
    [
      'a separation rule with a priority for what it does not separate',
      { separation: [{ name: 'x', conflicting: [['sales'], ['ledger.clerk']], atMost: 1, priority: ['ledger.reader'] }] },
      'separation[0].priority[0]: ledger.reader is not among what this rule separates',
    ],
    [
      'a name that stands in a separation rule twice',
      { separation: [{ name: 'x', conflicting: [['ledger.reader'], ['crm.sales', 'ledger.reader']], atMost: 1, priority: [] }] },
      'separation[0].conflicting[1][1]: ledger.reader stands in this rule twice',
    ],
    [
      'a bad grace of a birthright rule',
      { birthright: [{ ...rule, grace: 'soon' }] },
      'birthright[0].grace: "soon" is no ISO 8601 duration; write it like P90D, PT8H or P1Y',
    ],
  ])('%s', (_, change, message) => expect(check(change)).toEqual([message]));

  test('attributes: built-in names, words of CEL, lifecycle dates of another type', () => {
    const problems = checkPolicy({
      attributes: {
        userType: { type: 'string' },
        ['constructor' as string]: { type: 'string' },
        in: { type: 'string' },
        'a-b': { type: 'string' },
        endDate: { type: 'string' },
      },
      roles: {},
      entitlements: {},
      birthright: [],
      groups: [],
      lifecycle: [],
      separation: [],
    });
    expect(problems.map(({ path }) => path.join('.'))).toEqual([
      'attributes.userType',
      'attributes.constructor',
      'attributes.in',
      'attributes.a-b',
      'attributes.endDate.type',
    ]);
  });

  test('compiling says all that is wrong at once', () => {
    const broken = {
      ...DOCUMENT,
      birthright: [
        { ...rule, when: 'identity.x' },
        { ...rule, name: 'other', duration: 'x' },
      ],
    };
    expect(() => compilePolicy(broken, 1)).toThrow(PolicyInvalid);
    expect(() => compilePolicy(broken, 1)).toThrow(/birthright\[0\]\.when: .*\nbirthright\[1\]\.duration: /);
  });

  test('a version that is in force goes on, though what it says makes no sense', () => {
    expect(compilePolicy({ ...DOCUMENT, birthright: [{ ...rule, when: 'false' }] }, 1).compiled.birthright).toHaveLength(1);
  });
});

test('entitlements that differ in upper and lower case alone are refused in targets that compare without it, and nowhere else', () => {
  const entitlements = (target: string) => ({
    ...DOCUMENT.entitlements,
    a: { name: 'a', title: '', target, value: 'Finance  Team' },
    b: { name: 'b', title: '', target, value: 'finance team' },
  });
  const found = (target: string) =>
    checkPolicy({ ...DOCUMENT, entitlements: entitlements(target) }, { ...context, caseless: ['directory'] }).filter(({ path }) => path[0] === 'entitlements');
  expect(found('directory')).toEqual([{ path: ['entitlements', 'b', 'value'], message: expect.stringContaining('is the same in directory as entitlement a') }]);
  expect(found('ledger')).toEqual([]);
});

test('the role approver, which opened nothing, is refused in files and put up with in versions that are stored', () => {
  const entitlements = { ...DOCUMENT.entitlements, approver: { name: 'approver', title: '', target: 'tenure', value: 'approver' } };
  expect(check({ entitlements })).toEqual([expect.stringContaining('entitlements.approver.value: approver was a role that opened nothing, and is gone')]);
  expect(checkPolicy({ ...DOCUMENT, entitlements })).toEqual([]);
});
