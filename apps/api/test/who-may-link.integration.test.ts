import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { LoginRefused } from '@tenure/domain';
import { completeLogin, type ProvenLogin } from '@tenure/engine/login';
import { createTestApi, later, type TestApi } from './api.ts';

const provider = (name: string, more = '', correlate = '[{ attribute: personId, forLife: true }, { attribute: employeeNumber }, { email: true }]'): string => `
  ${name}:
    protocol: saml
    metadata: https://login.${name}.example/metadata
    mayCreate: true
    userType: contractor
    trustedEmailDomains: [corp.example]
    emailVerified: claims.verified == true
    attributes: { employeeNumber: claims.number, personId: claims.personId, email: claims.email, upn: claims.upn, department: claims.department }
    groups: claims.groups
    correlate: ${correlate}
    ${more}`;
const tenureYaml = `
url: http://localhost:4000
timeZone: UTC
attributes:
  displayName: { type: string }
  employeeNumber: { type: string }
  personId: { type: string }
  email: { type: string }
  upn: { type: string }
  department: { type: string }
precedence: { default: [hr, corporate, partner] }
sources:
  hr: { authoritative: true, mayCreate: true, userType: employee, trustedEmailDomains: [corp.example], correlate: [{ attribute: personId, forLife: true }, { attribute: employeeNumber }, { email: true }] }
  badges: { mayCreate: true, correlate: [{ attribute: employeeNumber }] }
identityProviders:
${provider('corporate', 'mayLink: [privileged, bound]')}
${provider('partner')}
${provider('vouched', 'linkTo: authoritative')}
${provider('named', '', '[{ attribute: upn }]')}
targets:
  crm: { kind: scim, url: "http://127.0.0.1:9/scim", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } }
`;
const accessYaml = `
entitlements:
  crm.user: { target: crm, value: users }
  tenure.operator: { target: tenure, value: operator }
  tenure.admin: { target: tenure, value: admin }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
  - { name: operators, when: 'identity.department == "Operations"', entitlements: [tenure.operator] }
  - { name: admins, when: 'identity.department == "Administration"', entitlements: [tenure.admin] }
groups:
  - { source: partner, group: staff, entitlements: [crm.user] }
`;

let api: TestApi;
let admin: string;
let operator: string;
let count = 0;

beforeAll(async () => {
  api = await createTestApi({ tenureYaml, accessYaml });
  [admin, operator] = [await api.serviceToken('admin'), await api.serviceToken('operator')];
});
beforeEach(() => {
  count += 1;
});
afterAll(() => api.stop());

type Provider = 'corporate' | 'partner' | 'vouched' | 'named';
const act = () => ({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }) as const;
/** Of this test alone. */
const own = (name: string) => `${name}-${count}`;
const hire = async (name: string, facts: Readonly<Record<string, string>> = {}, version = '1'): Promise<string> =>
  (await api.record({ externalId: own(name), version, facts: { employeeNumber: own(name), department: 'Sales', ...facts } })).identityId ?? '';

/** @returns id of the person whose session it is, or the reason with which it was refused */
async function login(provider: Provider, subject: string, claims: object, more: Partial<ProvenLogin> = {}): Promise<{ id: string; token: string } | string> {
  api.now = later(api.now, 0.01);
  const settings = api.configuration.identityProviders[provider];
  if (settings === undefined) throw new Error('no such provider');
  const proven: ProvenLogin = {
    provider: settings,
    issuer: `https://login.${provider}.example`,
    subject: own(subject),
    nameIdFormat: 'persistent',
    claims: { ...claims },
    request: null,
    assertion: null,
    ...more,
  };
  try {
    const { identityId, token } = await completeLogin({ store: api.store, engine: api.engine }, proven, act());
    return { id: identityId, token };
  } catch (error) {
    if (error instanceof LoginRefused) return error.reason;
    throw error;
  }
}
const idOf = (answer: Awaited<ReturnType<typeof login>>): string => (typeof answer === 'string' ? answer : answer.id);
/** True: the login has a session, and the API accepts its token. */
const isLet = async (answer: Awaited<ReturnType<typeof login>>): Promise<boolean> =>
  typeof answer !== 'string' && (await api.graphql('{ me { id } }', { token: answer.token })).errors.length === 0;
