import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Configuration } from '@tenure/config';
import type { TargetConnector } from '@tenure/connectors';
import { AccountNotVisible, type AttributeRules, ConnectorRefused, ConnectorUnavailable, type MembershipEvidence, type ObservedAccount } from '@tenure/domain';
import type { Case, StoredAccount, StoredOperation, Transaction } from '@tenure/store';
import { openOperationsOf } from '@tenure/store/testing';
import { createTestEngine, crmTarget, entitlementsOf, observedAccount, testConfiguration, type TestEngine } from '@tenure/engine/testing';
import { noMeter } from '../../libs/engine/decide/meter.ts';
import { type Applied, applyOperations } from './apply-operations.ts';
import { decideIdentity } from '../../libs/engine/decide/decide-identities.ts';

/** Behaviour of an application in memory, set by a test. */
interface Manners {
  /** Evidence about memberships that it does not list; `null`: it lists all. */
  readonly evidence: MembershipEvidence | null;
  /** Value that it stores for an attribute that is written; `undefined`: it drops the attribute. */
  readonly keeps: (name: string, value: string) => string | undefined;
  readonly refuses: (name: string, value: string) => ConnectorRefused | null;
  readonly showsState: boolean;
  /** False: removing a member has no effect. */
  readonly removes: boolean;
  readonly isAway: boolean;
  /** Group of which it answers that adding to it, or removing from it, changed nothing; `null`: none. */
  readonly isDeafFor: string | null;
  /** A group that it does not have; `null`: it has all of them. */
  readonly lacks: string | null;
  /** Reason why an account may be where it lets nobody look; `null`: everything is visible. */
  readonly hides: string | null;
}
const plain: Manners = {
  evidence: null,
  keeps: (_, value) => value,
  refuses: () => null,
  showsState: true,
  removes: true,
  isAway: false,
  isDeafFor: null,
  lacks: null,
  hides: null,
};

let world: TestEngine;
let manners: Manners;
let accounts: Map<string, ObservedAccount>;
let written: string[];
let clock: number;

const attributes = { email: { type: 'string' }, title: { type: 'string' }, department: { type: 'string' } } as const;
const configured = (rules: AttributeRules): Configuration =>
  testConfiguration({
    attributes,
    targets: { crm: crmTarget({ ratePerSecond: 1000, attributes: { mail: 'identity.email', title: 'identity.title' }, rules }) },
    policy: {
      entitlements: entitlementsOf('crm', ['Staff', 'Finance']),
      birthright: [
        { name: 'everybody', when: 'true', roles: [], entitlements: ['crm.Staff'] },
        { name: 'finance', when: 'identity.department == "Finance"', roles: [], entitlements: ['crm.Finance'] },
      ],
    },
  });

