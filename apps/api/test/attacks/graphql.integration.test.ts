import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import type { Store, Transaction } from '@tenure/store';
import {
  getIntrospectionQuery,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLType,
} from 'graphql';
import { type Answer, createTestApi, type TestApi } from '../api.ts';

/** GraphQL as somebody with a token of their own would attack it. Limits on size are in ../limits, roles in ../access. */
let api: TestApi;
let self: { id: string; token: string };
let victim: { id: string; token: string };
let admin: string;
let isBroken = false;
/** True while nothing can be written. */
let isAway = false;

/** A database that answers each statement as one under attack would: with the statement, and with stored values. */
const leak = `select "token_hash", facts->>'email' from "session" where email = 'vera.victim@corp.example' - relation "session" does not exist at line 1 of /srv/tenure/libs/store/sessions.ts:42:11`;

function leaking(store: Store): Store {
  const broken = async (): Promise<never> => {
    throw Object.assign(new Error(leak), { code: '42P01', detail: 'Key (email)=(vera.victim@corp.example) already exists.' });
  };
  const breakAll = (tx: Transaction): Transaction => {
    const parts = Object.entries(tx).map(([name, part]) => {
      // The caller still has to be authenticated.
      const kept = name === 'sessions' ? ['serviceToken'] : name === 'audit' ? ['record'] : [];
      return typeof part === 'object' && name !== 'context'
        ? [name, Object.fromEntries(Object.entries(part).map(([method, run]) => [method, kept.includes(method) ? run : broken]))]
        : [name, part];
    });
    return Object.fromEntries(parts) as unknown as Transaction;
  };
  return {
    ...store,
    read: (work) => store.read((tx) => work(isBroken ? breakAll(tx) : tx)),
    transaction: (context, work) => (isAway ? broken() : store.transaction(context, (tx) => work(isBroken ? breakAll(tx) : tx))),
  };
}

beforeAll(async () => {
  api = await createTestApi({ store: leaking });
  [self, victim, admin] = [await api.person('Sales'), await api.person('Finance'), await api.serviceToken('admin', 'operator', 'source:hr')];
});
afterAll(() => api.stop());

let sent = 0;
/** Audit events of a request that is sent under the reference that this makes. */
function traced(): { readonly headers: Record<string, string>; kept(): Promise<readonly string[]> } {
  sent += 1;
  const correlationId = `attack-${sent}`;
  return {
    headers: { 'x-request-id': correlationId },
    kept: async () =>
      (await api.store.read((tx) => tx.audit.page({ action: 'access.refused', correlationId }, 10, null))).map(
        ({ actor, identityId, reason }) => `${actor.kind} ${actor.id} ${identityId}: ${String(reason['at'])} ${String(reason['code'])}`,
      ),
  };
}
/** Of one caller so many refusals a minute are audited, and every field was tried. */
async function anotherSelf(): Promise<void> {
  self = await api.person('Sales');
}
const selfRefused = (at: string, code: string): readonly string[] => [`person ${self.id} ${self.id}: ${at} ${code}`];

type RootField = readonly [operation: 'query' | 'mutation', field: GraphQLField<unknown, unknown>];

function rootFields(): readonly RootField[] {
  const { schema } = api.app.get(GraphQLSchemaHost);
  return [
    ...Object.values(schema.getQueryType()?.getFields() ?? {}).map((field): RootField => ['query', field]),
    ...Object.values(schema.getMutationType()?.getFields() ?? {}).map((field): RootField => ['mutation', field]),
  ];
}

/** A valid literal, with this id wherever one is required. */
function literal({ type, name }: Pick<GraphQLArgument, 'type' | 'name'>, id: string): string {
  const named = getNamedType(type);
  if (isListType(isNonNullType(type) ? type.ofType : type)) return '[]';
  if (named.name === 'ID' || /id$/i.test(name)) return JSON.stringify(id);
  if (named.name === 'Int') return '1';
  if (named.name === 'Boolean') return 'false';
  if (isEnumType(named)) return named.getValues()[0]?.name ?? '';
  if (named.name === 'String') return name === 'source' ? '"hr"' : '"text"';
  if ('getFields' in named) {
    const fields = Object.values(named.getFields()) as readonly GraphQLArgument[];
    return `{ ${fields
      .filter((field) => isNonNullType(field.type))
      .map((field) => `${field.name}: ${literal(field, id)}`)
      .join(', ')} }`;
  }
  return '"2026-03-02T00:00:00Z"';
}

