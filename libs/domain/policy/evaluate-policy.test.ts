import { describe, expect, test } from '@jest/globals';
import { compilePolicy } from './compile-policy.ts';
import { deriveLifecycle } from '../lifecycle/derive-lifecycle.ts';
import type { Memory } from '../access/decide-access.ts';
import { evaluatePolicy } from './evaluate-policy.ts';
import type { Identity, Instant } from '../identity/facts.ts';
import { grantsAt } from '../access/grants-at.ts';
import type { LifecycleState } from '../lifecycle/lifecycle.ts';
import { nextWakeUp } from '../lifecycle/next-wake-up.ts';
import { DOCUMENT, person } from '../testing/people.ts';

const policy = compilePolicy(DOCUMENT, 7);
const now = '2026-03-01T00:00:00.000Z';
const decide = (
  identity: Identity,
  at: Instant = now,
  activations: Record<string, Instant> = {},
  state?: LifecycleState,
  endings: Record<string, Instant> = {},
) => {
  const derived = deriveLifecycle({ identity, policy, now: at });
  const lifecycle = state === undefined ? derived : { ...derived, state };
  return { lifecycle, ...evaluatePolicy({ identity, lifecycle, policy, activations, endings, now: at }) };
};
const names = (identity: Identity, at: Instant = now) => grantsAt(decide(identity, at).grants, at).map(({ name }) => name);

describe('activations', () => {
  const finance = person({ department: 'Finance' });
  test('begin when a rule begins to hold, and stay', () => {
    const first = decide(finance).activations;
    expect(first).toEqual({ everybody: now, finance: now, 'settling-in': now });
    expect(decide(finance, '2026-09-01T00:00:00.000Z', first).activations).toEqual(first);
  });
  test('are dropped when it no longer holds, so a return starts anew', () => {
    const first = decide(finance).activations;
    const away = decide(person({ department: 'Sales' }), '2026-04-01T00:00:00.000Z', first).activations;
    expect(Object.keys(away)).toEqual(['everybody', 'sales']);
    expect(decide(finance, '2026-05-01T00:00:00.000Z', away).activations['finance']).toBe('2026-05-01T00:00:00.000Z');
  });
  test('survive a grace that is taken back, and not a leaving for good', () => {
    const kept = decide(finance, '2026-04-01T00:00:00.000Z', { 'settling-in': now }, 'leaving');
    expect([kept.activations, kept.grants]).toEqual([{ 'settling-in': now }, []]);
    expect(decide(finance, '2026-04-01T00:00:00.000Z', { 'settling-in': now }, 'left').activations).toEqual({});
  });
  test('of a hire begin at the start, also when the start moves', () => {
    const first = decide(person({ department: 'Finance', startDate: '2026-06-01' })).activations;
    expect(first['settling-in']).toBe('2026-05-31T22:00:00.000Z');
    expect(decide(person({ department: 'Finance', startDate: '2026-07-01' }), now, first).activations['settling-in']).toBe('2026-06-30T22:00:00.000Z');
    expect(decide(person({ department: 'Finance', startDate: '2026-02-01' }), now, first).activations['settling-in']).toBe(now);
  });
});

describe('the grace of a rule', () => {
  const kind = compilePolicy({ ...DOCUMENT, birthright: DOCUMENT.birthright.map((rule) => (rule.name === 'sales' ? { ...rule, grace: 'P7D' } : rule)) }, 7);
  const ask = (department: string, at: Instant, memory: Memory) => {
    const identity = person({ department });
    return evaluatePolicy({ identity, lifecycle: deriveLifecycle({ identity, policy: kind, now: at }), policy: kind, ...memory, now: at });
  };
  const held = (answer: ReturnType<typeof ask>, at: Instant) => grantsAt(answer.grants, at).map(({ name }) => name);
  const sold = ask('Sales', '2026-02-01T00:00:00.000Z', { activations: {}, endings: {} });
  const moved = ask('Other', now, sold);

  test('a mover keeps what the rule gave until it is over, as a planned removal that says since when', () => {
    expect(moved.grants.find(({ name }) => name === 'sales')).toMatchObject({
      validUntil: '2026-03-08T00:00:00.000Z',
      origins: [{ name: 'sales', endingSince: now }],
    });
    expect(held(ask('Other', '2026-03-07T23:59:59.999Z', moved), '2026-03-07T23:59:59.999Z')).toContain('sales');
    const over = ask('Other', '2026-03-08T00:00:00.000Z', moved);
    expect([held(over, '2026-03-08T00:00:00.000Z'), over.endings]).toEqual([['directory.staff'], {}]);
  });
  test('asking again does not make it longer', () => {
    const again = ask('Other', '2026-03-05T00:00:00.000Z', ask('Other', '2026-03-03T00:00:00.000Z', moved));
    expect(again.endings).toEqual({ sales: now });
  });
  test('whoever comes back within it just goes on, and has the whole grace again later', () => {
    const back = ask('Sales', '2026-03-05T00:00:00.000Z', moved);
    expect([back.activations['sales'], back.endings]).toEqual([sold.activations['sales'], {}]);
    expect(ask('Other', '2026-03-06T00:00:00.000Z', back).endings).toEqual({ sales: '2026-03-06T00:00:00.000Z' });
  });
  test('whom the rule never concerned gets nothing by it', () => {
    expect(held(ask('Other', now, { activations: {}, endings: {} }), now)).toEqual(['directory.staff']);
  });
  test('a leaver gets nothing by it', () => {
    const identity = person({ department: 'Other' }, { ended: { at: now, recordId: 'r' } });
    const lifecycle = deriveLifecycle({ identity, policy: kind, now });
    expect(evaluatePolicy({ identity, lifecycle, policy: kind, ...moved, now }).grants).toEqual([]);
  });
});