const casesOf = async (kind: 'ambiguous-record' | 'ambiguous-login') => {
  const found = await api.database.execute(
    `select id, kind, identity_id, evidence from case_file where status = 'open' and kind = ? order by opened_at desc, id`,
    [kind],
  );
  return found as { id: string; identity_id: string | null; evidence: Record<string, unknown> }[];
};
const lastCase = async (kind: 'ambiguous-record' | 'ambiguous-login') => (await casesOf(kind))[0] ?? { id: '', identity_id: null, evidence: {} };
const eventsOf = async (id: string, action: string) => (await api.store.read((tx) => tx.audit.ofIdentity(id, 200))).filter((event) => event.action === action);
const noticesOf = async (kind: string) =>
  (await api.database.execute(`select kind, recipient, about, data from notice where kind = ? order by created_at`, [kind])) as {
    recipient: string;
    about: Record<string, string>;
    data: Record<string, string>;
  }[];
const mutate = async (mutation: string, token = admin): Promise<unknown> => {
  const { data, errors } = await api.graphql(`mutation { ${mutation} }`, { token });
  return errors[0]?.extensions.code ?? data;
};

describe('whom a login links to by itself', () => {
  test('a partner provider that asserts the employeeNumber of an administrator gets a case for an administrator, and no session', async () => {
    const boss = await hire('boss', { department: 'Administration' });
    expect(await login('partner', 'mallory', { number: own('boss'), department: 'Anything' })).toBe('link-to-privileged');
    const { id, evidence } = await lastCase('ambiguous-record');
    expect(evidence).toMatchObject({ source: 'partner', by: 'employeeNumber', why: 'privileged', candidates: [boss] });
    expect((await api.store.read((tx) => tx.identities.recordsOf(boss))).map(({ source }) => source)).toEqual(['hr']);
    expect(await noticesOf('case-assigned')).toContainEqual(expect.objectContaining({ recipient: 'role/operator', about: { caseId: id } }));
    // An operator is not enough.
    const answer = `decideRecord(caseId: "${id}", identityId: "${boss}", version: "${Date.parse(api.now)}", reason: "Asked") { status }`;
    expect(await mutate(answer, operator)).toBe('FORBIDDEN');
    expect(await login('partner', 'mallory', { number: own('boss') })).toBe('link-to-privileged');
    expect(await mutate(answer.replace(/version: "\d+"/, `version: "${Date.parse(api.now)}"`))).toMatchObject({ decideRecord: { status: 'CLOSED' } });
    const entered = await login('partner', 'mallory', { number: own('boss') });
    expect(idOf(entered)).toBe(boss);
    expect(await isLet(entered)).toBe(true);
  });

  test('the corporate provider, whose entry says so, does, and the person and the operators are told', async () => {
    const boss = await hire('boss', { department: 'Administration' });
    const entered = await login('corporate', 'boss', { number: own('boss') });
    expect(idOf(entered)).toBe(boss);
    expect(await isLet(entered)).toBe(true);
    const told = (await noticesOf('login-linked')).filter(({ about }) => about['identityId'] === boss);
    expect(told.map(({ recipient, data }) => [recipient, data])).toEqual([
      [`identity/${boss}`, { provider: 'corporate' }],
      ['role/operator', { provider: 'corporate' }],
    ]);
    expect((await eventsOf(boss, 'login.bound'))[0]?.reason).toEqual({ provider: 'corporate', by: 'employeeNumber' });
    await login('corporate', 'boss', { number: own('boss') });
    expect((await noticesOf('login-linked')).filter(({ about }) => about['identityId'] === boss)).toHaveLength(2);
  });

  test('of others the person is told each time, and operators once a day and provider', async () => {
    const [one, two] = [await hire('one'), await hire('two')];
    expect([idOf(await login('partner', 'one', { number: own('one') })), idOf(await login('partner', 'two', { number: own('two') }))]).toEqual([one, two]);
    const told = (await noticesOf('login-linked')).filter(({ about }) => [one, two].includes(about['identityId'] ?? ''));
    expect(told.map(({ recipient }) => recipient).sort()).toEqual([`identity/${one}`, `identity/${two}`].sort());
    expect((await noticesOf('logins-linked')).filter(({ data }) => data['provider'] === 'partner')).toHaveLength(1);
  });

  test('somebody who logs in through another provider is a case, unless the entry says bound', async () => {
    const ann = await hire('ann');
    expect(idOf(await login('corporate', 'ann', { number: own('ann') }))).toBe(ann);
    expect(await login('partner', 'ann', { number: own('ann') })).toBe('link-to-bound');
    expect((await lastCase('ambiguous-record')).evidence).toMatchObject({ why: 'bound', candidates: [ann] });
    const bob = await hire('bob');
    expect(idOf(await login('partner', 'bob', { number: own('bob') }))).toBe(bob);
    expect(idOf(await login('corporate', 'bob', { number: own('bob') }))).toBe(bob);
  });

  test('with linkTo: authoritative, only people of whom an authoritative source says that very key', async () => {
    await api.record({ source: 'badges', externalId: own('temp'), facts: { employeeNumber: own('temp') }, status: null });
    expect(await login('vouched', 'temp', { number: own('temp') })).toBe('link-not-vouched');
    const carl = await hire('carl');
    // The claim is in a login of Carl, which is evidence of nothing.
    expect(idOf(await login('partner', 'carl', { number: own('carl'), email: `${own('dora')}@corp.example`, verified: true }))).toBe(carl);
    expect(await login('vouched', 'dora', { email: `${own('dora')}@corp.example`, verified: true })).toBe('link-not-vouched');
    const emil = await hire('emil');
    expect(idOf(await login('vouched', 'emil', { number: own('emil') }))).toBe(emil);
  });

  test('whoever was linked before they got rights is asked about then, and an open session of theirs ends', async () => {
    const eve = await hire('eve');
    const partner = await login('partner', 'eve', { number: own('eve') });
    const corporate = await login('corporate', 'eve', { number: own('eve') });
    expect([idOf(partner), idOf(corporate), await isLet(partner)]).toEqual([eve, eve, true]);
    await hire('eve', { department: 'Operations' }, '2');
    expect([await isLet(partner), await isLet(corporate)]).toEqual([false, true]);
    expect(await login('partner', 'eve', { number: own('eve') })).toBe('rights-unconfirmed');
    const { id, identity_id, evidence } = await lastCase('ambiguous-login');
    expect([identity_id, evidence['why'], evidence['provider']]).toEqual([eve, 'rights-unconfirmed', 'partner']);
    expect(await mutate(`decideLogin(caseId: "${id}", samePerson: true, reason: "Called her") { status }`, operator)).toBe('FORBIDDEN');
    expect(await mutate(`decideLogin(caseId: "${id}", samePerson: true, reason: "Called her") { status }`)).toMatchObject({
      decideLogin: { status: 'CLOSED' },
    });
    const again = await login('partner', 'eve', { number: own('eve') });
    expect([idOf(again), await isLet(again)]).toEqual([eve, true]);
  });

  test('whoever logs in first under a number is not the administrator that HR hires under it', async () => {
    const first = await login('partner', 'mallory', { number: own('next') });
    const boss = await hire('next', { department: 'Administration' });
    expect(idOf(first)).toBe(boss);
    expect(await isLet(first)).toBe(false);
    expect(await login('partner', 'mallory', { number: own('next') })).toBe('rights-unconfirmed');
    const { id } = await lastCase('ambiguous-login');
    expect(await mutate(`decideLogin(caseId: "${id}", samePerson: false, reason: "Not him") { status }`)).toMatchObject({ decideLogin: { status: 'CLOSED' } });
    expect((await eventsOf(boss, 'login.unbound'))[0]).toMatchObject({ reason: { provider: 'partner', why: 'somebody-else' } });
    expect(await login('partner', 'mallory', { number: own('next') })).toBe('link-to-privileged');
    expect(idOf(await login('corporate', 'boss', { number: own('next') }))).toBe(boss);
  });

  test('rights that nothing but the provider itself gives need nobody', async () => {
    const entered = await login('partner', 'own', { number: own('own'), department: 'Operations' });
    expect(await isLet(entered)).toBe(true);
    expect(idOf(await login('partner', 'own', { number: own('own'), department: 'Operations' }))).toBe(idOf(entered));
  });

  test('an address is no plain key: a UPN links only within trustedEmailDomains', async () => {
    const one = idOf(await login('named', 'one', { upn: `${own('u')}@elsewhere.example` }));
    expect(idOf(await login('named', 'two', { upn: `${own('u')}@elsewhere.example` }))).not.toBe(one);
    const three = idOf(await login('named', 'three', { upn: `${own('v')}@corp.example` }));
    expect(await login('named', 'four', { upn: `${own('v')}@corp.example` })).toBe('another-subject');
    expect(three).not.toBe(one);
  });
});

