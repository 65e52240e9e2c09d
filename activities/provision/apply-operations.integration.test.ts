import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TargetConnector } from '@tenure/connectors';
import { AccountNotVisible, ConnectorUnavailable, type ObservedAccount } from '@tenure/domain';
import type { ClaimedAccount, StoredOperation, Transaction } from '@tenure/store';
import { openOperationsOf } from '@tenure/store/testing';
import { createTestEngine, crmTarget, entitlementsOf, observedAccount, testConfiguration, type TestEngine } from '@tenure/engine/testing';
import { type Applied, applyOperations } from './apply-operations.ts';
import { noMeter } from '../../libs/engine/decide/meter.ts';
import { type LeaseWish, withLease } from './with-lease.ts';
import { takeRecord } from '../../libs/engine/intake/take-records.ts';
import { decideIdentity } from '../../libs/engine/decide/decide-identities.ts';
import { pace } from '../batches/pace.ts';
import { applyBatch } from '../batches/apply-batch.ts';

let world: TestEngine;
let accounts: Map<string, ObservedAccount>;
let isAway: boolean;
let isHiding: boolean;
let isOutOfSight: boolean;
let instant: string | null;
let meanwhile: () => Promise<void>;
let onCreate: () => Promise<void>;
let onAbsent: () => Promise<void>;

const configuration = testConfiguration({
  attributes: { email: { type: 'string' } },
  targets: { crm: crmTarget() },
  policy: {
    attributes: {},
    entitlements: entitlementsOf('crm', ['Staff']),
    birthright: [{ name: 'everybody', when: 'true', roles: [], entitlements: ['crm.Staff'] }],
  },
});

/** An application in memory. */
const crm: TargetConnector = {
  check: async () => [],
  list: async () => ({ items: [...accounts.values()], next: null, total: accounts.size, isByPosition: false, doubt: null }),
  async observe({ userName }, questions = []) {
    if (isAway) throw new ConnectorUnavailable('nobody answers', { target: 'crm' });
    if (isOutOfSight) throw new AccountNotVisible('it may be where nobody may look', { target: 'crm', reason: 'referral' });
    const found = accounts.get(userName) ?? null;
    if (found !== null && found.entitlements.length > 0) await meanwhile();
    if (found === null) await onAbsent();
    const evidenceOf = (name: string) => (isHiding ? 'incomplete' : found?.entitlements.includes(name) === true ? 'shown' : 'others-shown');
    return (
      found && {
        ...found,
        entitlements: isHiding ? [] : found.entitlements,
        memberships: questions.map(({ entitlement, groupId }) => ({ entitlement, groupId, evidence: evidenceOf(entitlement) })),
      }
    );
  },
  async create({ userName, externalId, enabled, attributes }) {
    const made: ObservedAccount = { ...observedAccount({ userName, externalId }, { enabled, attributes }), nativeId: randomUUID() };
    accounts.set(userName, made);
    await onCreate();
    return made;
  },
  update: async () => undefined,
  delete: async () => undefined,
  enable: async ({ userName }) => change(userName, { enabled: true }),
  disable: async ({ userName }) => change(userName, { enabled: false }),
  addMember: async (entitlement, { userName }) => {
    change(userName, { entitlements: [entitlement] });
    return null;
  },
  removeMember: async (_entitlement, { userName }) => change(userName, { entitlements: [] }),
  close: async () => undefined,
};

function change(userName: string, changed: Partial<ObservedAccount>): void {
  const known = accounts.get(userName);
  if (known !== undefined) accounts.set(userName, { ...known, ...changed });
}

const transaction = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => world.act(work);

const says = (externalId: string, version: string, status: 'active' | 'ended'): Promise<string> =>
  world.says(externalId, { email: `${externalId}@corp.example` }, { version, status });
const apply = (identityId: string): Promise<Applied> =>
  applyOperations(
    { store: world.database.store, engine: world.engine, connectors: { crm }, meter: noMeter },
    { identityId, target: 'crm', context: world.context(), alive: () => undefined },
  );
