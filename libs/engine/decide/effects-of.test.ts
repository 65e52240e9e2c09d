import { describe, expect, test } from '@jest/globals';
import type { PolicyDocument } from '@tenure/domain';
import type { StoredAccount } from '@tenure/store';
import { personChange } from './effects-of.ts';
import { createLife, HR_RECORD, type Life, PERSON } from './testing/life.ts';

const MONDAY = '2026-03-02T09:00:00.000Z';
const TUESDAY = '2026-03-03T09:00:00.000Z';
const WEDNESDAY = '2026-03-04T09:00:00.000Z';

const money: PolicyDocument['separation'] = [{ name: 'money', conflicting: [['crm.buyer'], ['crm.payer'], ['crm.clerk']], atMost: 1, priority: ['crm.payer'] }];

/** A person with entitlement buyer, decided about on Monday. */
function buyer(rules: Parameters<typeof createLife>[0] = {}): Life {
  const life = createLife(rules);
  life.says({ employeeNumber: '1', department: 'Buying' });
  life.decide(MONDAY);
  return life;
}

/** The target has shown the account as it is desired. */
function confirm(life: Life, at: string, more: Partial<StoredAccount> = {}): void {
  for (const { target, desired } of life.person.accounts)
    life.has({ observed: { [target]: { at, enabled: desired.state === 'enabled', holds: desired.entitlements } } }, at);
  const accounts = life.person.accounts.map((account) => ({ ...account, confirmedAt: at, ...more }));
  life.person = { ...life.person, accounts, operations: [] };
}

const ended = { status: 'ended', endedAt: TUESDAY } as const;
const facts = { employeeNumber: '1', department: 'Buying' };
const actions = ({ audit }: { readonly audit: readonly { readonly action: string }[] }): readonly string[] => audit.map(({ action }) => action);

describe('effects on the identity', () => {
  test('are its state, its dates and one more revision', () => {
    const life = createLife();
    life.says({ ...facts, startDate: '2026-01-01', endDate: '2026-03-31' });
    const { before, after, decision } = life.decide(MONDAY);
    expect(before.lifecycle).toBeNull();
    expect(after).toMatchObject({ state: 'active', decidedAt: MONDAY, policyVersion: 1, revision: 1, nextWakeUp: '2026-04-01T00:00:00.000Z' });
    expect(decision).toMatchObject({ state: 'active', nextWakeUp: '2026-04-01T00:00:00.000Z', dateChanged: true });
  });

  test('audit a change of state with its cause before everything that follows from it, and no second time', () => {
    const life = createLife();
    life.says(facts);
    const first = life.decide(MONDAY);
    expect(actions(first)).toEqual(['identity.stateChanged', 'grant.given', 'account.wanted']);
    expect(first.audit[0]?.reason).toMatchObject({ from: null, to: 'active', recordIds: [], policyVersion: 1, trigger: 'record' });
    expect(life.decide(TUESDAY).audit).toEqual([]);
  });
});

describe('effects on grants', () => {
  test('are those that policy gives, with ids from outside', () => {
    const life = createLife();
    life.says(facts);
    const { grants, audit } = life.decide(MONDAY);
    expect(grants.given).toMatchObject([{ id: 'new-1', identityId: PERSON, kind: 'entitlement', name: 'crm.buyer', grantedAt: MONDAY, endedAt: null }]);
    expect(audit[1]).toMatchObject({ action: 'grant.given', subjectId: 'new-1', reason: { name: 'crm.buyer', policyVersion: 1 } });
  });

  test('come with the role first, since it is why its entitlements are held', () => {
    const life = createLife();
    life.says({ ...facts, department: 'Books' });
    expect(life.decide(MONDAY).grants.given.map(({ name }) => name)).toEqual(['books', 'crm.clerk']);
  });

  test('end what nothing gives any more, with the reason', () => {
    const life = buyer();
    life.says({ ...facts, department: 'Books' });
    const { grants, audit } = life.decide(TUESDAY);
    expect(grants.ended).toMatchObject([{ name: 'crm.buyer', endedAt: TUESDAY, endReason: 'none of its origins applies any longer' }]);
    expect(audit.filter(({ action }) => action === 'grant.ended')).toMatchObject([
      { reason: { name: 'crm.buyer', origins: [{ name: 'buyers', recordIds: [HR_RECORD] }] } },
    ]);
  });

  test('end with the reason of the state when somebody leaves', () => {
    const life = buyer();
    life.says(facts, ended);
    const { grants, after } = life.decide(TUESDAY);
    expect(grants.ended.map(({ endReason }) => endReason)).toEqual([after.lifecycle?.why]);
  });

  test('change a grant that has another origin, and keep its id', () => {
    const life = buyer();
    const [id] = life.person.grants.map((grant) => grant.id);
    life.has({ requested: [{ name: 'crm.buyer', validUntil: WEDNESDAY }] }, MONDAY);
    const { grants, audit } = life.decide(MONDAY);
    expect(grants).toMatchObject({ given: [], ended: [], changed: [{ id, name: 'crm.buyer', origins: [{ kind: 'request' }, { kind: 'rule' }] }] });
    expect(audit).toMatchObject([{ action: 'grant.changed', reason: { before: [{ kind: 'rule' }] } }]);
  });

  test('keep what only a new version of the policy says again', () => {
    const life = buyer();
    const grants = life.person.grants.map((grant) => ({ ...grant, origins: grant.origins.map((origin) => ({ ...origin, policyVersion: 0 })) }));
    life.person = { ...life.person, grants };
    expect(life.decide(TUESDAY).grants).toEqual({ given: [], changed: [], ended: [] });
  });
});