test('a confirmation is of one login: another one of the same provider does not profit from it', async () => {
  const [zoe, yan] = [await hire('zoe', { personId: own('z') }), await hire('yan', { personId: own('y') })];
  // Both have her number; an administrator decides that a login is hers, before it has been used again.
  await api.database.execute(`update source_record set facts = facts || jsonb_build_object('employeeNumber', ?::text) where identity_id = ?`, [
    own('zoe'),
    yan,
  ]);
  expect(await login('partner', 'right', { number: own('zoe') })).toBe('ambiguous');
  const { id } = await lastCase('ambiguous-record');
  await mutate(`decideRecord(caseId: "${id}", identityId: "${zoe}", version: "${Date.parse(api.now)}", reason: "Asked") { status }`);
  // Another one logs in first, by a key for life.
  expect(idOf(await login('partner', 'wrong', { personId: own('z') }))).toBe(zoe);
  await hire('zoe', { personId: own('z'), department: 'Operations' }, '2');
  expect(await login('partner', 'wrong', { personId: own('z') })).toBe('rights-unconfirmed');
  // And the confirmed one replaces it after an administrator's decision.
  expect(await login('partner', 'right', { number: own('zoe') })).toBe('another-subject');
  const again = await lastCase('ambiguous-login');
  expect(again.evidence).toMatchObject({ why: 'another-subject' });
  await mutate(`decideLogin(caseId: "${again.id}", samePerson: true, reason: "Hers") { status }`);
  const entered = await login('partner', 'right', { number: own('zoe') });
  expect([idOf(entered), await isLet(entered)]).toEqual([zoe, true]);
});

