import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { delegate } from '@tenure/engine/approvers';
import { answerItem, type AskedItem, openRequest, withdrawRequest } from '@tenure/engine/requests';
import { type ApprovalStage, DELEGATED_KINDS, type RequestRule } from '@tenure/domain';
import type { ActContext, RequestItem } from '@tenure/store';
import { decideUpdate, requestWorkflowId } from '@tenure/workflows/messages';
import { createInstallation, eventually, type Installation, inTime } from './installation.ts';
import { readableHistory } from './readable-history.ts';
import { recordHistories } from './record-histories.ts';

let tenure: Installation;
const people: Record<string, string> = {};
const stage = (name: string, more: Partial<ApprovalStage>): ApprovalStage => ({
  name,
  approvers: [{ kind: 'manager' }],
  quorum: 1,
  deadline: 'P5D',
  escalateTo: [],
  otherwise: 'deny',
  ...more,
});
const rule = (name: string, entitlement: string, stages: readonly ApprovalStage[], longest = 'P90D'): RequestRule => ({
  name,
  roles: [],
  entitlements: [entitlement],
  longest,
  stages,
});

beforeAll(async () => {
  tenure = await createInstallation();
  await tenure.publish((policy) => ({
    ...policy,
    relations: { manager: { attribute: 'manager', by: 'employeeNumber' } },
    entitlements: {
      ...policy.entitlements,
      'ledger.brief': { name: 'ledger.brief', title: 'Brief', target: 'ledger', value: 'brief' },
      'ledger.late': { name: 'ledger.late', title: 'Late', target: 'ledger', value: 'late' },
      'ledger.auditor': { name: 'ledger.auditor', title: 'Auditor', target: 'ledger', value: 'auditor' },
    },
    requestable: [
      rule('clerks', 'ledger.clerk', [stage('manager', {}), stage('finance', { approvers: [{ kind: 'person', userName: 'fin' }] })]),
      rule('brief', 'ledger.brief', [stage('manager', {})], 'PT10M'),
      rule('late', 'ledger.late', [stage('manager', { deadline: 'PT1S' })]),
      rule('auditors', 'ledger.auditor', [stage('finance', { remindAfter: 'PT1S', approvers: [{ kind: 'person', userName: 'fin' }] })]),
    ],
  }));
  for (const [name, manager] of [
    ['boss', null],
    ['mia', 'E-boss'],
    ['fin', 'E-boss'],
    ['ada', 'E-mia'],
  ] as const) {
    const facts = { displayName: name, email: `${name}@example.com`, employeeNumber: `E-${name}`, manager };
    people[name] = (await tenure.record({ externalId: `E-${name}`, version: '1', facts })).identityId ?? '';
  }
});
afterAll(async () => {
  await recordHistories(tenure.client);
  await tenure.stop();
});

const person = (name: string): string => people[name] ?? '';
/** Milliseconds. */
const left = (until: string): number => Date.parse(until) - Date.now();
const context = (): ActContext => ({ actor: { kind: 'system', id: 'test' }, correlationId: randomUUID(), now: new Date().toISOString() });
async function ask(name: string, duration: string | null = null): Promise<string> {
  const items: readonly AskedItem[] = [{ kind: 'entitlement', name, duration }];
  const asked = { identityId: person('ada'), requestedBy: person('ada'), justification: 'Closing the year of Lovelace & Sons', items };
  const { requestId } = await tenure.store.transaction(context(), (tx) => openRequest(tx, tenure.engine, asked));
  tenure.nudge();
  return requestId;
}
const whole = async (requestId: string) => (await tenure.store.read((tx) => tx.requests.whole([requestId])))[0];
const item = async (requestId: string, name?: string): Promise<RequestItem> => {
  const found = (await whole(requestId))?.items.find((one) => name === undefined || one.name === name);
  if (found === undefined) throw new Error('there is no such item');
  return found;
};
const asked = async (requestId: string) =>
  (await whole(requestId))?.approvers
    .filter(({ endedAt }) => endedAt === null)
    .map(({ approverId }) => Object.keys(people).find((name) => people[name] === approverId));
