import { describe, expect, test } from '@jest/globals';
import { compileMapping } from './account-mapping.ts';
import { adopts } from './adopts.ts';
import type { ObservedAccount } from './account.ts';
import { compilePolicy } from './compile-policy.ts';
import { deriveLifecycle } from './derive-lifecycle.ts';
import { desiredAccounts } from './desired-accounts.ts';
import { evaluatePolicy } from './evaluate-policy.ts';
import type { Identity, Instant } from './facts.ts';
import type { LifecycleState } from './lifecycle.ts';
import { mayMove } from './operation.ts';
import { managedEntitlements } from './plan-changes.ts';
import { DOCUMENT, person, SCHEMA } from './testing/people.ts';

const policy = compilePolicy(DOCUMENT, 7);
const now = '2026-03-01T00:00:00.000Z';
const mapping = (name: string) =>
  compileMapping(
    { name, attributes: { title: 'identity.jobRole', level: 'identity.level', skills: 'identity.skills', mail: 'identity.email' }, adoptBy: 'mail' },
    SCHEMA,
  );
const mappings = [mapping('ledger'), mapping('crm'), mapping('directory')];

const desired = (identity: Identity, existed: readonly string[] = [], at: Instant = now, state?: LifecycleState) => {
  const derived = deriveLifecycle({ identity, policy, now: at });
  const lifecycle = state === undefined ? derived : { ...derived, state };
  const { grants } = evaluatePolicy({ identity, lifecycle, policy, activations: {}, endings: {}, now: at });
  return desiredAccounts({
    identity,
    lifecycle,
    grants,
    policy,
    mappings,
    existing: existed.map((target) => ({ target, everExisted: true, everEnabled: true })),
    now: at,
  });
};
const brief = (...question: Parameters<typeof desired>) =>
  desired(...question).map(({ target, state, entitlements, onlyExisting }) => `${target} ${state} [${entitlements}]${onlyExisting ? ' if there' : ''}`);
const all = ['crm', 'directory', 'ledger'];
const contractor = { userType: 'contractor' as const };

describe('desiredAccounts', () => {
  test.each<[string, Parameters<typeof desired>, string[]]>([
    ['where an entitlement is held', [person({ department: 'Sales' })], ['crm enabled [Sales]', 'directory enabled [staff]']],
    [
      'with all that is held, sorted',
      [person({ department: 'Finance' })],
      ['crm enabled [Finance]', 'directory enabled [staff]', 'ledger enabled [clerk,reader]'],
    ],
    [
      'a mover keeps a closed account where nothing is held any more',
      [person({ department: 'Sales' }), all],
      ['crm enabled [Sales]', 'directory enabled [staff]', 'ledger disabled [] if there'],
    ],
    [
      'an entitlement without a value means the account alone',
      [person({ level: 5, startDate: '2025-01-01' })],
      ['directory enabled [staff]', 'ledger enabled []'],
    ],
    [
      'a leaver: disabled everywhere, nothing held',
      [person({ department: 'Finance', endDate: '2026-02-20' }), all],
      ['crm disabled [] if there', 'directory disabled [] if there', 'ledger disabled [] if there'],
    ],
    ['a leaver where there was no account: nothing', [person({ department: 'Finance', endDate: '2026-02-20' }), ['crm']], ['crm disabled [] if there']],
    ['left and deleted', [person({ endDate: '2026-02-01' }, contractor), ['crm']], ['crm absent [] if there']],
    ['left and kept', [person({ endDate: '2026-01-01' }), ['crm']], ['crm disabled [] if there']],
    ['long before the start', [person({ startDate: '2026-06-01' })], []],
    ['shortly before the start, without what is to come', [person({ startDate: '2026-03-10' })], ['directory disabled []']],
    ['an account that is there is never deleted by a start that moves', [person({ startDate: '2026-06-01' }), ['crm']], ['crm disabled [] if there']],
    [
      'suspended: disabled, and keeps what is held',
      [person({ department: 'Sales' }), [], now, 'suspended'],
      ['crm disabled [Sales]', 'directory disabled [staff]'],
    ],
  ])('%s', (_, question, expected) => expect(brief(...question)).toEqual(expected));

  test('writes what facts give, and none for what is absent', () => {
    expect(desired(person({ email: 'a@x', level: 3, skills: ['b', 'a'] }))[0]).toEqual({
      target: 'directory',
      userName: 'ada',
      state: 'enabled',
      attributes: { level: 3, mail: 'a@x', skills: ['b', 'a'], title: [] },
      entitlements: ['staff'],
    });
  });

  test('writes no more data into an account that is closed', () => {
    expect(desired(person({ email: 'a@x', endDate: '2026-02-20' }), ['crm'])[0]?.attributes).toEqual({});
  });
});

describe('adopts', () => {
  const account = { target: 'crm', userName: 'ada', state: 'enabled' as const, attributes: { mail: 'a@x' }, entitlements: [] };
  const seen: ObservedAccount = {
    nativeId: '1',
    userName: 'ada',
    externalId: null,
    enabled: true,
    attributes: { mail: ['a@x'] },
    entitlements: [],
    memberships: [],
  };
  const ours = '6f1f6c8e-0b5c-4c9a-9d0e-0d1f2a3b4c5d';
  test.each<[string, Partial<ObservedAccount>, boolean]>([
    ['one that bears our mark', { externalId: ours, attributes: {} }, true],
    ['one whose attribute is what we would write', {}, true],
    ["also with somebody else's number on it", { externalId: 'E-4711' }, true],
    ['not one that bears the mark of another identity', { externalId: '00000000-0b5c-4c9a-9d0e-0d1f2a3b4c5d' }, false],
    ['not one whose attribute differs', { attributes: { mail: 'b@x' } }, false],
    ['not one without it', { attributes: {} }, false],
  ])('%s', (_, observed, expected) => expect(adopts(account, { ...seen, ...observed }, ours, mapping('crm'))).toBe(expected));

  test('an attribute that we would not write adopts nothing', () => {
    expect(adopts({ ...account, attributes: {} }, { ...seen, attributes: {} }, ours, mapping('crm'))).toBe(false);
    expect(adopts(account, seen, ours, { name: 'crm', attributes: {} })).toBe(false);
  });
});

test('policy manages just the entitlements that it knows', () => {
  expect(managedEntitlements(DOCUMENT)).toEqual({
    crm: new Set(['Finance', 'Sales']),
    directory: new Set(['staff']),
    ledger: new Set(['clerk', 'reader']),
    tenure: new Set(['operator']),
  });
});

test('a failed operation can be tried again or given up, a done one nothing', () => {
  expect([
    mayMove('failed', 'pending'),
    mayMove('failed', 'given-up'),
    mayMove('pending', 'superseded'),
    mayMove('done', 'pending'),
    mayMove('superseded', 'pending'),
  ]).toEqual([true, true, true, false, false]);
});
