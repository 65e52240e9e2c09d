import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { readPolicyFiles } from '@tenure/config';
import { checkExpression } from '@tenure/domain';
import { parseSamlMetadata } from '@tenure/federation';
import { errorForLog } from '@tenure/telemetry';
import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { createTestApi, type TestApi } from '../api.ts';
import { growthOf, longest, repeated } from '../growth.ts';
import { answer, ask, type HostileIdp, make, startHostileIdp } from './hostile-idp.ts';
import { createVisitor, expectAccepted } from './login-attempt.ts';

/**
 * Twice the text takes at most 2.5 times the CPU, wherever text comes from outside. `npm run test:growth` gives each field a megabyte
 * of its worst beginnings; without it they are shorter and fewer.
 */
let api: TestApi;
let idp: HostileIdp;
let admin: string;
let self: { id: string; token: string };
const isLong = process.env['GROWTH_BYTES'] !== undefined;
const patience = isLong ? 1_800_000 : 300_000;
const MOST = 2.5;

beforeAll(async () => {
  idp = await startHostileIdp();
  api = await createTestApi({
    url: 'https://tenure.example',
    app: { loginRateLimit: 1_000_000 },
    tenureYaml: `
url: http://localhost:4000
timeZone: UTC
attributes: { displayName: { type: string }, email: { type: string }, employeeNumber: { type: string }, department: { type: string }, endDate: { type: instant }, skills: { type: strings } }
precedence: { default: [hr, idp] }
sources: { hr: { title: HR, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }, { email: true }], trustedEmailDomains: [corp.example] } }
identityProviders:
  idp: { protocol: saml, metadata: "${idp.url}/metadata", mayCreate: true, userType: contractor, attributes: { displayName: "claims.name[0]", department: "claims.department[0]", email: "claims.mail[0]" } }
  partner: { title: P, protocol: oidc, issuer: "https://login.contoso.example", clientId: tenure, attributes: { email: claims.email } }
targets: { crm: { title: CRM, kind: scim, url: "http://127.0.0.1:9/", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } } }
`,
  });
  admin = await api.serviceToken('admin', 'operator', 'auditor', 'source:hr');
  self = await api.person('Sales');
});
afterAll(async () => {
  await api?.stop();
  await idp?.stop();
});
beforeEach(() => {
  api.now = new Date().toISOString();
});

async function expectLinear(run: (length: number) => unknown, most?: number): Promise<void> {
  const growth = await growthOf(run, most);
  expect({ ...growth, isLinear: growth.factor <= MOST }).toMatchObject({ isLinear: true });
}

