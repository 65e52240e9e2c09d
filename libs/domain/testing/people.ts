import type { AttributeSchema, AttributeValue, Identity, Instant, SourceRecord } from '../identity/facts.ts';
import { mergeFacts } from '../identity/merge-facts.ts';
import type { PolicyDocument } from '../policy/policy.ts';

/** Attributes, policy and people for the tests of this library. */
export const SCHEMA: AttributeSchema = {
  department: { type: 'string' },
  jobRole: { type: 'string' },
  email: { type: 'string' },
  displayName: { type: 'string' },
  level: { type: 'number' },
  remote: { type: 'boolean' },
  skills: { type: 'strings' },
  birthday: { type: 'date' },
  startDate: { type: 'date' },
  endDate: { type: 'date' },
  leaveStart: { type: 'date' },
  leaveEnd: { type: 'date' },
  timeZone: { type: 'string' },
};

export const DOCUMENT: PolicyDocument = {
  attributes: SCHEMA,
  entitlements: {
    'crm.finance': { name: 'crm.finance', title: 'Finance', target: 'crm', value: 'Finance' },
    'crm.sales': { name: 'crm.sales', title: 'Sales', target: 'crm', value: 'Sales' },
    'directory.staff': { name: 'directory.staff', title: 'Staff', target: 'directory', value: 'staff' },
    'ledger.clerk': { name: 'ledger.clerk', title: 'Clerk', target: 'ledger', value: 'clerk' },
    'ledger.reader': { name: 'ledger.reader', title: 'Reader', target: 'ledger', value: 'reader' },
    'ledger.account': { name: 'ledger.account', title: 'Account', target: 'ledger', value: null },
    'tenure.operator': { name: 'tenure.operator', title: 'Operator', target: 'tenure', value: 'operator' },
  },
  roles: {
    'finance-clerk': { name: 'finance-clerk', title: 'Clerk', entitlements: ['crm.finance', 'ledger.clerk'] },
    sales: { name: 'sales', title: 'Sales', entitlements: ['crm.sales'] },
  },
  birthright: [
    { name: 'everybody', when: 'true', roles: [], entitlements: ['directory.staff'] },
    { name: 'finance', when: 'identity.department == "Finance"', roles: ['finance-clerk'], entitlements: [], until: 'identity.endDate' },
    { name: 'settling-in', when: 'identity.department == "Finance"', roles: [], entitlements: ['ledger.reader'], duration: 'P90D' },
    { name: 'sales', when: 'identity.department == "Sales"', roles: ['sales'], entitlements: [] },
    { name: 'seniors', when: 'identity.level >= 5 && now >= identity.startDate + duration("2160h")', roles: [], entitlements: ['ledger.account'] },
    { name: 'birthday-month', when: 'identity.remote', roles: [], entitlements: ['ledger.reader'], from: 'identity.birthday', duration: 'P1M' },
  ],
  groups: [{ source: 'saml', group: 'operators', roles: [], entitlements: ['tenure.operator', 'ledger.clerk'] }],
  lifecycle: [
    { name: 'contractors', when: 'identity.userType == "contractor"', start: {}, end: { grace: 'P7D', then: 'delete' } },
    { name: 'others', start: { createBefore: 'P14D' }, end: { grace: 'P30D', then: 'keep' } },
  ],
  separation: [],
};

/** An identity whose facts are all from one record of HR, and whose end another record may report. */
export function person(
  facts: Readonly<Record<string, AttributeValue>> = {},
  { ended = null, ...more }: Partial<Identity> & { readonly ended?: { readonly at: Instant; readonly recordId: string } | null } = {},
): Identity {
  const merged = mergeFacts({
    id: 'i-1',
    userName: 'ada',
    userType: 'employee',
    createdAt: '2026-01-01T00:00:00.000Z',
    records: [record({ id: 'r-hr', source: 'hr', facts })],
    precedence: { default: ['hr'], attributes: {} },
    authoritative: [],
    now: '2026-01-01T00:00:00.000Z',
    timeZone: 'Europe/Berlin',
  });
  const { start = null, end = null } = merged.relationships[0] ?? {};
  const reported = ended && { ...ended, by: 'report' as const };
  const relationships = reported === null ? merged.relationships : [{ start, end: end === null || reported.at <= end.at ? reported : end }];
  return { ...merged, relationships, ...more };
}

export function record(more: Partial<SourceRecord> & Pick<SourceRecord, 'id' | 'source'>): SourceRecord {
  return { externalId: `x-${more.id}`, facts: {}, groups: null, status: null, endedAt: null, recordedAt: '2026-01-01T00:00:00.000Z', ...more };
}