describe('effects on accounts and operations', () => {
  test('are a desired state, and the operations that bring it about', () => {
    const life = createLife();
    life.says(facts);
    const { accounts, operations, decision } = life.decide(MONDAY);
    expect(accounts).toMatchObject([
      { id: 'new-2', target: 'crm', desired: { state: 'enabled', entitlements: ['buyer'] }, desiredSince: MONDAY, confirmedAt: null, existed: true },
    ]);
    expect(operations.superseded).toEqual([]);
    expect(decision).toMatchObject({ work: [{ target: 'crm', since: MONDAY }], stage: 'onboarding', changed: true });
  });

  test('plan what differs from the last reading, with the grants that justify it', () => {
    const life = buyer();
    confirm(life, MONDAY);
    life.says({ ...facts, department: 'Books' });
    const { accounts, operations } = life.decide(TUESDAY);
    expect(accounts.map(({ desiredSince, confirmedAt }) => ({ desiredSince, confirmedAt }))).toEqual([{ desiredSince: TUESDAY, confirmedAt: null }]);
    expect(operations.planned.map(({ change, position, correlationId, status }) => ({ change, position, correlationId, status }))).toEqual([
      { change: { kind: 'removeMember', entitlement: 'buyer' }, position: 0, correlationId: 'a-request', status: 'pending' },
      { change: { kind: 'addMember', entitlement: 'clerk' }, position: 1, correlationId: 'a-request', status: 'pending' },
    ]);
    expect(operations.planned[1]?.reason).toMatchObject({ because: [{ name: 'crm.clerk', origins: [{ name: 'bookkeepers', viaRole: 'books' }] }] });
  });

  test('supersede what a newer decision does not want, and keep what it still wants', () => {
    const life = buyer();
    confirm(life, MONDAY);
    life.says({ ...facts, department: 'Books' });
    const [taking, giving] = life.decide(TUESDAY).operations.planned;
    life.says({ ...facts, department: 'Other' });
    const { operations, audit } = life.decide(WEDNESDAY);
    expect(operations).toMatchObject({
      planned: [{ change: { kind: 'disable' } }, { change: { kind: 'removeMember', entitlement: 'clerk' } }],
      superseded: [{ id: giving?.id, status: 'superseded', finishedAt: WEDNESDAY }],
    });
    expect(life.person.operations.map(({ id }) => id)).toContain(taking?.id);
    expect(audit.filter(({ action }) => action === 'operation.superseded')).toMatchObject([{ subjectId: giving?.id, reason: { kind: 'addMember' } }]);
  });

  test('are none where an account is confirmed and nothing else is desired', () => {
    const life = buyer();
    confirm(life, MONDAY);
    const { accounts, operations, decision } = life.decide(TUESDAY);
    expect({ accounts, operations }).toEqual({ accounts: [], operations: { planned: [], superseded: [] } });
    expect(decision).toMatchObject({ work: [], waiting: [], stage: 'idle', changed: false });
  });

  test('wait in a target whose provisioning is suspended, until that ends', () => {
    const life = buyer();
    confirm(life, MONDAY);
    life.has({ suspensions: [{}] }, MONDAY);
    life.says({ ...facts, department: 'Books' });
    const { after, decision } = life.decide(TUESDAY);
    expect(decision).toMatchObject({ work: [], held: ['crm'], stage: 'waiting' });
    expect(after.nextWakeUp).toBe(WEDNESDAY);
  });

  test('wait for a person where the account could not be created', () => {
    const life = buyer();
    life.person = {
      ...life.person,
      accounts: life.person.accounts.map((account) => ({ ...account, observedAt: MONDAY })),
    };
    life.decide(TUESDAY);
    const failed = life.person.operations.map((operation) => ({ ...operation, status: 'failed' as const }));
    life.person = { ...life.person, operations: failed };
    const { operations, decision } = life.decide(WEDNESDAY);
    expect(failed.some(({ change }) => change.kind === 'create')).toBe(true);
    expect(operations).toEqual({ planned: [], superseded: [] });
    expect(decision).toMatchObject({ work: [], waiting: ['crm'], stage: 'waiting' });
  });

  test('have a leaver read once more after the confirmed end', () => {
    const life = buyer();
    confirm(life, MONDAY);
    life.says(facts, ended);
    life.decide(TUESDAY);
    confirm(life, TUESDAY);
    expect(life.decide('2026-03-03T10:00:00.000Z')).toMatchObject({ after: { nextWakeUp: '2026-03-03T13:00:00.000Z' }, decision: { work: [] } });
    expect(life.decide('2026-03-03T13:00:00.000Z').decision).toMatchObject({ work: [{ target: 'crm' }], stage: 'leaving' });
  });
});

