import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { identityWorkflowId, waveWorkflowId } from '@tenure/workflows/messages';
import { recordHistories } from './record-histories.ts';
import { createInstallation, eventually, type Installation } from './installation.ts';

let tenure: Installation;
beforeAll(async () => {
  tenure = await createInstallation();
});
afterAll(async () => {
  await recordHistories(tenure.client);
  await tenure.stop();
});

const people = 30;
const name = (number: number): string => `person${number}`;
const recordOf = (number: number, version: number, department: string) => ({
  externalId: `W-${number}`,
  version: String(version),
  facts: { displayName: `Person ${number}`, email: `${name(number)}@example.com`, employeeNumber: `W-${number}`, department },
});
const everyone = Array.from({ length: people }, (_, number) => number);
const hasLife = (identityId: string): Promise<boolean> =>
  tenure.client.workflow
    .getHandle(identityWorkflowId(identityId))
    .describe()
    .then(
      () => true,
      () => false,
    );
/** Waits for roles in the application. A batch run leaves people to their own lifecycle workflow while that is working on them. */
const haveRoles = (numbers: readonly number[], roles: string) =>
  eventually(async () => {
    const accounts = new Map((await tenure.lookAtAll()).map((account) => [account.login, account.roles.join()]));
    return numbers.every((number) => accounts.get(name(number)) === roles);
  });
const finishedWaves = async (): Promise<readonly string[]> => {
  const rows = await tenure.database.execute('select id from wave where finished_at is not null order by created_at');
  return rows.map(({ id }) => String(id));
};

describe('a wave', () => {
  let ids: readonly string[];

  it('hires many people: accounts and memberships are there, and nobody needed a workflow of their own', async () => {
    const taken = await tenure.recordMany(everyone.map((number) => recordOf(number, 1, 'Finance')));
    ids = taken.map(({ identityId }) => identityId ?? '');
    expect(new Set(taken.map(({ outcome }) => outcome))).toEqual(new Set(['created']));
    const [waveId] = await eventually(async () => {
      const waves = await finishedWaves();
      return waves.length === 1 ? waves : null;
    });
    for (const number of everyone) expect(await tenure.look(name(number))).toEqual({ enabled: true, roles: ['clerk', 'reader'] });
    expect(await Promise.all(ids.map(hasLife))).toEqual(ids.map(() => false));
    expect(await tenure.client.workflow.getHandle(waveWorkflowId(waveId ?? '')).result()).toEqual({ people, confirmed: people, left: 0, woken: 0 });
  });

  it('tells of each person as a life would: operations, attempts, and an audit that holds', async () => {
    const [first = ''] = ids;
    const operations = await tenure.store.read((tx) => tx.access.operationsOf([first], 10));
    expect(operations.map(({ change, status, attempts }) => [change.kind, status, attempts]).sort()).toEqual([
      ['addMember', 'done', 1],
      ['addMember', 'done', 1],
      ['create', 'done', 1],
    ]);
    const events = await tenure.store.read((tx) => tx.audit.ofIdentity(first, 100));
    expect(events.map(({ action }) => action)).toEqual(expect.arrayContaining(['account.create', 'account.addMember', 'account.confirmed']));
    expect((await tenure.store.read((tx) => tx.audit.verify())).problems).toEqual([]);
  });

  it('has a refusal become a case, which needs no life to wait; the others are through', async () => {
    await tenure.recordMany(everyone.map((number) => recordOf(number, 2, number === 3 ? 'Odd' : 'Sales')));
    await eventually(async () => (await finishedWaves()).length === 2);
    const [opened] = await eventually(async () => {
      const cases = await tenure.store.read((tx) => tx.cases.page({ status: 'open', kind: 'operation-failed' }, 10, null));
      return cases.length > 0 ? cases : null;
    });
    expect(opened).toMatchObject({ identityId: ids[3], target: 'ledger' });
    for (const number of everyone) expect((await tenure.look(name(number)))?.roles).toEqual(['reader']);
    expect(await Promise.all(ids.map(hasLife))).toEqual(ids.map(() => false));
  });

  it('wakes the lives of people who have a date ahead, and leaves those who leave to theirs', async () => {
    const endDate = new Date(Date.now() + 3_600_000).toISOString();
    const records = everyone.map((number) => recordOf(number, 3, 'Finance'));
    await tenure.recordMany(
      records.map((record, number) =>
        number === 5 ? { ...record, facts: { ...record.facts, endDate } } : number === 6 ? { ...record, status: 'ended' as const } : record,
      ),
    );
    await eventually(async () => (await finishedWaves()).length === 3);
    await eventually(async () => (await hasLife(ids[5] ?? '')) && (await hasLife(ids[6] ?? '')));
    await eventually(async () => (await tenure.look(name(6)))?.enabled !== true);
    await haveRoles(
      everyone.filter((one) => one !== 6),
      'clerk,reader',
    );
    expect(await hasLife(ids[7] ?? '')).toBe(false);
  });

  it('carries a new policy version to everybody', async () => {
    await tenure.publish((policy) => ({ ...policy, birthright: policy.birthright.filter(({ name: rule }) => rule !== 'finance') }));
    await eventually(async () => (await finishedWaves()).length === 4);
    await haveRoles(
      everyone.filter((one) => one !== 6),
      'reader',
    );
  });

  it('hands a target that is down to the lives, which go on until it is back', async () => {
    await tenure.takeDown();
    await tenure.recordMany(everyone.filter((number) => number > 6).map((number) => recordOf(number, 4, 'Odd')));
    await eventually(async () => (await finishedWaves()).length === 5);
    await tenure.bringBack();
    await eventually(async () => {
      const open = await tenure.store.read((tx) => tx.cases.count({ status: 'open', kind: 'operation-failed' }));
      return open === people - 7;
    });
  }, 200_000);

  it('leaves no personal value in its history', async () => {
    for (const waveId of await finishedWaves()) {
      const history = JSON.stringify(await tenure.client.workflow.getHandle(waveWorkflowId(waveId)).fetchHistory(), (_key, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
      );
      for (const value of ['Person 1', 'person1', 'W-1', 'example.com']) expect(history).not.toContain(value);
    }
  });
});