describe('a SAML response, from anybody', () => {
  /** 256 KiB when it is decoded. */
  const most = 250_000;
  const root = '<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0"';
  const numbered = (part: (index: number) => string, length: number): string => {
    let text = '';
    for (let index = 0; text.length < length; index += 1) text += part(index);
    return text;
  };
  const messages: Readonly<Record<string, (length: number) => string>> = {
    'start tags that do not end': (length) => repeated('<Response ', length),
    'start tags of confirmations': (length) => repeated('<SubjectConfirmationData ', length),
    'names before a colon': (length) => `<${repeated('a', length)}`,
    'spaces before an attribute': (length) => `${root} InResponseTo${repeated(' ', length)}`,
    attributes: (length) => `${root} ${numbered((index) => `a${index}="" `, length)}/>`,
    namespaces: (length) => `${root} ${numbered((index) => `xmlns:a${index}="urn:${index}" `, length)}/>`,
    'elements beside each other': (length) => `${root}>${repeated('<a:b/>', length)}`,
    'confirmations beside each other': (length) => `${root}>${repeated('<a:SubjectConfirmationData/>', length - 28)}</p:Response>`,
    'elements in elements': (length) => `${root}>${repeated('<a:b>', length)}`,
    comments: (length) => `${root}>${repeated('<!---->', Math.floor(length / 7) * 7)}</p:Response>`,
    'comments that do not end': (length) => `${root}>${repeated('<!--', length)}`,
    references: (length) => `${root}>${repeated('&lt;', Math.floor(length / 4) * 4)}</p:Response>`,
    'CDATA sections': (length) => `${root}>${repeated('<![CDATA[]]>', Math.floor(length / 12) * 12)}</p:Response>`,
    declarations: (length) => repeated('<!DOCTYPE ', length),
    instructions: (length) => repeated('<?xml version="1.0"?>', length),
    nothing: (length) => repeated(' ', length),
  };
  for (const [title, message] of Object.entries(messages))
    test(`with ${title}`, () => expectLinear((length) => answer({ entry: 'idp', visitor: createVisitor(api) }, message(length)), most), patience);

  test(
    'whose base64 is no base64',
    async () => {
      for (const part of ['=', '\n', 'A\n', 'é', '%'])
        await expectLinear((length) => createVisitor(api).post('/saml/idp/acs', new URLSearchParams({ SAMLResponse: repeated(part, length) })), 120_000);
    },
    patience,
  );

  test(
    'whose form has other fields, many of them, or one long',
    async () => {
      const post = (body: string) =>
        api.app.inject({ method: 'POST', url: '/saml/idp/acs', headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: body });
      for (const part of ['&', 'a=&', '%41', '+', 'RelayState=/&', '%']) await expectLinear((length) => post(repeated(part, length)), 390_000);
      await expectLinear((length) => post(`RelayState=${repeated('/.', length)}&SAMLResponse=x`), 390_000);
    },
    patience,
  );

  test(
    'that a provider has signed, with long values',
    async () => {
      for (const part of ['x', ' ', '@', 'a@', 'a.', '\u00e9', '&amp;', '0', '/../'])
        await expectLinear(async (length) => {
          const asked = await ask(api, 'idp');
          const text = repeated(part, Math.floor(length / 8) * 8).replace(/&[a-z]*$/, '');
          await answer(asked, make(asked, { content: { attributes: { department: [text], name: [text], mail: [`${text}@corp.example`] } } }));
        }, 60_000);
      const asked = await ask(api, 'idp');
      expectAccepted(await answer(asked, make(asked)));
    },
    patience,
  );
});

describe('headers, cookies and addresses, from anybody', () => {
  /** Node takes 16 kB of headers. */
  const most = 15_000;
  const parts = ['a', ' ', ';', '=', ',', 'a=b; ', '"', '\\', '/', '.', '%2f', 'Bearer ', 'a.b;', '__Host-tenure_session='];
  const headers = [
    'authorization',
    'cookie',
    'content-type',
    'accept',
    'accept-language',
    'x-request-id',
    'origin',
    'referer',
    'traceparent',
    'x-forwarded-for',
    'if-none-match',
  ];
  test.each(headers)(
    '%s',
    async (name) => {
      for (const part of parts) {
        const value = (length: number) => repeated(part, length).trim();
        await expectLinear((length) => api.app.inject({ method: 'GET', url: '/me', headers: { [name]: value(length) } }), most);
        await expectLinear(
          (length) =>
            api.app.inject({ method: 'POST', url: '/graphql', headers: { 'content-type': 'application/json', [name]: value(length) }, payload: '{}' }),
          most,
        );
      }
    },
    patience,
  );

  test.each([
    '/oidc/partner/login?returnTo=',
    '/saml/idp/login?returnTo=',
    '/oidc/partner/callback?state=',
    '/oidc/partner/callback?error=',
    '/decide/',
    '/me?',
    '/',
  ])(
    '%s',
    async (path) => {
      for (const part of ['a', '/', '/../', '%2e%2e/', '%', '&', '=', 'a=&', '+', ';', '[', '//'])
        await expectLinear((length) => api.app.inject({ method: 'GET', url: `${path}${repeated(part, length)}` }), most);
    },
    patience,
  );
});