describe('effects on requested access', () => {
  test('end an item whose time is over', () => {
    const life = buyer();
    life.has({ requested: [{}] }, MONDAY);
    expect(life.decide(MONDAY).items).toEqual([]);
    const { items, audit, grants } = life.decide(TUESDAY);
    expect(items).toEqual([{ id: 'item-1', status: 'ended', reason: 'expired', endedAt: TUESDAY, endedWith: null }]);
    expect(grants.ended).toMatchObject([{ name: 'crm.clerk', endReason: 'expired' }]);
    expect(audit.find(({ action }) => action === 'request.ended')).toMatchObject({ subjectId: 'request-1', reason: { itemId: 'item-1', name: 'crm.clerk' } });
  });

  test('end it with the last relationship, and restore it when that end is taken back', () => {
    const life = buyer();
    life.has({ requested: [{ validUntil: '2026-12-01T00:00:00.000Z' }] }, MONDAY);
    life.decide(MONDAY);
    life.says(facts, ended);
    expect(life.decide(TUESDAY).items).toEqual([
      { id: 'item-1', status: 'ended', reason: 'leaving', endedAt: TUESDAY, endedWith: { at: TUESDAY, recordIds: [HR_RECORD] } },
    ]);
    life.says(facts);
    const { items, audit } = life.decide(WEDNESDAY);
    expect(items).toEqual([{ id: 'item-1', status: 'approved', reason: null, endedAt: null, endedWith: null }]);
    expect(actions({ audit })).toContain('request.restored');
  });

  test('raise a question where policy would not let it be requested any more', () => {
    const life = buyer();
    life.has({ requested: [{}] }, MONDAY);
    expect(life.decide(MONDAY).cases.opened).toMatchObject([{ kind: 'requested-access-questionable', evidence: { itemId: 'item-1', name: 'crm.clerk' } }]);
  });
});

describe('effects on SoD exceptions', () => {
  test('end them with the last relationship, for good once the grace is over, or restore them', () => {
    const life = buyer({ separation: money });
    life.has({ exceptions: [{}] }, MONDAY);
    life.says(facts, ended);
    const first = life.decide(TUESDAY);
    expect(first.exceptions).toEqual([{ id: 'exception-1', endedWith: { at: TUESDAY, recordIds: [HR_RECORD] } }]);
    expect(actions(first)).toContain('separation.exceptionEnded');
    life.says(facts);
    const second = life.decide(WEDNESDAY);
    expect(second.exceptions).toEqual([{ id: 'exception-1', endedWith: 'restored' }]);
    expect(actions(second)).toContain('separation.exceptionRestored');
  });

  test('let one that ended with a relationship go for good when its own time is over', () => {
    const life = buyer({ separation: money });
    life.has({ exceptions: [{ validUntil: TUESDAY, endedWith: { at: MONDAY, recordIds: ['another'] } }] }, MONDAY);
    expect(life.decide(WEDNESDAY).exceptions).toEqual([{ id: 'exception-1', endedWith: 'for good' }]);
  });
});

