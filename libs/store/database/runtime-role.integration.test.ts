import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { NewServiceToken } from '../tokens/service-tokens.ts';
import { createTestDatabase, type TestDatabase } from '../testing.ts';

/** Attacked database: the attacker has the runtime role, by SQL injection or by its login, and none of the keys of the processes. */
let database: TestDatabase;
let runtime: pg.Client;
const now = '2026-03-01T12:00:00.000Z';
const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'c', now } as const;
const wanted = { name: 'feed', roles: ['source:hr'], createdBy: 'test', expiresAt: '2027-01-01T00:00:00.000Z' };

beforeAll(async () => {
  database = await createTestDatabase();
  runtime = new pg.Client({ connectionString: database.url, options: '-c role=tenure_runtime' });
  await runtime.connect();
});
afterAll(async () => {
  await runtime?.end();
  await database?.drop();
});

const plant = (id: string, life = '1 day'): string =>
  `with made as (insert into credential (id, kind, token_hash, created_at, expires_at) values ('${id}', 'service-token', '${randomUUID()}', now(), now() + interval '${life}') returning id)
   insert into service_token (id, name, roles, created_by) select id, 'planted', '["admin"]', 'nobody' from made`;
const event = (id: string): string =>
  `insert into audit_event (lane, sequence, id, at, actor_kind, actor_id, action, subject_kind, subject_id, reason, correlation_id, previous_hash, hash)
    values (1, 900000, '${randomUUID()}', now(), 'system', 'test', 'serviceToken.created', 'serviceToken', '${id}', '{}', 'c', '', 'x')`;

describe('the tree of credentials', () => {
  const make = (wish: Partial<NewServiceToken>) =>
    database.store.transaction(context, async (tx) => (await tx.sessions.createServiceToken({ ...wanted, ...wish }, now)).serviceToken);

  test('no child outlasts its parent, and none is made with one that has ended', async () => {
    const parent = await make({ expiresAt: '2026-03-02T12:00:00.000Z' });
    await expect(make({ parentId: parent.id, expiresAt: '2026-03-02T12:00:00.001Z' })).rejects.toThrow('does not outlast');
    const child = await make({ parentId: parent.id, expiresAt: parent.expiresAt });
    const grandchild = await make({ parentId: child.id, expiresAt: parent.expiresAt });
    const ended = await database.store.transaction(context, (tx) => tx.sessions.revokeServiceToken(parent.id, 'test', now));
    expect(ended.map(({ id }) => id)).toEqual([parent.id, child.id, grandchild.id]);
    await expect(make({ parentId: child.id, expiresAt: parent.expiresAt })).rejects.toThrow('made with one that is living');
  });

  test('whoever ends a node past Tenure and leaves its children is refused', async () => {
    const parent = await make({});
    await make({ parentId: parent.id });
    await expect(runtime.query(`update credential set ended_at = now() where id = '${parent.id}'`)).rejects.toThrow('ends together with those');
  });

  test("an administrator's token that no person made lasts a day, with whatever event", async () => {
    await expect(make({ roles: ['admin'], expiresAt: '2026-03-02T12:00:00.001Z' })).rejects.toThrow('that no person made lasts a day');
    await make({ roles: ['admin'], expiresAt: '2026-03-02T12:00:00.000Z' });
  });

  test('one that is made while its parent ends, ends with it or is not made', async () => {
    const parent = await make({});
    const results = await Promise.allSettled([
      ...Array.from({ length: 4 }, () => make({ parentId: parent.id })),
      database.store.transaction(context, (tx) => tx.sessions.revokeServiceToken(parent.id, 'test', now)),
      ...Array.from({ length: 4 }, () => make({ parentId: parent.id })),
    ]);
    expect(results[4]?.status).toBe('fulfilled');
    expect(await database.execute('select id from credential where parent_id = ? and ended_at is null', [parent.id])).toEqual([]);
  });
});