describe('a bound subject', () => {
  test("that says another's number is a case, and HR's record for that number finds its person", async () => {
    const fred = await hire('fred');
    await login('partner', 'fred', { number: own('fred') });
    const before = await api.store.read((tx) => tx.identities.recordsOf(fred));
    expect(await login('partner', 'fred', { number: own('gina') })).toBe('keys-changed');
    const { id, identity_id, evidence } = await lastCase('ambiguous-login');
    expect([identity_id, evidence['why'], evidence['changed']]).toEqual([fred, 'keys-changed', ['employeeNumber']]);
    expect(await api.store.read((tx) => tx.identities.recordsOf(fred))).toEqual(before);
    const gina = await hire('gina');
    expect(gina).not.toBe(fred);
    // Once it has the earlier value again, no case is open.
    expect(idOf(await login('partner', 'fred', { number: own('fred') }))).toBe(fred);
    expect((await api.store.read((tx) => tx.cases.get(id)))?.status).toBe('closed');
    expect(await login('partner', 'fred', { number: own('gina') })).toBe('keys-changed');
  });

  test('whose name was given on does not inherit its predecessor, also when a login in between says no key', async () => {
    const email = `${own('info')}@corp.example`;
    const holly = await login('partner', 'info', { number: own('holly'), email, verified: true, groups: ['staff'] });
    expect(idOf(await login('partner', 'info', {}))).toBe(idOf(holly));
    expect(await login('partner', 'info', { number: own('ivan'), email, verified: true })).toBe('keys-changed');
    const { id } = await lastCase('ambiguous-login');
    expect(await mutate(`decideLogin(caseId: "${id}", samePerson: false, reason: "Ivan has her address now") { status resolution }`)).toEqual({
      decideLogin: { status: 'CLOSED', resolution: 'LOGIN_ENDED' },
    });
    expect(await isLet(holly)).toBe(false);
    const ivan = await login('partner', 'info', { number: own('ivan'), email, verified: true });
    expect(idOf(ivan)).not.toBe(idOf(holly));
    expect(await isLet(ivan)).toBe(true);
  });

  test('whose number has changed goes on once an administrator has said so', async () => {
    const jane = await login('partner', 'jane', { number: own('jane') });
    expect(await login('partner', 'jane', { number: own('jane-2') })).toBe('keys-changed');
    const { id } = await lastCase('ambiguous-login');
    await mutate(`decideLogin(caseId: "${id}", samePerson: true, reason: "Renumbered") { status }`);
    expect(await login('partner', 'jane', { number: own('jane-3') })).toBe('keys-changed');
    expect(idOf(await login('partner', 'jane', { number: own('jane-2') }))).toBe(idOf(jane));
    expect((await eventsOf(idOf(jane), 'login.confirmed'))[0]?.reason).toMatchObject({ provider: 'partner', why: 'keys-changed' });
  });

  test('whose number changes with HR, or whose address changes beside an unchanged number, needs nobody', async () => {
    const kim = await hire('kim');
    await login('partner', 'kim', { number: own('kim'), email: `${own('kim')}@corp.example`, verified: true });
    expect(idOf(await login('partner', 'kim', { number: own('kim'), email: `${own('kim-married')}@corp.example`, verified: true }))).toBe(kim);
    await hire('kim', { employeeNumber: own('kim-2') }, '2');
    expect(idOf(await login('partner', 'kim', { number: own('kim-2') }))).toBe(kim);
    const leo = await hire('leo', { email: `${own('leo')}@corp.example` });
    expect(leo).not.toBe(kim);
    // Not to the address of somebody else, though.
    expect(await login('partner', 'kim', { number: own('kim-2'), email: `${own('leo')}@corp.example`, verified: true })).toBe('keys-changed');
  });

  test('that comes with another format of its name is a case, unless a key says that it is the same', async () => {
    const otherFormat = { nameIdFormat: 'emailAddress' };
    const mia = await login('partner', 'mia', {});
    expect(await login('partner', 'mia', {}, otherFormat)).toBe('name-id-format-changed');
    const { id } = await lastCase('ambiguous-login');
    await mutate(`decideLogin(caseId: "${id}", samePerson: true, reason: "The provider was set up anew") { status }`);
    expect(idOf(await login('partner', 'mia', {}, otherFormat))).toBe(idOf(mia));
    const nina = await login('partner', 'nina', { number: own('nina') });
    expect(idOf(await login('partner', 'nina', { number: own('nina') }, otherFormat))).toBe(idOf(nina));
  });
});