describe('effects on cases', () => {
  test('open one for access that separation of duties withholds, and answer it when that is over', () => {
    const life = buyer({ separation: money });
    life.has({ requested: [{ name: 'crm.payer', validUntil: WEDNESDAY }] }, MONDAY);
    const { cases, after, grants } = life.decide(MONDAY);
    const key = `separation-conflict/${PERSON}/money`;
    expect(cases.opened.find((one) => one.key === key)).toMatchObject({ kind: 'separation-conflict', evidence: { rule: 'money', heldBack: ['crm.buyer'] } });
    expect(grants.ended).toMatchObject([{ name: 'crm.buyer', endReason: 'withheld by separation-of-duties rule money' }]);
    expect(after.questions).toContain(key);
    expect(life.decide(WEDNESDAY).cases.answered).toContain(key);
  });

  test('open one for facts that are missing, and withhold everything until they are known', () => {
    const lifecycle: PolicyDocument['lifecycle'] = [{ name: 'all', start: {}, requires: ['manager'], end: { grace: 'P5D', then: 'delete' } }];
    const life = buyer({ lifecycle });
    life.says(facts);
    const { cases, after } = life.decide(TUESDAY);
    expect(cases.opened).toMatchObject([{ kind: 'facts-missing', identityId: PERSON, target: null, evidence: { missing: ['manager'], isHeld: true } }]);
    expect(after.questions).toEqual([`facts-missing/${PERSON}`]);
    life.says({ ...facts, manager: '2' });
    expect(life.decide(WEDNESDAY)).toMatchObject({ cases: { opened: [], answered: [`facts-missing/${PERSON}`] }, grants: { given: [{ name: 'crm.buyer' }] } });
  });

  test('open one for a rule that cannot be evaluated', () => {
    const birthright = [{ name: 'odd', when: 'timestamp(identity.department) < now', roles: [], entitlements: ['crm.buyer'] }];
    const life = createLife({ birthright });
    life.says(facts);
    expect(life.decide(MONDAY).cases.opened).toMatchObject([{ kind: 'policy-evaluation', key: `policy-evaluation/${PERSON}/odd`, evidence: { rule: 'odd' } }]);
  });

  test('open one for whoever takes over from a leaver, and answer it when they come back', () => {
    const to = { attribute: 'manager', by: 'employeeNumber' } as const;
    const lifecycle: PolicyDocument['lifecycle'] = [{ name: 'all', start: {}, end: { grace: 'P5D', then: 'keep', transfer: { to, what: ['owned-groups'] } } }];
    const life = buyer({ lifecycle });
    life.says({ ...facts, manager: '2' }, ended);
    const { cases } = life.decide(TUESDAY);
    expect(cases.opened).toMatchObject([
      {
        kind: 'transfer',
        evidence: { what: ['owned-groups'], rule: 'all', held: ['crm.buyer'], accounts: ['crm'] },
        deadline: '2026-03-08T09:00:00.000Z',
        ownerNamed: { by: 'employeeNumber', value: '2' },
      },
    ]);
    expect(life.decide(WEDNESDAY).cases.opened.map(({ kind }) => kind)).not.toContain('transfer');
    life.says(facts);
    expect(life.decide(WEDNESDAY).cases.answered).toContain(`transfer/${PERSON}`);
  });

  test('open one for an end that is not confirmed in time, and wake up for it before', () => {
    const life = buyer();
    confirm(life, MONDAY);
    life.says(facts, ended);
    expect(life.decide(TUESDAY)).toMatchObject({ cases: { opened: [] }, after: { nextWakeUp: '2026-03-03T10:00:00.000Z' } });
    expect(life.decide('2026-03-03T10:00:00.000Z').cases.opened).toMatchObject([
      { kind: 'end-not-confirmed', target: 'crm', evidence: { wantedSince: TUESDAY, wanted: 'disabled' } },
    ]);
  });

  test('ask the sponsor about a contract that ends', () => {
    const lifecycle: PolicyDocument['lifecycle'] = [
      { name: 'all', start: {}, extension: { ask: 'P30D', maximum: 'P90D' }, end: { grace: 'P5D', then: 'delete' } },
    ];
    const relations = { sponsor: { attribute: 'sponsor', by: 'employeeNumber' as const } };
    const life = createLife({ lifecycle, relations });
    life.says({ ...facts, sponsor: '2', startDate: '2026-01-01', endDate: '2026-03-20' });
    expect(life.decide(MONDAY).cases.opened).toMatchObject([{ kind: 'contract-ending', isSponsors: true, deadline: '2026-03-21T00:00:00.000Z' }]);
  });

  test('open one for a hire that is called off once, however often it is decided again', () => {
    const life = createLife();
    life.says({ ...facts, startDate: '2026-05-01' });
    life.decide(MONDAY);
    life.says({ ...facts, startDate: '2026-05-01' }, ended);
    expect(life.decide(TUESDAY).cases.opened).toMatchObject([{ kind: 'hire-called-off' }]);
    expect(life.decide(WEDNESDAY).cases).toEqual({ opened: [], answered: [] });
  });
});

