import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { printedSchema } from '../print-schema.ts';

test('schema.graphql is what the code makes: node --import ./tools/load-typescript.js apps/api/write-schema.ts', async () => {
  expect(await readFile(new URL('../schema.graphql', import.meta.url), 'utf8')).toBe(await printedSchema());
});