async function openOf(identityId: string): Promise<readonly StoredOperation[]> {
  return world.database.store.read(async (tx) => openOperationsOf(tx, (await tx.access.account(identityId, 'crm'))?.id ?? ''));
}
/** True if a transaction waits for another one. */
const somebodyWaits = async (): Promise<boolean> =>
  (await world.database.execute('select 1 from pg_locks join pg_stat_activity using (pid) where datname = current_database() and not granted')).length > 0;
/** Identities that the dispatcher would wake next, in order; taken out of the outbox. */
const woken = (): Promise<readonly string[]> =>
  transaction(async (tx) => {
    const messages = await tx.outbox.take(100);
    await tx.outbox.remove(messages.map(({ id }) => id));
    return messages.map(({ identityId }) => identityId);
  });

beforeAll(async () => {
  world = await createTestEngine(configuration, () => instant ?? new Date().toISOString());
});
afterAll(() => world.stop());
beforeEach(() => {
  accounts = new Map();
  isAway = false;
  isHiding = false;
  isOutOfSight = false;
  instant = null;
  meanwhile = async () => undefined;
  onCreate = async () => undefined;
  onAbsent = async () => undefined;
});

it('leaves nothing open when somebody decides again while it is being done', async () => {
  const identityId = await says('again', '1', 'active');
  meanwhile = async () => {
    // The last observation is older than the last change: this decision plans it once more.
    await transaction((tx) => decideIdentity(tx, world.engine, identityId, 'record'));
  };
  expect(await apply(identityId)).toMatchObject({ outcome: 'confirmed' });
  expect(await openOf(identityId)).toEqual([]);
});

it.each(['at once', 'with care'])('keeps what is decided in the moment in which the account has been made %s', async (how) => {
  const name = `moment.${how.replace(' ', '.')}`;
  const identityId = await says(name, '1', 'active');
  if (how === 'with care') {
    isAway = true;
    await expect(apply(identityId)).rejects.toThrow('nobody answers');
    isAway = false;
  }
  let decided: Promise<unknown> = Promise.resolve();
  onCreate = () =>
    new Promise((resolve, reject) => {
      const record = { source: 'hr', externalId: name, version: '2', facts: { email: `${name}@corp.example` }, status: 'ended' as const, endedAt: null };
      // Written, and not committed before the transaction of the new account waits for it.
      decided = transaction(async (tx) => {
        await takeRecord(tx, world.engine, record);
        resolve();
        while (!(await somebodyWaits()));
      });
      decided.catch(reject);
    });
  // The account is there and open, which is no longer the desired state: where that is not processed at once, Temporal retries.
  await apply(identityId).catch((error: unknown) => expect(error).toMatchObject({ code: 'NOT_CONFIRMED' }));
  await decided;
  expect(await apply(identityId)).toMatchObject({ outcome: 'confirmed' });
  expect(accounts.get(name)).toMatchObject({ enabled: false });
});

describe('an end that is decided before the account is created leaves no account to be closed', () => {
  it('when the target is being asked for it', async () => {
    const identityId = await says('end.while.asked', '1', 'active');
    onAbsent = async () => {
      onAbsent = async () => undefined;
      await says('end.while.asked', '2', 'ended');
    };
    expect(await apply(identityId)).toMatchObject({ outcome: 'confirmed' });
    expect([...accounts.keys()]).toEqual([]);
  });

  it('when the account waits in a batch for those before it', async () => {
    const staff = ['end.in.wave.1', 'end.in.wave.2'];
    const ids = new Map<string, string>();
    for (const name of staff) ids.set(await says(name, '1', 'active'), name);
    const [first = '', second = ''] = [...ids.keys()].sort();
    const batch = await transaction((tx) =>
      tx.batchRuns.open('policy', { decided: [...ids.keys()].map((identityId) => ({ identityId, mustWake: false })) }, { ...tx.context }),
    );
    // The turns of both were taken together: crm takes one at a time.
    onCreate = async () => void (await says(ids.get(second) ?? '', '2', 'ended'));
    const range = { waveId: batch?.id ?? '', after: null, upTo: second };
    const dependencies = {
      store: world.database.store,
      engine: world.engine,
      connectors: { crm },
      meter: noMeter,
      context: world.context,
      turn: pace(1000),
      say: () => undefined,
    };
    expect(await applyBatch(dependencies, range, 'crm', { after: null, confirmed: 0, left: 0 })).toEqual({ confirmed: 1, left: 1 });
    expect([...accounts.keys()]).toEqual([ids.get(first)]);
    // Their own lifecycle closes what there is: nothing.
    expect(await apply(second)).toMatchObject({ outcome: 'confirmed' });
    expect([...accounts.keys()]).toEqual([ids.get(first)]);
  });
});

