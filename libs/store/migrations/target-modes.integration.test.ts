import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../testing.ts';
import { Migration0152TargetModes } from './0152-target-modes.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('a target in which accounts existed before is written to as before, and no other is entered', async () => {
  const account = async (target: string, existed: boolean): Promise<void> => {
    const id = randomUUID();
    await database.execute(
      `insert into identity (id, user_name, user_type, attributes, groups, relationships, time_zone, created_at, search_text, state, activations, endings, questions, reported_activity, revision)
       values (?, ?, 'employee', '{}', '{}', '[]', 'UTC', now(), '', 'active', '{}', '{}', '[]', '[]', 1)`,
      [id, id],
    );
    await database.execute(
      `insert into account (id, identity_id, target, user_name, desired, existed, ever_enabled, accepted, desired_since) values (?, ?, ?, 'ada', '{}', ?, true, '{}', now())`,
      [randomUUID(), id, target, existed],
    );
  };
  await account('crm', true);
  await account('crm', true);
  await account('erp', false);
  const migration = new Migration0152TargetModes(undefined as never, undefined as never);
  void migration.up();
  const inserts = migration.getQueries().filter((query) => String(query).startsWith('insert into "target_mode"'));
  expect(inserts).toHaveLength(1);
  for (const query of inserts) await database.execute(String(query));
  expect(await database.execute('select target, mode, why, written_at is not null as written from target_mode')).toEqual([
    { target: 'crm', mode: 'enforce', why: 'written-before', written: true },
  ]);
});
