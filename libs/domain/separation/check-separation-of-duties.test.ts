import { describe, expect, test } from '@jest/globals';
import { checkSeparationOfDuties, type SeparationException } from './check-separation-of-duties.ts';
import { compilePolicy } from '../policy/compile-policy.ts';
import type { Instant } from '../identity/facts.ts';
import { makeGrant } from '../access/grants-at.ts';
import type { Grant, SeparationRule } from '../policy/policy.ts';
import { DOCUMENT, person } from '../testing/people.ts';

const now = '2026-03-01T00:00:00.000Z';
const earlier = '2026-01-01T00:00:00.000Z';
const later = '2026-06-01T00:00:00.000Z';
const grant = (name: string, validFrom: Instant = earlier, validUntil: Instant | null = null, viaRole: string | null = null): Grant =>
  makeGrant(name.includes('.') ? 'entitlement' : 'role', name, [{ kind: 'rule', name: 'x', policyVersion: 1, viaRole, recordIds: [], validFrom, validUntil }]);
const rule = (more: Partial<SeparationRule> = {}): SeparationRule => ({
  name: 'four-eyes',
  conflicting: [['sales'], ['ledger.clerk']],
  atMost: 1,
  priority: [],
  ...more,
});
const check = (grants: Grant[], rules: SeparationRule[] = [rule()], exceptions: SeparationException[] = [], department = 'Sales') => {
  const policy = compilePolicy({ ...DOCUMENT, separation: rules }, 1);
  const { violations, grants: left } = checkSeparationOfDuties({ identity: person({ department }), grants, policy, exceptions, now });
  return {
    left: left.map(({ name, validFrom }) => (validFrom > now ? `${name} later` : name)),
    heldBack: violations.map(({ rule: name, withheld }) => `${name}: ${withheld}`),
  };
};

describe('what excludes each other', () => {
  test('is not held together: what was there first stays', () => {
    expect(check([grant('sales', now), grant('ledger.clerk')])).toEqual({ left: ['ledger.clerk'], heldBack: ['four-eyes: sales'] });
  });
  test('the priority of the rule says what stays', () => {
    expect(check([grant('sales', now), grant('ledger.clerk')], [rule({ priority: ['sales'] })]).left).toEqual(['sales']);
  });
  test('conflicts only while both hold: what is to come waits for its time', () => {
    expect(check([grant('sales', later), grant('ledger.clerk')])).toEqual({ left: ['sales later', 'ledger.clerk'], heldBack: [] });
    expect(check([grant('sales', earlier, now), grant('ledger.clerk')]).heldBack).toEqual([]);
  });
  test('a role that is held back takes along what it carries, and not what something else gives', () => {
    const both = makeGrant('entitlement', 'crm.sales', [...grant('crm.sales', now, null, 'sales').origins, ...grant('crm.sales', now).origins]);
    expect(check([grant('sales', now), grant('crm.sales', now, null, 'sales'), grant('ledger.clerk')]).left).toEqual(['ledger.clerk']);
    expect(check([grant('sales', now), both, grant('ledger.clerk')]).left).toEqual(['crm.sales', 'ledger.clerk']);
  });
  test('at most n of a set, and what stands in one list goes together', () => {
    const three = [['sales', 'crm.sales'], ['ledger.clerk'], ['ledger.reader']];
    const held = [grant('sales'), grant('crm.sales'), grant('ledger.clerk'), grant('ledger.reader', now)];
    expect(check(held, [rule({ conflicting: three, atMost: 2 })])).toEqual({
      left: ['sales', 'crm.sales', 'ledger.clerk'],
      heldBack: ['four-eyes: ledger.reader'],
    });
    expect(check(held.slice(0, 3), [rule({ conflicting: three, atMost: 2 })]).heldBack).toEqual([]);
  });
  test('concerns those for whom its condition holds', () => {
    const finance = rule({ when: 'identity.department == "Finance"' });
    const both = [grant('sales', now), grant('ledger.clerk')];
    expect(check(both, [finance]).heldBack).toEqual([]);
    expect(check(both, [finance], [], 'Finance').heldBack).toEqual(['four-eyes: sales']);
  });
  test('an exception allows it while it lasts', () => {
    const both = [grant('sales', now), grant('ledger.clerk')];
    expect(check(both, [rule()], [{ rule: 'four-eyes', validFrom: earlier, validUntil: later }]).heldBack).toEqual([]);
    expect(check(both, [rule()], [{ rule: 'four-eyes', validFrom: earlier, validUntil: now }]).heldBack).toEqual(['four-eyes: sales']);
    expect(check(both, [rule()], [{ rule: 'four-eyes', validFrom: later, validUntil: null }]).heldBack).toEqual(['four-eyes: sales']);
    expect(check(both, [rule()], [{ rule: 'another', validFrom: earlier, validUntil: null }]).heldBack).toEqual(['four-eyes: sales']);
  });
  test('what one rule holds back can no longer break another', () => {
    const rules = [rule({ name: 'a', conflicting: [['sales'], ['ledger.clerk']] }), rule({ name: 'b', conflicting: [['sales'], ['crm.finance']] })];
    expect(check([grant('sales', now), grant('ledger.clerk'), grant('crm.finance')], rules)).toEqual({
      left: ['ledger.clerk', 'crm.finance'],
      heldBack: ['a: sales'],
    });
  });
});

describe('what is held together all the same', () => {
  const violations = (grants: Grant[], rules: SeparationRule[], found: string[] = [], exceptions: SeparationException[] = []) =>
    checkSeparationOfDuties({
      identity: person({ department: 'Sales' }),
      grants,
      policy: compilePolicy({ ...DOCUMENT, separation: rules }, 1),
      exceptions,
      found,
      now,
    }).violations;
  const both = [grant('sales'), grant('ledger.clerk')];
  const detective = rule({ detective: true });

  test.each<[string, ReturnType<typeof violations>, ReturnType<typeof violations>]>([
    ['a rule that only detects takes nothing', violations(both, [detective]), [{ rule: 'four-eyes', names: ['ledger.clerk', 'sales'], withheld: [] }]],
    ['and says nothing where there is no conflict', violations([grant('sales')], [detective]), []],
    ['or where an exception allows it', violations(both, [detective], [], [{ rule: 'four-eyes', validFrom: earlier, validUntil: later }]), []],
    [
      'what a target holds besides breaks a rule that holds back as well',
      violations([grant('sales')], [rule()], ['ledger.clerk']),
      [{ rule: 'four-eyes', names: ['ledger.clerk', 'sales'], withheld: [], found: ['ledger.clerk'] }],
    ],
    ['what it holds by a grant is no finding', violations([grant('sales')], [rule()], ['sales']), []],
  ])('%s', (_title, seen, expected) => expect(seen).toEqual(expected));

  test('its grants stay', () => expect(check(both, [detective]).left).toEqual(['sales', 'ledger.clerk']));
});