const called = (what: string): void => {
  if (manners.isAway) throw new ConnectorUnavailable('crm: nobody answers (ECONNREFUSED)', { target: 'crm' });
  written.push(what);
};
function keep(account: ObservedAccount, attributes: Readonly<Record<string, unknown>>): ObservedAccount {
  const kept: Record<string, string> = { ...(account.attributes as Record<string, string>) };
  for (const [name, value] of Object.entries(attributes)) {
    const made = manners.keeps(name, String(value));
    if (made !== undefined) kept[name] = made;
  }
  return { ...account, attributes: kept };
}
function change(userName: string, changed: (account: ObservedAccount) => ObservedAccount): void {
  const known = accounts.get(userName);
  if (known !== undefined) accounts.set(userName, changed(known));
}
const without = (list: readonly string[], name: string): string[] => list.filter((one) => one !== name);
const refusing = (attributes: Readonly<Record<string, unknown>>): void => {
  for (const [name, value] of Object.entries(attributes)) {
    const refusal = manners.refuses(name, String(value));
    if (refusal !== null) throw refusal;
  }
};
const heed = (name: string): void => {
  if (manners.isDeafFor === name) throw new ConnectorRefused('crm: it changed no row: see that there is such a group', { target: 'crm', reason: 'no-effect' });
};
const crm: TargetConnector = {
  check: async () => [],
  list: async () => ({ items: [], next: null, total: 0, isByPosition: false, doubt: null }),
  async observe({ nativeId, userName }, questions = []) {
    if (manners.isAway) throw new ConnectorUnavailable('crm: nobody answers (ECONNREFUSED)', { target: 'crm' });
    if (manners.hides !== null) throw new AccountNotVisible(`crm: not found, and may be hidden: ${manners.hides}`, { target: 'crm', reason: manners.hides });
    const found = [...accounts.values()].find((one) => (nativeId === null ? one.userName === userName : one.nativeId === nativeId));
    if (found === undefined) return null;
    const { evidence } = manners;
    const memberships = questions.map(({ entitlement }) => ({
      entitlement,
      groupId: `id-of-${entitlement}`,
      evidence: evidence ?? (found.entitlements.includes(entitlement) ? ('shown' as const) : ('others-shown' as const)),
    }));
    const enabled = manners.showsState ? found.enabled : null;
    return { ...found, enabled, entitlements: evidence === null ? found.entitlements : [], memberships };
  },
  async create({ userName, externalId, enabled, attributes }) {
    called('create');
    refusing(attributes);
    const made = keep({ ...observedAccount({ userName, externalId }, { enabled }), nativeId: randomUUID() }, attributes);
    accounts.set(userName, made);
    return made;
  },
  async update({ userName }, attributes) {
    called(`update ${Object.keys(attributes).join()}`);
    refusing(attributes);
    change(userName, (account) => keep(account, attributes));
  },
  async delete({ userName }) {
    called('delete');
    accounts.delete(userName);
  },
  async enable({ userName }) {
    called('enable');
    change(userName, (account) => ({ ...account, enabled: true }));
  },
  async disable({ userName }) {
    called('disable');
    change(userName, (account) => ({ ...account, enabled: false }));
  },
  async addMember(name, { userName }) {
    called(`add ${name}`);
    if (manners.lacks === name) throw new ConnectorRefused(`crm: there is no group "${name}"`, { target: 'crm', entitlement: name, scope: 'target' });
    heed(name);
    change(userName, (account) => ({ ...account, entitlements: [...without(account.entitlements, name), name].sort() }));
    return `id-of-${name}`;
  },
  async removeMember(name, { userName }, groupId) {
    called(`remove ${name} by ${groupId}`);
    heed(name);
    if (manners.removes) change(userName, (account) => ({ ...account, entitlements: without(account.entitlements, name) }));
  },
  close: async () => undefined,
};

const transaction = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => world.act(work);
const says = (externalId: string, version: number, facts: Readonly<Record<string, string>>, status: 'active' | 'ended' = 'active'): Promise<string> =>
  world.says(externalId, { email: `${externalId}@corp.example`, ...facts }, { version: String(version), status });
const apply = (identityId: string): Promise<Applied> =>
  applyOperations(
    { store: world.database.store, engine: world.engine, connectors: { crm }, meter: noMeter },
    { identityId, target: 'crm', context: world.context(), alive: () => undefined },
  );
/** Applies as Temporal does: again while that may help, when it is due. */
async function untilSettled(identityId: string, most = 10): Promise<string> {
  for (let attempt = 0; attempt < most; attempt += 1) {
    const applied = await apply(identityId).catch(({ retryAfter }: { readonly retryAfter: number | null }) => {
      clock += retryAfter ?? 0;
      return null;
    });
    if (applied !== null) return applied.outcome;
  }
  return 'never settled';
}
const read = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => world.database.store.read(work);
const accountOf = async (identityId: string): Promise<StoredAccount> => {
  const account = await read((tx) => tx.access.account(identityId, 'crm'));
  if (account === null) throw new Error('no account is wanted there');
  return account;
};
const openOf = async (identityId: string): Promise<readonly StoredOperation[]> => read(async (tx) => openOperationsOf(tx, (await accountOf(identityId)).id));
const openCases = (kind: Case['kind']): Promise<readonly Case[]> => read((tx) => tx.cases.openOfTarget(kind, 'crm'));
const seenOf = async (identityId: string, aspect: string, name = ''): Promise<object | undefined> => {
  const { id } = await accountOf(identityId);
  return (await read((tx) => tx.observations.ofAccounts([id]))).find((one) => one.aspect === aspect && one.name === name);
};
/** The account as it is in the application. */
const there = (identityId: string): ObservedAccount | undefined => [...accounts.values()].find(({ externalId }) => externalId === identityId);

