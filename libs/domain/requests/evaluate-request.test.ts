import { describe, expect, test } from '@jest/globals';
import { compilePolicy } from '../policy/compile-policy.ts';
import { type AccessQuestion, decideAccess } from '../access/decide-access.ts';
import type { AttributeValue } from '../identity/facts.ts';
import { grantsAt } from '../access/grants-at.ts';
import type { PolicyDocument } from '../policy/policy.ts';
import { DOCUMENT, record } from '../testing/people.ts';
import type { AskedException } from './asked-exception.ts';
import { evaluateRequest } from './evaluate-request.ts';
import { offered } from './may-ask.ts';
import type { RequestedAccess } from './requested-access.ts';

const now = '2026-03-02T09:00:00.000Z';
const document: PolicyDocument = {
  ...DOCUMENT,
  separation: [{ name: 'floors', conflicting: [['sales'], ['finance-clerk'], ['tenure.operator']], atMost: 1, priority: [] }],
  requestable: [
    { name: 'seniors', when: 'identity.level >= 5', roles: ['finance-clerk'], entitlements: [], longest: 'P1Y', stages: [] },
    { name: 'staff', when: 'identity.userType == "employee"', roles: ['finance-clerk', 'sales'], entitlements: ['ledger.reader'], longest: 'P30D', stages: [] },
  ],
};
const policy = compilePolicy(document, 3);
const about = (facts: Readonly<Record<string, AttributeValue>>, more: Partial<AccessQuestion> = {}): AccessQuestion => ({
  id: 'i-1',
  userName: 'ada',
  userType: 'employee',
  createdAt: '2026-01-01T00:00:00.000Z',
  records: [record({ id: 'r-hr', source: 'hr', facts, status: 'active' })],
  precedence: { default: ['hr'], attributes: {} },
  authoritative: ['hr'],
  now,
  timeZone: 'Europe/Berlin',
  policy,
  memory: { activations: {}, endings: {} },
  exceptions: [],
  ...more,
});
const role = (name: string, duration: string | null = null) => ({ kind: 'role' as const, name, duration });
const item = (more: Partial<RequestedAccess> = {}): RequestedAccess => ({
  id: 'item',
  requestId: 'request',
  kind: 'role',
  name: 'finance-clerk',
  validFrom: now,
  validUntil: '2026-04-01T09:00:00.000Z',
  exceptions: [],
  keptAt: null,
  ...more,
});
const exception = (...names: string[]): AskedException => ({ rule: 'floors', names, control: 'monthly review' });
const held = (question: AccessQuestion, at = now) => grantsAt(decideAccess({ ...question, now: at }).grants, at).map(({ name }) => name);

describe('what may be asked for', () => {
  for (const [title, facts, asked, answer] of [
    ['by the first rule that holds', { level: 6 }, role('finance-clerk', 'P300D'), { rule: 'seniors', refusal: null }],
    ['by the next one where that does not', { level: 4 }, role('finance-clerk', 'P30D'), { rule: 'staff', refusal: null }],
    ['no longer than its rule allows', { level: 4 }, role('finance-clerk', 'P31D'), { rule: 'staff', refusal: 'longer' }],
    ['not what no rule offers', {}, { kind: 'entitlement' as const, name: 'crm.sales', duration: null }, { rule: null, refusal: 'not-offered' }],
    ['not what does not exist', {}, role('constructor'), { rule: null, refusal: 'not-offered' }],
    ['not what is held without end', { department: 'Sales' }, role('sales'), { rule: 'staff', refusal: 'held' }],
    ['not before the first day', { startDate: '2026-04-01' }, role('finance-clerk'), { rule: 'staff', refusal: 'not-active' }],
  ] as const) {
    test(title, () => {
      const { rule, refusal } = evaluateRequest(about(facts), asked, []);
      expect({ rule: rule?.name ?? null, refusal }).toEqual(answer);
    });
  }
  test('is listed whole', () => expect(offered(policy.document.requestable).map(({ name }) => name)).toEqual(['finance-clerk', 'sales', 'ledger.reader']));
});