describe('bounds', () => {
  test('a duration ends on the calendar of the zone and is not restarted', () => {
    const [grant] = decide(person({ department: 'Finance' })).grants.filter(({ name }) => name === 'ledger.reader');
    expect(grant).toMatchObject({ validFrom: now, validUntil: '2026-05-29T23:00:00.000Z' });
    expect(decide(person({ department: 'Finance' }), '2026-06-01T00:00:00.000Z', { 'settling-in': now }).grants.map(({ name }) => name)).not.toContain(
      'ledger.reader',
    );
  });
  test('with from, a duration counts from there; without the fact nothing is given', () => {
    const origins = decide(person({ remote: true, birthday: '2026-03-15' })).grants.find(({ name }) => name === 'ledger.reader')?.origins;
    expect(origins).toMatchObject([{ validFrom: '2026-03-14T23:00:00.000Z', validUntil: '2026-04-14T22:00:00.000Z' }]);
    expect(names(person({ remote: true }))).toEqual(['directory.staff']);
  });
  test('until an absent date is without end', () => {
    expect(decide(person({ department: 'Finance' })).grants.find(({ name }) => name === 'finance-clerk')?.validUntil).toBeNull();
  });
  test('a grant lasts as long as its longest origin', () => {
    const identity = person({ department: 'Finance', endDate: '2026-03-31' }, { groups: { saml: { groups: ['operators'], recordId: 'r-login' } } });
    const clerk = decide(identity).grants.find(({ name }) => name === 'ledger.clerk');
    expect([clerk?.validUntil, clerk?.origins.map(({ kind, validUntil }) => `${kind} ${validUntil}`)]).toEqual([
      null,
      ['assertion null', 'rule 2026-03-31T22:00:00.000Z'],
    ]);
  });
  test('suspended people keep their grants', () => {
    expect(decide(person(), now, {}, 'suspended').grants.map(({ name }) => name)).toEqual(['directory.staff']);
  });
});

describe('conditions on now', () => {
  const senior = person({ level: 5, startDate: '2026-02-01' });
  test('wake up when they turn', () => {
    const { lifecycle, grants, changesAt } = decide(senior);
    expect(names(senior)).toEqual(['directory.staff']);
    expect(nextWakeUp({ identity: senior, lifecycle, grants, now, changesAt })).toBe('2026-05-01T23:00:00.000Z');
    expect(names(senior, '2026-05-01T22:59:59.999Z')).toEqual(['directory.staff']);
    expect(names(senior, '2026-05-01T23:00:00.000Z')).toEqual(['directory.staff', 'ledger.account']);
    expect(decide(senior, '2026-05-01T23:00:00.000Z').changesAt).toBeNull();
  });
  test('do not wake up where the rest of the condition decides', () => {
    expect(decide(person({ level: 1, startDate: '2026-02-01' })).changesAt).toBeNull();
  });
});

test('a rule that cannot be evaluated gives nothing and says so; an absent fact is no problem', () => {
  const broken = compilePolicy(
    { ...DOCUMENT, birthright: [{ name: 'broken', when: 'timestamp(identity.department) < now', roles: ['sales'], entitlements: [] }] },
    1,
  );
  const ask = (identity: Identity) => evaluatePolicy({ identity, lifecycle: decide(identity).lifecycle, policy: broken, activations: {}, endings: {}, now });
  expect(ask(person({ department: 'x' }))).toMatchObject({
    grants: [],
    problems: [{ rule: 'broken', message: 'when: the expression could not be evaluated (invalid_timestamp)' }],
  });
  expect(ask(person())).toMatchObject({ grants: [], problems: [] });
});

test('the same question gives the same bytes, whatever the order of rules and facts', () => {
  const turned = compilePolicy({ ...DOCUMENT, birthright: DOCUMENT.birthright.toReversed() }, 7);
  const identity = person({ department: 'Finance', level: 5, remote: true, birthday: '2026-03-01' });
  const lifecycle = deriveLifecycle({ identity, policy, now });
  const ask = (asked: typeof policy) => JSON.stringify(evaluatePolicy({ identity, lifecycle, policy: asked, activations: {}, endings: {}, now }).grants);
  expect(ask(turned)).toBe(ask(policy));
});