beforeAll(async () => {
  clock = Date.parse('2026-03-01T12:00:00.000Z');
  world = await createTestEngine(configured({}), () => new Date((clock += 10_000)).toISOString());
});
afterAll(() => world.stop());
const begin = (rules: AttributeRules = {}): Promise<void> => world.use(configured(rules));
beforeEach(async () => {
  manners = plain;
  accounts = new Map();
  written = [];
  await world.database.execute(`update case_file set status = 'closed' where status = 'open'`);
  await world.database.execute('delete from observation');
  await world.database.execute('delete from membership_shown');
  await world.database.execute(`update operation set status = 'superseded' where status in ('pending', 'failed')`);
  await world.database.execute('update account set not_visible_at = null');
  await begin();
});

describe.each(['nothing-shown', 'not-filtered', 'not-supported', 'incomplete'] as const)('a target that answers about memberships: %s', (evidence) => {
  it('is given once, taken explicitly by id, and never called confirmed; one case says so for the whole target', async () => {
    manners = { ...plain, evidence };
    const name = `hidden.${evidence}`;
    const identityId = await says(name, 1, { department: 'Finance' });
    expect(await untilSettled(identityId)).toBe('not-visible');
    expect(there(identityId)?.entitlements).toEqual(['Finance', 'Staff']);
    expect(written.filter((what) => what === 'add Finance')).toHaveLength(1);

    await says(name, 2, { department: 'Sales' });
    expect(await untilSettled(identityId)).toBe('not-visible');
    expect(there(identityId)?.entitlements).toEqual(['Staff']);
    expect(written.filter((what) => what.startsWith('remove'))).toEqual(['remove Finance by id-of-Finance']);
    expect(await seenOf(identityId, 'membership', 'Finance')).toMatchObject({ verdict: 'NOT_VISIBLE', evidence });
    expect(await accountOf(identityId)).toMatchObject({ confirmedAt: null, notVisibleAt: expect.any(String) });
    expect(await openCases('not-visible')).toMatchObject([{ identityId: null, evidence: { target: 'crm', accounts: 1 } }]);
    expect(await openOf(identityId)).toEqual([]);

    // A state that it cannot show becomes visible later, by another right: then it is confirmed, and the case closes.
    manners = plain;
    await transaction(async (tx) => tx.access.saveAccount({ ...(await accountOf(identityId)), notVisibleAt: null }));
    await world.database.execute(`update account set not_visible_at = now() where id = ?`, [(await accountOf(identityId)).id]);
    expect(await untilSettled(identityId)).toBe('confirmed');
    expect(await openCases('not-visible')).toEqual([]);
  });
});

it('the last equal readings come within two minutes, however often it was tried before; a removal without effect is tried at longer and longer intervals', async () => {
  const wait = (identityId: string): Promise<unknown> =>
    apply(identityId).catch(({ retryAfter }: { retryAfter: number | null }) => {
      clock += (retryAfter ?? 0) - 10_000; // a context comes ten seconds after the last one
      return retryAfter;
    });
  manners = { ...plain, evidence: 'nothing-shown' };
  const hidden = await says('soon.hidden', 1, {});
  expect([await wait(hidden), await wait(hidden), await wait(hidden)]).toEqual([2000, 2000, { outcome: 'not-visible', done: 0 }]);
  manners = { ...plain, keeps: () => undefined };
  const dropped = await says('soon.dropped', 1, {});
  expect(await wait(dropped)).toBe(null);
  clock += 1_000;
  expect([await wait(dropped), await wait(dropped), await wait(dropped)]).toEqual([4_000, 20_000, 95_000]);
  expect(await wait(dropped)).toEqual({ outcome: 'waiting', done: 1 });
  manners = plain;
  const held = await says('soon.held', 1, { department: 'Finance' });
  await untilSettled(held);
  manners = { ...plain, removes: false };
  await says('soon.held', 2, {});
  expect([await wait(held), await wait(held), await wait(held), await wait(held)]).toEqual([null, null, null, null]);
});

