import { describe, expect, test } from '@jest/globals';
import { AccountConflict, type Change, type Conclusion, ConnectorRefused, ConnectorUnavailable, NOTHING_ACCEPTED, type ObservedAccount } from '@tenure/domain';
import type { StoredAccount, StoredOperation } from '@tenure/store';
import { operationResults } from './operation-results.ts';
import type { Worked } from './worked.ts';

const at = '2027-05-03T09:00:00.000Z';
const context = { actor: { kind: 'system', id: 'worker' }, correlationId: 'c', now: at } as const;
const account: StoredAccount = {
  id: 'a',
  identityId: 'i',
  target: 'crm',
  userName: 'ada',
  nativeId: '7',
  desired: { target: 'crm', state: 'enabled', userName: 'ada', attributes: {}, entitlements: ['staff'] },
  observed: null,
  observedAt: null,
  confirmedAt: null,
  notVisibleAt: null,
  protectedAt: null,
  driftedAt: null,
  accepted: NOTHING_ACCEPTED,
  existed: true,
  everEnabled: true,
  desiredSince: at,
};
const observed: ObservedAccount = { nativeId: '7', userName: 'ada', externalId: 'i', enabled: true, attributes: {}, entitlements: [], memberships: [] };
const away = new ConnectorUnavailable('crm: it answered HTTP 503', { target: 'crm' });
const joins: Change = { kind: 'addMember', entitlement: 'staff' };
const creates: Change = { kind: 'create', attributes: {}, enabled: true };
const leaves: Change = { kind: 'removeMember', entitlement: 'staff' };
const waiting = (change: Change): StoredOperation => ({
  id: change.kind,
  identityId: 'i',
  accountId: 'a',
  target: 'crm',
  change,
  status: 'pending',
  attempts: 0,
  lastError: null,
  createdAt: at,
  finishedAt: null,
  correlationId: 'c',
  position: 0,
  reason: { found: 'the target differed from what was last seen there' },
});
const concluded = (left: readonly Change[]): Conclusion => ({
  status: left.length > 0 ? 'DIFFERENT' : 'CONFIRMED',
  left,
  withoutEffect: [],
  observations: [],
  accepted: NOTHING_ACCEPTED,
});
const refusal = (change: Change) => ({ change, error: new ConnectorRefused('crm: refused (HTTP 400, invalidValue)', { target: 'crm' }) });

/** Status of each operation after the target has refused a change. */
function after(change: Change, more: Partial<Worked>): Readonly<Record<string, string>> {
  const worked: Worked = {
    account,
    before: [],
    shown: [],
    made: [],
    unheeded: [],
    refused: [refusal(change)],
    suspended: [],
    found: { observed, changes: [change] },
    observed,
    accepted: NOTHING_ACCEPTED,
    conclusion: concluded([change]),
    failure: null,
    ...more,
  };
  return Object.fromEntries(operationResults(worked, account, [waiting(change)], context).map(({ operation }) => [operation.id, operation.status]));
}

describe('a change that a target refuses', () => {
  test('has failed, where the account is there as it was', () => {
    expect(after(joins, {})).toEqual({ addMember: 'failed' });
  });

  test('is tried again with the account that is created next, where somebody has deleted the account meanwhile', () => {
    expect(after(joins, { observed: null, conclusion: concluded([creates, joins]) })).toEqual({ addMember: 'pending' });
  });

  test.each<readonly [string, Worked['failure']]>([
    ['could not be read back', { error: away, during: 'confirmation' }],
    ['was not read back, since a later change had no answer', { error: away, during: leaves }],
    ['was not read back, since a newer decision came', null],
  ])('is tried again where the account %s', (_why, failure) => {
    expect(after(joins, { conclusion: null, failure })).toMatchObject({ addMember: 'pending' });
  });

  test('has failed without a read-back, where it is an account of others', () => {
    const error = new AccountConflict('an account of that name is there', { target: 'crm' });
    expect(after(joins, { refused: [{ change: joins, error }], conclusion: null })).toEqual({ addMember: 'failed' });
  });

  test('has failed, where it is the creation of the account', () => {
    expect(after(creates, { found: { observed: null, changes: [creates] }, observed: null, conclusion: concluded([creates, joins]) })).toEqual({
      create: 'failed',
    });
  });

  test('is done, where the account is as desired when it is read back', () => {
    expect(after(leaves, { conclusion: concluded([]) })).toEqual({ removeMember: 'done' });
  });
});
