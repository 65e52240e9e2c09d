import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createMetrics } from '@tenure/telemetry';
import { seriesValue } from '@tenure/telemetry/testing';
import { createTestApi, type TestApi } from './api.ts';
import { answer, ask, type HostileIdp, make, startHostileIdp } from './attacks/hostile-idp.ts';
import { type HostileOp, type Script, startHostileOp } from './attacks/hostile-op.ts';
import { type Answered, expectAccepted, expectRefused, logIn } from './attacks/login-attempt.ts';

/** Claims in logins, present and left out, with scripted providers: `keep` and `none` are two entries of OpenID Connect, `idp` is SAML. */
let api: TestApi;
let ops: Readonly<Record<'keep' | 'none', HostileOp>>;
let idp: HostileIdp;
const metrics = createMetrics({ providers: ['keep', 'none', 'idp'], targets: [] });

beforeAll(async () => {
  const [keep, none, saml] = await Promise.all([startHostileOp(), startHostileOp(), startHostileIdp()]);
  ops = { keep, none };
  idp = saml;
  const entry = (name: 'keep' | 'none', more = ''): string => `
  ${name}:
    protocol: oidc
    issuer: ${ops[name].issuer}
    clientId: tenure
    mayCreate: true
    userType: { cel: 'claims.kind' }
    attributes: { department: claims.department, endDate: claims.contractEnd }
    groups: claims.groups
    ${more}`;
  api = await createTestApi({
    url: 'https://tenure.example',
    app: { metrics },
    tenureYaml: `
url: http://localhost:4000
attributes: { displayName: { type: string }, department: { type: string }, endDate: { type: date } }
loginRate: { perAddress: 100000, perSubject: 8 }
precedence: { default: [badges], attributes: { displayName: { only: [idp] } } }
sources: { badges: { mayCreate: true, attributes: [displayName, endDate] } }
identityProviders:${entry('keep')}${entry('none', 'absentGroups: none\n    absentAttributes: none')}
  idp:
    protocol: saml
    metadata: "${idp.url}/metadata"
    mayCreate: true
    userType: contractor
    absentGroups: none
    attributes: { department: "claims.department[0]" }
    groups: claims.groups
targets: { crm: { title: CRM, kind: scim, url: "http://127.0.0.1:9/", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } } }
`,
    accessYaml: `
entitlements:
  tenure.operator: { target: tenure, value: operator }
  tenure.auditor: { target: tenure, value: auditor }
birthright: [{ name: finance, when: identity.department == "Finance", entitlements: [tenure.auditor], until: identity.endDate }]
groups: [${['keep', 'none', 'idp'].map((source) => `{ source: ${source}, group: staff, entitlements: [tenure.operator] }`).join(', ')}]
`,
  });
});
afterAll(async () => {
  await api?.stop();
  await Promise.all([ops?.keep.stop(), ops?.none.stop(), idp?.stop()]);
});
beforeEach(() => {
  api.now = new Date().toISOString();
  for (const op of Object.values(ops)) op.behave();
});

type Said = Readonly<Record<string, unknown>>;
const everything: Said = { department: 'Finance', contractEnd: '2099-12-31', groups: ['staff'], kind: 'employee' };

/** Two logins at the very same instant would be one version of a record. */
const later = (): void => void (api.now = new Date(Date.parse(api.now) + 1).toISOString());
const refuses =
  (path: string, headers: Record<string, string> = {}): NonNullable<Script['instead']> =>
  (asked, _request, response) => {
    if (asked === path) response.writeHead(401, headers).end();
    return asked === path;
  };

/** A person at an OpenID provider, whose ID token has the claims that each login is given. */
function somebody(entry: 'keep' | 'none') {
  const sub = randomUUID();
  return {
    sub,
    says: (claims: Said): Promise<Answered> => {
      ops[entry].person = { sub, ...claims };
      later();
      return logIn(api, ops[entry], entry);
    },
    /** Kind of person, entitlements with their ends, and the attributes that are known. */
    async is() {
      const [row] = (await api.database.execute('select identity_id from login_subject where subject = ?', [sub])) as { identity_id: string }[];
      const id = row?.identity_id ?? '';
      const { identity, grants } = await api.store.read(async (tx) => ({ identity: await tx.identities.get(id), grants: await tx.access.currentGrants([id]) }));
      return {
        userType: identity?.userType,
        holds: grants.map(({ name, validUntil }) => `${name}${validUntil === null ? '' : ` until ${validUntil}`}`).sort(),
        department: identity?.attributes['department']?.value ?? null,
      };
    },
  };
}
const leftOut = async (): Promise<unknown> => (await api.store.read((tx) => tx.audit.page({ action: 'login.claimsLeftOut' }, 1, null)))[0]?.reason;
const counted = async (provider: string, kind: string): Promise<number> =>
  seriesValue((await metrics.exposed()).body, `tenure_login_claims_left_out_total{provider="${provider}",kind="${kind}"}`) ?? 0;
