import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exampleCase } from '@tenure/domain/testing';
import { resumeProvisioning, suspendProvisioning, type WantedSuspension } from '@tenure/engine/suspensions';
import type { StoredSuspension, Transaction } from '@tenure/store';
import { openOperationsOf } from '@tenure/store/testing';
import { createInstallation, eventually, type Installation, inTime } from './installation.ts';
import { recordHistories } from './record-histories.ts';

let tenure: Installation;
beforeAll(async () => {
  tenure = await createInstallation();
  await tenure.publish((policy) => ({
    ...policy,
    cases: [{ name: 'quick', kinds: ['policy-evaluation'], deadline: 'PT1S', escalateTo: { kind: 'person', userName: 'boss' } }],
  }));
});
afterAll(async () => {
  await recordHistories(tenure.client);
  await tenure.stop();
});

const act = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
  const context = { actor: { kind: 'person', id: 'operator' }, correlationId: 'hold', now: new Date().toISOString() } as const;
  const result = await tenure.store.transaction(context, work);
  tenure.nudge();
  return result;
};
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
const hold = (wanted: Partial<WantedSuspension>): Promise<StoredSuspension> =>
  act((tx) =>
    suspendProvisioning(tx, tenure.engine, {
      identityId: null,
      target: null,
      operationId: null,
      until: inSeconds(3600),
      keepsAccess: false,
      reason: 'maintenance',
      ...wanted,
    }),
  );
const lift = (id: string) => act((tx) => resumeProvisioning(tx, tenure.engine, id, 'done'));
const facts = (name: string, department = 'Sales') => ({ displayName: name, email: `${name}@example.com`, employeeNumber: name, department });
const hire = async (name: string, department?: string): Promise<string> =>
  (await tenure.record({ externalId: name, version: '1', facts: facts(name, department) })).identityId ?? '';
const accountOf = (id: string) => tenure.store.read((tx) => tx.access.account(id, 'ledger'));
const confirmed = (id: string) => eventually(async () => (await accountOf(id))?.confirmedAt != null);
const rolesOf = async (name: string): Promise<string | undefined> => (await tenure.look(name))?.roles.join();
const asleepUntil = (id: string, until: string, patience?: number) =>
  eventually(async () => {
    const identity = await tenure.store.read((tx) => tx.identities.get(id));
    const open = await tenure.store.read(async (tx) => openOperationsOf(tx, (await accountOf(id))?.id ?? ''));
    return identity?.nextWakeUp === until && open.length > 0;
  }, patience);

describe('a target that is held', () => {
  it('takes nothing until the hold ends by itself, and then everything that is wanted by then', async () => {
    let [id, until, stan, lee, fresh, stays, leaves] = ['', '', '', '', '', '', ''];
    await inTime(2, async (_, attempt) => {
      [stan, lee] = [`stan${attempt}`, `lee${attempt}`];
      [stays, leaves] = [await hire(stan), await hire(lee)];
      await Promise.all([confirmed(stays), confirmed(leaves)]);
      ({ id, until } = await hold({ target: 'ledger', until: inSeconds(2 ** attempt) }));
      [fresh] = await Promise.all([
        hire(`fran${attempt}`),
        tenure.record({ externalId: stan, version: '2', facts: facts(stan, 'Finance') }),
        tenure.record({ externalId: lee, version: '2', facts: facts(lee), status: 'ended' }),
      ]);
      for (const one of [fresh, stays, leaves]) await asleepUntil(one, until, Date.parse(until) - Date.now());
      expect(await tenure.look(`fran${attempt}`)).toBeNull();
      expect(await tenure.look(lee)).toEqual({ enabled: true, roles: ['reader'] });
      expect(await rolesOf(stan)).toBe('reader');
    });
    await Promise.all([confirmed(fresh), confirmed(stays), confirmed(leaves)]);
    expect((await tenure.look(lee))?.enabled).not.toBe(true);
    expect(await rolesOf(stan)).toBe('clerk,reader');
    const first = (await tenure.store.read((tx) => tx.audit.ofIdentity(leaves, 50))).find(({ action }) => action === 'account.disable');
    expect((first?.at ?? '') >= until).toBe(true);
    await eventually(async () => (await tenure.store.read((tx) => tx.audit.page({ subjectId: id, action: 'hold.ended' }, 1, null))).length === 1);
    expect((await tenure.store.pulse(new Date().toISOString())).holds).toEqual({ identity: 0, target: 0, operation: 0 });
  });

  it('goes on at once when it is lifted, and a wave leaves it alone meanwhile', async () => {
    const { id, until } = await hold({ target: 'ledger' });
    const names = Array.from({ length: 12 }, (_, index) => `wave${index}`);
    const taken = await tenure.recordMany(names.map((name) => ({ externalId: name, version: '1', facts: facts(name) })));
    for (const { identityId } of taken) await asleepUntil(identityId ?? '', until);
    expect((await tenure.lookAtAll()).filter(({ login }) => login.startsWith('wave'))).toEqual([]);
    await lift(id);
    for (const { identityId } of taken) await confirmed(identityId ?? '');
  });
});