function selection(type: GraphQLType): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const plain = Object.values((named as GraphQLObjectType).getFields()).find((field) => !isObjectType(getNamedType(field.type)));
  return plain === undefined ? '{ __typename }' : `{ ${plain.name} }`;
}

function asked([operation, field]: RootField, id: string): string {
  const given = field.args.filter(({ type, name }) => isNonNullType(type) || /id$/i.test(name)).map((argument) => `${argument.name}: ${literal(argument, id)}`);
  return `${operation} { ${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''} ${selection(field.type)} }`;
}

describe('OWASP API1: ids of other people', () => {
  test("every field that takes an id answers a person who gives somebody else's just as it answers one who guesses", async () => {
    const nobody = '00000000-0000-4000-8000-000000000000';
    // The deputy of a delegation is freely chosen: delegate.integration.test.ts checks the refusals.
    const withId = rootFields().filter(
      ([, { name: field, args }]) => field !== 'delegate' && args.some(({ type, name }) => getNamedType(type).name === 'ID' || /id$/i.test(name)),
    );
    expect(withId.length).toBeGreaterThan(4);
    for (const field of withId) {
      const { headers, kept } = traced();
      const answers = await Promise.all(
        [victim.id, nobody].map((id) => api.graphql(asked(field, id), { token: self.token, ...(id === victim.id ? { headers } : {}) })),
      );
      // Fields that people may use for themselves refuse the id instead of the caller, and may contain the id that was sent.
      const said = answers.map(({ errors }, index) => JSON.stringify(errors).replaceAll([victim.id, nobody][index] ?? '', 'the id'));
      for (const { errors, data } of answers) {
        expect(['FORBIDDEN', 'NOT_FOUND', 'INPUT_INVALID', 'NOT_YOUR_DECISION']).toContain(errors[0]?.extensions.code);
        expect(Object.values(data ?? {}).filter((value) => value !== null)).toEqual([]);
      }
      expect(said[0]).toBe(said[1]);
      const at = `${field[0] === 'query' ? 'Query' : 'Mutation'}.${field[1].name}`;
      const code = answers[0]?.errors[0]?.extensions.code ?? '';
      expect([at, await kept()]).toEqual([at, ['FORBIDDEN', 'NOT_YOUR_DECISION'].includes(code) ? selfRefused(at, code) : []]);
    }
  });

  test("what is a person's own is reached through `me` alone, and leads to nobody else", async () => {
    const { data, errors } = await api.graphql(
      '{ me { id userName displayName attributes { name value } grants { name origins { sentence } } accounts { target userName } records { externalId facts } timeline(first: 50) { sentence actor { id kind } } } }',
      { token: self.token },
    );
    expect(errors).toEqual([]);
    for (const other of [victim.id, 'Person 2', 'person-2', 'p2']) expect(JSON.stringify(data)).not.toContain(`"${other}"`);
    const byName = await api.graphql('{ me { id } identities { edges { node { id } } } }', { token: self.token });
    expect(byName.errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect(JSON.stringify(byName.data)).not.toContain(victim.id);
  });

  test('a cursor or an id of another kind opens nothing', async () => {
    const forged = Buffer.from(JSON.stringify({ id: victim.id, at: '2026-01-01T00:00:00Z' })).toString('base64');
    for (const after of [forged, "' or true --", victim.id, Buffer.from(victim.id).toString('base64url')]) {
      const { errors } = await api.graphql('query ($after: String) { identities(after: $after) { edges { node { id } } } }', {
        token: self.token,
        variables: { after },
      });
      expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
      const reader = await api.graphql('query ($after: String) { identities(after: $after) { totalCount } }', { token: admin, variables: { after } });
      expect([undefined, 'INPUT_INVALID']).toContain(reader.errors[0]?.extensions.code);
    }
  });
});

describe('OWASP API4: floods', () => {
  beforeAll(anotherSelf);

  const deep = (open: string, close: string, inside: string, times: number): string =>
    `{ identities { edges { node { ${open.repeat(times)} ${inside} ${close.repeat(times)} } } } }`;
  const floods: Readonly<Record<string, string>> = {
    'depth in inline fragments': deep('... on Identity { cases { identity { ', '} } }', 'id', 6),
    'introspection that goes round': `{ __schema { types { ${'fields { type { '.repeat(8)} name ${'} }'.repeat(8)} } } }`,
    'introspection under aliases': `{ ${Array.from({ length: 60 }, (_, index) => `s${index}: __schema { types { fields { args { name type { name ofType { name } } } } } }`).join(' ')} }`,
    'one field under many aliases, deep inside': `{ identities(first: 100) { edges { node { ${Array.from({ length: 120 }, (_, index) => `a${index}: grants { name origins { sentence } }`).join(' ')} } } } }`,
    'the same field again and again, which is merged': `{ identities(first: 100) { edges { node { ${'grants { origins { sentence } } '.repeat(150)} } } } }`,
    'fragments that name each other': 'query { identities { ...a } } fragment a on IdentityConnection { ...b } fragment b on IdentityConnection { ...a }',
    'a fragment that names itself': 'query { identities { ...a } } fragment a on IdentityConnection { totalCount ...a }',
    'directives on directives': `{ identities ${'@include(if: true) '.repeat(700)} { totalCount } }`,
    'a pile of variables': `query (${Array.from({ length: 700 }, (_, index) => `$v${index}: Int`).join(' ')}) { identities { totalCount } }`,
    'a list without end': `mutation { recordFacts(input: { source: "hr", records: [${'{ externalId: "x", version: "1", attributes: {} } '.repeat(200)}] }) { problems } }`,
  };
  for (const [title, query] of Object.entries(floods))
    test(`${title}: refused before it runs`, async () => {
      const { headers, kept } = traced();
      const { errors, data, status } = await api.graphql(query, { token: admin, headers });
      expect(await kept()).toEqual([expect.stringMatching(/^service [\w-]+ null: POST \/graphql GRAPHQL_VALIDATION_FAILED$/)]);
      expect({ code: errors[0]?.extensions.code, isAnswered: data !== null, status }).toEqual({
        code: 'GRAPHQL_VALIDATION_FAILED',
        isAnswered: false,
        status: 400,
      });
      expect(JSON.stringify(errors).length).toBeLessThan(8_000);
    });

  test('a good query, with a fragment, an alias and a directive, is answered beside them', async () => {
    const query =
      'query ($yes: Boolean!) { people: identities(first: 5) { ...page @include(if: $yes) } } fragment page on IdentityConnection { totalCount edges { node { id } } }';
    const { headers, kept } = traced();
    expect((await api.graphql(query, { token: admin, headers, variables: { yes: true } })).errors).toEqual([]);
    expect(await kept()).toEqual([]);
  });

  test('the introspection of every tool is answered, once in a request', async () => {
    for (const query of [getIntrospectionQuery(), getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true, specifiedByUrl: true })])
      expect((await api.graphql(query, { token: self.token })).errors).toEqual([]);
  });

  test('a batch in one body, and as a list of operations', async () => {
    for (const payload of [
      Array.from({ length: 100 }, () => ({ query: '{ me { id } }' })),
      { query: 'query a { me { id } } query b { me { id } }', operationName: 'a' },
      [],
    ]) {
      const { headers, kept } = traced();
      const answered = await api.app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { authorization: `Bearer ${self.token}`, ...headers },
        payload: payload as object,
      });
      expect(answered.statusCode).toBe(400);
      expect(await kept()).toEqual(selfRefused('POST /graphql', 'GRAPHQL_VALIDATION_FAILED'));
    }
  });
});