it('a target that shows only after a minute what it has accepted keeps nothing otherwise, and is no case', async () => {
  const identityId = await says('slow', 1, { title: 'Clerk' });
  await untilSettled(identityId);
  const shownFrom = clock + 60_000;
  manners = { ...plain, keeps: (name, value) => (name === 'title' && clock < shownFrom ? 'Clerk' : value) };
  await says('slow', 2, { title: 'Boss' });
  expect(await untilSettled(identityId)).toBe('confirmed');
  expect(clock).toBeGreaterThan(shownFrom);
  expect(await openCases('write-without-effect')).toEqual([]);
});

it('a target that does not tell whether somebody can log in is not taken to have locked them out', async () => {
  manners = { ...plain, showsState: false };
  const identityId = await says('state.hidden', 1, {});
  await untilSettled(identityId);
  await says('state.hidden', 2, {}, 'ended');
  expect(await untilSettled(identityId)).toBe('not-visible');
  expect(written.filter((what) => what === 'disable')).toHaveLength(1);
  expect(await seenOf(identityId, 'state')).toMatchObject({ verdict: 'NOT_VISIBLE', value: null });
  expect((await read((tx) => tx.readings.ofIdentity(identityId))).at(-1)).toMatchObject({ found: 'not-visible', isAsWanted: false });
});

describe('a value that the target keeps otherwise', () => {
  beforeEach(() => {
    manners = { ...plain, keeps: (name, value) => (name === 'mail' ? value.toLowerCase() : value) };
  });

  it('is written for two minutes, then waits as one case for all of them; the operation says what happened', async () => {
    const first = await says('lower.one', 1, { email: 'One@Corp.example' });
    const second = await says('lower.two', 1, { email: 'Two@Corp.example' });
    expect([await untilSettled(first), await untilSettled(second)]).toEqual(['waiting', 'waiting']);
    expect(written.filter((what) => what.startsWith('update mail'))).toHaveLength(6);
    const found = await openCases('write-without-effect');
    expect(found).toMatchObject([{ identityId: null, evidence: { aspect: 'attribute', name: 'mail', evidence: 'other-value', accounts: 2 } }]);
    expect(JSON.stringify(found)).not.toMatch(/corp\.example/i);
    expect(await openOf(first)).toMatchObject([{ status: 'failed', change: { kind: 'update' }, lastError: { code: 'NOT_CONFIRMED' } }]);
    expect((await openCases('operation-failed')).length).toBe(0);
  });

  it('does not hold back the others, nor what ends access', async () => {
    const identityId = await says('lower.others', 1, { email: 'Others@Corp.example', title: 'Clerk' });
    await untilSettled(identityId);
    await says('lower.others', 2, { email: 'Others@Corp.example', title: 'Boss', department: 'Finance' });
    expect(await untilSettled(identityId)).toBe('waiting');
    expect(there(identityId)).toMatchObject({ attributes: { title: 'Boss' }, entitlements: ['Finance', 'Staff'] });
    await says('lower.others', 3, {}, 'ended');
    expect(await untilSettled(identityId)).toBe('confirmed');
    expect(there(identityId)).toMatchObject({ enabled: false, entitlements: [] });
    expect(await openCases('write-without-effect')).toEqual([]);
  });

  it('is equal by the rule caseless, and written once as write-only', async () => {
    await begin({ mail: { compare: 'caseless' } });
    expect(await untilSettled(await says('lower.caseless', 1, { email: 'Caseless@Corp.example' }))).toBe('confirmed');

    await begin({ mail: { writeOnly: true } });
    manners = { ...plain, keeps: (name, value) => (name === 'mail' ? undefined : value) };
    const identityId = await says('hidden.mail', 1, { email: 'a@corp.example' });
    written = [];
    expect(await untilSettled(identityId)).toBe('confirmed');
    expect(written).toEqual(['create', 'add Staff']);
    await says('hidden.mail', 2, { email: 'b@corp.example' });
    written = [];
    expect(await untilSettled(identityId)).toBe('confirmed');
    expect(written).toEqual(['update mail']);
  });

  it('is tried again by an operator, and its case closes when the target keeps it', async () => {
    const identityId = await says('lower.again', 1, { email: 'Again@Corp.example' });
    await untilSettled(identityId);
    manners = plain;
    const [stopped] = await openOf(identityId);
    await transaction((tx) => tx.access.updateOperation({ ...(stopped as StoredOperation), status: 'pending' }));
    expect(await untilSettled(identityId)).toBe('confirmed');
    expect(await openCases('write-without-effect')).toEqual([]);
  });
});

