import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../testing.ts';
import { Migration0105ReasonsWithoutIds } from './0105-reasons-without-ids.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('reasons that are stored lose the ids of records, and nothing else', async () => {
  const [identity, grant] = [randomUUID(), randomUUID()];
  await database.execute(
    `insert into identity (id, user_name, user_type, attributes, groups, relationships, time_zone, created_at, search_text, state, lifecycle, activations, endings, questions, reported_activity, revision)
     values (?, 'ada', 'employee', '{}', '{}', '[]', 'UTC', now(), '', 'left', ?, '{}', '{}', '[]', '[]', 1)`,
    [identity, JSON.stringify({ state: 'left', why: `ended, by record ${randomUUID()}; grace is over`, recordIds: [] })],
  );
  await database.execute(
    `insert into access_grant (id, identity_id, kind, name, origins, valid_from, granted_at, ended_at, end_reason) values (?, ?, 'role', 'clerk', '[]', now(), now(), now(), ?)`,
    [grant, identity, `end date reached, by record ${randomUUID()}`],
  );
  const migration = new Migration0105ReasonsWithoutIds(undefined as never, undefined as never);
  void migration.up();
  for (const query of migration.getQueries()) await database.execute(String(query));
  expect(await database.execute(`select lifecycle->>'why' as why from identity where id = ?`, [identity])).toEqual([{ why: 'ended; grace is over' }]);
  expect(await database.execute('select end_reason from access_grant where id = ?', [grant])).toEqual([{ end_reason: 'end date reached' }]);
});
