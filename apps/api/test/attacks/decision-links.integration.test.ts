import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { formToken } from '../../access/cross-site.ts';
import { pino } from 'pino';
import { createApp } from '../../server/create-app.ts';
import { createTestApi, later, type TestApi } from '../api.ts';

const tenureYaml = (decideByLink: string): string => `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes:
  displayName: { type: string }
  employeeNumber: { type: string }
  department: { type: string }
  manager: { type: string }
precedence: { default: [hr] }
sources:
  hr: { title: Human resources, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
mail: { url: "smtp://localhost:2525", from: tenure@example.com, decideByLink: ${decideByLink} }
`;
const accessYaml = `
entitlements:
  tenure.auditor: { title: "Audits <Tenure>", target: tenure, value: auditor }
birthright: []
lifecycle: [{ name: all, end: { grace: P30D, then: delete } }]
relations: { manager: { attribute: manager, by: employeeNumber } }
requestable:
  - { name: auditing, entitlements: [tenure.auditor], maximumDuration: P30D, stages: [{ name: manager, approvers: [manager], deadline: P3D }] }
`;

const logger = pino({ level: 'silent' });
let api: TestApi;
let strict: TestApi;
let count = 0;

const act = <T>(work: Parameters<TestApi['store']['transaction']>[1] extends (tx: infer Tx) => unknown ? (tx: Tx) => Promise<T> : never, of = api) =>
  of.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: of.now }, work);

beforeAll(async () => {
  api = await createTestApi({ tenureYaml: tenureYaml('link-alone'), accessYaml });
  strict = await createTestApi({ tenureYaml: tenureYaml('logged-in'), accessYaml });
});
afterAll(async () => {
  await api.stop();
  await strict.stop();
});
beforeEach(() => {
  // Each test is another minute, so that the limit of one is not the other's.
  count += 1;
});

interface Waiting {
  readonly token: string;
  readonly itemId: string;
  readonly requestId: string;
  readonly ada: string;
  readonly max: { readonly id: string; readonly session: string };
}

/** A question that waits for a manager, and the link that their mail has. */
async function waiting(of = api, justification = 'Year <b>end</b>'): Promise<Waiting> {
  const name = `${count}-${Math.random().toString(36).slice(2, 8)}`;
  const add = async (who: string, more: object = {}) =>
    (await of.record({ externalId: `${who}-${name}`, facts: { displayName: `${who}-${name}`, employeeNumber: `${who}-${name}`, ...more } })).identityId ?? '';
  const max = await add('max');
  const ada = await add('ada', { manager: `max-${name}` });
  const session = async (id: string) => (await act((tx) => tx.sessions.open(id, 'hr', of.now, later(of.now, 8)), of)).token;
  const asked = await of.graphql(
    `mutation ($why: String!) { requestAccess(input: { justification: $why, items: [{ kind: ENTITLEMENT, name: "tenure.auditor" }] }) { id items { id } } }`,
    { token: await session(ada), variables: { why: justification } },
  );
  const { id: requestId, items } = (asked.data as unknown as { requestAccess: { id: string; items: { id: string }[] } }).requestAccess;
  const itemId = items[0]?.id ?? '';
  const token = await act((tx) => tx.decisionLinks.create({ itemId, requestId, stage: 0, approverId: max }, of.now, later(of.now, 72)), of);
  return { token, itemId, requestId, ada, max: { id: max, session: await session(max) } };
}

const look = (token: string, of = api, headers: Readonly<Record<string, string>> = {}) =>
  of.app.inject({ method: 'GET', url: `/decide/${token}`, headers: { ...headers }, remoteAddress: `10.0.0.${count}` });
