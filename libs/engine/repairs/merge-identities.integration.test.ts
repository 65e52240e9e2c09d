import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { STAYS } from '@tenure/store';
import { createRepairWorld, type RepairWorld } from './testing/repair-world.ts';
import { findNamed } from '../intake/named-person.ts';
import { leaverCertificate } from '../leavers/leaver-certificate.ts';
import { terminate } from '../leavers/terminate.ts';
import { openRequest } from '../requests/open-request.ts';
import { answerItem } from '../requests/answer-item.ts';
import { advanceRequest } from '../requests/advance-request.ts';

let world: RepairWorld;
beforeAll(async () => {
  world = await createRepairWorld();
});
afterAll(() => world.stop());

let people = 0;
/** Two identities of one person, each with a record of its own. */
const twins = async (from: Readonly<Record<string, string>>, into: Readonly<Record<string, string>>) => {
  people += 1;
  const [one, other] = [`from-${people}`, `into-${people}`];
  await world.says(one, { employeeNumber: `${one}`, displayName: 'Bob From', ...from });
  await world.says(other, { employeeNumber: `${other}`, displayName: 'Bob Into', ...into });
  return { one, other, from: world.id(one), into: world.id(other) };
};
const has = (name: string, ...targets: readonly string[]) =>
  world.has(name, { observed: Object.fromEntries(targets.map((target) => [target, { at: world.now, holds: [] }])) });

test('goes nowhere from itself, from nobody, and from one that is merged already; there are no circles', async () => {
  const { one, other, from } = await twins({}, {});
  await expect(world.plan(world.merge(one, one))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await expect(
    world.plan({ kind: 'merge-identities', fromIdentityId: from, intoIdentityId: '00000000-0000-4000-8000-000000000000', accountsOfFrom: [] }),
  ).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await world.repair(world.merge(one, other));
  for (const again of [world.merge(one, other), world.merge(other, one)])
    await expect(world.plan(again)).rejects.toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining('merged into') });
});

test('of two merges of the same two, at once and in both directions, one is carried out', async () => {
  const { one, other, from, into } = await twins({ department: 'Sales' }, { department: 'Buying' });
  const inputs = [world.merge(one, other), world.merge(other, one)] as const;
  const digests = [await world.plan(inputs[0]), await world.plan(inputs[1])].map(({ digest }) => digest);
  const results = await Promise.allSettled(inputs.map((input, index) => world.carryOut(input, digests[index] ?? '')));
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const merged = await world.read(async (tx) => (await tx.identities.many([from, into])).filter(({ mergedInto = null }) => mergedInto !== null));
  expect(merged).toHaveLength(1);
});

test('a user name of the merged identity, as a fact about others has it, means the one that goes on', async () => {
  const { one, other, from, into } = await twins({}, {});
  const userName = (await world.read((tx) => tx.identities.get(from)))?.userName ?? '';
  await world.repair(world.merge(one, other));
  expect(await world.read((tx) => findNamed(tx, world.engine.configuration, { by: 'userName', value: userName }))).toBe(into);
});

test('the plan says who gains and loses what, and writes nothing; something else than the plan is refused', async () => {
  const { one, other, from, into } = await twins({ department: 'Sales' }, {});
  await has(one, 'crm');
  const before = [await world.view(one), await world.view(other)];
  const plan = await world.plan(world.merge(one, other));
  expect(plan.people).toEqual([
    expect.objectContaining({ identityId: from < into ? from : into }),
    expect.objectContaining({ identityId: from < into ? into : from }),
  ]);
  const of = (id: string) => plan.people.find(({ identityId }) => identityId === id);
  expect(of(from)).toMatchObject({ before: 'active', after: 'leaving', gained: [], lost: ['crm.clerk'], accounts: [{ target: 'crm', to: into, after: null }] });
  expect(of(into)).toMatchObject({ before: 'active', after: 'active', gained: ['crm.clerk'], lost: [], accounts: [{ target: 'crm', from, after: 'enabled' }] });
  expect([await world.view(one), await world.view(other)]).toEqual(before);
  await world.says(one, { employeeNumber: one, displayName: 'Bob From', department: 'Buying' });
  await expect(world.carryOut(world.merge(one, other), plan.digest)).rejects.toMatchObject({ code: 'INPUT_INVALID', details: { argument: 'digest' } });
  expect((await world.read((tx) => tx.identities.get(from)))?.mergedInto).toBeNull();
});