/** Answers as the API does: evaluated and counted in one transaction, by whose outbox the workflow is signalled. @returns the code when refused */
async function answer(requestId: string, by: string, approves = true, name?: string): Promise<string> {
  const { id: itemId } = await item(requestId, name);
  const { outcome } = await tenure.store.transaction(context(), (tx) =>
    answerItem(tx, tenure.engine, { itemId, by: person(by), approves, comment: 'I know Ada' }),
  );
  tenure.nudge();
  return outcome;
}
/** Has the workflow evaluate a stored answer, as API processes of before version 0.2 do. @returns the code when refused */
async function judge(requestId: string, answerId: string): Promise<string> {
  try {
    await tenure.client.workflow.getHandle(requestWorkflowId(requestId)).executeUpdate(decideUpdate, { args: [{ answerId, correlationId: 'test' }] });
    return 'counted';
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && error.cause !== undefined && 'type' in error.cause) return String(error.cause.type);
    throw error;
  }
}
const started = (requestId: string) =>
  eventually(async () => (await tenure.client.workflow.getHandle(requestWorkflowId(requestId)).describe()).status.name === 'RUNNING');

describe('a request', () => {
  it('goes through its stages in order, refuses who is not asked, and gives what was asked for, for its time', async () => {
    const requestId = await ask('ledger.clerk');
    await started(requestId);
    expect(await asked(requestId)).toEqual(['mia']);
    expect(await answer(requestId, 'ada')).toBe('OWN_REQUEST');
    expect(await answer(requestId, 'fin')).toBe('NOT_YOUR_DECISION');
    expect(await answer(requestId, 'mia')).toBe('counted');
    // The same answer again is a repetition; another one comes too late.
    expect(await answer(requestId, 'mia')).toBe('counted');
    expect(await answer(requestId, 'mia', false)).toBe('NOT_YOUR_DECISION');
    expect((await item(requestId)).status).toBe('open');
    expect(await answer(requestId, 'fin')).toBe('counted');
    const { status, validFrom, validUntil } = await item(requestId);
    expect(status).toBe('approved');
    expect(Math.round((Date.parse(validUntil ?? '') - Date.parse(validFrom ?? '')) / 86_400_000)).toBe(90);
    await eventually(async () => (await tenure.look('ada'))?.roles.join() === 'clerk,reader');
    const grants = await tenure.store.read((tx) => tx.access.currentGrants([person('ada')]));
    expect(grants.find(({ name }) => name === 'ledger.clerk')).toMatchObject({
      validUntil,
      origins: [{ kind: 'request', name: requestId, validFrom, validUntil }],
    });
    await eventually(async () => (await tenure.client.workflow.getHandle(requestWorkflowId(requestId)).describe()).status.name === 'COMPLETED');
  });

  it('reminds, and still counts the answer that an API process of before sends by an update, once, however often it is delivered', async () => {
    const requestId = await ask('ledger.auditor');
    await started(requestId);
    const told = () => tenure.store.read((tx) => tx.audit.ofIdentity(person('ada'), 100));
    await eventually(async () => (await told()).some(({ action, subjectId }) => action === 'request.reminded' && subjectId === requestId));
    const answerId = randomUUID();
    const { id } = await item(requestId);
    await tenure.store.transaction(context(), (tx) =>
      tx.requests.addAnswer({
        id: answerId,
        itemId: id,
        requestId,
        stage: null,
        givenBy: person('fin'),
        approves: false,
        comment: '',
        givenAt: tx.context.now,
        outcome: null,
        judgedAt: null,
      }),
    );
    const outcomes = await Promise.all(
      [judge(requestId, answerId), judge(requestId, answerId), judge(requestId, answerId)].map((one) => one.catch(() => 'over')),
    );
    expect(outcomes.filter((one) => one !== 'over' && one !== 'counted')).toEqual([]);
    // An answer whose call was broken off may be counted all the same, a little later.
    await eventually(async () => (await item(requestId)).status === 'denied');
    expect(await item(requestId)).toMatchObject({ status: 'denied', reason: 'denied' });
    expect((await whole(requestId))?.answers.filter(({ outcome }) => outcome === 'counted')).toHaveLength(1);
    expect((await tenure.look('ada'))?.roles).not.toContain('auditor');
  });

  it('goes to the next in line at its deadline, and is denied when nobody answers', async () => {
    const requestId = await ask('ledger.late');
    await eventually(async () => (await item(requestId)).status === 'denied');
    expect(await item(requestId)).toMatchObject({ level: 1, reason: 'deadline' });
    // Both deadlines are so short that the approvers in between are read afterwards.
    expect((await whole(requestId))?.approvers.map(({ approverId }) => approverId)).toEqual(expect.arrayContaining([person('mia'), person('boss')]));
    const actions = (await tenure.store.read((tx) => tx.audit.ofIdentity(person('ada'), 100)))
      .filter(({ subjectId }) => subjectId === requestId)
      .map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['request.escalated', 'request.denied']));
  });

  it('is over exactly when its time is over, in the target too', async () => {
    let requestId = '';
    await inTime(2, async (until) => {
      requestId = await ask('ledger.brief', `PT${Math.ceil(left(until) / 1000)}S`);
      await started(requestId);
      expect(await answer(requestId, 'mia')).toBe('counted');
      await eventually(async () => (await tenure.look('ada'))?.roles.includes('brief') === true, left(until));
    });
    await eventually(async () => (await tenure.look('ada'))?.roles.includes('brief') === false);
    expect((await item(requestId)).status).toBe('ended');
  });

  it('is asked of whoever its approver has delegated to, and comes back by itself when that is over', async () => {
    const requestId = await ask('ledger.brief');
    await started(requestId);
    await inTime(2, async (validUntil) => {
      await tenure.store.transaction(context(), (tx) =>
        delegate(tx, { fromId: person('mia'), toId: person('fin'), validFrom: null, validUntil, reason: 'An hour off for Mia', kinds: DELEGATED_KINDS }),
      );
      tenure.nudge();
      await eventually(async () => (await asked(requestId))?.join() === 'fin', left(validUntil));
      await eventually(async () => (await asked(requestId))?.join() === 'mia');
      expect(left(validUntil)).toBeLessThanOrEqual(0);
    });
    expect(await answer(requestId, 'fin')).toBe('NOT_YOUR_DECISION');
    expect(await answer(requestId, 'mia', false)).toBe('counted');
  });

  it('is asked of whoever takes the place of an approver who leaves meanwhile', async () => {
    const requestId = await ask('ledger.brief');
    await started(requestId);
    expect(await asked(requestId)).toEqual(['mia']);
    await tenure.record({ externalId: 'E-mia', version: '2', facts: { displayName: 'mia', employeeNumber: 'E-mia', manager: 'E-boss' }, status: 'ended' });
    await eventually(async () => (await asked(requestId))?.join() === 'boss');
    expect(await answer(requestId, 'mia')).toBe('NOT_YOUR_DECISION');
    await tenure.store.transaction(context(), (tx) => withdrawRequest(tx, requestId, person('ada')));
    tenure.nudge();
    await eventually(async () => (await tenure.client.workflow.getHandle(requestWorkflowId(requestId)).describe()).status.name === 'COMPLETED');
    expect((await item(requestId)).status).toBe('withdrawn');
  });

  it('leaves nobody, and nothing that anybody wrote, in a history', async () => {
    let read = 0;
    for await (const { workflowId, runId } of tenure.client.workflow.list({ query: 'WorkflowType = "accessRequest"' })) {
      read += 1;
      const history = readableHistory(await tenure.client.workflow.getHandle(workflowId, runId).fetchHistory());
      expect(history).toContain('\\"requestId\\":');
      for (const words of ['Lovelace', 'I know Ada', 'An hour off', 'example.com', person('mia'), person('fin')]) expect(history).not.toContain(words);
    }
    expect(read).toBeGreaterThan(3);
  });
});
