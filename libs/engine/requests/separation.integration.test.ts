import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endException, grantException, type WantedException } from '../separation/grant-exception.ts';
import { delegate } from '../approvers/delegate.ts';
import { type AskedItem, openRequest } from './open-request.ts';
import { createRequestWorld, HOUR, type RequestWorld } from './testing/request-world.ts';

const olga = { kind: 'person', userName: 'olga' } as const;

let world: RequestWorld;
beforeAll(async () => {
  const entitlements = ['tenure.operator', 'tenure.auditor'];
  world = await createRequestWorld([{ name: 'all', roles: [], entitlements, longest: 'P30D', stages: [] }], {
    separation: [
      { name: 'books', conflicting: [['tenure.operator'], ['tenure.approver'], ['tenure.auditor']], atMost: 1, priority: ['tenure.approver'], owner: olga },
    ],
  });
  for (const [name, manager, department] of [
    ['olga', null, 'Other'],
    ['mia', 'olga', 'Other'],
    ['ada', 'mia', 'Approver'],
    ['joe', 'mia', 'Other'],
  ] as const)
    await world.says(name, { manager, department });
});
afterAll(() => world.stop());

const item = (name: string, control?: string): AskedItem => ({
  kind: 'entitlement',
  name,
  duration: 'P10D',
  exceptions: control === undefined ? [] : [{ rule: 'books', control }],
});
const ask = (who: string, ...items: readonly AskedItem[]) =>
  world.act((tx) => openRequest(tx, world.engine, { identityId: world.id(who), requestedBy: world.id(who), justification: 'Year end', items }));

test('two things of one request that exclude each other are a conflict before it is sent', async () => {
  await expect(ask('joe', item('tenure.operator'), item('tenure.auditor'))).rejects.toMatchObject({
    code: 'SEPARATION_CONFLICT',
    details: { name: 'tenure.auditor', rule: 'books', together: 'tenure.auditor, tenure.operator' },
  });
  expect(await world.held('joe')).toEqual([]);
  const { requestId } = await ask('joe', item('tenure.operator'), item('tenure.auditor', 'monthly review'));
  expect((await world.whole(requestId)).items.map(({ status, stages }) => [status, stages.length])).toEqual([
    ['approved', 0],
    ['open', 1],
  ]);
});

describe('an exception that the owner of a rule allows from its case', () => {
  const cases = () => world.database.store.read((tx) => tx.cases.page({ status: 'open', kind: 'separation-conflict' }, 10, null));
  const allow = (caseId: string, by: string, more: Partial<WantedException> = {}) =>
    world.act((tx) =>
      grantException(tx, world.engine, {
        caseId,
        names: ['tenure.approver', 'tenure.operator'],
        control: 'monthly review',
        until: later(5 * 24),
        reason: 'until Treasury has a second one',
        by: world.id(by),
        ...more,
      }),
    );
  const held = async () => (await world.held('ada')).toSorted();
  const both = ['tenure.approver', 'tenure.operator'];
  const later = (hours: number): string => new Date(Date.parse(world.now) + hours * HOUR).toISOString();

  /** Her request conflicts, and is withheld as soon as she is an approver. */
  const inConflict = async (): Promise<string> => {
    await world.says('ada', { department: 'Other' });
    await ask('ada', { ...item('tenure.operator'), duration: 'P30D' });
    await world.says('ada', { department: 'Approver' });
    expect(await held()).toEqual(['tenure.approver']);
    const [found] = await cases();
    expect(found).toMatchObject({ evidence: { rule: 'books', names: both, heldBack: ['tenure.operator'] } });
    return found?.id ?? '';
  };

  test('lets both be held until it ends, when the case is back by itself; nobody else may allow it, and nobody about themselves', async () => {
    const caseId = await inConflict();
    await world.act((tx) =>
      delegate(tx, { fromId: world.id('olga'), toId: world.id('ada'), validFrom: null, validUntil: later(2), reason: 'x', kinds: ['cases'] }),
    );
    await world.act((tx) =>
      delegate(tx, { fromId: world.id('ada'), toId: world.id('joe'), validFrom: null, validUntil: later(2), reason: 'x', kinds: ['cases'] }),
    );
    for (const who of ['ada', 'mia', 'joe']) await expect(allow(caseId, who)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(allow(caseId, 'olga', { names: ['tenure.operator'] })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(allow(caseId, 'olga', { until: world.now })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(allow(caseId, 'olga', { until: later(24 * 367) })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await allow(caseId, 'olga');
    expect([await held(), await cases()]).toEqual([both, []]);
    await expect(allow(caseId, 'olga')).rejects.toMatchObject({ code: 'CASE_CLOSED' });
    await world.pass(5 * 24 * HOUR - 1);
    expect(await held()).toEqual(both);
    await world.pass(1);
    expect(await held()).toEqual(['tenure.approver']);
    const [again] = await cases();
    expect(again?.id).not.toBe(caseId);
    // It ends with the person's relationship too: a rehire needs a new decision.
    await allow(again?.id ?? '', 'olga', { until: later(24 * 300) });
    const inForce = () => world.database.store.read((tx) => tx.separationExceptions.inForce({ identityId: world.id('ada') }, 10, null, world.now));
    expect(await inForce()).toMatchObject([{ rule: 'books', names: both, control: 'monthly review', grantedBy: world.id('olga'), requestId: null }]);
    await world.says('ada', {}, 'ended');
    await world.pass(31 * 24 * HOUR);
    expect(await inForce()).toEqual([]);
    await world.says('ada');
  });

  test('can be taken back, and is not needed by what is asked for beside it', async () => {
    const caseId = await inConflict();
    const { id } = await allow(caseId, 'olga', { until: later(24 * 20) });
    const by = (who: string) => ({ id: world.id(who), isPerson: true, isOperator: false });
    await expect(world.act((tx) => endException(tx, world.engine, { id, reason: 'x' }, by('mia')))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    // Access that lasts no longer than the exception needs none of its own; longer access does.
    const longer = { ...item('tenure.operator'), duration: 'P25D' };
    await expect(ask('ada', longer)).rejects.toMatchObject({ code: 'SEPARATION_CONFLICT' });
    await ask('ada', item('tenure.operator'));
    await world.act((tx) => endException(tx, world.engine, { id, reason: 'the second one is here' }, by('olga')));
    expect(await held()).toEqual(['tenure.approver']);
    expect(await cases()).toHaveLength(1);
    const events = await world.database.store.read((tx) => tx.audit.ofIdentity(world.id('ada'), 100));
    const told = events.filter(({ action }) => action.startsWith('separation.')).map(({ action, reason }) => [action, reason['by'] ?? reason['why']]);
    expect(told).toEqual(
      expect.arrayContaining([
        ['separation.excepted', world.id('olga')],
        ['separation.exceptionEnded', world.id('olga')],
        ['separation.exceptionEnded', 'leaving'],
      ]),
    );
  });
});