describe('a user who was deleted and made again at the provider', () => {
  test.each([
    ['another subject', {}, 'subject'],
    ['another issuer', { issuer: 'https://new.partner.example' }, 'issuer'],
    ['another format of names', { nameIdFormat: 'emailAddress' }, 'name-id-format'],
  ])('%s is a case, and rebound by an administrator: the old binding ends', async (_title, more, change) => {
    const olga = await hire('olga');
    const old = await login('partner', 'olga', { number: own('olga'), groups: ['staff'] });
    expect(await login('partner', 'olga-2', { number: own('olga') }, more)).toBe('another-subject');
    const { id, evidence } = await lastCase('ambiguous-record');
    expect(evidence).toMatchObject({ why: 'another-subject', change, candidates: [olga] });
    const version = `version: "${Date.parse(api.now)}"`;
    expect(await mutate(`decideRecord(caseId: "${id}", identityId: "${olga}", ${version}, reason: "x") { status }`)).toBe('INPUT_INVALID');
    const rebind = `rebindLogin(caseId: "${id}", identityId: "${olga}", ${version}, reason: "Made again on Monday") { status resolution actions { mutation } }`;
    expect(await mutate(rebind, operator)).toBe('FORBIDDEN');
    expect(await isLet(old)).toBe(true);
    expect(await mutate(rebind)).toEqual({ rebindLogin: { status: 'CLOSED', resolution: 'REBOUND', actions: [] } });
    expect(await isLet(old)).toBe(false);
    const again = await login('partner', 'olga-2', { number: own('olga') }, more);
    expect([idOf(again), await isLet(again)]).toEqual([olga, true]);
    expect((await eventsOf(olga, 'login.unbound')).map(({ reason }) => reason)).toEqual([expect.objectContaining({ provider: 'partner', why: 'rebound' })]);
    const records = await api.store.read((tx) => tx.identities.recordsOf(olga));
    expect(records.filter(({ source, withdrawnAt }) => source === 'partner' && withdrawnAt == null)).toHaveLength(1);
    // The earlier subject is unknown now.
    expect(await login('partner', 'olga', { number: own('olga') })).toBe('another-subject');
  });

  test('also where the key is for life, which used to be refused for ever', async () => {
    const paul = await hire('paul', { personId: own('p') });
    await login('partner', 'paul', { personId: own('p') });
    expect(await login('partner', 'paul-2', { personId: own('p') })).toBe('another-subject');
    expect((await lastCase('ambiguous-record')).evidence).toMatchObject({ by: 'personId', candidates: [paul] });
  });
});