test('an account moves by its id where the other has none, and where both have one, the chosen one stays', async () => {
  const { one, other } = await twins({ department: 'Buying' }, { department: 'Buying' });
  await has(one, 'crm', 'erp');
  await has(other, 'crm', 'erp');
  await world.repair(world.merge(one, other, ['erp']));
  expect(await world.view(other)).toEqual({
    state: 'active',
    grants: ['crm.buyer', 'erp.user'],
    accounts: [
      ['crm', 'enabled', `n-${other}`],
      ['erp', 'enabled', `n-${one}`],
    ],
  });
  expect(await world.view(one)).toEqual({
    state: 'leaving',
    grants: [],
    accounts: [
      ['crm', 'disabled', `n-${one}`],
      ['erp', 'disabled', `n-${other}`],
    ],
  });
  // The certificate of the person includes what stays with the merged identity, and is not complete before that is closed.
  await world.act((tx) => terminate(tx, world.engine, world.id(other), 'left'));
  const certificate = await world.act((tx) => leaverCertificate(tx, world.engine, world.id(other), world.now));
  expect(certificate).toMatchObject({ isComplete: false, otherUserNames: [{ identityId: world.id(one), releasedAt: null }] });
  expect(certificate.targets.map(({ target, identityId }) => `${target} ${identityId}`).toSorted()).toEqual(
    ['crm', 'erp'].flatMap((target) => [world.id(one), world.id(other)].map((id) => `${target} ${id}`)).toSorted(),
  );
  // After the grace period, what stays with the merged identity is deleted.
  world.now = '2026-03-10T09:00:00.000Z';
  await world.decide(one);
  expect(await world.view(one)).toMatchObject({
    state: 'left',
    accounts: [
      ['crm', 'absent', `n-${one}`],
      ['erp', 'absent', `n-${other}`],
    ],
  });
});

test('operators and webhooks are notified once that two became one, and of no leaver', async () => {
  const { one, other, from, into } = await twins({ department: 'Sales' }, {});
  const since = await world.database.execute('select coalesce(max(position), 0) as position from notice');
  await world.repair(world.merge(one, other));
  const notices = await world.database.execute('select kind, about, data from notice where position > ? order by position', [since[0]?.['position']]);
  expect(notices).toEqual([{ kind: 'identity-merged', about: { identityId: into }, data: { from } }]);
  expect(await world.read((tx) => tx.cases.openOfKeys([`transfer/${from}`]))).toEqual([]);
});

test('records go on where they are now: the next import finds the new place, and keys follow', async () => {
  const { one, other, into } = await twins({ department: 'Sales' }, {});
  await world.repair(world.merge(one, other));
  expect(await world.says(one, { employeeNumber: one, department: 'Buying' })).toBe(into);
  expect((await world.take({ source: 'feed', externalId: `f-${one}`, facts: { employeeNumber: one } })).identityId).toBe(into);
});

