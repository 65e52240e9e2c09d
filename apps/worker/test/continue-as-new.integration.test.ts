import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openRequest, withdrawRequest } from '@tenure/engine/requests';
import { factsChangedSignal, identityWorkflowId, nextWakeUpQuery, requestChangedSignal, requestWorkflowId } from '@tenure/workflows/messages';
import { createInstallation, eventually, type Installation } from './installation.ts';
import { recordHistories } from './record-histories.ts';

let tenure: Installation;
beforeAll(async () => {
  tenure = await createInstallation();
});
afterAll(async () => {
  await recordHistories(tenure.client);
  await tenure.stop();
});

it('a life that is asked very often goes on in a new run, with its date still ahead', async () => {
  const endDate = new Date(Date.now() + 3_600_000).toISOString();
  const { identityId } = await tenure.record({
    externalId: 'C-9',
    version: '1',
    facts: { displayName: 'Often', email: 'often@example.com', department: 'Finance', endDate },
  });
  await eventually(async () => (await tenure.store.read((tx) => tx.access.account(identityId ?? '', 'ledger')))?.confirmedAt);
  const life = tenure.client.workflow.getHandle(identityWorkflowId(identityId ?? ''));
  const { runId } = await life.describe();
  // The test run's Temporal suggests it at some 500 events of history.
  const hasGoneOn = async (sent: number): Promise<boolean> => sent % 100 === 0 && (await life.describe()).runId !== runId;
  let sent = 0;
  while (sent < 5000 && !(await hasGoneOn(sent))) {
    sent += 1;
    await life.signal(factsChangedSignal, { trigger: 'record', correlationId: `signal-${sent}` });
  }
  // A signal that comes while it ends its run prevents that: it continues once they pause.
  await eventually(async () => (await life.describe()).runId !== runId);
  expect(await eventually(() => life.query(nextWakeUpQuery))).toBe(endDate);
  expect(await tenure.look('often')).toEqual({ enabled: true, roles: ['clerk', 'reader'] });
});

it('a request that is woken very often goes on in a new run, which still keeps its deadline', async () => {
  const stage = { name: 'owner', approvers: [{ kind: 'person', userName: 'olga' }], quorum: 1, deadline: 'PT1H', escalateTo: [], otherwise: 'deny' } as const;
  await tenure.publish((policy) => ({
    ...policy,
    requestable: [{ name: 'clerks', roles: [], entitlements: ['ledger.clerk'], longest: 'P1D', stages: [stage] }],
  }));
  const people = await Promise.all(
    ['olga', 'rita'].map((name) => tenure.record({ externalId: name, version: '1', facts: { displayName: name, email: `${name}@example.com` } })),
  );
  const identityId = people[1]?.identityId ?? '';
  const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'ask', now: new Date().toISOString() } as const;
  const items = [{ kind: 'entitlement', name: 'ledger.clerk', duration: null }] as const;
  const { requestId, nextAt } = await tenure.store.transaction(context, (tx) =>
    openRequest(tx, tenure.engine, { identityId, requestedBy: identityId, justification: 'often', items }),
  );
  tenure.nudge();
  const request = tenure.client.workflow.getHandle(requestWorkflowId(requestId));
  const { runId } = await eventually(() => request.describe());
  let sent = 0;
  while (sent < 8000 && (sent % 100 !== 0 || (await request.describe()).runId === runId)) {
    sent += 1;
    await request.signal(requestChangedSignal, { correlationId: `signal-${sent}` });
  }
  await eventually(async () => (await request.describe()).runId !== runId);
  expect((await request.describe()).status.name).toBe('RUNNING');
  // The request ends in the new run as it would have in the first.
  await eventually(async () => {
    const [dueAt] = (await request.describe()).searchAttributes['TenureDueAt'] ?? [];
    return (dueAt instanceof Date ? dueAt.toISOString() : dueAt) === nextAt;
  });
  const { items: open } = (await tenure.store.read((tx) => tx.requests.whole([requestId])))[0] ?? { items: [] };
  expect(open).toMatchObject([{ status: 'open', dueAt: nextAt }]);
  await tenure.store.transaction({ ...context, now: new Date().toISOString() }, (tx) => withdrawRequest(tx, requestId, identityId));
  tenure.nudge();
  await eventually(async () => (await request.describe()).status.name === 'COMPLETED');
});
