import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createAuthenticate } from '@tenure/engine/callers';
import { createTestApi, later, type TestApi } from '../api.ts';
import { type HostileOp, startHostileOp } from './hostile-op.ts';
import { begin, createVisitor, expectAccepted, logIn, sessionCookie, type Visitor } from './login-attempt.ts';

/** Sessions over https, as a browser and a thief of its cookies see them. */
let api: TestApi;
let op: HostileOp;
const loginCookie = '__Host-tenure_login';

beforeAll(async () => {
  op = await startHostileOp();
  op.clock = () => Date.parse(api.now);
  api = await createTestApi({
    url: 'https://tenure.example',
    app: { loginRateLimit: 10_000 },
    tenureYaml: `
url: http://localhost:4000
timeZone: UTC
attributes: { displayName: { type: string }, employeeNumber: { type: string }, department: { type: string }, endDate: { type: instant }, leaveStart: { type: instant } }
precedence: { default: [hr, corp] }
sources: { hr: { title: HR, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] } }
identityProviders:
  corp: { title: Corp, protocol: oidc, issuer: "${op.issuer}", clientId: tenure, mayCreate: true, userType: contractor, correlate: [{ attribute: employeeNumber }], attributes: { displayName: claims.name, employeeNumber: claims.number } }
targets: { crm: { title: CRM, kind: scim, url: "http://127.0.0.1:9/", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } } }
`,
  });
});
afterAll(async () => {
  await api?.stop();
  await op?.stop();
});
beforeEach(() => {
  api.now = new Date().toISOString();
});

let count = 0;
/** Hired by HR and logged in. */
async function loggedIn(): Promise<{ visitor: Visitor; token: string; id: string; number: string; externalId: string; sub: string }> {
  count += 1;
  const [number, externalId, sub] = [`S-${count}`, `hr-${count}`, `sub-${count}`];
  const { identityId } = await api.record({ externalId, facts: { employeeNumber: number, displayName: `Person ${count}` } });
  op.person = { sub, number, name: `Person ${count}` };
  const visitor = createVisitor(api);
  expectAccepted(await logIn(api, op, 'corp', visitor));
  return { visitor, token: visitor.cookies.get(sessionCookie) ?? '', id: identityId ?? '', number, externalId, sub };
}

/** True if a stolen token still opens anything: the API by header or cookie, or the page. */
async function isWorth(token: string): Promise<boolean> {
  const byHeader = await api.graphql('{ me { id } }', { token });
  const byCookie = await api.graphql('{ me { id } }', { headers: { cookie: `${sessionCookie}=${token}`, origin: 'https://tenure.example' } });
  const page = await api.app.inject({ method: 'GET', url: '/me', headers: { cookie: `${sessionCookie}=${token}` } });
  const answers = [byHeader.status === 200, byCookie.status === 200, page.body.includes('Hello,')];
  expect(new Set(answers).size).toBe(1);
  return answers[0] ?? false;
}

const attributesOf = (line: string): readonly string[] =>
  line
    .split(';')
    .slice(1)
    .map((part) => part.trim().replace(/=.*(GMT|\d+)$/, '=…'))
    .sort();

describe('RFC 6265bis section 4.1: attributes of cookies', () => {
  test('the session: this host alone, https alone, out of reach of scripts and of requests that other sites make', async () => {
    const visitor = createVisitor(api);
    op.person = { sub: 'attributes' };
    const answered = await logIn(api, op, 'corp', visitor);
    const line = answered.setCookies.find((one) => one.startsWith(`${sessionCookie}=`)) ?? '';
    expect(attributesOf(line)).toEqual(['Expires=…', 'HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']);
    expect(line).toMatch(/=ts_[\w-]{43};/);
  });

  test('the begun login: the same, but sent along when a provider posts its answer, and gone after ten minutes', async () => {
    const { setCookies } = await createVisitor(api).get('/oidc/corp/login');
    expect(setCookies).toHaveLength(1);
    expect(attributesOf(setCookies[0] ?? '')).toEqual(['HttpOnly', 'Max-Age=…', 'Path=/', 'SameSite=None', 'Secure']);
    expect(setCookies[0]).toContain('Max-Age=600');
  });

  test('logging out removes the cookie with the attributes that it was set with', async () => {
    const { visitor } = await loggedIn();
    const answered = await logOut(visitor);
    expect(attributesOf(answered.setCookies[0] ?? '')).toEqual(['Expires=…', 'HttpOnly', 'Max-Age=…', 'Path=/', 'SameSite=Lax', 'Secure']);
    expect(visitor.cookies.has(sessionCookie)).toBe(false);
  });

  test('one without the prefix, which another host of the domain could have set, is nobody’s', async () => {
    const { token } = await loggedIn();
    const page = await api.app.inject({ method: 'GET', url: '/me', headers: { cookie: `tenure_session=${token}` } });
    expect(page.body).toContain('Log in');
    expect(await isWorth(token)).toBe(true);
  });
});