describe('GraphQL', () => {
  const send = (payload: string, token: string | null) =>
    api.app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      payload,
    });
  /** A megabyte, less the surrounding text. */
  const most = 1_000_000;

  test(
    'a body that is no request, from anybody',
    async () => {
      for (const part of ['{', '[', '"', '\\', ' ', '{"a":', '[[', '1', '-', '{"__proto__":'])
        await expectLinear((length) => send(repeated(part, length), null), most);
    },
    patience,
  );

  test(
    'a query',
    async () => {
      const beginnings = [
        '{',
        '{ a ',
        '(',
        '[',
        '"',
        '"""',
        '#',
        ',',
        ' ',
        '\ufeff',
        '@a ',
        '...',
        '$a ',
        'query ',
        'fragment a on b ',
        '{ __typename }',
        '{ me { id } } ',
        '\\',
        '&',
        '!',
      ];
      for (const part of beginnings)
        await expectLinear(
          (length) => send(JSON.stringify({ query: repeated(part, Math.floor(length / (JSON.stringify(part).length - 2)) * part.length) }), admin),
          most,
        );
      for (const query of [
        (text: string) => `{ ${text} }`,
        (text: string) => `{ identities(${text}: 1) { totalCount } }`,
        (text: string) => `query ($a: ${text}) { me { id } }`,
        (text: string) => `{ identity(id: "${text}") { id } }`,
      ])
        await expectLinear((length) => send(JSON.stringify({ query: query(repeated('identitie', length)) }), admin), most);
      await expectLinear((length) => send(JSON.stringify({ query: '{ me { id } }', operationName: repeated('a', length) }), admin), most);
    },
    patience,
  );

  test(
    'variables that do not fit their type',
    async () => {
      const value = [
        'cannot represent ',
        'got invalid value ',
        'Value "',
        'Expected value of type "',
        '" does not exist in "',
        '; Expected type ',
        ' at "',
        '; ',
        ': ',
      ];
      const queries = [
        'query ($v: String) { identities(search: $v) { totalCount } }',
        'query ($v: Int) { identities(first: $v) { totalCount } }',
        'query ($v: IdentityFilter) { identities(filter: $v) { totalCount } }',
        'query ($v: CaseStatus) { cases(filter: { status: $v }) { totalCount } }',
        'query ($v: Instant!) { accessAt(identityId: "x", instant: $v) { state } }',
      ];
      for (const part of isLong ? value : value.slice(0, 2))
        for (const query of queries)
          for (const shape of [(text: string): unknown => text, (text: string): unknown => ({ text }), (text: string): unknown => ({ states: [text] })])
            await expectLinear(
              (length) =>
                send(
                  JSON.stringify({ query, variables: { v: shape(repeated(part, Math.floor(length / (JSON.stringify(part).length - 2)) * part.length)) } }),
                  admin,
                ),
              most,
            );
    },
    patience,
  );

  test(
    'many values that do not fit their type',
    async () => {
      const query = 'mutation ($v: [RecordInput!]!) { recordFacts(input: { source: "hr", records: $v }) { problems } }';
      for (const one of ['1', '{}', '"x"', '{"externalId":1}', 'null'])
        await expectLinear(
          (length) =>
            send(
              `{"query":${JSON.stringify(query)},"variables":{"v":[${Array(Math.floor(length / (one.length + 1)))
                .fill(one)
                .join()}]}}`,
              admin,
            ),
          most,
        );
    },
    patience,
  );

  /** Every argument of every field, with its type; those that contain text become a variable of their own. */
  test(
    'every text of every argument',
    async () => {
      const { schema } = api.app.get(GraphQLSchemaHost);
      const beginnings = isLong ? ['a', ' ', '@', '\u00e9', 'a@', '/..', '&', '\t', '%', 'P1', '\ud83d\ude00'] : ['a@ '];
      const roots = (['query', 'mutation'] as const).flatMap((operation) =>
        Object.values((operation === 'query' ? schema.getQueryType() : schema.getMutationType())?.getFields() ?? {}).map((field) => ({ operation, field })),
      );
      let count = 0;
      for (const { operation, field } of roots)
        for (const token of [admin, self.token])
          for (const [index] of textsOf(field.args).entries())
            for (const part of beginnings) {
              count += 1;
              const run = (length: number) => {
                const args = field.args.map((argument) => `${argument.name}: $${argument.name}`).join(', ');
                const types = field.args.map((argument) => `$${argument.name}: ${String(argument.type)}`).join(', ');
                const named = getNamedType(field.type);
                const query = `${operation} (${types}) { ${field.name}(${args}) ${isObjectType(named) ? '{ __typename }' : ''} }`;
                const text = repeated(part, Math.floor(length / Math.max(Buffer.byteLength(part), JSON.stringify(part).length - 2)) * part.length);
                const place = { left: index };
                const variables = Object.fromEntries(field.args.map((argument) => [argument.name, filled(argument.type, argument.name, text, place)]));
                return send(JSON.stringify({ query, variables }), token);
              };
              const growth = await growthOf(run, most);
              expect({ field: field.name, index, part, ...growth, isLinear: growth.factor <= MOST }).toMatchObject({ isLinear: true });
            }
      expect(count).toBeGreaterThan(100);
    },
    patience * 4,
  );
});

