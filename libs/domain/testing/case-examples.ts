import type { CaseEvidence, NewCaseContent } from '../cases/case-evidence.ts';
import type { CaseKind } from '../cases/case-kind.ts';

const at = '2026-03-02T09:00:00.000Z';
const person = '00000000-0000-4000-8000-00000000000a';
const record = '00000000-0000-4000-8000-00000000000b';
const request = { requestId: '00000000-0000-4000-8000-00000000000c', name: 'crm.clerk' };
const item = { ...request, itemId: '00000000-0000-4000-8000-00000000000d', kind: 'entitlement', validUntil: at } as const;
const ofRule = { rule: 'a rule', policyVersion: 1 };
const refused = { target: 'crm', operation: 'create', code: 'OPERATION_REFUSED', message: 'refused' } as const;

/** Evidence of each kind of case, for tests. */
const EVIDENCE: { readonly [K in CaseKind]: CaseEvidence[K] } = {
  'operation-failed': refused,
  'account-conflict': { ...refused, code: 'ACCOUNT_CONFLICT' },
  'target-refuses': { target: 'crm', message: 'refused' },
  'identity-provider-fails': { provider: 'corp', message: 'refused' },
  'target-refuses-change': { target: 'crm', operation: 'addMember', name: 'clerk', accounts: 1 },
  'write-without-effect': { target: 'crm', aspect: 'attribute', name: 'title', evidence: 'other-value', accounts: 1 },
  'not-visible': { target: 'crm', accounts: 1, aspects: [] },
  'account-moved': { target: 'crm', wanted: 'enabled' },
  'account-not-visible': { target: 'crm', reason: 'referral', message: null, accounts: 1 },
  'end-not-confirmed': { target: 'crm', wantedSince: at, wanted: 'disabled' },
  'leaver-with-access': { target: 'crm', findings: 1 },
  'reconciliation-findings': { target: 'crm', finding: 'orphan-account', name: '', findings: 1 },
  'target-not-read': { target: 'crm', runId: record, verdict: 'partial', reasons: ['error'], accounts: 0, code: 'CONNECTOR_UNAVAILABLE', canaries: [] },
  'target-restored': { target: 'crm', runId: 'run', findings: 12, since: '2026-03-01T00:00:00.000Z' },
  'quarantine-failed': { target: 'crm', code: 'enabled', message: 'somebody has enabled the account again', accounts: 1 },
  'target-observed': { target: 'crm' },
  'protected-account': { target: 'crm', wanted: 'disabled', changes: ['disable'] },
  'ambiguous-record': { recordId: record, source: 'hr', by: 'employeeNumber', why: 'several', candidates: [person] },
  'ambiguous-login': { recordId: record, provider: 'corp', why: 'keys-changed', changed: ['email'] },
  'policy-evaluation': { ...ofRule, message: 'the expression could not be evaluated' },
  'separation-conflict': { ...ofRule, names: ['crm.buyer', 'crm.clerk'], heldBack: ['crm.clerk'] },
  'separation-violation': { ...ofRule, names: ['crm.buyer', 'crm.clerk'], found: [] },
  'hire-called-off': { why: 'called off before the start' },
  'end-before-start': { recordId: record, since: at, endsAt: null },
  transfer: { what: ['owned-groups'], rule: 'a rule', held: ['crm.clerk'], accounts: ['crm'] },
  'facts-missing': { ...ofRule, missing: ['sponsor'], isHeld: true },
  'break-glass-review': { ...item, rule: 'on-call', takenAt: at, separation: [] },
  'request-without-approver': { ...request, stage: 'manager', dueAt: at },
  'requested-access-questionable': { ...item, policyVersion: 1 },
  'contract-ending': { ...ofRule, endsAt: at, latest: at, recordId: record },
  'sponsor-missing': { namedBy: 'employeeNumber', why: 'nobody is known by the employeeNumber that is named' },
  inactive: { ...ofRule, since: at, removeAt: null },
  'change-budget': { waveId: record, trigger: 'record', source: 'hr', problem: null, digest: '0', people: 1, holders: null, changes: [] },
  'vanished-from-feed': { source: 'hr', importId: record, people: 1, identityIds: [person] },
  'notice-undeliverable': { channel: 'mail', endpoint: 'mail', notice: 'case-assigned', code: 'NO_ADDRESS', attempts: 1 },
  'token-ending': { tokenId: record, name: 'hr', roles: ['source'], endsAt: at },
  'repair-approval': { repairId: person, repair: 'merge-identities', digest: '0', requestedBy: person, why: ['privileged'] },
  'logout-not-confirmed': { application: 'wiki', identityIds: [person], sessions: 1, since: at, until: at, code: 'HTTP_500' },
  'application-address': { application: 'wiki', addressHash: '0', others: [person] },
  'urgent-ends': { requestedBy: person, people: 1, digest: '0', identityIds: [person] },
};

/** Kind and evidence of a case for tests. @param more evidence that matters to the test */
export function exampleCase<K extends CaseKind>(kind: K, more: Partial<CaseEvidence[K]> = {}): NewCaseContent & { readonly kind: K } {
  return { kind, evidence: { ...EVIDENCE[kind], ...more } } as NewCaseContent & { readonly kind: K };
}