describe('a person who is held', () => {
  it('keeps what they have, gets nothing new, and is closed all the same when their time is over', async () => {
    const id = await hire('pat');
    await confirmed(id);
    const { until } = await hold({ identityId: id });
    await tenure.record({ externalId: 'pat', version: '2', facts: facts('pat', 'Finance') });
    await asleepUntil(id, until);
    expect(await rolesOf('pat')).toBe('reader');
    await tenure.record({ externalId: 'pat', version: '3', facts: facts('pat'), status: 'ended' });
    // Its grace period is short: the account may be deleted by the time of this check.
    await eventually(async () => {
      const seen = await tenure.look('pat');
      return seen === null || (!seen.enabled && seen.roles.length === 0);
    });
  });

  it('stays open only where the hold says so', async () => {
    const id = await hire('kim');
    await confirmed(id);
    const { id: holdId, until } = await hold({ identityId: id, keepsAccess: true });
    await tenure.record({ externalId: 'kim', version: '2', facts: facts('kim'), status: 'ended' });
    await eventually(async () => {
      const account = await accountOf(id);
      return account?.desired.state === 'disabled' && (await tenure.store.read((tx) => tx.identities.get(id)))?.nextWakeUp !== null;
    });
    expect(until > new Date().toISOString()).toBe(true);
    expect((await tenure.look('kim'))?.enabled).toBe(true);
    await lift(holdId);
    await eventually(async () => (await tenure.look('kim'))?.enabled !== true);
  });
});

it('one operation that is held waits, and the others are done', async () => {
  await tenure.takeDown();
  const id = await hire('ona', 'Finance');
  const clerk = await eventually(async () => {
    const open = await tenure.store.read(async (tx) => openOperationsOf(tx, (await accountOf(id))?.id ?? ''));
    return open.find(({ change }) => 'entitlement' in change && change.entitlement === 'clerk');
  });
  const { id: holdId } = await hold({ operationId: clerk.id });
  await tenure.bringBack();
  await eventually(async () => (await rolesOf('ona')) === 'reader');
  await asleepUntil(id, (await tenure.store.read((tx) => tx.suspensions.open(id)))[0]?.until ?? '');
  expect(await rolesOf('ona')).toBe('reader');
  await lift(holdId);
  await eventually(async () => (await rolesOf('ona')) === 'clerk,reader');
});

it('a case that nobody answers goes to the next in line by a timer of its own', async () => {
  const boss = await hire('boss');
  const about = await hire('eve');
  const opened = await act((tx) =>
    tx.cases.open({ ...exampleCase('policy-evaluation'), key: 'test', identityId: about, target: null, operationId: null }, tx.context.now),
  );
  const escalated = await eventually(async () => {
    const found = await tenure.store.read((tx) => tx.cases.get(opened?.id ?? ''));
    return found?.level === 1 ? found : null;
  });
  expect(escalated.ownerId).toBe(boss);
  const [told] = await tenure.store.read((tx) => tx.audit.page({ subjectId: escalated.id, action: 'case.escalated' }, 1, null));
  expect(Date.parse(told?.at ?? '') - Date.parse(escalated.openedAt)).toBeGreaterThanOrEqual(1000);
});
