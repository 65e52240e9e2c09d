import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exampleCase } from '@tenure/domain/testing';
import { MOVED_BY_MERGE } from '@tenure/store';
import { delegate } from '../approvers/delegate.ts';
import { advanceRequest } from '../requests/advance-request.ts';
import { openRequest } from '../requests/open-request.ts';
import { suspendProvisioning } from '../suspensions/suspend-provisioning.ts';
import { grantedException } from '../testing/person.ts';
import { createRepairWorld, type RepairWorld } from './testing/repair-world.ts';

let world: RepairWorld;
beforeAll(async () => {
  world = await createRepairWorld();
});
afterAll(() => world.stop());

const later = '2026-03-09T09:00:00.000Z';
const references = MOVED_BY_MERGE.map(({ table, column }) => `${table}.${column}`).toSorted();

test('everything that is open goes to the identity that goes on, and back: each column of the list, and nothing of anybody else', async () => {
  const from = await world.says('from', { employeeNumber: 'from', department: 'Sales', manager: 'other' });
  const into = await world.says('into', { employeeNumber: 'into' });
  const other = await world.says('other', { employeeNumber: 'other' });
  const deputy = await world.says('deputy', { employeeNumber: 'deputy' });
  await world.says('asker', { employeeNumber: 'asker', manager: 'from' });
  await world.says('earlier', { employeeNumber: 'earlier' });
  await world.repair(world.merge('earlier', 'from'));
  await world.login(from, 'subject', 'corp');
  await request('from');
  const asked = await request('asker');
  await sql(
    `insert into request_approver (item_id, stage, approver_id, in_place_of, request_id, via, level, asked_at) values (?, 0, ?, ?, ?, 'manager', 0, now())`,
    [asked.itemId, deputy, from, asked.requestId],
  );
  await sql(`insert into request_answer (id, item_id, request_id, stage, given_by, approves, comment, given_at) values (?, ?, ?, 0, ?, true, '', now())`, [
    randomUUID(),
    asked.itemId,
    asked.requestId,
    from,
  ]);
  const reason = 'away';
  for (const [fromId, toId] of [
    [from, deputy],
    [other, from],
  ] as const)
    await world.act((tx) => delegate(tx, { fromId, toId, validFrom: null, validUntil: later, reason, kinds: ['cases'] }));
  const about = { ...exampleCase('ambiguous-login'), key: 'ambiguous-login/x', identityId: from, target: null, operationId: null } as const;
  const theirs = { ...exampleCase('ambiguous-login'), key: 'ambiguous-login/y', identityId: other, target: null, operationId: null, ownerId: from } as const;
  const found = await world.act(async (tx) => [await tx.cases.open(about, world.now), await tx.cases.open(theirs, world.now)]);
  await sql('update case_file set claimed_by = ? where id = ?', [from, found[1]?.id]);
  await world.act((tx) =>
    suspendProvisioning(tx, world.engine, { identityId: from, target: null, operationId: null, until: later, keepsAccess: false, reason }),
  );
  const exception = grantedException(from, world.now, { id: randomUUID(), caseId: found[0]?.id ?? '', grantedBy: other });
  await world.act((tx) => tx.separationExceptions.insert(exception));
  await world.act((tx) =>
    tx.sessions.createServiceToken(
      { name: 'feed', roles: ['source:hr'], createdBy: `person ${from}`, expiresAt: later, identityId: from, responsibleId: from },
      world.now,
    ),
  );
  await sql(
    `insert into ignored_findings (id, target, kind, until, reason, owner_id, created_by, created_at) values (?, 'crm', 'orphan-account', ?, 'x', ?, 'person x', now())`,
    [randomUUID(), later, from],
  );
  await world.act((tx) => tx.urgentEnds.add(`person ${from}`, other, world.now));
  await delivery('to one', from);
  await delivery('to both', from);
  await delivery('to both', into);

  const before = await countsOf(from, into, other);
  const done = await world.repair(world.merge('from', 'into'));
  expect(
    Object.keys(done.moved)
      .filter((column) => references.includes(column))
      .toSorted(),
  ).toEqual(references);
  const after = await countsOf(from, into, other);
  for (const column of references.filter((one) => one !== 'source_record.identity_id' && one !== 'notice_delivery.recipient_id'))
    expect([column, after[column]?.from]).toEqual([column, 0]);
  expect(after['notice_delivery.recipient_id']).toMatchObject({ from: 1, into: 2 });
  expect(Object.fromEntries(Object.entries(after).map(([column, { other: count }]) => [column, count]))).toEqual(
    Object.fromEntries(Object.entries(before).map(([column, { other: count }]) => [column, count])),
  );
  // A session does not go on, and a token does with the person who made it.
  expect(await sql(`select kind, identity_id, ended_at is null as living from credential where kind in ('session', 'service-token') order by kind`)).toEqual([
    { kind: 'service-token', identity_id: into, living: true },
    { kind: 'session', identity_id: from, living: false },
  ]);

  const undone = await world.repair({ kind: 'undo', repairId: done.id });
  expect(
    Object.keys(undone.moved)
      .filter((column) => references.includes(column))
      .toSorted(),
  ).toEqual(references);
  const back = await countsOf(from, into, other);
  for (const column of references) expect([column, back[column]]).toEqual([column, before[column]]);
});