describe('service tokens', () => {
  test('are made with their event of the audit, by every caller', async () => {
    const { serviceToken } = await database.store.transaction(context, (tx) => tx.sessions.createServiceToken(wanted, now));
    const events = await database.store.read((tx) => tx.audit.page({ subjectId: serviceToken.id }, 10, null));
    expect(events.map(({ action, reason }) => [action, reason])).toEqual([
      ['serviceToken.created', { name: 'feed', roles: ['source:hr'], expiresAt: wanted.expiresAt }],
    ]);
  });

  test('planted without one are refused; with one that was forged they are named by a proof', async () => {
    await expect(runtime.query(plant(randomUUID()))).rejects.toThrow('a service token is made together with its event of the audit');
    const id = randomUUID();
    await runtime.query('begin');
    await runtime.query(plant(id));
    await runtime.query(event(id));
    await runtime.query('commit');
    const { problems } = await database.store.read((tx) => tx.audit.verify());
    expect(problems.join('\n')).toMatch(/changed: event [0-9a-f-]{36} \(chain 1, number 900000\)/);
  });

  test('get no other roles, no other end and no second life', async () => {
    const { serviceToken } = await database.store.transaction(context, (tx) => tx.sessions.createServiceToken(wanted, now));
    for (const change of [`roles = '["admin"]'`, `created_by = 'x'`])
      await expect(runtime.query(`update service_token set ${change}`)).rejects.toThrow('permission denied');
    for (const change of [`expires_at = now() + interval '9 years'`, `token_hash = 'x'`, 'parent_id = null', 'idle_seconds = null'])
      await expect(runtime.query(`update credential set ${change}`)).rejects.toThrow('permission denied');
    // They pass along a merge only, which is audited: what-a-merge-moves.integration.test.ts.
    const anybody = `'${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}'`;
    await expect(runtime.query(`update service_token set responsible_id = ${anybody}`)).rejects.toThrow('passes to nobody');
    await expect(runtime.query(`update credential set identity_id = ${anybody}`)).rejects.toThrow('passes to nobody');
    await expect(runtime.query('delete from service_token')).rejects.toThrow('permission denied');
    await expect(runtime.query(`delete from credential where id = '${serviceToken.id}'`)).rejects.toThrow('violates foreign key');
    const ended = await database.store.transaction(context, (tx) => tx.sessions.revokeServiceToken(serviceToken.id, 'test', now));
    expect(ended).toMatchObject([{ id: serviceToken.id, name: 'feed' }]);
    await expect(runtime.query(`update credential set ended_at = null where id = '${serviceToken.id}'`)).rejects.toThrow('stays ended');
  });
});

test('keys of people are made, never changed, removed or emptied', async () => {
  for (const sql of [`update person_key set wrapped = 'x'`, 'delete from person_key', 'truncate person_key'])
    await expect(runtime.query(sql)).rejects.toThrow('permission denied');
});

test('events, ends and seals of the audit: added to, and no more than that', async () => {
  for (const sql of [
    'update audit_event set action = action',
    'delete from audit_event',
    'truncate audit_event',
    'delete from audit_lane',
    `insert into audit_lane values (33, 0, '', '')`,
    'delete from audit_seal',
    `update audit_seal set mac = ''`,
  ])
    await expect(runtime.query(sql)).rejects.toThrow('permission denied');
  await expect(runtime.query(event('x').replace('values (1,', 'values (99,'))).rejects.toThrow('audit_event_lane_known');
});

test('a process of an older version, which does not authenticate the ends of chains, fails loudly', async () => {
  await database.store.transaction(context, async (tx) =>
    tx.audit.record({ action: 'import.begun', subjectKind: 'test', subjectId: 'x', identityId: null, reason: { source: 'hr' } }),
  );
  await expect(runtime.query(`update audit_lane set sequence = sequence + 1, hash = 'x' where lane = 1`)).rejects.toThrow(
    'written by a newer version of Tenure',
  );
});
