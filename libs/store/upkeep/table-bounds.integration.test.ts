import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EXPIRING_ROWS } from './expiring-rows.ts';
import { TABLE_BOUNDS } from './table-bounds.ts';
import { createTestDatabase, type TestDatabase } from '../testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('every table has a stated bound, and what expires is deleted', async () => {
  const tables = await database.execute(`select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`);
  expect(Object.keys(TABLE_BOUNDS).toSorted()).toEqual(tables.map(({ name }) => String(name)).toSorted());
  const deletes = EXPIRING_ROWS.map((rows) => rows.delete).join(' ');
  // Tables whose rows are deleted with a row of another table.
  const cascades = await database.execute(
    `select conrelid::regclass::text as name from pg_constraint where contype = 'f' and confdeltype = 'c' and connamespace = 'public'::regnamespace`,
  );
  for (const [name, { bound }] of Object.entries(TABLE_BOUNDS).filter(([, one]) => one.bound === 'expires')) {
    const goes = deletes.includes(`delete from ${name} `) || cascades.some((one) => one['name'] === name);
    expect([name, bound, goes]).toEqual([name, 'expires', true]);
  }
});

test('the page for operators names every table and its bound', async () => {
  const page = await readFile(new URL('../../../docs/growth.md', import.meta.url), 'utf8');
  for (const [name, { bound, why }] of Object.entries(TABLE_BOUNDS)) expect(page).toContain(`| \`${name}\` | ${bound} | ${why} |`);
});
