import { describe, expect, test } from '@jest/globals';
import { compileMapping } from './account-mapping.ts';
import { compilePolicy } from '../policy/compile-policy.ts';
import { deriveLifecycle } from '../lifecycle/derive-lifecycle.ts';
import { type AccountsQuestion, desiredAccounts } from './desired-accounts.ts';
import { evaluatePolicy } from '../policy/evaluate-policy.ts';
import type { Identity, Instant } from '../identity/facts.ts';
import type { LifecycleState } from '../lifecycle/lifecycle.ts';
import { mayMove } from './operation.ts';
import { managedEntitlements } from './plan-changes.ts';
import { DOCUMENT, person, record, SCHEMA } from '../testing/people.ts';

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

describe('by which value an account that is there may be adopted', () => {
  const trust = { hr: { isAuthoritative: true, isLogin: false, keys: [], trustedEmailDomains: ['x'] } };
  const facts = { department: 'Sales', email: 'a@x' };
  const decided = (more: Partial<AccountsQuestion>, identity = person(facts)) => {
    const lifecycle = deriveLifecycle({ identity, policy, now });
    const { grants } = evaluatePolicy({ identity, lifecycle, policy, activations: {}, endings: {}, now });
    const records = [{ ...record({ id: 'r-hr', source: 'hr', facts }), emailTrusted: true }];
    const question = { identity, lifecycle, grants, policy, mappings: [mapping('crm')], existing: [], vouching: { records, trust }, now };
    return desiredAccounts({ ...question, ...more })[0]?.adoption;
  };
  const crm = { target: 'crm', everExisted: true, everEnabled: true };
  const allowed = { attribute: 'mail', restsOn: ['email'] };

  test('is decided with what is wanted, from who may speak for it', () => {
    expect(decided({})).toEqual(allowed);
    expect(decided({ vouching: { records: [], trust } })).toEqual({ attribute: 'mail', refused: 'no source says its email any more' });
  });

  test('is nothing where nobody is asked, no attribute is set, or the person has ended', () => {
    expect(desired(person(facts))[0]).not.toHaveProperty('adoption');
    expect(decided({ mappings: [compileMapping({ name: 'crm', attributes: { mail: 'identity.email' } }, SCHEMA)] })).toBeUndefined();
    expect(decided({ existing: [crm] }, person({ ...facts, endDate: '2026-02-20' }))).toBeUndefined();
  });

  test('an account that was found before this was decided is not wanted anew for it; one that was not found is', () => {
    expect(decided({ existing: [{ ...crm, found: {} }] })).toBeUndefined();
    expect(decided({ existing: [{ ...crm, found: null }] })).toEqual(allowed);
    expect(decided({ existing: [{ ...crm, found: { adoption: allowed } }] })).toEqual(allowed);
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
