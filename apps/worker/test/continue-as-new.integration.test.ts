import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { factsChangedSignal, identityWorkflowId, nextWakeUpQuery } from '@tenure/workflows/messages';
import { createInstallation, eventually, type Installation } from './installation.ts';

let tenure: Installation;
beforeAll(async () => {
  tenure = await createInstallation();
});
afterAll(() => tenure.stop());

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
  // Temporal suggests it at some 4,000 events of history.
  const hasGoneOn = async (sent: number): Promise<boolean> => sent % 100 === 0 && (await life.describe()).runId !== runId;
  let sent = 0;
  while (sent < 5000 && !(await hasGoneOn(sent))) {
    sent += 1;
    await life.signal(factsChangedSignal, { trigger: 'record', correlationId: `signal-${sent}` });
  }
  expect((await life.describe()).runId).not.toBe(runId);
  expect(await eventually(() => life.query(nextWakeUpQuery))).toBe(endDate);
  expect(await tenure.look('often')).toEqual({ enabled: true, roles: ['clerk', 'reader'] });
}, 120_000);
