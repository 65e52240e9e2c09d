import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { printedSchema } from '@tenure/api';
import { buildSchema, type GraphQLInputType, isEnumType, isInputObjectType, isListType, isNonNullType } from 'graphql';
import { createTestApi, type TestApi } from './api.ts';

let api: TestApi;
let admin: { id: string; token: string };
let source: string;

beforeAll(async () => {
  api = await createTestApi();
  admin = await api.person('Admin');
  source = await api.serviceToken('source:hr', 'source:payroll');
});
afterAll(() => api.stop());

/** Place of a value in a call: an argument, or a field of an input object in it. */
interface Place {
  readonly call: string;
  /** `input.items[0].name` */
  readonly path: string;
  readonly type: string;
  /** The call with a value at this place, and valid ones wherever one is required. */
  readonly queryWith: (bad: string) => string;
  /** The same with `$input` or the like as a variable. */
  readonly variablesWith: (bad: unknown) => { readonly query: string; readonly variables: object };
}

const someId = '00000000-0000-4000-8000-000000000000';
const unset = Symbol('unset');
class Literal {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

async function places(): Promise<readonly Place[]> {
  const schema = buildSchema(await printedSchema());
  const found: Place[] = [];
  for (const [operation, type] of [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
  ] as const)
    for (const field of Object.values(type?.getFields() ?? {})) {
      const isLeaf = !('getFields' in unwrapped(field.type as unknown as GraphQLInputType));
      const end = isLeaf ? '' : ' { __typename }';
      for (const { path, type: leaf } of field.args.flatMap((arg) => leaves(arg.name, arg.type))) {
        const values = (bad: unknown): readonly (readonly [string, unknown])[] =>
          field.args.map((arg) => [arg.name, good(arg.type, arg.name, path, bad)] as const).filter(([, value]) => value !== unset);
        found.push({
          call: field.name,
          path,
          type: leaf,
          queryWith: (bad) =>
            `${operation} { ${field.name}(${values(new Literal(bad))
              .map(([name, value]) => `${name}: ${literal(value)}`)
              .join(', ')})${end} }`,
          variablesWith: (bad) => {
            const given = values(bad);
            const typeOf = (name: string) => String(field.args.find((arg) => arg.name === name)?.type);
            return {
              query: `${operation} (${given.map(([name]) => `$${name}: ${typeOf(name)}`).join(', ')}) { ${field.name}(${given.map(([name]) => `${name}: $${name}`).join(', ')})${end} }`,
              variables: JSON.parse(
                JSON.stringify(Object.fromEntries(given), (_, value: unknown) => (value instanceof Literal ? value.text : value)),
              ) as object,
            };
          },
        });
      }
    }
  return found;
}

function unwrapped(type: GraphQLInputType): GraphQLInputType {
  return isNonNullType(type) || isListType(type) ? unwrapped(type.ofType as GraphQLInputType) : type;
}

function leaves(path: string, type: GraphQLInputType): readonly { path: string; type: string }[] {
  if (isNonNullType(type)) return leaves(path, type.ofType);
  if (isListType(type)) return leaves(`${path}[0]`, type.ofType);
  if (isInputObjectType(type)) return Object.values(type.getFields()).flatMap((field) => leaves(`${path}.${field.name}`, field.type));
  return [{ path, type: type.name }];
}

/** Value that is valid for its type; the bad one at the end of the path; unset where nothing is required. */
function good(type: GraphQLInputType, path: string, to: string, bad: unknown): unknown {
  if (path === to) return bad;
  const leads = to.startsWith(`${path}.`) || to.startsWith(`${path}[`);
  if (isNonNullType(type)) return required(type.ofType, path, to, bad);
  return leads ? required(type, path, to, bad) : unset;
}

function required(type: GraphQLInputType, path: string, to: string, bad: unknown): unknown {
  if (path === to) return bad;
  if (isNonNullType(type)) return required(type.ofType, path, to, bad);
  if (isListType(type)) return [required(type.ofType, `${path}[0]`, to, bad)];
  if (isEnumType(type)) return new Literal(type.getValues()[0]?.name ?? '');
  if (isInputObjectType(type))
    return Object.fromEntries(
      Object.values(type.getFields())
        .map((field) => [field.name, good(field.type, `${path}.${field.name}`, to, bad)] as const)
        .filter(([, value]) => value !== unset),
    );
  switch (type.name) {
    case 'ID':
      return someId;
    case 'Instant':
      return '2026-04-01T00:00:00.000Z';
    case 'Int':
      return 1;
    case 'Boolean':
      return true;
    case 'JSON':
      return {};
    default:
      return path.endsWith('source') ? 'hr' : path.includes('.roles[') ? 'auditor' : '1';
  }
}

function literal(value: unknown): string {
  if (value instanceof Literal) return value.text;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([name, one]) => `${name}: ${literal(one)}`)
      .join(', ')} }`;
  return JSON.stringify(value);
}

const ofSource = ['recordFacts', 'startImport', 'finishImport'];
const nameOf = (path: string) =>
  path
    .replace(/\[0\]$/, '')
    .split('.')
    .at(-1) ?? '';

describe('what is wrong with an argument names the argument', () => {
  test.each([
    ['ID', '"not-an-id"', 'not-an-id'],
    ['Instant', '"next summer"', 'next summer'],
    ['Int', '"many"', 'many'],
    ['Boolean', '"perhaps"', 'perhaps'],
  ])('%s: every place that takes one, written into the query and as a variable', async (type, written, given) => {
    const all = (await places()).filter((place) => place.type === type);
    expect(all.length).toBeGreaterThan(type === 'Boolean' ? 5 : 8);
    const silent: string[] = [];
    for (const { call, path, queryWith, variablesWith } of all) {
      const token = ofSource.includes(call) ? source : admin.token;
      // The third time the query is compiled.
      for (const [form, query, variables] of [
        ['written', queryWith(written), undefined],
        ['variable', variablesWith(given).query, variablesWith(given).variables],
      ] as const)
        for (let time = 0; time < 3; time += 1) {
          const { errors } = await api.graphql(query, { token, ...(variables === undefined ? {} : { variables }) });
          const message = errors[0]?.message ?? '(no error)';
          if (!new RegExp(`\\b${nameOf(path)}\\b`).test(message)) silent.push(`${call}(${path}), ${form}, ${time + 1}: ${message}`);
        }
    }
    expect(silent).toEqual([]);
  });

  test('a text that cannot be stored: wherever one gets as far as the database', async () => {
    const all = (await places()).filter((place) => place.type === 'String');
    expect(all.length).toBeGreaterThan(40);
    const silent: string[] = [];
    let refused = 0;
    for (const { call, path, variablesWith } of all) {
      const { query, variables } = variablesWith('a\u0000b');
      const { errors } = await api.graphql(query, { token: ofSource.includes(call) ? source : admin.token, variables });
      const message = errors[0]?.message ?? '';
      if (!message.includes('cannot be stored')) continue;
      refused += 1;
      if (!new RegExp(`\\b${nameOf(path)}\\b`).test(message)) silent.push(`${call}(${path}): ${message}`);
    }
    expect({ silent, isSome: refused > 3 }).toEqual({ silent: [], isSome: true });
  });
});
