import { describe, expect, it } from '@jest/globals';
import type { Change } from '../accounts/account.ts';
import { endsAccess, type Suspension, suspensionOf, isTargetSuspended } from './suspension.ts';

const now = '2026-03-01T12:00:00.000Z';
const later = '2026-03-01T13:00:00.000Z';
const of = { id: 'h', identityId: null, target: null, operationId: null, until: later, keepsAccess: false };
const person: Suspension = { ...of, kind: 'identity', identityId: 'ada' };
const crm: Suspension = { ...of, kind: 'target', target: 'crm' };
const one: Suspension = { ...of, kind: 'operation', identityId: 'ada', operationId: 'o-1' };
const held = (hold: Suspension, kind: Change['kind'], { isEnd = false, target = 'crm', operationId = 'o-1', at = now } = {}): boolean =>
  suspensionOf([hold], { target, change: { kind, entitlement: 'x', attributes: {}, enabled: true } as Change, operationId, endsAccess: isEnd }, at) !== null;

describe('what a hold keeps from being written', () => {
  it.each<[string, boolean, boolean]>([
    ['a person gets nothing new', held(person, 'create'), true],
    ['and loses nothing, while they are there', held(person, 'removeMember'), true],
    ['but is closed when their time is over', held(person, 'disable', { isEnd: true }), false],
    ['with what they hold', held(person, 'removeMember', { isEnd: true }), false],
    ['though not deleted', held(person, 'delete', { isEnd: true }), true],
    ['and kept open where the hold says so', held({ ...person, keepsAccess: true }, 'disable', { isEnd: true }), true],
    ['a target takes nothing at all', held(crm, 'disable', { isEnd: true }), true],
    ['other targets do', held(crm, 'create', { target: 'ledger' }), false],
    ['one operation waits', held(one, 'addMember'), true],
    ['the others go on', held(one, 'addMember', { operationId: 'o-2' }), false],
    ['one that closes a leaver does not wait', held(one, 'disable', { isEnd: true }), false],
    ['at its end it is over', held(crm, 'create', { at: later }), false],
  ])('%s', (_title, found, expected) => expect(found).toBe(expected));

  it('is not spoken to', () => {
    expect(isTargetSuspended([person, crm], 'crm', now)).toBe(true);
    expect(isTargetSuspended([person, crm], 'ledger', now)).toBe(false);
    expect(isTargetSuspended([crm], 'crm', later)).toBe(false);
  });
});

describe('an end of access', () => {
  it.each([
    ['leaving', 'disabled', true],
    ['left', 'absent', true],
    ['suspended', 'disabled', true],
    ['active', 'disabled', true],
    ['active', 'enabled', false],
    ['pre-hire', 'disabled', false],
  ] as const)('%s, wanted %s: %s', (state, wanted, expected) => expect(endsAccess(state, { state: wanted })).toBe(expected));
});
