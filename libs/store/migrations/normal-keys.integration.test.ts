import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../testing.ts';
import { Migration0080CorrectedRecords } from './0080-corrected-records.ts';
import { Migration0081NormalKeys } from './0081-normal-keys.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Statements of a migration that begin like this, as it runs them. */
function statements(migration: { up(): Promise<void> | void; getQueries(): readonly unknown[] }, ...begin: readonly string[]): readonly string[] {
  void migration.up();
  return migration
    .getQueries()
    .map(String)
    .filter((text) => begin.some((one) => text.trimStart().startsWith(one)));
}

const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: '2026-03-01T12:00:00.000Z' } as const;
const record = (externalId: string, facts: Readonly<Record<string, unknown>>, more: object = {}) => ({
  id: randomUUID(),
  identityId: null,
  source: 'hr',
  externalId,
  version: '7',
  facts: facts as never,
  groups: null,
  emailTrusted: true,
  status: 'active' as const,
  endedAt: null,
  endedOn: null,
  userType: null,
  recordedAt: context.now,
  ...more,
});

test('what is known already is made normal: facts, and ids where that makes no two of them one', async () => {
  const texts = { employeeNumber: '3740\u00a0', department: 'MU\u0308', email: 'a@x.example ', jobRole: ' \u3000', skills: ['a '], level: 7 };
  await database.store.transaction(context, (tx) =>
    tx.records.save([], [record('pad   ', texts), record('twin', { email: 'b@x.example' }), record('twin ', {}), record('same', { employeeNumber: 'x' })]),
  );
  const [make = '', ...change] = statements(new Migration0081NormalKeys(undefined as never, undefined as never), 'create function', 'update "source_record"');
  // In one session, as the function is the session's own.
  await database.execute(`do $do$ begin execute $sql$${make}$sql$; ${change.map((text) => `execute $sql$${text}$sql$;`).join(' ')} end $do$`);
  const rows = await database.execute('select external_id, facts, email_trusted from source_record order by external_id');
  expect(rows.map(({ external_id, facts, email_trusted }) => [external_id, facts, email_trusted])).toEqual([
    ['pad', { employeeNumber: '3740', department: 'M\u00dc', email: 'a@x.example', jobRole: null, skills: ['a '], level: 7 }, false],
    ['same', { employeeNumber: 'x' }, true],
    ['twin', { email: 'b@x.example' }, true],
    ['twin ', {}, true],
  ]);
});

test('who was ended for want of being named is what was said before, once they are named again', async () => {
  await database.store.transaction(context, (tx) =>
    tx.records.save([], [record('gone', { employeeNumber: 'g' }, { status: 'ended', endedAt: context.now, vanishedAt: context.now })]),
  );
  for (const text of statements(new Migration0080CorrectedRecords(undefined as never, undefined as never), 'update')) await database.execute(text);
  expect(await database.execute(`select said from source_record where external_id = 'gone'`)).toEqual([
    { said: { version: '7', facts: { employeeNumber: 'g' }, status: 'active', endedAt: null, endedOn: null } },
  ]);
});