test('the database lets no credential pass to anybody but along a merge', async () => {
  const [one, other] = [await world.says('one', { employeeNumber: 'one' }), await world.says('two', { employeeNumber: 'two' })];
  const { serviceToken } = await world.act((tx) =>
    tx.sessions.createServiceToken({ name: 'x', roles: ['source:hr'], createdBy: `person ${one}`, expiresAt: later, identityId: one }, world.now),
  );
  await expect(sql('update credential set identity_id = ? where id = ?', [other, serviceToken.id])).rejects.toThrow('passes to nobody');
  await world.login(one, 'one', 'corp');
  await sql('update identity set merged_into = ? where id = ?', [other, one]);
  // Nor without an event of the audit.
  await expect(sql('update credential set identity_id = ? where id = ?', [other, serviceToken.id])).rejects.toThrow('event of the audit');
  await expect(sql(`update credential set identity_id = ? where identity_id = ? and kind = 'session'`, [other, one])).rejects.toThrow('passes to nobody');
});

const sql = (text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> => world.database.execute(text, values);

async function request(who: string): Promise<{ readonly requestId: string; readonly itemId: string }> {
  const item = { kind: 'entitlement', name: 'crm.payer', duration: 'P60D', exceptions: [] } as const;
  const { requestId } = await world.act((tx) =>
    openRequest(tx, world.engine, { identityId: world.id(who), requestedBy: world.id(who), justification: 'because', items: [item] }),
  );
  await world.act((tx) => advanceRequest(tx, world.engine, requestId));
  const [whole] = await world.read((tx) => tx.requests.whole([requestId]));
  return { requestId, itemId: whole?.items[0]?.id ?? '' };
}

async function delivery(key: string, recipient: string): Promise<void> {
  await sql(
    `insert into notice_delivery (id, notice_id, kind, key, channel, endpoint, recipient_id, position, status, attempts, due_at, created_at)
     select ?, id, 'case-due', ?, 'mail', '', ?, position, 'waiting', 0, now(), now() from notice limit 1`,
    [randomUUID(), key, recipient],
  );
}

/** Rows of a table that count: open ones, and no record that operators keep about an identity. */
const conditions: Readonly<Record<string, string>> = {
  access_request: ` and status = 'open'`,
  case_file: ` and status = 'open'`,
  credential: ` and kind = 'service-token'`,
  source_record: ` and source <> 'operator'`,
};

/** Number of rows of each column that refer to each of three people. */
async function countsOf(from: string, into: string, other: string) {
  const counts: Record<string, { readonly from: number; readonly into: number; readonly other: number }> = {};
  for (const { table, column } of MOVED_BY_MERGE) {
    const count = async (id: string): Promise<number> => {
      const open = conditions[table] ?? '';
      const [row] = await sql(`select count(*)::int as count from "${table}" where "${column}"::text like ?${open}`, [`%${id}`]);
      return Number(row?.['count']);
    };
    counts[`${table}.${column}`] = { from: await count(from), into: await count(into), other: await count(other) };
  }
  return counts;
}