describe('session fixation', () => {
  test('a session that somebody planted does not become that of the person who logs in over it', async () => {
    const attacker = await loggedIn();
    op.person = { sub: 'fixed', name: 'Fixed' };
    const victim = createVisitor(api);
    victim.cookies.set(sessionCookie, attacker.token);
    expectAccepted(await logIn(api, op, 'corp', victim));
    expect(victim.cookies.get(sessionCookie)).not.toBe(attacker.token);
    // It is nobody's any more: one browser has one session.
    expect(await isWorth(attacker.token)).toBe(false);
  });

  test('a token that the server has not made is never taken over', async () => {
    const planted = `ts_${'A'.repeat(43)}`;
    const victim = createVisitor(api);
    victim.cookies.set(sessionCookie, planted);
    op.person = { sub: 'planted' };
    expectAccepted(await logIn(api, op, 'corp', victim));
    expect(victim.cookies.get(sessionCookie)).not.toBe(planted);
    expect(await isWorth(planted)).toBe(false);
  });

  test('a begun login that was planted ends in the browser of whoever began it, not of the victim', async () => {
    const attacker = createVisitor(api);
    op.person = { sub: 'planter' };
    const back = await op.visit(await begin(attacker, 'corp'));
    const victim = createVisitor(api);
    // The cookie without the prefix is all that another host of the domain could set.
    victim.cookies.set('tenure_login', attacker.cookies.get(loginCookie) ?? '');
    expect((await victim.get(`${back.pathname}${back.search}`)).status).toBe(403);
    expect(victim.cookies.has(sessionCookie)).toBe(false);
    expectAccepted(await attacker.get(`${back.pathname}${back.search}`));
  });

  test('every login makes a token of its own, and the database knows none of them', async () => {
    const first = await loggedIn();
    const second = createVisitor(api);
    op.person = { sub: first.sub, number: first.number };
    expectAccepted(await logIn(api, op, 'corp', second));
    const tokens = [first.token, second.cookies.get(sessionCookie) ?? ''];
    expect(new Set(tokens).size).toBe(2);
    for (const table of ['session', 'login_request', 'audit_event']) {
      const rows = JSON.stringify(await api.database.execute(`select * from ${table}`));
      for (const token of tokens) expect(rows).not.toContain(token.slice(3));
    }
  });
});