it('does not conclude from what was wanted before, though the newer decision was made in the same instant', async () => {
  instant = new Date().toISOString();
  const identityId = await says('instant', '1', 'active');
  let ends = async (): Promise<unknown> => says('instant', '2', 'ended');
  meanwhile = async () => {
    const end = ends;
    ends = async () => undefined;
    await end();
  };
  expect(await apply(identityId)).toMatchObject({ outcome: 'confirmed' });
  expect(accounts.get('instant')).toMatchObject({ enabled: false, entitlements: [] });
  const account = await world.database.store.read((tx) => tx.access.account(identityId, 'crm'));
  expect(account).toMatchObject({ desired: { state: 'disabled' }, observed: { enabled: false } });
});

it('what was confirmed stays so when nobody answers who is asked once more', async () => {
  const identityId = await says('asked.again', '1', 'active');
  await apply(identityId);
  const confirmedAt = async (): Promise<string | null | undefined> =>
    (await world.database.store.read((tx) => tx.access.account(identityId, 'crm')))?.confirmedAt;
  const before = await confirmedAt();
  expect(before).toEqual(expect.any(String));
  isAway = true;
  await expect(apply(identityId)).rejects.toThrow('nobody answers');
  expect(await confirmedAt()).toBe(before);
});

it('what was confirmed is not, once the account may be where nobody may look', async () => {
  const identityId = await says('out.of.sight', '1', 'active');
  await apply(identityId);
  await woken();
  isOutOfSight = true;
  await expect(apply(identityId)).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE' });
  expect(await world.database.store.read((tx) => tx.access.account(identityId, 'crm'))).toMatchObject({ confirmedAt: null });
  expect(await woken()).toEqual([identityId]);
});

it('whoever takes a confirmation back wakes the life, since nobody may come back to it', async () => {
  const identityId = await says('taken.back', '1', 'active');
  await apply(identityId);
  await woken();
  change('taken.back', { enabled: false });
  const cancelled = applyOperations(
    { store: world.database.store, engine: world.engine, connectors: { crm }, meter: noMeter },
    {
      identityId,
      target: 'crm',
      context: world.context(),
      alive: () => {
        throw new Error('cancelled');
      },
    },
  );
  await expect(cancelled).rejects.toThrow('cancelled');
  expect(await world.database.store.read((tx) => tx.access.account(identityId, 'crm'))).toMatchObject({ confirmedAt: null });
  expect(await woken()).toEqual([identityId]);
});

it.each(['somebody else is shown', 'something else is wanted'])(
  'the case of what a target cannot show closes with the last account that it shows, also after %s',
  async (what) => {
    const name = `hidden.${what.replaceAll(' ', '.')}`;
    const open = (): Promise<readonly string[]> =>
      world.database.store.read(async (tx) => (await tx.cases.openOfKeys(['not-visible/crm'])).map(({ key }) => key));
    isHiding = true;
    const identityId = await says(name, '1', 'active');
    expect(await apply(identityId)).toMatchObject({ outcome: 'not-visible' });
    expect(await open()).toEqual(['not-visible/crm']);

    isHiding = false;
    // Both withdraw the conclusion that everything is carried out as far as it can be seen.
    if (what === 'something else is wanted') await says(name, '2', 'ended');
    else await world.database.execute('update account set not_visible_at = null where identity_id = ?', [identityId]);
    expect(await apply(identityId)).toMatchObject({ outcome: 'confirmed' });
    expect(await open()).toEqual([]);
  },
);

