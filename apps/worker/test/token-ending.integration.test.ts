import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readRetention } from '@tenure/config';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { expireRows } from '../expire-rows.ts';
import { sweep } from '../sweep.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

test('the sweep asks about the tokens of sources that near their end, and forgets urgent ends of yesterday', async () => {
  const now = '2026-03-01T12:00:00.000Z';
  const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'test', now } as const;
  await database.store.transaction(context, async (tx) => {
    await tx.sessions.createServiceToken({ name: 'feed', roles: ['source:hr'], createdBy: 'test', expiresAt: '2026-04-01T00:00:00.000Z' }, now);
    await tx.urgentEnds.add('person x', '00000000-0000-4000-8000-000000000000', now);
  });
  await sweep(database.store, '2026-03-31T12:00:00.000Z');
  expect(await database.execute('select kind from case_file')).toEqual([{ kind: 'token-ending' }]);
  await expireRows(database.store, readRetention(), '2026-03-31T12:00:00.000Z');
  expect(await database.execute('select 1 from urgent_end')).toEqual([]);
});