describe('a token that was stolen', () => {
  const ends: Readonly<Record<string, (person: Awaited<ReturnType<typeof loggedIn>>) => Promise<unknown>>> = {
    'its person logs out': ({ visitor }) => logOut(visitor),
    'HR says that its person has left': ({ externalId, number }) =>
      api.record({ externalId, version: '2', facts: { employeeNumber: number }, status: 'ended' }),
    "its person's end date comes, though nobody wrote anything": async ({ externalId, number }) => {
      await api.record({ externalId, version: '2', facts: { employeeNumber: number, endDate: later(api.now, 1) } });
      api.now = later(api.now, 2);
    },
    'an operator ends all sessions': async ({ id }) => {
      const operator = await api.serviceToken('operator');
      const mutation = `mutation { revokeSessions(identityId: "${id}", reason: "stolen laptop") { count } }`;
      expect((await api.graphql(mutation, { token: operator })).errors).toEqual([]);
    },
    'its time is over': async () => {
      api.now = later(api.now, 25);
    },
  };
  for (const [title, end] of Object.entries(ends))
    test(`is worth nothing once ${title}`, async () => {
      const person = await loggedIn();
      expect(await isWorth(person.token)).toBe(true);
      await end(person);
      expect(await isWorth(person.token)).toBe(false);
      // The end is in the audit, unless time alone did it.
      const events = await api.store.read((tx) => tx.audit.ofIdentity(person.id, 50));
      if (title !== 'its time is over' && !title.includes('nobody wrote'))
        expect(events.map(({ action }) => action)).toEqual(expect.arrayContaining([expect.stringMatching(/^sessions?\.(ended|revoked)$/)]));
    });

  test('does not come back to life when its person does', async () => {
    const person = await loggedIn();
    await api.record({ externalId: person.externalId, version: '2', facts: { employeeNumber: person.number }, status: 'ended' });
    await api.record({ externalId: person.externalId, version: '3', facts: { employeeNumber: person.number }, status: 'active' });
    expect(await isWorth(person.token)).toBe(false);
    op.person = { sub: person.sub, number: person.number };
    expectAccepted(await logIn(api, op, 'corp', person.visitor));
    expect(await isWorth(person.visitor.cookies.get(sessionCookie) ?? '')).toBe(true);
  });

  test('a service token is worth nothing while its maker is on leave, and nothing for ever once they have left', async () => {
    const { id, number, externalId } = await loggedIn();
    const token = await api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }, async (tx) => {
      const wanted = { name: 'feed', roles: ['auditor', 'source:hr'], createdBy: `person ${id}`, identityId: id, expiresAt: later(api.now, 100) };
      return (await tx.sessions.createServiceToken(wanted, api.now)).token;
    });
    let version = 1;
    const says = async (status: 'active' | 'ended', facts: object = {}) => {
      version += 1;
      await api.record({ externalId, version: String(version), facts: { employeeNumber: number, department: 'Admin', ...facts }, status });
    };
    await says('active');
    const opens = async () => (await api.graphql('{ identities(first: 1) { totalCount } }', { token })).status === 200;
    expect(await opens()).toBe(true);
    await says('active', { leaveStart: later(api.now, -1) });
    expect(await opens()).toBe(false);
    await says('active');
    expect(await opens()).toBe(true);
    await says('ended');
    expect(await opens()).toBe(false);
    await says('active');
    expect(await opens()).toBe(false);
    expect(await api.database.execute(`select 1 from audit_event where action = 'serviceToken.revoked'`)).toHaveLength(1);
  });

  test('is not found by what looks like it', async () => {
    const { token } = await loggedIn();
    const others = [token.toUpperCase(), `${token} `, `${token}=`, token.slice(0, -1), `${token}A`, token.replace('ts_', 'tt_'), token.replace('ts_', '')];
    for (const other of others) expect((await api.graphql('{ me { id } }', { headers: { authorization: `Bearer ${other.trim()}x` } })).status).toBe(401);
    for (const other of others.filter((one) => one.trim() !== token)) expect((await api.graphql('{ me { id } }', { token: other })).status).toBe(401);
    const [session] = await api.database.execute("select token_hash, id from credential where kind = 'session' order by created_at desc limit 1");
    for (const known of [session?.['token_hash'], session?.['id']]) expect((await api.graphql('{ me { id } }', { token: `ts_${known}` })).status).toBe(401);
  });

  test('logging out in one browser leaves the others', async () => {
    const first = await loggedIn();
    const second = createVisitor(api);
    op.person = { sub: first.sub, number: first.number };
    expectAccepted(await logIn(api, op, 'corp', second));
    await logOut(first.visitor);
    expect(await isWorth(first.token)).toBe(false);
    expect(await isWorth(second.cookies.get(sessionCookie) ?? '')).toBe(true);
  });
});