type Argument = Pick<GraphQLArgument | GraphQLInputField, 'name' | 'type'>;

/** The places for text below some arguments, in the order in which `filled` comes by them. */
function textsOf(args: readonly Argument[]): readonly string[] {
  return args.flatMap(({ name, type }) => {
    const named = getNamedType(type);
    if (isInputObjectType(named)) return textsOf(Object.values(named.getFields()));
    return ['String', 'ID', 'JSON'].includes(named.name) ? [name] : [];
  });
}

/** A value of a type, with the text at one of its places and short ones elsewhere. */
function filled(type: GraphQLInputType, name: string, text: string, place: { left: number }): unknown {
  if (isNonNullType(type)) return filled(type.ofType, name, text, place);
  if (isListType(type)) return [filled(type.ofType, name, text, place)];
  if (isInputObjectType(type))
    return Object.fromEntries(Object.values(type.getFields()).map((field) => [field.name, filled(field.type, field.name, text, place)]));
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (type.name === 'Int') return 1;
  if (type.name === 'Boolean') return false;
  if (type.name === 'Instant') return '2026-12-01T00:00:00Z';
  const isHere = place.left === 0;
  place.left -= 1;
  if (type.name === 'JSON') return { displayName: isHere ? text : 'x' };
  if (isHere) return text;
  return name === 'source' ? 'hr' : name === 'version' ? '1' : /id$/i.test(name) ? '00000000-0000-4000-8000-000000000000' : 'x';
}

describe('what providers and configurations say', () => {
  test(
    'SAML metadata',
    async () => {
      const good = await (await fetch(`${idp.url}/metadata`)).text();
      for (const part of ['<', '<md:EntityDescriptor ', ' ', '<!--', '&amp;', '<a>', '<a/>', 'MII', '-----BEGIN'])
        for (const put of [
          (text: string) => text,
          (text: string) => good.replace('<ds:X509Certificate>', `<ds:X509Certificate>${text}`),
          (text: string) => good.replace('</md:EntityDescriptor>', text),
        ])
          await expectLinear((length) => {
            try {
              parseSamlMetadata(put(repeated(part, length)), api.now);
            } catch {
              // Other tests check that it is refused.
            }
          }, 1_000_000);
    },
    patience,
  );

  test(
    'files of a policy',
    async () => {
      const beginnings = [
        '[',
        '{',
        '- ',
        '&a ',
        '*a ',
        '"',
        "'",
        '|\n',
        '#',
        'a: ',
        '? ',
        '%',
        ':',
        ': ',
        '!!',
        '! ',
        '${env:',
        'a: 1\n',
        '- a\n',
        '\n',
        '\t',
        ' ',
        'é',
        '\u2028',
        '---\n',
        '&a [*a',
        'birthright: [{ ',
        '>-\n ',
      ];
      for (const part of beginnings)
        await expectLinear((length) => {
          try {
            readPolicyFiles(api.configuration, [{ name: 'access.yaml', content: repeated(part, length) }]);
          } catch {
            // As above.
          }
        }, 1_000_000);
    },
    patience,
  );

  test(
    'conditions',
    async () => {
      for (const part of ['a', '(', '!', '-', '"', '&& ', '1 + ', '.a', '[0]', 'identity.', 'a ? b : ', '//'])
        await expectLinear((length) => checkExpression(repeated(part, length), 'bool', 'rule', api.configuration.attributes), 1_000_000);
    },
    patience,
  );

  test(
    'errors of others, on their way to the log',
    async () => {
      for (const part of ['"', "'", '`', '=(', '//', '@', 'a@', ' ', '\\', '\n at '])
        await expectLinear((length) => {
          const error = new Error(repeated(part, length));
          return errorForLog(Object.assign(error, { stack: error.message }));
        }, 1_000_000);
    },
    patience,
  );
});

test('the longer texts are as long as they were asked to be', () => {
  expect(longest).toBeGreaterThanOrEqual(isLong ? 1_000_000 : 65_536);
});