const whole = { userType: 'employee', holds: ['tenure.auditor until 2100-01-01T00:00:00.000Z', 'tenure.operator'], department: 'Finance' };

describe('a login without claims that it had before', () => {
  test('leaves everything as it was where the entry says so, with a warning, an event and a count', async () => {
    const ada = somebody('keep');
    expectAccepted(await ada.says(everything));
    expect(await ada.is()).toEqual(whole);
    const [events, before] = [await leftOut(), await counted('keep', 'groups')];
    expectAccepted(await ada.says({}));
    expect(await ada.is()).toEqual(whole);
    const kept = ['department', 'endDate', 'groups', 'userType'];
    expect([events, await leftOut(), (await counted('keep', 'groups')) - before]).toEqual([undefined, { provider: 'keep', kept, elsewhere: [] }, 1]);
    expect(api.log.map((line) => JSON.parse(line) as Said)).toContainEqual(
      expect.objectContaining({ level: 40, provider: 'keep', kept, msg: 'a login left claims out: what the provider said before is kept' }),
    );
  });

  test('takes what its groups and attributes gave where the entry says "none", but an end stays an end', async () => {
    const bob = somebody('none');
    expectAccepted(await bob.says(everything));
    expect(await bob.is()).toEqual(whole);
    expectAccepted(await bob.says({ department: 'Finance', kind: 'employee' }));
    expect(await bob.is()).toEqual({ ...whole, holds: ['tenure.auditor until 2100-01-01T00:00:00.000Z'] });
    expect(await leftOut()).toEqual({ provider: 'none', kept: ['endDate'], elsewhere: [] });
    expectAccepted(await bob.says({}));
    expect(await bob.is()).toEqual({ userType: 'contractor', holds: [], department: null });
  });

  test('says nothing of groups that are too many for a token (_claim_names), whatever the entry says', async () => {
    const cleo = somebody('none');
    expectAccepted(await cleo.says(everything));
    const { groups: _groups, ...others } = everything;
    expectAccepted(await cleo.says({ ...others, _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph.example' } } }));
    expect(await cleo.is()).toEqual(whole);
    expect(await leftOut()).toEqual({ provider: 'none', kept: ['groups'], elsewhere: ['groups'] });
  });

  test('an end that is said to be none is none', async () => {
    const dan = somebody('keep');
    await dan.says(everything);
    expectAccepted(await dan.says({ ...everything, contractEnd: null }));
    expect((await dan.is()).holds).toEqual(['tenure.auditor', 'tenure.operator']);
  });
});

describe('groups of another shape', () => {
  test.each([
    ['an object', { staff: true }],
    ['a number', 7],
    ['a boolean', false],
    ['a list of objects', [{ name: 'staff' }]],
  ])('as %s refuse the login and take nothing', async (_, groups) => {
    const eve = somebody('keep');
    expectAccepted(await eve.says(everything));
    await expectRefused(api, await eve.says({ ...everything, groups }), 'claims-invalid');
    expect(await eve.is()).toEqual(whole);
  });
});

test('the kind of person of somebody whom only logins know follows the login', async () => {
  const fay = somebody('keep');
  for (const kind of ['employee', 'contractor', 'partner']) {
    expectAccepted(await fay.says({ ...everything, kind }));
    expect((await fay.is()).userType).toBe(kind);
  }
});

describe('the user info endpoint', () => {
  const refusing = { instead: refuses('/userinfo') };

  test('that refuses keeps nobody out whose ID token has everything, and is not asked then', async () => {
    const gil = somebody('keep');
    ops.keep.play(refusing);
    const asked = ops.keep.seen.filter(({ path }) => path === '/userinfo').length;
    expectAccepted(await gil.says(everything));
    expect(ops.keep.seen.filter(({ path }) => path === '/userinfo')).toHaveLength(asked);
  });

  test('that refuses says nothing of what is missing: somebody known stays as they were, somebody new is refused', async () => {
    const [hal, ida] = [somebody('none'), somebody('none')];
    expectAccepted(await hal.says(everything));
    ops.none.play(refusing);
    expectAccepted(await hal.says({}));
    expect(await hal.is()).toEqual(whole);
    expect(await leftOut()).toEqual({ provider: 'none', kept: ['department', 'endDate', 'groups', 'userType'], elsewhere: [], isUserInfoRefused: true });
    await expectRefused(api, await ida.says({}), 'user-info-refused');
  });
});

describe("Tenure's session", () => {
  const lastEnd = async (): Promise<string> => {
    const [row] = await api.database.execute('select expires_at from credential where kind = ? order by created_at desc, id limit 1', ['session']);
    return new Date(row?.['expires_at'] as string).toISOString();
  };
  const inSeconds = (seconds: number): string => new Date(Math.floor(Date.parse(api.now) / 1000 + seconds) * 1000).toISOString();

  test('ends with the session of a SAML provider (SessionNotOnOrAfter), and is refused where that is over', async () => {
    const said = (end: string) => ({ before: (xml: string) => xml.replace(' SessionIndex=', ` SessionNotOnOrAfter="${end}" SessionIndex=`) });
    const open = await ask(api, 'idp');
    expectAccepted(await answer(open, make(open, said(inSeconds(120)))));
    expect(await lastEnd()).toBe(inSeconds(120));
    // Within the skew of clocks its assertion still verifies, but a session of no length is none.
    const over = await ask(api, 'idp');
    await expectRefused(api, await answer(over, make(over, said(inSeconds(-5)))), 'session-expired');
    later();
    const long = await ask(api, 'idp');
    expectAccepted(await answer(long, make(long, said(inSeconds(99 * 3600)))));
    expect(Date.parse(await lastEnd()) - Date.parse(api.now)).toBe(8 * 3_600_000);
  });

  test('ends with the session of an OpenID provider (session_expiry)', async () => {
    expectAccepted(await somebody('keep').says({ ...everything, session_expiry: Date.parse(inSeconds(120)) / 1000 }));
    expect(await lastEnd()).toBe(inSeconds(120));
  });
});

test('a SAML attribute of groups that is left out means what the entry says', async () => {
  const subject = randomUUID();
  const held = async (attributes: Readonly<Record<string, readonly string[]>>) => {
    later();
    const open = await ask(api, 'idp');
    expectAccepted(await answer(open, make(open, { content: { subject, attributes } })));
    const [row] = (await api.database.execute('select identity_id from login_subject where subject = ?', [subject])) as { identity_id: string }[];
    return (await api.store.read((tx) => tx.access.currentGrants([row?.identity_id ?? '']))).map(({ name }) => name).sort();
  };
  expect(await held({ department: ['Finance'], groups: ['staff'] })).toEqual(['tenure.auditor', 'tenure.operator']);
  expect(await held({ department: ['Finance'], 'http://schemas.microsoft.com/claims/groups.link': ['https://graph.example'] })).toEqual([
    'tenure.auditor',
    'tenure.operator',
  ]);
  expect(await held({ department: ['Finance'] })).toEqual(['tenure.auditor']);
});

test('a source of records states what its list allows, and is believed of it where precedence does not exclude it', async () => {
  const token = await api.serviceToken('source:badges');
  const mutation = 'mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { results { externalId outcome identityId message } } }';
  const records = [
    { externalId: 'b-1', version: '1', attributes: { displayName: 'Mo', department: 'Finance' } },
    { externalId: 'b-2', version: '1', attributes: { displayName: 'Max', endDate: '2099-12-31' } },
  ];
  const { data } = await api.graphql(mutation, { token, variables: { input: { source: 'badges', records } } });
  const { results } = (data as unknown as { recordFacts: { results: readonly Record<string, string>[] } }).recordFacts;
  expect(results.map(({ outcome, message }) => [outcome, outcome === 'INVALID' ? message : null])).toEqual([
    ['INVALID', 'department: is not among the attributes that source badges may state (attributes in tenure.yaml)'],
    ['CREATED', null],
  ]);
  const max = await api.store.read((tx) => tx.identities.get(results[1]?.['identityId'] ?? ''));
  expect(Object.keys(max?.attributes ?? {})).toEqual(['endDate']);
});

test('logins of one subject are counted, however many others come from the same address', async () => {
  const [jo, kim] = [somebody('keep'), somebody('keep')];
  for (let count = 0; count < 8; count += 1) expectAccepted(await jo.says(everything));
  const refused = await jo.says(everything);
  expect([refused.status, refused.body.includes('too often')]).toEqual([429, true]);
  expectAccepted(await kim.says(everything));
});

test('a refusal is in the log with its cause, and without what was said', async () => {
  const lee = somebody('keep');
  const refused = await lee.says({ ...everything, contractEnd: 'someday-soon' });
  await expectRefused(api, refused, 'claims-invalid');
  const line = api.log.find((one) => one.includes(refused.reference)) ?? '';
  expect(JSON.parse(line)).toMatchObject({ reason: 'claims-invalid', err: { message: 'claims do not fit the type of: endDate', causes: [{}] } });
  expect(line).not.toContain('someday-soon');

  ops.keep.play({ instead: refuses('/token', { 'www-authenticate': 'Basic' }) });
  const rejected = await lee.says(everything);
  await expectRefused(api, rejected, 'client-refused');
  expect(JSON.parse(api.log.find((one) => one.includes(rejected.reference)) ?? '')).toMatchObject({
    reason: 'client-refused',
    err: { causes: [{ type: 'WWWAuthenticateChallengeError' }] },
  });
});