describe('effects on sessions, notices and others', () => {
  test('end the sessions of whoever is not active, with the reason of the state', () => {
    const life = buyer();
    expect(life.decide(MONDAY).sessionsEnd).toBeNull();
    life.says(facts, ended);
    const { sessionsEnd, after } = life.decide(TUESDAY);
    expect(sessionsEnd).toBe(after.lifecycle?.why);
  });

  test('end sessions once, however many break-glass items end', () => {
    const life = buyer();
    life.has({ requested: [{ isBreakGlass: true }, { id: 'item-2', name: 'crm.payer', isBreakGlass: true }] }, MONDAY);
    life.decide(MONDAY);
    const { sessionsEnd, items } = life.decide(TUESDAY);
    expect(sessionsEnd).toBe('break-glass access has ended');
    expect(items.map(({ id, endedWith }) => ({ id, endedWith }))).toEqual([
      { id: 'item-1', endedWith: null },
      { id: 'item-2', endedWith: null },
    ]);
  });

  test('tell the manager of a start and of an end', () => {
    const life = createLife();
    life.says({ ...facts, startDate: '2026-03-01' });
    expect(life.decide(MONDAY).notifications).toMatchObject([{ kind: 'person-started', recipient: { relation: 'manager', of: PERSON } }]);
    life.says({ ...facts, startDate: '2026-03-01' }, ended);
    expect(life.decide(TUESDAY).notifications).toMatchObject([{ kind: 'person-ended', about: { identityId: PERSON } }]);
  });

  test('concern others when the state, the grants or the manager are other than before, but nobody when somebody is new', () => {
    const life = createLife({ relations: { manager: { attribute: 'manager', by: 'employeeNumber' } } });
    life.says(facts);
    expect(life.decide(MONDAY).concernsOthers).toBe(false);
    expect(life.decide(MONDAY).concernsOthers).toBe(false);
    life.says({ ...facts, manager: '2' });
    expect(life.decide(TUESDAY).concernsOthers).toBe(true);
    life.says({ ...facts, manager: '2', department: 'Books' });
    expect(life.decide(TUESDAY).concernsOthers).toBe(true);
    expect(life.decide(WEDNESDAY).concernsOthers).toBe(false);
  });

  test('pass on the status of the sponsor that the decision used', () => {
    const life = buyer();
    expect(life.decide(MONDAY).sponsorLives).toBeUndefined();
    expect(life.decide(MONDAY, 'record', false)).toMatchObject({ sponsorLives: false, sponsorship: null });
  });
});

describe('the result of a decision', () => {
  test('says of a login whether the same login would decide nothing', () => {
    const life = buyer();
    expect(life.decide(TUESDAY, 'login').decision.isSettled).toBe(false);
    confirm(life, TUESDAY);
    expect(life.decide(TUESDAY, 'login').decision.isSettled).toBe(true);
    expect(life.decide(TUESDAY, 'record').decision).not.toHaveProperty('isSettled');
  });

  test('wakes nobody for a date that a login makes later', () => {
    const life = createLife();
    life.says({ ...facts, startDate: '2026-01-01', endDate: '2026-03-31' });
    life.decide(MONDAY);
    confirm(life, MONDAY);
    life.says({ ...facts, startDate: '2026-01-01', endDate: '2026-04-30' });
    expect(life.decide(TUESDAY, 'login').decision).toMatchObject({ dateChanged: true, changed: false });
  });
});

