import { describe, expect, test } from '@jest/globals';
import { sentenceOf } from './sentence.ts';

const event = (action: string, reason: Readonly<Record<string, unknown>>, personal: Readonly<Record<string, unknown>> | null = null) => ({
  action,
  reason,
  personal,
  subjectKind: action.split('.')[0] ?? '',
});
const origin = { kind: 'rule', name: 'finance', viaRole: 'clerk', policyVersion: 3, recordIds: ['r1'] };

describe('an event as a sentence', () => {
  test('says why an account was made: by which grant, rule, version and record', () => {
    expect(sentenceOf(event('account.create', { target: 'crm', because: [{ name: 'crm.finance', origins: [origin] }], policyVersion: 3 }))).toBe(
      'In crm the account was created, because of crm.finance (rule finance by role clerk of policy version 3, from record r1).',
    );
  });

  test('says why an account was closed: where the life stands', () => {
    expect(sentenceOf(event('account.disable', { target: 'crm', because: [], lifecycle: { why: 'ended', recordIds: ['r2'] } }))).toBe(
      'In crm the account was disabled, because ended, by record r2.',
    );
  });

  test('names people, records and tokens instead of their ids, in what was written before too', () => {
    const [ada, record, request] = ['0c1e4a52-7d0e-4f0b-9a5e-0c6d3f1b2a10', '302d4709-1111-4222-8333-444455556666', '5d0f1f7e-7a3b-4a7e-8a35-000000000001'];
    const names = new Map([
      [ada, 'Ada Lovelace'],
      [record, 'record 7 of hr'],
    ]);
    const told = (action: string, reason: Readonly<Record<string, unknown>>) => sentenceOf(event(action, reason), names);
    expect(told('case.assigned', { kind: 'transfer', to: ada, deadline: '2026-03-01T00:00:00.000Z' })).toBe(
      'A case (transfer) was assigned to Ada Lovelace, until 2026-03-01T00:00:00.000Z.',
    );
    expect(told('request.asked', { approverId: ada, inPlaceOf: ada, name: 'clerk', stage: 0, via: 'manager' })).toBe(
      'Ada Lovelace for Ada Lovelace was asked to approve clerk (0, manager).',
    );
    // As it was written by earlier versions.
    expect(told('grant.ended', { kind: 'role', name: 'clerk', why: `ended, by record ${record}`, recordIds: [record], origins: [] })).toBe(
      'Lost role clerk: ended, by record 7 of hr. Its origin was nothing that is recorded.',
    );
    // A request has no other name than its id.
    expect(told('grant.given', { kind: 'role', name: 'clerk', origins: [{ kind: 'request', name: request, policyVersion: 3, recordIds: [] }] })).toBe(
      'Was granted role clerk: an approved request of policy version 3.',
    );
    // Text that a person wrote stays unchanged.
    expect(sentenceOf(event('operation.skipped', { target: 'crm', kind: 'create' }, { reason: `see ${ada}` }), names)).toBe(
      `An operation in crm (create) was cancelled. Reason given: see ${ada}`,
    );
  });

  test('says why somebody lost something', () => {
    expect(sentenceOf(event('grant.ended', { kind: 'entitlement', name: 'crm.finance', why: 'its time is over', origins: [origin] }))).toBe(
      'Lost entitlement crm.finance: its time is over. Its origin was rule finance by role clerk of policy version 3, from record r1.',
    );
  });

  test('adds the reason that a person gave, where it is not erased', () => {
    const reason = { target: 'crm', kind: 'create', error: 'CONNECTOR_REFUSED' };
    expect(sentenceOf(event('operation.retried', reason, { reason: 'mended' }))).toBe(
      'An operation that crm had refused (create, CONNECTOR_REFUSED) is retried. Reason given: mended',
    );
    expect(sentenceOf(event('operation.retried', reason))).toBe('An operation that crm had refused (create, CONNECTOR_REFUSED) is retried.');
  });

  test('names what it does not know, odd names included', () => {
    expect(sentenceOf(event('thing.happened', {}))).toBe('thing: thing.happened.');
    expect(sentenceOf({ ...event('constructor', {}), subjectKind: 'x' })).toBe('x: constructor.');
    expect(sentenceOf(event('account.toString', {}))).toBe('account: account.toString.');
  });
});