it('a group to which adding changes nothing is one case for all of them, and its operations say what the target said; a removal is a case of each', async () => {
  manners = { ...plain, isDeafFor: 'Finance' };
  const [first, second] = [await says('deaf.one', 1, { department: 'Finance' }), await says('deaf.two', 1, { department: 'Finance' })];
  expect([await untilSettled(first), await untilSettled(second)]).toEqual(['waiting', 'waiting']);
  expect(there(first)?.entitlements).toEqual(['Staff']);
  expect(written.filter((what) => what === 'add Finance')).toHaveLength(8);
  expect(await openCases('write-without-effect')).toMatchObject([{ identityId: null, evidence: { aspect: 'membership', name: 'Finance', accounts: 2 } }]);
  expect(await openOf(first)).toMatchObject([{ status: 'failed', lastError: { code: 'NOT_CONFIRMED', message: expect.stringContaining('such a group') } }]);
  expect(await openCases('operation-failed')).toEqual([]);

  manners = plain;
  const third = await says('deaf.three', 1, { department: 'Finance' });
  await untilSettled(third);
  manners = { ...plain, isDeafFor: 'Finance' };
  await says('deaf.three', 2, {});
  expect(await untilSettled(third)).toBe('waiting');
  expect(await openCases('operation-failed')).toMatchObject([{ identityId: third, evidence: { operation: 'removeMember' } }]);
});