describe('OWASP API2 and API5: who was turned away stands in the audit, once', () => {
  beforeAll(anotherSelf);

  const cookie = () => `tenure_session=${self.token}`;
  const asForm = { 'content-type': 'application/x-www-form-urlencoded' };
  const send = (method: 'GET' | 'POST', url: string, headers: Record<string, string>, payload?: string) =>
    api.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  const certificate = () => `/leavers/${victim.id}/certificate.pdf`;
  const atCertificate = 'GET /leavers/:identityId/certificate.pdf';
  const json = { 'content-type': 'application/json' };
  const me = JSON.stringify({ query: '{ me { id } }' });

  const refusals: readonly (readonly [string, (headers: Record<string, string>) => Promise<{ statusCode: number }>, number, () => readonly string[]])[] = [
    [
      'a field of operators, many times in one query',
      (headers) =>
        send(
          'POST',
          '/graphql',
          { ...json, ...headers, authorization: `Bearer ${self.token}` },
          JSON.stringify({ query: '{ a: identities { totalCount } b: serviceTokens { id } }' }),
        ),
      200,
      () => selfRefused('Query.identities', 'FORBIDDEN'),
    ],
    [
      'a token of nobody',
      (headers) => send('POST', '/graphql', { ...json, ...headers, authorization: 'Bearer tt_wrong' }, me),
      401,
      () => ['system api null: POST /graphql UNAUTHENTICATED'],
    ],
    [
      'another site that uses the cookie',
      (headers) => send('POST', '/graphql', { ...json, ...headers, cookie: cookie(), origin: 'https://evil.example' }, me),
      403,
      () => selfRefused('POST /graphql', 'FORBIDDEN'),
    ],
    [
      'another site that logs out',
      (headers) => send('POST', '/logout', { ...asForm, ...headers, cookie: cookie() }, 'token=guessed'),
      403,
      () => selfRefused('POST /logout', 'FORM_OF_ANOTHER_PAGE'),
    ],
    ["somebody's certificate", (headers) => send('GET', certificate(), { ...headers, cookie: cookie() }), 403, () => selfRefused(atCertificate, 'FORBIDDEN')],
    [
      'a certificate, by a token of nobody',
      (headers) => send('GET', certificate(), { ...headers, authorization: 'Bearer ts_wrong' }),
      401,
      () => [`system api null: ${atCertificate} UNAUTHENTICATED`],
    ],
    ['nothing at all, which is no attempt', (headers) => send('POST', '/graphql', { ...json, ...headers }, me), 401, () => []],
    ['a good request', (headers) => send('POST', '/graphql', { ...json, ...headers, authorization: `Bearer ${self.token}` }, me), 200, () => []],
  ];
  test.each(refusals)('%s', async (_title, ask, status, expected) => {
    const { headers, kept } = traced();
    expect((await ask(headers)).statusCode).toBe(status);
    expect(await kept()).toEqual(expected());
  });

  test('people and auditors read it as a sentence', async () => {
    const sentences: string[] = [];
    let after: string | null = null;
    do {
      const { data }: Answer = await api.graphql(
        'query ($after: String) { auditEvents(first: 50, after: $after, filter: { action: "access.refused" }) { edges { node { sentence } } pageInfo { endCursor hasNextPage } } }',
        { token: admin, variables: { after } },
      );
      const { edges, pageInfo } = (
        data as unknown as { auditEvents: { edges: { node: { sentence: string } }[]; pageInfo: { endCursor: string; hasNextPage: boolean } } }
      ).auditEvents;
      for (const edge of edges) sentences.push(edge.node.sentence);
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after);
    expect(sentences).toContain('A request was refused (Query.identities): FORBIDDEN.');
  });

  test('who tries for ever is written down for a while, and does not fill the audit', async () => {
    const other = await api.person('Sales');
    for (let index = 0; index < 130; index += 1) await api.graphql('{ identities { totalCount } }', { token: other.token });
    const [row] = await api.database.execute(`select count(*) as n from audit_event where action = 'access.refused' and actor_id = ?`, [other.id]);
    expect(Number(row?.['n'])).toBe(120);
    expect(api.log.filter((line) => line.includes(other.id) && line.includes('a request was refused'))).toHaveLength(130);
  });

  test('an audit that cannot be written to leaves the refusal as it is', async () => {
    const [before, auditor] = [api.log.length, await api.serviceToken('auditor')];
    isAway = true;
    const { errors } = await api.graphql('{ serviceTokens { id } }', { token: auditor }).finally(() => {
      isAway = false;
    });
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect(api.log.slice(before).join()).toMatch(/could not be written into the audit/);
  });
});

