import { describe, expect, test } from '@jest/globals';
import type { LifecycleState } from '../lifecycle/lifecycle.ts';
import type { Grant } from '../policy/policy.ts';
import { DOCUMENT, person } from '../testing/people.ts';
import { countedChanges, type DecidedState } from './counted-changes.ts';

const now = '2026-03-01T00:00:00.000Z';
type State = 'enabled' | 'disabled' | 'absent' | null;

interface Sketch {
  readonly state?: LifecycleState | null;
  readonly crm?: State;
  readonly holds?: readonly string[];
  readonly endDate?: string;
  readonly leaveAt?: string;
  readonly onlyExisting?: true;
}

const grant = (name: string): Grant => {
  const origin = { kind: 'rule', name: 'r', policyVersion: 1, viaRole: null, recordIds: [], validFrom: '2026-01-01T00:00:00.000Z', validUntil: null } as const;
  return { kind: 'entitlement', name, origins: [origin], validFrom: origin.validFrom, validUntil: null };
};

function standing({ state = 'active', crm = null, holds = [], endDate, leaveAt, onlyExisting }: Sketch): DecidedState {
  const next = leaveAt === undefined ? null : { at: leaveAt, state: 'suspended' as const };
  return {
    identity: person(endDate === undefined ? {} : { endDate }),
    lifecycle: state === null ? null : { state, why: '', rule: null, recordIds: [], since: null, next, accounts: 'enabled' },
    grants: holds.map(grant),
    accounts: crm === null ? [] : [{ target: 'crm', state: crm, ...(onlyExisting ? { onlyExisting } : {}) }],
    entitlements: DOCUMENT.entitlements,
  };
}

describe('what a wave does to a person', () => {
  test.each<[string, Sketch, Sketch, string[]]>([
    ['nothing', { crm: 'enabled', holds: ['crm.sales'] }, { crm: 'enabled', holds: ['crm.sales'] }, []],
    ['a hire', { state: null }, { crm: 'enabled', holds: ['crm.sales'] }, ['* create', 'crm create']],
    ['a record of somebody who is gone already', { state: null }, { state: 'left' }, []],
    [
      'an end: what was held goes with it and counts once',
      { crm: 'enabled', holds: ['crm.sales'] },
      { state: 'leaving', crm: 'disabled' },
      ['* disable', 'crm disable'],
    ],
    ['a leave of absence', { crm: 'enabled' }, { state: 'suspended', crm: 'disabled' }, ['* disable', 'crm disable']],
    ['a hire that is called off', { state: 'pre-hire', crm: 'disabled' }, { state: 'left', crm: 'absent', onlyExisting: true }, ['* disable', 'crm delete']],
    ['an end that is reported ahead', { crm: 'enabled' }, { crm: 'enabled', endDate: '2026-03-05' }, ['* disable', 'crm disable']],
    ['an end that comes sooner', { crm: 'enabled', endDate: '2027-03-05' }, { crm: 'enabled', endDate: '2026-03-05' }, ['* disable', 'crm disable']],
    ['an end that comes later', { crm: 'enabled', endDate: '2026-03-05' }, { crm: 'enabled', endDate: '2027-03-05' }, []],
    ['a hire with an end ahead', { state: null }, { crm: 'enabled', endDate: '2026-03-05' }, ['* create', 'crm create']],
    ['a leave that lies ahead', { crm: 'enabled' }, { crm: 'enabled', leaveAt: '2026-03-05T00:00:00.000Z' }, ['* disable', 'crm disable']],
    ['somebody who comes back', { state: 'leaving', crm: 'disabled' }, { crm: 'enabled', holds: ['crm.sales'] }, ['* enable', 'crm enable']],
    ['a first account', {}, { crm: 'enabled', holds: ['crm.sales'] }, ['crm create']],
    ['an account that was never made stays unmade', {}, { crm: 'disabled', onlyExisting: true }, []],
    ['a mover', { crm: 'enabled', holds: ['crm.sales'] }, { crm: 'enabled', holds: ['crm.finance'] }, ['crm gain', 'crm lose']],
    ['one more of two', { crm: 'enabled', holds: ['crm.sales'] }, { crm: 'enabled', holds: ['crm.finance', 'crm.sales'] }, ['crm gain']],
    ['a role in Tenure itself', {}, { holds: ['tenure.operator'] }, ['tenure gain']],
  ])('%s', (_, before, after, expected) => {
    expect(countedChanges(standing(before), standing(after), now).map(({ target, kind }) => `${target} ${kind}`)).toEqual(expected);
  });
});