describe('what a target refuses to everybody is one case for the target', () => {
  const noGroup = (accountsOf: number) => [
    {
      key: 'target-refuses-change/crm/addMember/Finance',
      identityId: null,
      evidence: { target: 'crm', operation: 'addMember', name: 'Finance', message: 'crm: there is no group "Finance"', accounts: accountsOf },
    },
  ];
  const take = (): Promise<readonly string[]> =>
    transaction(async (tx) => {
      const taken = await tx.outbox.take(100);
      await tx.outbox.remove(taken.map(({ id }) => id));
      return taken.map(({ identityId }) => identityId ?? '');
    });
  const sweep = (minutes: number) =>
    transaction((tx) => tx.sharedRefusals.recallOneOfEach(new Date(Date.parse(tx.context.now) + minutes * 60_000).toISOString(), 10));

  it('however many a group that is not there stops; it is asked again for one of them, and all are tried again when that goes through', async () => {
    manners = { ...plain, lacks: 'Finance' };
    const people = [await says('ghost.one', 1, { department: 'Finance' }), await says('ghost.two', 1, { department: 'Finance' })];
    const [first = '', second = ''] = people;
    for (const identityId of people) expect(await untilSettled(identityId)).toBe('waiting');
    expect(there(first)?.entitlements).toEqual(['Staff']);
    expect(await openCases('target-refuses-change')).toMatchObject(noGroup(2));
    expect(await openCases('operation-failed')).toEqual([]);

    // One of them is tried again, at longer and longer intervals.
    expect(await sweep(0)).toEqual([]);
    expect(await sweep(1)).toEqual([first]);
    expect(await untilSettled(first)).toBe('waiting');
    expect(await sweep(1)).toEqual([]);
    expect(await openCases('target-refuses-change')).toMatchObject(noGroup(2));

    await take();
    manners = plain;
    expect(await sweep(2)).toEqual([first]);
    expect(await untilSettled(first)).toBe('confirmed');
    expect(await take()).toContain(second);
    expect(await openCases('target-refuses-change')).toEqual([]);
    expect(await untilSettled(second)).toBe('confirmed');
    expect(there(second)?.entitlements).toEqual(['Finance', 'Staff']);
  });

  it('a target that is away when it is asked again does not close the case', async () => {
    manners = { ...plain, lacks: 'Finance' };
    const identityId = await says('ghost.away', 1, { department: 'Finance' });
    await untilSettled(identityId);
    await sweep(1);
    manners = { ...plain, lacks: 'Finance', isAway: true };
    await untilSettled(identityId, 2);
    expect(await openCases('target-refuses-change')).toMatchObject(noGroup(1));
  });

  it('the case counts only those who still want it, and closes when nobody does', async () => {
    manners = { ...plain, lacks: 'Finance' };
    const people = [await says('ghost.moves', 1, { department: 'Finance' }), await says('ghost.stays', 1, { department: 'Finance' })];
    for (const identityId of people) await untilSettled(identityId);
    await says('ghost.moves', 2, { department: 'Sales' });
    expect(await openCases('target-refuses-change')).toMatchObject(noGroup(1));
    await says('ghost.stays', 2, {}, 'ended');
    expect(await openCases('target-refuses-change')).toEqual([]);
  });

  it.each([
    ['an attribute that it does not know', { attribute: 'title', scope: 'target' }, 'update/title'],
    ['a right that is missing', { step: 'rights' }, 'create'],
  ])('%s', async (_, details, about) => {
    const error = new ConnectorRefused('crm: it refuses that to everybody', { target: 'crm', ...(details as Readonly<Record<string, string>>) });
    manners = { ...plain, refuses: (name) => (name === 'title' ? error : null) };
    const people = [await says(`all.one.${about}`, 1, { title: 'Clerk' }), await says(`all.two.${about}`, 1, { title: 'Boss' })];
    for (const identityId of people) expect(await untilSettled(identityId)).toBe('waiting');
    expect(await openCases('target-refuses-change')).toMatchObject([{ key: `target-refuses-change/crm/${about}`, evidence: { accounts: 2 } }]);
    expect(await openCases('operation-failed')).toEqual([]);
    manners = plain;
    await sweep(1);
    for (const identityId of people) expect(await untilSettled(identityId)).toBe('confirmed');
    expect(await openCases('target-refuses-change')).toEqual([]);
  });

  it('what lets nobody look for an account, for each reason; it closes when every account can be seen', async () => {
    const people = [await says('unseen.one', 1, {}), await says('unseen.two', 1, {})];
    for (const identityId of people) await untilSettled(identityId);
    for (const name of ['unseen.one', 'unseen.two']) await says(name, 2, { title: 'Boss' });
    manners = { ...plain, hides: 'referral' };
    for (const identityId of people) await untilSettled(identityId, 2);
    const open = await openCases('account-not-visible');
    expect(open).toMatchObject([{ key: 'account-not-visible/crm/referral', identityId: null, evidence: { reason: 'referral', accounts: 2 } }]);
    expect(await seenOf(people[0] ?? '', 'existence')).toMatchObject({ verdict: 'NOT_VISIBLE', evidence: 'referral', readings: 2 });
    manners = plain;
    expect(await untilSettled(people[0] ?? '')).toBe('confirmed');
    expect(await openCases('account-not-visible')).toMatchObject([{ evidence: { accounts: 1, message: expect.stringContaining('may be hidden') } }]);
    expect(await untilSettled(people[1] ?? '')).toBe('confirmed');
    expect(await openCases('account-not-visible')).toEqual([]);
  });
});

