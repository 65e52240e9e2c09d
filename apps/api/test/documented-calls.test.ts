import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { buildSchema, LoneAnonymousOperationRule, parse, specifiedRules, validate } from 'graphql';

const docs = fileURLToPath(new URL('../../../docs/', import.meta.url));
const schema = buildSchema(readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'));
// Pages show several operations below one another, to be sent one by one.
const rules = specifiedRules.filter((rule) => rule !== LoneAnonymousOperationRule);

const pages = readdirSync(docs, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
const calls = pages.flatMap((page) =>
  [...readFileSync(join(docs, page), 'utf8').matchAll(/```graphql\n(.*?)```/gs)].map(([, text = ''], index) => ({ page, number: index + 1, text })),
);

test.each(calls)('$page, GraphQL block $number: the schema has what it asks for', ({ text }) => {
  expect(validate(schema, parse(text), rules).map(({ message }) => message)).toEqual([]);
});