const answer = (token: string, fields: Readonly<Record<string, string>> = {}, of = api, headers: Readonly<Record<string, string>> = {}) =>
  of.app.inject({
    method: 'POST',
    url: `/decide/${token}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams({ token: formToken(token), decision: 'approve', comment: '', ...fields }).toString(),
    remoteAddress: `10.0.1.${count}`,
  });
const statusOf = async ({ itemId }: Waiting, of = api) => (await of.store.read((tx) => tx.requests.item(itemId)))?.status;
const told = async ({ requestId }: Waiting, of = api) =>
  (await of.store.read((tx) => tx.audit.page({ subjectId: requestId, action: 'request.linkUsed' }, 10, null))).map(({ reason }) => reason['outcome']);

/** Audit events of refused callers, about one item or about none. */
const turnedAway = async (one: Waiting | null, of = api) =>
  (await of.store.read((tx) => tx.audit.page({ action: 'access.refused' }, 200, null)))
    .filter(({ reason }) => reason['requestId'] === one?.requestId)
    .map(({ actor, reason }) => `${actor.id}: ${String(reason['at'])} ${String(reason['code'])}`);

describe('a link in a mail', () => {
  it('shows what is asked and decides nothing, however often a mail scanner looks', async () => {
    const one = await waiting(api, 'Year <b>end</b>\u202e.sdnuof\u0007');
    for (let times = 0; times < 5; times += 1) {
      const { statusCode, body, headers } = await look(one.token);
      expect(statusCode).toBe(200);
      expect(body).toContain('Year &lt;b&gt;end&lt;/b&gt;.sdnuof<');
      expect(body).toContain('Audits &lt;Tenure&gt;');
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' });
      expect(headers['content-security-policy']).toBe("default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    }
    const head = await api.app.inject({ method: 'HEAD', url: `/decide/${one.token}` });
    expect(head.statusCode).toBe(200);
    expect(await statusOf(one)).toBe('open');
    expect([await told(one), await turnedAway(one)]).toEqual([[], []]);
  });

  it('decides once, as the person it was sent to, and the audit says by what', async () => {
    const one = await waiting();
    const done = await answer(one.token, { comment: 'until the closing' });
    expect(done.statusCode).toBe(200);
    expect(done.body).toContain('<h1>Approved</h1>');
    expect(await statusOf(one)).toBe('approved');
    const [whole] = await api.store.read((tx) => tx.requests.whole([one.requestId]));
    expect(whole?.answers).toMatchObject([{ givenBy: one.max.id, approves: true, comment: 'until the closing', outcome: 'counted' }]);
    expect(await told(one)).toEqual(['counted']);
    expect((await answer(one.token, { decision: 'deny' })).statusCode).toBe(410);
    expect((await look(one.token)).statusCode).toBe(410);
    expect(await statusOf(one)).toBe('approved');
  });

  it('refuses all but one of many that press at the same time, also at the other API process', async () => {
    const one = await waiting();
    const other = {
      ...api,
      app: await createApp({
        store: api.store,
        engine: api.engine,
        configuration: api.configuration,
        temporalUiUrl: null,
        clock: () => api.now,
        logger,
      }),
    };
    const done = await Promise.all(
      ['approve', 'deny', 'approve', 'deny', 'approve'].map((decision, index) => answer(one.token, { decision }, index % 2 === 0 ? api : other)),
    );
    expect((await look(one.token, other)).statusCode).toBe(410);
    await other.app.close();
    expect(done.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    const [whole] = await api.store.read((tx) => tx.requests.whole([one.requestId]));
    expect(whole?.answers).toHaveLength(1);
  });

  it('refuses a second link to the same question, when one was used', async () => {
    const one = await waiting();
    const { itemId, requestId, max } = one;
    const other = await act((tx) => tx.decisionLinks.create({ itemId, requestId, stage: 0, approverId: max.id }, api.now, later(api.now, 72)));
    expect((await answer(one.token)).statusCode).toBe(200);
    expect((await look(other)).statusCode).toBe(410);
    expect((await answer(other, { decision: 'deny' })).statusCode).toBe(410);
  });

  it.each([
    ['without the token of the form', { token: '' }],
    ['with the token of another form', { token: formToken('td_another') }],
    ['with the secret of the link itself in its place', { token: 'td_' }],
  ])('refuses an answer %s', async (_title, fields) => {
    const one = await waiting();
    expect((await answer(one.token, fields)).statusCode).toBe(403);
    expect(await turnedAway(one)).toEqual(['api: POST /decide/:token FORM_OF_ANOTHER_PAGE']);
    expect(await statusOf(one)).toBe('open');
    expect((await answer(one.token)).statusCode).toBe(200);
  });

  it.each([{ decision: 'maybe' }, { decision: '' }])('refuses an answer that is neither yes nor no: %j', async (fields) => {
    const one = await waiting();
    expect((await answer(one.token, fields)).statusCode).toBe(400);
    expect(await statusOf(one)).toBe('open');
  });

  it('opens nothing else, and nothing else opens it', async () => {
    const one = await waiting();
    expect((await api.graphql('{ me { id } }', { token: one.token })).status).toBe(401);
    const page = await api.app.inject({ method: 'GET', url: '/me', headers: { cookie: `tenure_session=${one.token}` } });
    expect(page.body).toContain('Log in');
    const service = await api.serviceToken('admin');
    const others = [one.max.session, service, one.token.replace('td_', 'ts_'), one.max.session.replace('ts_', 'td_'), service.replace('tt_', 'td_')];
    for (const other of [...others, formToken(one.token), one.itemId, one.requestId]) expect((await look(other)).statusCode).toBe(404);
    // The token of one form is not valid for another one either.
    const stolen = await waiting();
    expect((await answer(one.token, { token: formToken(stolen.token) })).statusCode).toBe(403);
    expect((await answer(one.token, { token: formToken(one.max.session) })).statusCode).toBe(403);
    expect([await statusOf(one), await statusOf(stolen)]).toEqual(['open', 'open']);
  });

  it.each(['td_', 'x', `td_${'A'.repeat(43)}`, `td_${'A'.repeat(44)}`, '..%2F..%2Fme', '%00', "td_' or 1=1 --"])('refuses a guess: %s', async (token) => {
    const guesses = async () => {
      const all = await turnedAway(null);
      return ['GET', 'POST'].map((method) => all.filter((one) => one === `api: ${method} /decide/:token LINK_UNKNOWN`).length);
    };
    const before = await guesses();
    expect((await look(encodeURIComponent(token))).statusCode).toBe(404);
    expect((await answer(encodeURIComponent(token))).statusCode).toBe(404);
    expect(await guesses()).toEqual(before.map((count) => count + 1));
  });

  it('refuses whoever is late', async () => {
    const one = await waiting();
    const before = api.now;
    api.now = later(api.now, 72);
    const [seen, done] = [await look(one.token), await answer(one.token)];
    api.now = before;
    expect([seen.statusCode, done.statusCode]).toEqual([410, 410]);
    expect(seen.body).not.toContain('Audits');
    expect([await statusOf(one), await told(one)]).toEqual(['open', ['REQUEST_CLOSED']]);
  });

  it('refuses whoever has left, or is on leave', async () => {
    const one = await waiting();
    const [name] = [(await api.store.read((tx) => tx.identities.get(one.max.id)))?.attributes['employeeNumber']?.value];
    await api.record({ externalId: String(name), version: '2', status: 'ended', facts: { employeeNumber: String(name) } });
    expect((await look(one.token)).statusCode).toBe(410);
    expect((await answer(one.token)).statusCode).toBe(410);
    expect([await statusOf(one), await told(one)]).toEqual(['open', ['REQUEST_CLOSED']]);
  });

  it('refuses whose question it is no more, since somebody else is asked', async () => {
    const one = await waiting();
    await act(async (tx) => {
      const [whole] = await tx.requests.whole([one.requestId]);
      for (const approver of whole?.approvers ?? []) await tx.requests.saveApprover({ ...approver, endedAt: api.now, endReason: 'replaced' });
    });
    expect((await look(one.token)).statusCode).toBe(410);
    expect((await answer(one.token)).statusCode).toBe(410);
    expect(await told(one)).toEqual(['REQUEST_CLOSED']);
  });

  it('refuses what was taken back or decided elsewhere', async () => {
    const one = await waiting();
    const denied = await api.graphql(`mutation { decideRequestItem(itemId: "${one.itemId}", approve: false) { id } }`, { token: one.max.session });
    expect(denied.errors).toEqual([]);
    expect((await answer(one.token)).statusCode).toBe(410);
    expect(await statusOf(one)).toBe('denied');
  });

  it('refuses a question about oneself, even with a link to it', async () => {
    const one = await waiting();
    const { itemId, requestId, ada } = one;
    const own = await act((tx) => tx.decisionLinks.create({ itemId, requestId, stage: 0, approverId: ada }, api.now, later(api.now, 72)));
    expect((await answer(own)).statusCode).toBe(410);
    expect([await statusOf(one), await told(one)]).toEqual(['open', ['REQUEST_CLOSED']]);
  });

  it('stays good when its answer could not be stored', async () => {
    const one = await waiting();
    // Plays a database that fails after the link was used up.
    await api.database.execute('alter table request_answer add constraint nothing_more check (false) not valid');
    const tried = await answer(one.token);
    await api.database.execute('alter table request_answer drop constraint nothing_more');
    expect([tried.statusCode, await statusOf(one), await told(one)]).toEqual([500, 'open', []]);
    expect((await answer(one.token)).statusCode).toBe(200);
    expect(await told(one)).toEqual(['counted']);
  });

  it('refuses whoever asks too often', async () => {
    const codes = await Promise.all(Array.from({ length: 40 }, async () => (await look('td_guess')).statusCode));
    expect(codes.filter((code) => code === 429).length).toBeGreaterThanOrEqual(10);
  });

  it('leaves its secret in no table and no line of the log', async () => {
    const one = await waiting();
    await look(one.token);
    await answer(one.token);
    const stored = await Promise.all(
      ['decision_link', 'audit_event', 'request_answer', 'notice'].map((table) => api.database.execute(`select t::text as row from ${table} t`)),
    );
    expect(`${JSON.stringify(stored)}${api.log.join('')}`).not.toContain(one.token.slice(3, 20));
  });
});

describe('where a login is wanted besides', () => {
  it('refuses the link alone, and the link in the hands of somebody else who is logged in', async () => {
    const one = await waiting(strict);
    const eve = await waiting(strict);
    expect((await look(one.token, strict)).statusCode).toBe(401);
    expect((await look(one.token, strict)).body).not.toContain('Audits');
    expect((await answer(one.token, {}, strict)).statusCode).toBe(401);
    const asEve = { cookie: `tenure_session=${eve.max.session}` };
    expect((await look(one.token, strict, asEve)).statusCode).toBe(403);
    expect((await answer(one.token, {}, strict, asEve)).statusCode).toBe(403);
    expect((await turnedAway(one, strict)).sort()).toEqual(['GET', 'POST'].map((method) => `${eve.max.id}: ${method} /decide/:token LINK_OF_ANOTHER`));
    expect(await statusOf(one, strict)).toBe('open');
    expect((await look(one.token, strict, { cookie: `tenure_session=${one.max.session}` })).statusCode).toBe(200);
  });
});