describe('one refused attribute', () => {
  const refusal = (details: Readonly<Record<string, string>>) => (name: string, value: string) =>
    name === 'title' && value.length > 5 ? new ConnectorRefused('crm: title: too long (SQLSTATE 22001): shorten it', { target: 'crm', ...details }) : null;

  it.each([
    ['that the target names', { attribute: 'title' }],
    ['that it does not name', {}],
  ])('%s does not hold back the others, and its case names it', async (_, details) => {
    const name = `refused.${Object.keys(details).length}`;
    const identityId = await says(name, 1, { title: 'Clerk' });
    await untilSettled(identityId);
    manners = { ...plain, refuses: refusal(details as Readonly<Record<string, string>>) };
    await says(name, 2, { email: 'new@corp.example', title: 'Chief of everything' });
    expect(await untilSettled(identityId)).toBe('waiting');
    expect(there(identityId)?.attributes).toEqual({ mail: 'new@corp.example', title: 'Clerk' });
    expect(await openCases('operation-failed')).toMatchObject([
      { evidence: { operation: 'update', attributes: ['title'], message: expect.stringContaining('title') } },
    ]);
    // The next change of another attribute goes through as well.
    await says(name, 3, { email: 'newer@corp.example', title: 'Chief of everything' });
    expect(await untilSettled(identityId)).toBe('waiting');
    expect(there(identityId)?.attributes['mail']).toBe('newer@corp.example');
    // A value that it accepts ends the case.
    await says(name, 4, { email: 'newer@corp.example', title: 'Chief' });
    expect(await untilSettled(identityId)).toBe('confirmed');
    expect(await openCases('operation-failed')).toEqual([]);
  });

  it('does not keep an account from being made', async () => {
    manners = { ...plain, refuses: refusal({ attribute: 'title' }) };
    const identityId = await says('refused.new', 1, { title: 'Chief of everything' });
    expect(await untilSettled(identityId)).toBe('waiting');
    expect(there(identityId)).toMatchObject({ enabled: true, entitlements: ['Staff'], attributes: { mail: 'refused.new@corp.example' } });
  });
});

it('a value that another account holds is tried again when another operation of that target has gone through', async () => {
  const taken = (name: string, value: string): ConnectorRefused | null =>
    name === 'mail' && [...accounts.values()].some((one) => one.attributes['mail'] === value)
      ? new ConnectorRefused('crm: mail: another account has it', { target: 'crm', attribute: 'mail', reason: 'uniqueness' })
      : null;
  const [one, two] = [await says('unique.one', 1, { email: 'first@corp.example' }), await says('unique.two', 1, { email: 'second@corp.example' })];
  await untilSettled(one);
  await untilSettled(two);
  manners = { ...plain, refuses: taken };
  await says('unique.two', 2, { email: 'first@corp.example' });
  await says('unique.one', 2, { email: 'third@corp.example' });
  expect(await untilSettled(two)).toBe('waiting');
  expect(await untilSettled(one)).toBe('confirmed');
  expect((await openOf(two)).map(({ status }) => status)).toEqual(['pending']);
  expect(await untilSettled(two)).toBe('confirmed');
  expect(there(two)?.attributes['mail']).toBe('first@corp.example');
  expect(await openCases('operation-failed')).toEqual([]);
});

it('a value that was given up in the moment in which it was asked for is tried again though nothing else goes through', async () => {
  const identityId = await says('unique.three', 1, { email: 'other@corp.example' });
  await untilSettled(identityId);
  let isTaken = true;
  const error = new ConnectorRefused('crm: mail: another account has it', { target: 'crm', attribute: 'mail', reason: 'uniqueness' });
  manners = { ...plain, refuses: (name) => (name === 'mail' && isTaken ? error : null) };
  await says('unique.three', 2, { email: 'wanted@corp.example' });
  expect(await untilSettled(identityId)).toBe('waiting');
  isTaken = false;
  const recall = (minutes: number) => transaction((tx) => tx.access.recallAllTaken(new Date(Date.parse(tx.context.now) + minutes * 60_000).toISOString(), 10));
  expect(await recall(0)).toEqual([]);
  expect(await recall(60)).toEqual([identityId]);
  expect(await untilSettled(identityId)).toBe('confirmed');
  expect(there(identityId)?.attributes['mail']).toBe('wanted@corp.example');
});