describe('OWASP API8: texts of errors', () => {
  const secrets =
    /select |token_hash|relation|victim|corp\.example|sessions\.ts|\/srv\/|node_modules|\.ts:\d|at Object\.|(?<![sS]eparation)Exception|42P01|Key \(/;

  test('no field says what the database said, however it fails', async () => {
    isBroken = true;
    try {
      let failed = 0;
      for (const field of rootFields()) {
        const { errors, data } = await api.graphql(asked(field, victim.id), { token: field[1].name === 'me' ? self.token : admin });
        expect(JSON.stringify({ errors, data })).not.toMatch(secrets);
        if (errors.some(({ extensions }) => extensions.code === 'INTERNAL')) {
          failed += 1;
          expect(errors.find(({ extensions }) => extensions.code === 'INTERNAL')).toMatchObject({
            message: 'internal error',
            extensions: { reference: expect.any(String) },
          });
        }
      }
      expect(failed).toBeGreaterThan(5);
    } finally {
      isBroken = false;
    }
  });

  test('no page says it either', async () => {
    isBroken = true;
    try {
      for (const [method, url] of [
        ['GET', '/me'],
        ['POST', '/logout'],
        ['GET', '/oidc/partner/login'],
        ['GET', '/health/ready'],
      ] as const) {
        const answered = await api.app.inject({
          method,
          url,
          headers: { cookie: `tenure_session=${self.token}`, ...(method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}) },
          ...(method === 'POST' ? { payload: 'token=x' } : {}),
        });
        expect(answered.body).not.toMatch(secrets);
        expect(JSON.stringify(answered.headers)).not.toMatch(secrets);
      }
    } finally {
      isBroken = false;
    }
  });

  test('who shows no token learns neither fields nor suggestions', async () => {
    for (const query of ['{ identitis { id } }', '{ __schema { types { name } } }', '{ __type(name: "Identity") { fields { name } } }', '{', '{ me { i } }']) {
      const answers = await Promise.all([null, 'ts_wrong'].map((token) => api.graphql(query, { token })));
      for (const { status, errors } of answers) {
        expect(status).toBe(401);
        expect(errors.map(({ message }) => message).join()).not.toMatch(/did you mean|identit|Syntax|field/i);
      }
    }
  });

  test('what a value of the wrong kind was is not repeated', async () => {
    for (const [query, variables] of [
      ['query ($n: Int!) { identities(first: $n) { totalCount } }', { n: 'vera.victim' }],
      ['query ($s: String) { identities(search: $s) { totalCount } }', { s: { token: 'vera.victim' } }],
      ['query ($f: IdentityFilter) { identities(filter: $f) { totalCount } }', { f: { states: ['vera.victim'] } }],
      ['query ($f: IdentityFilter) { identities(filter: $f) { totalCount } }', { f: 'vera.victim' }],
      ['mutation ($i: RecordFactsInput!) { recordFacts(input: $i) { problems } }', { i: { source: 'hr', records: [{ externalId: 'vera.victim' }] } }],
    ] as const) {
      const { errors } = await api.graphql(query, { token: admin, variables });
      expect(errors[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
      expect(JSON.stringify(errors)).not.toContain('victim');
    }
    const { errors } = await api.graphql('query ($f: IdentityFilter) { identities(filter: $f) { totalCount } }', {
      token: admin,
      variables: { f: { states: ['vera.victim'] } },
    });
    expect(errors[0]?.message).toMatch(/at "f.states\[0\]".* It takes one of: PRE_HIRE, ACTIVE, /);
  });

  test('what a value of the wrong kind was is not repeated in the log', async () => {
    const before = api.log.length;
    await api.graphql('query ($id: ID!) { identity(id: $id) { id } }', { token: admin, variables: { id: 'vera.victim@corp.example' } });
    await api.graphql('query ($s: String) { identities(search: $s) { totalCount } }', { token: admin, variables: { s: "vera.victim@corp.example' \u0000" } });
    expect(api.log.slice(before).join('\n')).not.toContain('victim');
  });
});

describe('SQL in values', () => {
  test('stays a value, wherever it is put', async () => {
    const count = async () => Number((await api.database.execute('select count(*) as n from identity'))[0]?.['n']);
    const before = await count();
    const attacks = ["' or '1'='1", "'; drop table session; --", '\\', "\\'; select pg_sleep(5); --", '?', '??', '$1', "E'\\'", '%', '_', '{}', "a'||'b"];
    const already: string[] = [];
    for (const text of attacks) {
      const { data, errors } = await api.graphql(
        'query ($s: String, $a: String) { identities(search: $s) { totalCount } auditEvents(filter: { subjectId: $a, correlationId: $a, actorId: $a }) { totalCount } }',
        {
          token: admin,
          variables: { s: text, a: text },
        },
      );
      expect(errors).toEqual([]);
      expect(data).toMatchObject({ identities: { totalCount: already.filter((one) => one.includes(text)).length }, auditEvents: { totalCount: 0 } });
      const held = await api.graphql('query ($h: String) { identities(filter: { grant: $h }) { totalCount } }', { token: admin, variables: { h: text } });
      expect(held.errors[0]?.message).toContain('filter.grant: there is no role or entitlement');
      const recorded = await api.graphql(
        'mutation ($e: String!, $a: JSON!) { recordFacts(input: { source: "hr", records: [{ externalId: $e, version: "1", attributes: $a }] }) { results { outcome identityId } } }',
        { token: admin, variables: { e: text, a: { displayName: text, employeeNumber: `n${text}`, skills: [text] } } },
      );
      const [result] = (recorded.data as unknown as { recordFacts: { results: { outcome: string; identityId: string }[] } }).recordFacts.results;
      expect(result?.outcome).toBe('CREATED');
      const found = await api.store.read((tx) => tx.identities.recordsOf(result?.identityId ?? ''));
      expect(found[0]).toMatchObject({ externalId: text, facts: { displayName: text, skills: [text] } });
      already.push(text);
    }
    expect(await count()).toBe(before + attacks.length);
  });
});