describe('a leaver', () => {
  test('who is merged into somebody active brings neither logins nor accounts', async () => {
    const { one, other, from, into } = await twins({ department: 'Sales' }, { department: 'Sales' });
    await world.login(from, one, 'corp');
    await has(one, 'crm');
    await world.says(one, { employeeNumber: one, department: 'Sales' }, { status: 'ended', endedAt: world.now });
    const plan = await world.plan(world.merge(one, other));
    expect(plan.loginsEnded).toBe(1);
    await world.repair(world.merge(one, other));
    expect(await world.read((tx) => tx.identities.subjectsOf(into))).toEqual([]);
    expect(await world.view(other)).toMatchObject({ accounts: [['crm', 'enabled', null]] });
    expect(await world.view(one)).toMatchObject({ accounts: [['crm', 'disabled', `n-${one}`]] });
    await expect(world.plan(world.merge(other, one, ['nowhere']))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  test('into whom somebody active is merged cannot log in as that person', async () => {
    const { one, other, from, into } = await twins({ department: 'Sales' }, { department: 'Sales' });
    await world.login(from, one, 'corp');
    await world.login(into, other, 'other');
    await world.says(other, { employeeNumber: other, department: 'Sales' }, { status: 'ended', endedAt: world.now });
    await world.repair(world.merge(one, other));
    expect((await world.read((tx) => tx.identities.subjectsOf(into))).map(({ provider }) => provider)).toEqual(['corp']);
    expect(await world.view(other)).toMatchObject({ state: 'active' });
  });

  test("whom an operator has ended does not lose the operator's end by a merge", async () => {
    const { one, other, from } = await twins({ department: 'Sales' }, {});
    await world.act((tx) => terminate(tx, world.engine, from, 'fraud'));
    await expect(world.plan(world.merge(one, other))).rejects.toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining('withdrawTermination') });
    // The other way round, the end counts for both.
    await world.repair(world.merge(other, one));
    expect(await world.view(one)).toMatchObject({ state: 'leaving', grants: [] });
  });
});

describe('separation of duties', () => {
  test('withholds what the merged person may not have together, and the plan says so', async () => {
    const { one, other, into } = await twins({ manager: 'boss' }, { department: 'Buying' });
    await world.says('boss', { employeeNumber: 'boss' });
    await answer(await request(one, 'crm.payer'), 'boss');
    expect(await world.view(one)).toMatchObject({ grants: ['crm.payer'] });
    const plan = await world.plan(world.merge(one, other));
    expect(plan.people.find(({ identityId }) => identityId === into)?.violations).toEqual([
      { rule: 'money', names: ['crm.buyer', 'crm.payer'], withheld: ['crm.payer'] },
    ]);
    await world.repair(world.merge(one, other));
    const open = await world.read((tx) => tx.cases.openOfKeys([`separation-conflict/${into}/money`]));
    expect(open).toHaveLength(1);
  });

  test('ends access that one of the two had approved for the other', async () => {
    const { one, other, from, into } = await twins({}, {});
    await world.says(one, { employeeNumber: one, manager: other });
    const requestId = await request(one, 'crm.payer');
    await answer(requestId, other);
    expect(await world.view(one)).toMatchObject({ grants: ['crm.payer'] });
    const plan = await world.plan(world.merge(one, other));
    expect(plan.itemsEnded).toHaveLength(1);
    expect(plan.people.find(({ identityId }) => identityId === into)?.gained).toEqual([]);
    await world.repair(world.merge(one, other));
    expect(await world.view(other)).toMatchObject({ grants: [] });
    expect((await world.read((tx) => tx.identities.get(from)))?.mergedInto).toBe(into);
  });
});

test('requested access goes on with its end, and the open request with its approver', async () => {
  const { one, other, into } = await twins({}, {});
  await request(one, 'erp.user');
  await world.says(`boss-${one}`, { employeeNumber: `boss-${one}` });
  await world.says(one, { employeeNumber: one, manager: `boss-${one}` });
  await world.says(other, { employeeNumber: other, manager: `boss-${one}` });
  const open = await request(one, 'crm.payer');
  const [before] = await world.read((tx) => tx.requests.inForce(world.id(one)));
  await world.repair(world.merge(one, other));
  expect(await world.read((tx) => tx.requests.inForce(into))).toEqual([{ ...before, identityId: into }]);
  expect(await world.view(other)).toMatchObject({ grants: ['erp.user'] });
  await answer(open, `boss-${one}`);
  expect(await world.view(other)).toMatchObject({ grants: ['crm.payer', 'erp.user'] });
});

describe('an account that a worker is provisioning', () => {
  test('is not moved under its hands', async () => {
    const { one, other, from } = await twins({ department: 'Sales' }, {});
    const claimed = await world.act((tx) => tx.access.claimAccount(from, 'crm', 'worker', 30_000));
    expect(claimed).not.toBe('others');
    await expect(world.plan(world.merge(one, other))).rejects.toMatchObject({ code: 'INPUT_INVALID', details: { targets: 'crm' } });
    await world.act(async (tx) => tx.access.releaseAccount((await tx.access.account(from, 'crm'))?.id ?? '', 'worker'));
    // Not known by its id: whether it was created shows by its name alone, so it stays with that name and is wound down.
    await world.repair(world.merge(one, other));
    expect(await world.view(one)).toMatchObject({ accounts: [['crm', 'disabled', null]] });
    expect(await world.view(other)).toMatchObject({ accounts: [['crm', 'enabled', null]] });
  });
});

describe('rights in Tenure', () => {
  test('need a second administrator; a login that comes along has to be confirmed; nobody repairs themselves', async () => {
    const { one, other, from, into } = await twins({}, { department: 'IT' });
    const admins = [await world.says('adam', { department: 'IT' }), await world.says('eva', { department: 'IT' })].map((id) => world.admin(id));
    const [adam, eva] = admins;
    if (adam === undefined || eva === undefined) throw new Error('two administrators');
    await world.login(from, one, 'corp');
    await world.act((tx) => tx.logins.confirm({ recordId: world.recordOf(one), identityId: from, provider: 'corp' }, 'person x', world.now));
    await expect(world.plan(world.merge(one, other), world.admin(into))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const waits = await world.repair(world.merge(one, other), adam);
    expect(waits).toMatchObject({ status: 'waiting', plan: { secondPerson: ['privileged'], loginsToConfirm: 1 } });
    expect((await world.read((tx) => tx.identities.get(from)))?.mergedInto).toBeNull();
    for (const wrong of [adam, world.admin(into)]) await expect(world.approve(waits, wrong)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(world.approve({ ...waits, digest: '0' }, eva)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(await world.approve(waits, eva)).toMatchObject({ status: 'done', decidedBy: `person ${eva.id}`, requestedBy: `person ${adam.id}` });
    expect(await world.read((tx) => tx.logins.isConfirmed(into, 'corp', world.recordOf(one)))).toBe(false);
    expect(await world.read((tx) => tx.cases.openOfKeys([`repair-approval/${waits.id}`]))).toEqual([]);
  });

  test('a repair that waits can be discarded', async () => {
    const { one, other, from } = await twins({ department: 'IT' }, {});
    const adam = world.admin(await world.says('adam', { department: 'IT' }));
    const waits = await world.repair(world.merge(one, other), adam);
    expect(await world.discard(waits, adam)).toMatchObject({ status: 'discarded' });
    expect((await world.read((tx) => tx.identities.get(from)))?.mergedInto).toBeNull();
    await expect(world.discard(waits, adam)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});

test('histories stay readable: the audit of the merged identity is read with that of the one that goes on, and nothing else points to it', async () => {
  const { one, other, from, into } = await twins({ department: 'Sales' }, {});
  await world.login(from, one, 'corp');
  await request(one, 'erp.user');
  await has(one, 'crm');
  await world.repair(world.merge(one, other));
  expect(await world.read((tx) => tx.repairs.mergedInto([into]))).toEqual(new Map([[into, [from]]]));
  const actions = (await world.read((tx) => tx.audit.page({ identityIds: [from, into] }, 100, null))).map(({ action, identityId }) => [action, identityId]);
  expect(actions).toEqual(
    expect.arrayContaining([
      ['request.opened', from],
      ['identity.merged', from],
      ['identity.merged', into],
    ]),
  );
  expect((await mentions(from)).filter((name) => !leftWith.includes(name))).toEqual([]);
});

/** Columns in which a merged identity may still be named: history, what stays with it, and the mark that its account bears until it is written anew. */
const leftWith: readonly string[] = [
  ...Object.keys(STAYS),
  ...['account.former_identities', 'account.identity_id', 'account.observed', 'operation.identity_id', 'operation.reason'],
  ...['access_request.depends_on', 'access_request.requested_by', 'audit_event.actor_id', 'audit_event.reason', 'audit_event.subject_id'],
  ...['credential.identity_id', 'notice.about', 'notice.about_id', 'notice.data', 'notice.key', 'notice.recipient', 'identity.id'],
  ...['repair.input', 'repair.plan', 'source_record.external_id', 'source_record.identity_id'],
];

/** Columns of all tables in which an id occurs. */
async function mentions(id: string): Promise<readonly string[]> {
  const columns = (await world.database.execute(
    `select table_name, column_name from information_schema.columns join information_schema.tables using (table_schema, table_name)
     where table_schema = 'public' and table_type = 'BASE TABLE' order by 1, 2`,
  )) as { table_name: string; column_name: string }[];
  const found: string[] = [];
  for (const { table_name: table, column_name: column } of columns) {
    const [row] = await world.database.execute(`select exists (select from "${table}" where "${column}"::text like ?) as it`, [`%${id}%`]);
    if (row?.['it'] === true) found.push(`${table}.${column}`);
  }
  return found;
}

async function request(who: string, name: string): Promise<string> {
  const item = { kind: 'entitlement', name, duration: 'P60D', exceptions: [] } as const;
  const { requestId } = await world.act((tx) =>
    openRequest(tx, world.engine, { identityId: world.id(who), requestedBy: world.id(who), justification: 'because', items: [item] }),
  );
  await world.act((tx) => advanceRequest(tx, world.engine, requestId));
  return requestId;
}

async function answer(requestId: string, by: string): Promise<void> {
  await world.act((tx) => advanceRequest(tx, world.engine, requestId));
  const [item] = (await world.read((tx) => tx.requests.whole([requestId])))[0]?.items ?? [];
  const given = await world.act((tx) =>
    answerItem(tx, world.engine, { itemId: item?.id ?? '', by: world.id(by), approves: true, comment: 'yes', stage: null } as never),
  );
  expect(given).toMatchObject({ outcome: 'counted' });
}