it('what still has to be closed in a target that was never read is visible from the first second', async () => {
  manners = { ...plain, isAway: true };
  const identityId = await says('never.read', 1, { department: 'Finance' });
  await expect(apply(identityId)).rejects.toThrow('ECONNREFUSED');
  await says('never.read', 2, {}, 'ended');
  expect((await openOf(identityId)).map(({ status, change: { kind } }) => `${kind} ${status}`)).toEqual([
    'disable pending',
    'removeMember pending',
    'removeMember pending',
  ]);
  manners = plain;
  expect(await untilSettled(identityId)).toBe('confirmed');
  expect(written).toEqual([]);
  expect(await openOf(identityId)).toEqual([]);
});

it('a membership that was given by a worker which died before it was saved is taken when the person moves', async () => {
  manners = { ...plain, evidence: 'nothing-shown' };
  const identityId = await says('died', 1, { department: 'Finance' });
  // The worker died between the target's answer and the world.database.
  await crm.create({ userName: 'died', externalId: identityId, enabled: true, attributes: { mail: 'died@corp.example' } });
  await crm.addMember('Finance', { nativeId: null, userName: 'died' });
  await says('died', 2, {});
  await untilSettled(identityId);
  expect(there(identityId)?.entitlements).toEqual(['Staff']);
});

it('what could not be seen is read again once the target has shown somebody in that group', async () => {
  manners = { ...plain, evidence: 'nothing-shown' };
  const first = await says('shown.first', 1, { department: 'Finance' });
  expect(await untilSettled(first)).toBe('not-visible');
  await transaction(async (tx) => tx.outbox.remove((await tx.outbox.take(100)).map(({ id }) => id)));
  manners = plain;
  const second = await says('shown.second', 1, { department: 'Finance' });
  expect(await untilSettled(second)).toBe('confirmed');
  expect(await accountOf(first)).toMatchObject({ notVisibleAt: null });
  expect(await transaction(async (tx) => (await tx.outbox.take(100)).map(({ identityId }) => identityId))).toContain(first);
  expect(await untilSettled(first)).toBe('confirmed');
});

it('what a target could not show by chance is read again when its time has come, and shown of one it is read of the others too', async () => {
  const [first, second] = [await says('chance.first', 1, { department: 'Finance' }), await says('chance.second', 1, { department: 'Finance' })];
  for (const identityId of [first, second]) await untilSettled(identityId);
  manners = { ...plain, evidence: 'incomplete' };
  for (const name of ['chance.first', 'chance.second']) await says(name, 2, {});
  for (const identityId of [first, second]) expect(await untilSettled(identityId)).toBe('not-visible');
  const decide = (identityId: string) => transaction((tx) => decideIdentity(tx, world.engine, identityId, 'timer'));
  const decision = await decide(first);
  expect(decision).toMatchObject({ work: [], nextWakeUp: new Date(Date.parse((await accountOf(first)).observedAt ?? '') + 3_600_000).toISOString() });

  manners = plain;
  clock += 3_600_000;
  expect(await decide(first)).toMatchObject({ work: [{ target: 'crm' }] });
  await transaction(async (tx) => tx.outbox.remove((await tx.outbox.take(100)).map(({ id }) => id)));
  expect(await untilSettled(first)).toBe('confirmed');
  expect(await transaction(async (tx) => (await tx.outbox.take(100)).map(({ identityId }) => identityId))).toEqual([second]);
  expect(await accountOf(second)).toMatchObject({ notVisibleAt: null });
  expect(await untilSettled(second)).toBe('confirmed');
  expect(await openCases('not-visible')).toEqual([]);
});

it('what somebody changed in the target by hand is put back, also under a running decision', async () => {
  const identityId = await says('by.hand', 1, { department: 'Finance' });
  await untilSettled(identityId);
  change('by.hand', (account) => ({ ...account, enabled: false, entitlements: ['Finance', 'Foreign'] }));
  expect(await untilSettled(identityId)).toBe('confirmed');
  expect(there(identityId)).toMatchObject({ enabled: true, entitlements: ['Finance', 'Foreign', 'Staff'] });
});
