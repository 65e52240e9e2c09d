import { describe, expect, test } from '@jest/globals';
import type { PolicyDocument } from '../policy/policy.ts';
import { exampleCase } from '../testing/case-examples.ts';
import { CASE_KINDS } from './case-kind.ts';
import { caseOwner } from './case-owner.ts';

const person = (userName: string) => ({ kind: 'person', userName }) as const;
const policy: PolicyDocument = {
  attributes: {},
  roles: { clerk: { name: 'clerk', title: 'Clerk', entitlements: [], owner: person('owner-of-role') } },
  entitlements: { clerk: { name: 'clerk', title: 'Clerk', target: 'crm', value: 'clerk', owner: person('owner-of-entitlement') } },
  birthright: [],
  groups: [],
  lifecycle: [],
  separation: [{ name: 'money', conflicting: [['clerk']], atMost: 1, priority: [], owner: person('owner-of-rule') }],
  budget: { owner: person('owner-of-budget') },
};

describe('a case is of the owner', () => {
  test('of the SoD rule, the budget, the role or the entitlement that it is about', () => {
    expect(caseOwner(policy, exampleCase('separation-conflict', { rule: 'money' }))).toEqual(person('owner-of-rule'));
    expect(caseOwner(policy, exampleCase('separation-violation', { rule: 'money' }))).toEqual(person('owner-of-rule'));
    expect(caseOwner(policy, exampleCase('change-budget'))).toEqual(person('owner-of-budget'));
    expect(caseOwner(policy, exampleCase('break-glass-review', { kind: 'role', name: 'clerk' }))).toEqual(person('owner-of-role'));
    expect(caseOwner(policy, exampleCase('requested-access-questionable', { kind: 'entitlement', name: 'clerk' }))).toEqual(person('owner-of-entitlement'));
    expect(caseOwner(policy, exampleCase('request-without-approver', { name: 'clerk' }))).toEqual(person('owner-of-entitlement'));
  });

  test('never of an entitlement whose name something else happens to have', () => {
    expect(caseOwner(policy, exampleCase('token-ending', { name: 'clerk' }))).toBeUndefined();
    expect(caseOwner(policy, exampleCase('target-refuses-change', { name: 'clerk' }))).toBeUndefined();
    expect(caseOwner(policy, exampleCase('write-without-effect', { name: 'clerk' }))).toBeUndefined();
  });

  test.each(CASE_KINDS)('of nobody where the policy does not know it, or an earlier version did not say it: %s', (kind) => {
    const empty = { kind, evidence: {} } as Parameters<typeof caseOwner>[1];
    expect(caseOwner({ ...policy, budget: {} }, empty)).toBeUndefined();
  });
});