describe('the change that the budget counts', () => {
  test('is what the decision would do, before it is done', () => {
    const life = buyer();
    confirm(life, MONDAY);
    life.says(facts, ended);
    const { changes, before, after } = personChange(life.ask(TUESDAY));
    expect(changes.map(({ kind }) => kind)).toContain('disable');
    expect(before).toMatchObject({ state: 'active' });
    expect(after).toMatchObject({ state: 'leaving' });
    expect(life.person.identity.state).toBe('active');
  });
});

describe('an account that others have changed', () => {
  /** A run has shown that somebody took the entitlement away, and gave another one. */
  function drifted(): Life {
    const life = buyer();
    confirm(life, MONDAY);
    const [account] = life.person.accounts;
    if (account?.observed == null) throw new Error('no account was observed');
    const observed = { ...account.observed, entitlements: ['payer'] };
    life.person = { ...life.person, accounts: [{ ...account, observed, confirmedAt: null, driftedAt: TUESDAY }] };
    return life;
  }

  test('waits: nothing is planned for it, and nothing of it has to be woken', () => {
    const { operations, accounts, decision } = drifted().decide(TUESDAY);
    expect([operations.planned, operations.superseded, accounts]).toEqual([[], [], []]);
    expect(decision).toMatchObject({ work: [], waiting: ['crm'], stage: 'waiting', changed: false });
  });

  test('is worked on as a whole once another state is desired, or its correction is approved', () => {
    const moved = drifted();
    moved.says({ ...facts, department: 'Books' });
    const changed = moved.decide(TUESDAY);
    expect(changed.accounts).toMatchObject([{ driftedAt: null }]);
    expect(changed.operations.planned.map(({ change }) => change.kind)).toEqual(expect.arrayContaining(['removeMember', 'addMember']));
    const approved = drifted();
    approved.person = { ...approved.person, accounts: approved.person.accounts.map((account) => ({ ...account, driftedAt: null })) };
    expect(approved.decide(TUESDAY).decision.work).toEqual([{ target: 'crm', since: MONDAY }]);
  });

  test('of a leaver is closed by the second look all the same, and its end is not confirmed until then', () => {
    const life = buyer();
    confirm(life, MONDAY);
    life.says(facts, ended);
    life.decide(TUESDAY);
    confirm(life, TUESDAY);
    const accounts = life.person.accounts.map((account) => ({ ...account, confirmedAt: null, driftedAt: TUESDAY }));
    life.person = { ...life.person, accounts };
    const waits = life.decide(TUESDAY);
    expect(waits.decision).toMatchObject({ work: [], waiting: ['crm'] });
    const later = life.decide('2026-03-04T09:00:00.001Z');
    expect(later.cases.opened).toMatchObject([{ kind: 'end-not-confirmed' }]);
    expect(later.decision.work.map(({ target }) => target)).toEqual(['crm']);
  });
});

describe('a target that is only observed', () => {
  test('has a desired account that is read once, and nothing planned; what was planned before is taken back', () => {
    const life = createLife();
    life.says(facts);
    life.decide(MONDAY);
    life.observed.add('crm');
    const { operations, decision } = life.decide(TUESDAY);
    expect(operations.planned).toEqual([]);
    expect(operations.superseded.length).toBeGreaterThan(0);
    expect(decision).toMatchObject({ work: [{ target: 'crm' }], waiting: [] });
    life.person = { ...life.person, accounts: life.person.accounts.map((account) => ({ ...account, observedAt: TUESDAY })) };
    const read = life.decide(WEDNESDAY, 'login');
    expect(read.decision).toMatchObject({ work: [], waiting: [], observed: ['crm'], stage: 'idle', isSettled: true });
  });

  test('has no account that existed until one is there, or until it is written to', () => {
    const life = createLife();
    life.observed.add('crm');
    life.says(facts);
    expect(life.decide(MONDAY).accounts).toMatchObject([{ existed: false }]);
    life.observed.clear();
    const { accounts, operations } = life.decide(TUESDAY);
    expect(accounts).toMatchObject([{ existed: true }]);
    expect(operations.planned.map(({ change }) => change.kind)).toEqual(['create', 'addMember']);
  });
});