describe('a one-time link', () => {
  async function begin(provider: Provider, token: string): Promise<Partial<ProvenLogin> | null> {
    const link = await api.store.read((tx) => tx.loginLinks.look(token, api.now));
    if (link === null) return null;
    const id = `_request-${token.slice(0, 20)}-${Math.random()}`;
    const { hashToken } = await import('@tenure/store');
    await api.store.transaction(act(), (tx) =>
      tx.sessions.beginLogin({
        id,
        provider,
        browserHash: hashToken('browser'),
        returnTo: '/me',
        nonce: null,
        verifier: null,
        expiresAt: later(api.now, 1),
        linkId: link.id,
      }),
    );
    return { request: { id, browserSecret: 'browser' } };
  }
  const make = async (identityId: string, provider: Provider, token = admin) => {
    const made = await mutate(
      `createLoginLink(identityId: "${identityId}", provider: "${provider}", hours: 2, reason: "The first administrator") { url }`,
      token,
    );
    return new URL((made as { createLoginLink: { url: string } }).createLoginLink.url);
  };

  test('binds the first administrator, whatever the provider says of them, once', async () => {
    const boss = await hire('boss', { department: 'Administration' });
    const url = await make(boss, 'partner');
    expect(url.pathname).toBe('/saml/partner/login');
    const token = url.searchParams.get('link') ?? '';
    const request = await begin('partner', token);
    const twice = await begin('partner', token);
    const entered = await login('partner', 'boss', { department: 'Sales' }, request ?? {});
    expect([idOf(entered), await isLet(entered)]).toEqual([boss, true]);
    expect((await eventsOf(boss, 'login.bound'))[0]?.reason).toEqual({ provider: 'partner', by: 'link' });
    expect(await eventsOf(boss, 'login.linkMade')).toHaveLength(1);
    expect(await begin('partner', token)).toBeNull();
    expect(await login('partner', 'thief', {}, twice ?? {})).toBe('link-used');
    expect(idOf(await login('partner', 'boss', {}))).toBe(boss);
  });

  test('is for whom it was made, for one provider, for its time, and by administrators', async () => {
    const [ann, bob] = [await hire('ann'), await hire('bob')];
    await login('partner', 'bob', { number: own('bob') });
    const token = (await make(ann, 'partner')).searchParams.get('link') ?? '';
    expect(await login('partner', 'bob', { number: own('bob') }, (await begin('partner', token)) ?? {})).toBe('already-bound');
    expect(await login('corporate', 'ann', {}, (await begin('corporate', token)) ?? {})).toBe('link-used');
    expect(idOf(await login('partner', 'bob', { number: own('bob') }))).toBe(bob);
    expect(await mutate(`createLoginLink(identityId: "${ann}", provider: "partner", reason: "x") { url }`, operator)).toBe('FORBIDDEN');
    expect(await mutate(`createLoginLink(identityId: "${ann}", provider: "nobody", reason: "x") { url }`)).toBe('INPUT_INVALID');
    expect(await mutate(`createLoginLink(identityId: "${ann}", provider: "partner", hours: 99, reason: "x") { url }`)).toBe('INPUT_INVALID');
    const late = (await begin('partner', token)) ?? {};
    api.now = later(api.now, 3);
    expect(await begin('partner', token)).toBeNull();
    expect(await login('partner', 'ann', {}, late)).not.toBe(ann);
  });

  test('ends with whoever made it', async () => {
    const maker = await hire('maker', { department: 'Administration' });
    const boss = await hire('boss', { department: 'Administration' });
    const session = await login('corporate', 'maker', { number: own('maker') });
    const token = (await make(boss, 'partner', typeof session === 'string' ? '' : session.token)).searchParams.get('link') ?? '';
    const request = (await begin('partner', token)) ?? {};
    await hire('maker', { department: 'Sales' }, '2');
    expect(maker).not.toBe(boss);
    expect(await login('partner', 'helper', {}, request)).toBe('link-used');
  });
});

test('logins of a person are shown, and ended by hand', async () => {
  const quinn = await hire('quinn');
  const entered = await login('partner', 'quinn', { number: own('quinn') });
  const { data } = await api.graphql(`{ identity(id: "${quinn}") { logins { provider issuer nameIdFormat mayActWithRights } } }`, { token: admin });
  expect(data).toEqual({
    identity: { logins: [{ provider: 'partner', issuer: 'https://login.partner.example', nameIdFormat: 'persistent', mayActWithRights: false }] },
  });
  const end = `endLogin(identityId: "${quinn}", provider: "partner", reason: "Not hers") { ended { provider } }`;
  expect(await mutate(end, operator)).toBe('FORBIDDEN');
  expect(await mutate(end)).toEqual({ endLogin: { ended: [{ provider: 'partner' }] } });
  expect(await isLet(entered)).toBe(false);
  expect(await mutate(end)).toBe('INPUT_INVALID');
});
