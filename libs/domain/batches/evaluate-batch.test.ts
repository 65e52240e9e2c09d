import { describe, expect, test } from '@jest/globals';
import { type ChangeBudget, IN_ALL, type BatchChangeKind } from './change-budget.ts';
import { countPeople, evaluateBatch, mayBeOver, type PersonInBatch } from './evaluate-batch.ts';

const people = (count: number, kind: BatchChangeKind, target = 'crm'): PersonInBatch[] =>
  Array.from({ length: count }, (_, index) => ({ key: `p${index}`, identityId: `p${index}`, changes: [{ target, kind }] }));

const over = (wave: readonly PersonInBatch[], budget: ChangeBudget, population: number, earlier: Readonly<Record<string, number>> = {}): string[] =>
  evaluateBatch(countPeople(wave), budget, {
    earlier: new Map(Object.entries(earlier)),
    populations: new Map([
      ['crm', population],
      [IN_ALL, population],
    ]),
  })
    .filter(({ isOver }) => isOver)
    .map(({ target, kind, people: touched }) => `${target} ${kind} ${touched}`);

describe('the change budget', () => {
  test.each<[string, readonly PersonInBatch[], ChangeBudget, number, string[]]>([
    ['300 of 400 people are too many', people(300, 'disable'), {}, 400, ['* disable 300', 'crm disable 300']],
    ['40 of 400 are a tenth, which is not more than it', people(40, 'disable'), {}, 400, []],
    ['41 of 400 are more', people(41, 'disable'), {}, 400, ['* disable 41', 'crm disable 41']],
    ['deleting is counted by itself', people(60, 'delete'), {}, 400, ['* delete 60', 'crm delete 60']],
    ['ten may go of any company', people(10, 'disable'), {}, 20, []],
    ['eleven of twenty are too many', people(11, 'disable'), {}, 20, ['* disable 11', 'crm disable 11']],
    ['a share says nothing among few', people(15, 'disable'), {}, 19, []],
    ['a count says something of any company', people(1001, 'disable'), {}, 1_000_000, ['* disable 1001', 'crm disable 1001']],
    ['creations count too: more than all there are', people(101, 'create'), {}, 100, ['* create 101', 'crm create 101']],
    ['a company may double', people(400, 'create'), {}, 400, []],
    ['a first import has nothing to be a share of', people(500, 'create'), {}, 0, []],
    ['but is too many at some number', people(1001, 'create'), {}, 0, ['* create 1001', 'crm create 1001']],
    ['half of everybody may gain something', people(200, 'gain'), {}, 400, []],
    ['more than half may not', people(201, 'gain'), {}, 400, ['* gain 201', 'crm gain 201']],
    ['a target has limits of its own', people(4, 'create'), { targets: { crm: { create: { count: 3 } } } }, 400, ['crm create 4']],
    [
      'what it does not say is the general limit',
      people(4, 'create'),
      { limits: { create: { count: 3 } }, targets: { crm: {} } },
      400,
      ['* create 4', 'crm create 4'],
    ],
    ['a count of none holds everything', people(1, 'disable'), { limits: { disable: { count: 0 } } }, 400, ['* disable 1', 'crm disable 1']],
    ['a share of all holds nothing by share', people(300, 'disable'), { limits: { disable: { share: 1 } } }, 300, []],
  ])('%s', (_, wave, budget, population, expected) => {
    expect(over(wave, budget, population)).toEqual(expected);
  });

  test('adds what the source has taken away before: the 41st end in an hour of a company of 400 waits', () => {
    const earlier = (count: number) => ({ 'crm disable': count, '* disable': count });
    expect(over(people(1, 'disable'), {}, 400, earlier(39))).toEqual([]);
    expect(over(people(1, 'disable'), {}, 400, earlier(40))).toEqual(['* disable 1', 'crm disable 1']);
  });

  test('counts a person once in a target and once in all, whatever the number of targets and records', () => {
    const wave: PersonInBatch[] = ['crm', 'ledger', 'crm'].flatMap((target) => people(2, 'disable', target));
    expect(countPeople(wave).map(({ target, kind, people: count }) => `${target} ${kind} ${count}`)).toEqual([
      '* disable 2',
      'crm disable 2',
      'ledger disable 2',
    ]);
  });

  test('shows examples by id, and none of who would only be made', () => {
    const wave = [...people(9, 'create'), { key: 'new', identityId: null, changes: [{ target: 'crm', kind: 'create' as const }] }];
    const [all] = countPeople(wave);
    expect(all).toMatchObject({ people: 10, examples: ['p0', 'p1', 'p2', 'p3', 'p4'] });
  });

  test('a wave that cannot be over needs no more to be known', () => {
    const [few] = countPeople(people(10, 'disable'));
    const [many] = countPeople(people(11, 'disable'));
    expect([few, many].map((count) => count && mayBeOver(count, {}))).toEqual([false, true]);
    expect(few && mayBeOver(few, {}, 1)).toBe(true);
  });
});
