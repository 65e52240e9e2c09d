import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { buildSchema, type GraphQLEnumType } from 'graphql';
import { printedSchema } from '../graphql/print-schema.ts';

test('schema.graphql is what the code makes: node --import ./tools/load-typescript.js apps/api/write-schema.ts', async () => {
  expect(await readFile(new URL('../schema.graphql', import.meta.url), 'utf8')).toBe(await printedSchema());
});

test('the schema says what a sender does with a record that FAILED, and with a call that found no database', async () => {
  const schema = buildSchema(await printedSchema());
  const failed = (schema.getType('RecordOutcome') as GraphQLEnumType).getValue('FAILED');
  expect(failed?.description).toMatch(/Send it again in the same version/);
  expect(schema.getType('RecordFactsResult')?.description).toMatch(/DATABASE_UNAVAILABLE.*: send the same records in the same versions again/);
});
