import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { identityWorkflowId, statusQuery } from '@tenure/workflows/messages';
import { readableHistory } from './readable-history.ts';
import { recordHistories } from './record-histories.ts';
import { createInstallation, eventually, type Installation, inTime } from './installation.ts';

let tenure: Installation;
beforeAll(async () => {
  tenure = await createInstallation();
});
afterAll(async () => {
  await recordHistories(tenure.client);
  await tenure.stop();
});

const ada = { displayName: 'Ada Lovelace', email: 'ada@example.com', employeeNumber: 'C-1' };
const accountOf = (identityId: string) => tenure.store.read((tx) => tx.access.account(identityId, 'ledger'));
const confirmed = (identityId: string) => eventually(async () => ((await accountOf(identityId))?.confirmedAt == null ? null : accountOf(identityId)));

describe('a life', () => {
  let id: string;

  it('begins with a hire: account and memberships are made and read back', async () => {
    const taken = await tenure.record({ externalId: 'C-1', version: '1', facts: { ...ada, department: 'Finance' } });
    expect(taken.outcome).toBe('created');
    id = taken.identityId ?? '';
    await confirmed(id);
    expect(await tenure.look('ada')).toEqual({ enabled: true, roles: ['clerk', 'reader'] });
  });

  it('does nothing for a record that was delivered twice, reports one with other content, and leaves an older one aside', async () => {
    expect((await tenure.record({ externalId: 'C-1', version: '1', facts: { ...ada, department: 'Finance' } })).outcome).toBe('unchanged');
    expect((await tenure.record({ externalId: 'C-1', version: '1', facts: { ...ada, department: 'Sales' } })).outcome).toBe('conflict');
    await tenure.record({ externalId: 'C-1', version: '3', facts: { ...ada, department: 'Finance' } });
    expect((await tenure.record({ externalId: 'C-1', version: '2', facts: { ...ada, department: 'Sales' } })).outcome).toBe('stale');
  });

  it('moves: what the old department gave goes, the rest stays', async () => {
    await tenure.record({ externalId: 'C-1', version: '4', facts: { ...ada, department: 'Sales' } });
    await eventually(async () => (await tenure.look('ada'))?.roles.join() === 'reader');
  });

  it('ends when nothing is pending and nothing lies ahead', async () => {
    await eventually(async () => (await tenure.client.workflow.getHandle(identityWorkflowId(id)).describe()).status.name === 'COMPLETED');
  });

  it('waits for a person where the target refuses for good, and goes on when it is taken back', async () => {
    await tenure.record({ externalId: 'C-1', version: '5', facts: { ...ada, department: 'Odd' } });
    const [opened] = await eventually(async () => {
      const cases = await tenure.store.read((tx) => tx.cases.page({ status: 'open', kind: 'operation-failed' }, 10, null));
      return cases.length > 0 ? cases : null;
    });
    expect(opened).toMatchObject({ identityId: id, target: 'ledger', evidence: { code: 'CONNECTOR_REFUSED', operation: 'addMember' } });
    expect(await tenure.look('ada')).toEqual({ enabled: true, roles: ['reader'] });
    await tenure.record({ externalId: 'C-1', version: '6', facts: { ...ada, department: 'Finance' } });
    await eventually(async () => (await tenure.look('ada'))?.roles.join() === 'clerk,reader');
    await eventually(async () => (await tenure.store.read((tx) => tx.cases.get(opened?.id ?? '')))?.status === 'closed');
  });

  it('ends while the target is down: sessions at once, the account as soon as the target is back, the delay as a case', async () => {
    const token = await tenure.store.transaction(
      { actor: { kind: 'system', id: 'test' }, correlationId: 't', now: new Date().toISOString() },
      async (tx) => (await tx.sessions.open(id, 'p', tx.context.now, '2099-01-01T00:00:00.000Z')).token,
    );
    await tenure.takeDown();
    await tenure.record({ externalId: 'C-1', version: '7', facts: { ...ada, department: 'Finance' }, status: 'ended' });
    expect(await tenure.store.read((tx) => tx.sessions.byToken(token, new Date().toISOString()))).toBeNull();
    const status = await eventually(async () => {
      const answer = await tenure.client.workflow.getHandle(identityWorkflowId(id)).query(statusQuery);
      return answer.stage === 'leaving' ? answer : null;
    });
    // The identity lifecycle is signalled of the end some seconds later than the urgent work: the grace period may be over by then.
    expect(['leaving', 'left']).toContain(status.state);
    expect(status.applying).toEqual(['ledger']);
    await eventually(async () => {
      const [waiting] = await tenure.store.read((tx) => tx.access.operationsOf([id], 1));
      return waiting?.status === 'pending' && waiting.attempts > 0 && waiting.lastError?.code === 'CONNECTOR_UNAVAILABLE';
    });
    const late = await eventually(async () => (await tenure.store.read((tx) => tx.cases.page({ status: 'open', kind: 'end-not-confirmed' }, 1, null)))[0]);
    await tenure.bringBack();
    await eventually(async () => {
      const seen = await tenure.look('ada');
      return seen === null || (!seen.enabled && seen.roles.length === 0);
    });
    await eventually(async () => (await tenure.store.read((tx) => tx.cases.get(late.id)))?.status === 'closed');
  });

  it('is deleted everywhere when the grace is over, by its timer alone', async () => {
    await eventually(async () => (await tenure.look('ada')) === null);
    await confirmed(id);
    expect((await tenure.store.read((tx) => tx.identities.get(id)))?.state).toBe('left');
  });

  it('ends by the date that was recorded, though nobody ends it', async () => {
    let grace = '';
    await inTime(2, async (endDate, attempt) => {
      grace = `grace${attempt}`;
      const facts = { displayName: 'Grace Hopper', email: `${grace}@example.com`, employeeNumber: grace, department: 'Finance', endDate };
      const taken = await tenure.record({ externalId: grace, version: '1', facts });
      await confirmed(taken.identityId ?? '');
      expect(await tenure.look(grace)).toEqual({ enabled: true, roles: ['clerk', 'reader'] });
    });
    await eventually(async () => (await tenure.look(grace))?.enabled !== true);
    await eventually(async () => (await tenure.look(grace)) === null);
  });

  it('tells of every grant and account who, when and why', async () => {
    const events = await tenure.store.read((tx) => tx.audit.ofIdentity(id, 500));
    const given = events.find(({ action, reason }) => action === 'grant.given' && reason['name'] === 'ledger.clerk');
    expect(given).toMatchObject({
      actor: { kind: 'source', id: 'hr' },
      reason: { origins: [{ kind: 'rule', name: 'finance', viaRole: 'finance', policyVersion: 1 }] },
    });
    const added = events.find(({ action, reason }) => action === 'account.addMember' && reason['entitlement'] === 'clerk');
    expect(added).toMatchObject({
      actor: { kind: 'system', id: 'worker' },
      reason: { because: [{ name: 'ledger.clerk', origins: [{ name: 'finance', policyVersion: 1 }] }] },
    });
    expect(events.filter(({ action }) => action === 'account.confirmed').length).toBeGreaterThan(2);
    expect((await tenure.store.read((tx) => tx.audit.verify())).problems).toEqual([]);
  });

  it('leaves no personal value in any history', async () => {
    for await (const { workflowId, runId } of tenure.client.workflow.list()) {
      const history = readableHistory(await tenure.client.workflow.getHandle(workflowId, runId).fetchHistory());
      // The inbox's workflow belongs to no identity.
      if (!workflowId.startsWith(identityWorkflowId(''))) continue;
      expect(history).toContain(identityWorkflowId(''));
      // Payloads are read as text, or this would find nothing ever.
      expect(history).toContain('\\"identityId\\":');
      for (const value of ['Lovelace', 'ada@example.com', 'Hopper', 'grace1@example.com']) expect(history).not.toContain(value);
    }
  });
});