describe('when a target answers again', () => {
  it('whoever stays calls those who leave, gives way once, and is served the next time', async () => {
    const leaver = await says('leaver', '1', 'active');
    await apply(leaver);
    const mover = await says('mover', '1', 'active');
    await says('leaver', '2', 'ended');
    isAway = true;
    await expect(apply(mover)).rejects.toThrow('nobody answers');
    await expect(apply(leaver)).rejects.toThrow('nobody answers');
    await woken();

    isAway = false;
    await expect(apply(mover)).rejects.toThrow('leavers have priority in this target');
    expect(await woken()).toEqual([leaver]);
    expect([...accounts.keys()]).toEqual(['leaver']);

    // The leaver's own errors continue; nobody waits for them.
    expect(await apply(mover)).toMatchObject({ outcome: 'confirmed' });
    expect(await apply(leaver)).toMatchObject({ outcome: 'confirmed' });
    expect([...accounts.values()].map(({ userName, enabled }) => [userName, enabled])).toEqual([
      ['leaver', false],
      ['mover', true],
    ]);
    expect(await woken()).toEqual([]);
  });

  it('nobody gives way who has not waited, or where nobody leaves', async () => {
    const [first, second] = [await says('first', '1', 'active'), await says('second', '1', 'active')];
    isAway = true;
    await expect(apply(first)).rejects.toThrow('nobody answers');
    isAway = false;
    expect(await apply(second)).toMatchObject({ outcome: 'confirmed' });
    expect(await apply(first)).toMatchObject({ outcome: 'confirmed' });
  });
});

describe('the turn of speaking to a target about one account', () => {
  let identityId: string;
  let accountId: string;
  const lease = <T>(work: (mustHold: () => void) => Promise<T>): Promise<T | null> => {
    const take: LeaseWish<ClaimedAccount>['take'] = (tx, by, milliseconds) => tx.access.claimAccount(identityId, 'crm', by, milliseconds);
    return withLease({ store: world.database.store, context: world.context(), target: 'crm', take }, (_claimed, { mustHold }) => work(mustHold));
  };
  beforeAll(async () => {
    identityId = await says('turns', '1', 'active');
    accountId = (await world.database.store.read((tx) => tx.access.account(identityId, 'crm')))?.id ?? '';
  });

  it('is one worker at a time, and is given back', async () => {
    await lease(async (mustHold) => {
      mustHold();
      await expect(lease(async () => 'two at once')).rejects.toThrow('another worker is provisioning this account');
    });
    const fails = lease(async () => {
      throw new Error('what the work threw');
    });
    await expect(fails).rejects.toThrow('what the work threw');
    expect(await lease(async () => 'next')).toBe('next');
  });

  it('is taken over from a worker that was killed, once its time is over by the clock of the database', async () => {
    await world.database.execute(`update account set lease_by = 'dead', lease_until = clock_timestamp() + interval '1 minute' where id = ?`, [accountId]);
    await expect(lease(async () => 'too early')).rejects.toThrow('another worker is provisioning this account');
    await world.database.execute(`update account set lease_until = clock_timestamp() - interval '1 second' where id = ?`, [accountId]);
    expect(await lease(async () => 'taken over')).toBe('taken over');
  });
});