describe('the end of a session', () => {
  test('comes when nobody has used it for an hour, and later for whoever uses it, but not later than its lifetime', async () => {
    const { token } = await loggedIn();
    const begun = api.now;
    const at = (minutes: number): void => void (api.now = new Date(Date.parse(begun) + minutes * 60_000).toISOString());
    for (let minutes = 59; minutes < 480; minutes += 59) {
      at(minutes);
      expect(await isWorth(token)).toBe(true);
    }
    at(480);
    expect(await isWorth(token)).toBe(false);

    api.now = begun;
    const idle = await loggedIn();
    at(59);
    // A subscription that goes on is no use.
    expect(await createAuthenticate({ ...api, clock: () => api.now })(idle.token, false)).toMatchObject({ expiresAt: later(begun, 1) });
    // Neither is a page that sends requests by itself.
    expect((await api.graphql('{ me { id } }', { token: idle.token, headers: { 'x-tenure-background': '1' } })).status).toBe(200);
    at(60);
    expect(await isWorth(idle.token)).toBe(false);
  });

  test('comes with a new login in the same browser, whoever logs in, and leaves other browsers', async () => {
    const first = await loggedIn();
    const elsewhere = createVisitor(api);
    op.person = { sub: first.sub, number: first.number };
    expectAccepted(await logIn(api, op, 'corp', elsewhere));
    expectAccepted(await logIn(api, op, 'corp', first.visitor));
    expect(await isWorth(first.token)).toBe(false);
    op.person = { sub: 'another' };
    const second = first.visitor.cookies.get(sessionCookie) ?? '';
    expectAccepted(await logIn(api, op, 'corp', first.visitor));
    expect(await isWorth(second)).toBe(false);
    expect(await isWorth(elsewhere.cookies.get(sessionCookie) ?? '')).toBe(true);
    const ended = `select 1 from audit_event where identity_id = ? and action = 'session.ended' and reason->>'why' = 'a new login in the same browser'`;
    expect(await api.database.execute(ended, [first.id])).toHaveLength(2);
  });

  test('comes with a new login whose answer brings no cookie of the session, as one that is posted from another site', async () => {
    const first = await loggedIn();
    op.person = { sub: first.sub, number: first.number };
    const url = await begin(first.visitor, 'corp');
    first.visitor.cookies.delete(sessionCookie);
    const back = await op.visit(url);
    expect((await first.visitor.get(`${back.pathname}${back.search}`)).status).toBe(303);
    expect(first.visitor.cookies.get(sessionCookie)).toMatch(/^ts_/);
    expect(await isWorth(first.token)).toBe(false);
  });

  test('comes everywhere at once by a word of the person, from the page or by GraphQL', async () => {
    const inMany = async () => {
      const first = await loggedIn();
      const second = createVisitor(api);
      op.person = { sub: first.sub, number: first.number };
      expectAccepted(await logIn(api, op, 'corp', second));
      return { first, tokens: [first.token, second.cookies.get(sessionCookie) ?? ''] };
    };
    const bystander = await loggedIn();
    const page = await inMany();
    const form = formTokenOf((await page.first.visitor.get('/me')).body);
    expect((await page.first.visitor.post('/logout', new URLSearchParams({ token: form, everywhere: 'yes' }))).status).toBe(303);
    const asked = await inMany();
    const { data } = await api.graphql('mutation { logOutEverywhere { count } }', { token: asked.tokens[1] ?? '' });
    expect(data).toEqual({ logOutEverywhere: { count: 2 } });
    for (const token of [...page.tokens, ...asked.tokens]) expect(await isWorth(token)).toBe(false);
    expect(await isWorth(bystander.token)).toBe(true);
    const service = await api.serviceToken('admin');
    expect((await api.graphql('mutation { logOutEverywhere { count } }', { token: service })).errors[0]?.extensions.code).toBe('FORBIDDEN');
    // The session at the source, on which they rested, has ended with them.
    expect(await api.database.execute('select 1 from credential where identity_id = ? and ended_at is null', [asked.first.id])).toEqual([]);
  });
});

describe('logging out', () => {
  test("needs the form's own token: neither a link, nor another site's form, nor the form of another session does it", async () => {
    const [victim, attacker] = [await loggedIn(), await loggedIn()];
    const foreign = formTokenOf((await attacker.visitor.get('/me')).body);
    for (const form of [new URLSearchParams(), new URLSearchParams({ token: foreign }), new URLSearchParams({ token: victim.token })])
      expect((await victim.visitor.post('/logout', form)).status).toBe(403);
    expect((await victim.visitor.get('/logout')).status).toBe(404);
    expect(await isWorth(victim.token)).toBe(true);
    expect((await logOut(victim.visitor)).status).toBe(303);
    expect(await isWorth(victim.token)).toBe(false);
  });

  test('the form does not give the session away', async () => {
    const { visitor, token } = await loggedIn();
    const page = (await visitor.get('/me')).body;
    expect(page).not.toContain(token);
    expect(await isWorth(`ts_${formTokenOf(page)}`)).toBe(false);
  });
});

describe('RFC 9700 section 4.3.2: tokens do not travel in addresses', () => {
  test('one in an address opens nothing', async () => {
    const { token } = await loggedIn();
    for (const name of ['access_token', 'token', 'authorization', sessionCookie, 'tenure_session']) {
      expect((await api.app.inject({ method: 'GET', url: `/me?${name}=${token}` })).body).toContain('Log in');
      const asked = await api.app.inject({ method: 'POST', url: `/graphql?${name}=${token}`, payload: { query: '{ me { id } }' } });
      expect(asked.statusCode).toBe(401);
      const inBody = await api.app.inject({ method: 'POST', url: '/graphql', payload: { query: '{ me { id } }', [name]: token } });
      expect(inBody.statusCode).toBe(401);
    }
  });

  test('none is put into one: not where a login ends, nor by its code in what other sites are told or caches keep', async () => {
    op.person = { sub: 'address' };
    const visitor = createVisitor(api);
    const back = await op.visit(await begin(visitor, 'corp'));
    const { headers } = await api.app.inject({
      method: 'GET',
      url: `${back.pathname}${back.search}`,
      headers: { cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    expect(headers.location).toBe('/me');
    expect(headers).toMatchObject({ 'referrer-policy': 'same-origin', 'cache-control': 'no-store' });
  });
});

function formTokenOf(page: string): string {
  return /name="token" value="([^"]+)"/.exec(page)?.[1] ?? '';
}

async function logOut(visitor: Visitor) {
  return visitor.post('/logout', new URLSearchParams({ token: formTokenOf((await visitor.get('/me')).body) }));
}