describe('separation of duties before something is granted', () => {
  test('shows what would be held together', () => {
    expect(evaluateRequest(about({ department: 'Sales' }), role('finance-clerk'), []).conflicts).toEqual([
      { rule: 'floors', names: ['finance-clerk', 'sales'] },
    ]);
  });
  test('lets through what an exception names, and nothing besides', () => {
    expect(evaluateRequest(about({ department: 'Sales' }), role('finance-clerk'), [exception('finance-clerk', 'sales')]).conflicts).toEqual([]);
    expect(evaluateRequest(about({ department: 'Sales' }), role('finance-clerk'), [exception('finance-clerk', 'tenure.operator')]).conflicts).toHaveLength(1);
  });
  test('sees what begins while it would last', () => {
    const coming = item({ name: 'sales', validFrom: '2026-03-10T00:00:00.000Z' });
    expect(evaluateRequest(about({}, { requests: [coming] }), role('finance-clerk', 'P5D'), []).conflicts).toEqual([]);
    expect(evaluateRequest(about({}, { requests: [coming] }), role('finance-clerk', 'P30D'), []).conflicts).toHaveLength(1);
  });
});

describe('separation of duties of what is held by an exception, or held back', () => {
  const [sales, excepted] = [{ department: 'Sales' }, item({ exceptions: [exception('finance-clerk', 'sales')] })];
  const conflict = [{ rule: 'floors', names: ['finance-clerk', 'sales'] }];
  test('is asked about again where something outlasts the exception', () => {
    const question = about(sales, { requests: [excepted], now: '2026-03-25T09:00:00.000Z' });
    expect(evaluateRequest(question, role('finance-clerk', 'P30D'), []).conflicts).toEqual(conflict);
    expect(evaluateRequest(question, role('finance-clerk', 'P30D'), [exception('finance-clerk', 'sales')]).conflicts).toEqual([]);
    expect(evaluateRequest(question, role('finance-clerk', 'P7D'), []).conflicts).toEqual([]);
  });
  test('is shown where what is asked for is held back already', () => {
    const { memory } = decideAccess(about(sales));
    const question = about(sales, { requests: [item({ validFrom: '2026-03-02T09:00:00.001Z' })], now: '2026-03-02T10:00:00.000Z', memory });
    expect(held(question, '2026-03-02T10:00:00.000Z')).not.toContain('finance-clerk');
    expect(evaluateRequest(question, role('finance-clerk', 'P30D'), []).conflicts).toEqual(conflict);
  });
});

describe('what was approved', () => {
  test('is held between its instants, by the request, with what the role carries', () => {
    const question = about({}, { requests: [item()] });
    expect(held(question, '2026-03-02T08:59:59.999Z')).not.toContain('finance-clerk');
    expect(held(question)).toEqual(expect.arrayContaining(['finance-clerk', 'ledger.clerk']));
    expect(held(question, '2026-04-01T09:00:00.000Z')).not.toContain('finance-clerk');
    const grant = decideAccess(question).grants.find(({ name }) => name === 'ledger.clerk');
    expect(grant?.origins).toMatchObject([{ kind: 'request', name: 'request', viaRole: 'finance-clerk', validUntil: '2026-04-01T09:00:00.000Z' }]);
    expect(decideAccess(question).nextWakeUp).toBe('2026-04-01T09:00:00.000Z');
  });
  test('stays with a mover whom policy would not let ask, as a question', () => {
    const contractor = about({}, { userType: 'contractor', requests: [item()] });
    expect(held(contractor)).toContain('finance-clerk');
    expect(decideAccess(contractor).questionable).toHaveLength(1);
    expect(decideAccess({ ...contractor, requests: [item({ keptAt: now })] }).questionable).toEqual([]);
  });
  test('is not held by who has left, nor when the policy knows it no longer', () => {
    expect(held(about({ endDate: '2026-02-01' }, { requests: [item()] }))).toEqual([]);
    expect(held(about({}, { requests: [item({ name: 'gone' })] }))).not.toContain('gone');
  });
  test('is held back in a conflict, unless its exception names all that is held', () => {
    const sales = about({ department: 'Sales' }, { requests: [item()] });
    expect(held(sales)).not.toEqual(expect.arrayContaining(['finance-clerk', 'sales']));
    const excepted = { ...sales, requests: [item({ exceptions: [exception('finance-clerk', 'sales')] })] };
    expect(held(excepted)).toEqual(expect.arrayContaining(['finance-clerk', 'sales']));
    const third = item({ id: 'third', kind: 'entitlement', name: 'tenure.operator', validFrom: '2026-03-02T10:00:00.000Z' });
    const later = held({ ...excepted, requests: [...excepted.requests, third] }, '2026-03-02T11:00:00.000Z');
    expect(later).toEqual(expect.arrayContaining(['finance-clerk', 'sales']));
    expect(later).not.toContain('tenure.operator');
  });
});