describe('an outage of a target', () => {
  const attemptsOf = (identityId: string) =>
    world.database.execute(
      `select a.count, a.code, a.at, a.last_at, o.attempts, o.last_error->>'at' as failed_at, o.status from operation_attempt a join operation o on o.id = a.operation_id
       where o.identity_id = ? and a.outcome = 'failed' order by a.at`,
      [identityId],
    );
  const at = (second: number): string => new Date(Date.parse('2027-05-01T00:00:00.000Z') + second * 1000).toISOString();
  const tryFor = async (identityId: string, times: number, error: (time: number) => Error): Promise<void> => {
    const failing: TargetConnector = { ...crm, observe: () => Promise.reject(error(Date.parse(instant ?? ''))) };
    for (let time = 0; time < times; time += 1) {
      instant = at(time);
      const input = { identityId, target: 'crm', context: world.context(), alive: () => undefined };
      await expect(
        applyOperations({ store: world.database.store, engine: world.engine, connectors: { crm: failing }, meter: noMeter }, input),
      ).rejects.toThrow();
    }
  };

  it('costs one row for each operation, with the first failure, the last and how many; the operation says the same', async () => {
    const identityId = await says('away-1', '1', 'active');
    await tryFor(identityId, 50, () => new ConnectorUnavailable('nobody answers', { target: 'crm' }));
    const rows = await attemptsOf(identityId);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows)
      expect({ ...row, at: new Date(String(row['at'])).toISOString(), last_at: new Date(String(row['last_at'])).toISOString() }).toEqual({
        count: 50,
        code: 'CONNECTOR_UNAVAILABLE',
        at: at(0),
        last_at: at(49),
        attempts: 50,
        failed_at: at(49),
        status: 'pending',
      });
    const operations = await openOf(identityId);
    expect(rows.length).toBe(operations.length);
    const attempts = await world.database.store.read((tx) => tx.access.attemptsOf(operations.map(({ id }) => id)));
    expect(attempts.map(({ count, lastAt }) => ({ count, lastAt }))).toEqual(operations.map(() => ({ count: 50, lastAt: at(49) })));
  });

  it('costs a bounded number of rows where every failure says something else', async () => {
    const identityId = await says('away-2', '1', 'active');
    let number = 0;
    await tryFor(identityId, 60, () => new ConnectorUnavailable(`nobody answers, request ${(number += 1)}`, { target: 'crm' }));
    const operations = await openOf(identityId);
    const attempts = await world.database.store.read((tx) => tx.access.attemptsOf(operations.map(({ id }) => id)));
    expect(attempts.length).toBe(20 * operations.length);
    // None is lost, and the last one is there with its own message.
    expect(attempts.reduce((sum, { count }) => sum + count, 0)).toBe(60 * operations.length);
    expect(attempts.filter(({ message }) => message === 'nobody answers, request 60').length).toBe(operations.length);
  });
});

it('readings of a leaver that show the same, not as desired, are kept once an hour, and the one that shows the end in any case', async () => {
  const identityId = await says('open-1', '1', 'active');
  await apply(identityId);
  await says('open-1', '2', 'ended');
  const deaf: TargetConnector = { ...crm, disable: async () => undefined, removeMember: async () => undefined };
  const first = Date.parse('2027-06-01T00:00:00.000Z');
  for (let minute = 0; minute < 150; minute += 1) {
    instant = new Date(first + minute * 60_000).toISOString();
    const input = { identityId, target: 'crm', context: world.context(), alive: () => undefined };
    await applyOperations({ store: world.database.store, engine: world.engine, connectors: { crm: deaf }, meter: noMeter }, input).catch(() => undefined);
  }
  const minutes = async (): Promise<readonly number[]> =>
    (await world.database.execute('select at, is_as_wanted from account_reading where identity_id = ? order by at', [identityId])).map(
      ({ at }) => (Date.parse(String(at)) - first) / 60_000,
    );
  expect(await minutes()).toEqual([0, 60, 120]);
  for (const known of accounts.keys()) if (known.startsWith('open')) change(known, { enabled: false, entitlements: [] });
  instant = new Date(first + 151 * 60_000).toISOString();
  await apply(identityId);
  expect(await minutes()).toEqual([0, 60, 120, 151]);
});
