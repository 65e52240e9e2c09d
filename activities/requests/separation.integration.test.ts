import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AskedItem } from './open-request.ts';
import { openRequest } from './open-request.ts';
import { createRequestWorld, type RequestWorld } from './testing/request-world.ts';

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
  world.act((tx) => openRequest(tx, world.loop, { identityId: world.id(who), requestedBy: world.id(who), justification: 'Year end', items }));

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
