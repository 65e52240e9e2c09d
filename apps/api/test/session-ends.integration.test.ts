import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { enterApplication, followSamlApplications } from '@tenure/engine/applications';
import { createKeyring, type Keyring } from '@tenure/engine/keys';
import { createLogoutNotifier, deliverLogoutNotices } from '@tenure/engine/logouts';
import { type LogoutReceiver, startLogoutReceiver } from '@tenure/testing/logout-receiver.ts';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { createTestApi, later, tenureYaml, type TestApi } from './api.ts';

let api: TestApi;
let wiki: LogoutReceiver;
let keyring: Keyring;
let operator: string;
let auditor: string;

beforeAll(async () => {
  wiki = await startLogoutReceiver();
  const applications = `
applications:
  wiki:
    title: The Wiki
    protocol: oidc
    clientId: wiki-client
    redirectUris: [https://wiki.example/callback]
    backchannelLogoutUri: ${wiki.url}
    mayUse: { when: "true" }
  library:
    title: Library
    protocol: oidc
    clientId: library-client
    redirectUris: [https://library.example/callback]
    session: PT30M
    mayUse: { when: "true" }
`;
  api = await createTestApi({ tenureYaml: tenureYaml + applications });
  keyring = createKeyring({ store: api.store, clock: () => api.now });
  operator = await api.serviceToken('operator');
  auditor = await api.serviceToken('auditor');
});
afterAll(async () => {
  await wiki.close();
  await api.stop();
});
beforeEach(async () => {
  wiki.answer = () => ({ status: 200 });
  await deliver();
  wiki.calls.length = 0;
});

const context = () => ({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }) as const;
/** Has each application notified, as a worker does. */
async function deliver(): Promise<void> {
  const samlApplications = followSamlApplications(api.configuration, () => undefined);
  const notify = createLogoutNotifier({ url: api.configuration.url, keyring, samlApplications, patience: 5000 });
  const dependencies = { store: api.store, engine: api.engine, clock: () => api.now, notify };
  for (const application of ['wiki', 'library']) while ((await deliverLogoutNotices(dependencies, application)) > 0);
}

/** A person who is logged in and has entered both applications. */
async function inside(): Promise<{ id: string; token: string; session: string; at: Readonly<Record<string, string>> }> {
  const { id, token } = await api.person('Sales');
  return api.store.transaction(context(), async (tx) => {
    const session = await tx.sessions.byToken(token, api.now);
    if (session === null) throw new Error('the session is open');
    const at: Record<string, string> = {};
    for (const application of ['wiki', 'library']) {
      const entry = await enterApplication(tx, api.engine, { application, identityId: id, session, details: {} });
      if (!entry.mayEnter) throw new Error(`may not enter ${application}`);
      at[application] = entry.session.id;
    }
    return { id, token, session: session.id, at };
  });
}

const fields = `id provider createdAt endedAt sourceSession { id endedAt }
  applications { application title expiresAt endedAt endedReason notification { status code } refreshTokens { id } }`;
async function sessionsOf(token: string, includeEnded = false): Promise<readonly Record<string, unknown>[]> {
  const { data, errors } = await api.graphql(`query ($ended: Boolean!) { me { sessionCount sessions(includeEnded: $ended) { ${fields} } } }`, {
    token,
    variables: { ended: includeEnded },
  });
  expect(errors).toEqual([]);
  return (data as unknown as { me: { sessions: readonly Record<string, unknown>[] } }).me.sessions;
}
async function endSession(token: string, id: string, reason: string | null = null): Promise<string | null> {
  const { errors } = await api.graphql('mutation ($id: ID!, $reason: String) { endSession(id: $id, reason: $reason) { id endedAt } }', {
    token,
    variables: { id, reason },
  });
  return errors[0]?.extensions.code ?? null;
}
const formTokenOf = (page: string): string => /name="token" value="([^"]+)"/.exec(page)?.[1] ?? '';
const pageOf = async (token: string): Promise<string> =>
  (await api.app.inject({ method: 'GET', url: '/me', headers: { cookie: `tenure_session=${token}` } })).body;
const post = (token: string, form: Readonly<Record<string, string>>) =>
  api.app.inject({
    method: 'POST',
    url: '/me/sessions',
    headers: { cookie: `tenure_session=${token}`, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(form).toString(),
  });

describe('the tree of sessions', () => {
  test('is seen by its person and by readers, from the source to the applications', async () => {
    const { id, token, session } = await inside();
    const tree = [
      {
        id: session,
        provider: 'partner',
        createdAt: api.now,
        endedAt: null,
        sourceSession: { id: expect.any(String), endedAt: null },
        applications: expect.arrayContaining([
          { application: 'wiki', title: 'The Wiki', expiresAt: later(api.now, 1), endedAt: null, endedReason: null, notification: null, refreshTokens: [] },
          { application: 'library', title: 'Library', expiresAt: later(api.now, 0.5), endedAt: null, endedReason: null, notification: null, refreshTokens: [] },
        ]),
      },
    ];
    expect(await sessionsOf(token)).toEqual(tree);
    const read = await api.graphql(`query ($id: ID!) { identity(id: $id) { sessions { ${fields} } } }`, { token: auditor, variables: { id } });
    expect(read.data).toEqual({ identity: { sessions: tree } });
  });

  test('is not seen by others', async () => {
    const { id } = await inside();
    const { token } = await api.person('Sales');
    const { errors } = await api.graphql(`query ($id: ID!) { identity(id: $id) { sessions { id } } }`, { token, variables: { id } });
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('endSession', () => {
  test('ends the session at one application, which is told; those beside it go on', async () => {
    const { token, at } = await inside();
    expect(await endSession(token, at['wiki'] ?? '')).toBeNull();
    await deliver();
    const [session] = await sessionsOf(token, true);
    const applications = session?.['applications'] as readonly { application: string; endedAt: string | null; notification: object | null }[];
    expect(applications.find(({ application }) => application === 'wiki')).toMatchObject({
      endedAt: api.now,
      endedReason: 'ended by the person',
      notification: { status: 'CONFIRMED', code: 'HTTP_200' },
    });
    expect(applications.find(({ application }) => application === 'library')).toMatchObject({ endedAt: null, notification: null });
    expect((await sessionsOf(token))[0]?.['applications']).toHaveLength(1);
    expect(wiki.calls).toHaveLength(1);
  });

  test('ends a session in Tenure with those below it', async () => {
    const { id, session } = await inside();
    expect(await endSession(operator, session, 'lost laptop')).toBeNull();
    await deliver();
    const notices = await api.store.read((tx) => tx.logoutNotices.ofPeople([id]));
    expect(notices.map(({ application, status }) => [application, status])).toEqual([
      ['library', 'no-channel'],
      ['wiki', 'confirmed'],
    ]);
    const events = await api.store.read((tx) => tx.audit.page({ identityId: id }, 10, null));
    expect(events.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['session.ended', 'application.logoutConfirmed', 'application.logoutNotConfirmed', 'application.entered']),
    );
  });

  test('is refused for the sessions of others, without a reason, twice, and for what is no session', async () => {
    const [mine, theirs] = [await inside(), await inside()];
    const token = await api.serviceToken('admin');
    const [service] = await api.store.read((tx) => tx.sessions.serviceTokens());
    expect(await endSession(mine.token, theirs.session, 'mischief')).toBe('NOT_FOUND');
    expect(await endSession(mine.token, theirs.at['wiki'] ?? '')).toBe('NOT_FOUND');
    expect(await endSession(auditor, theirs.session, 'curious')).toBe('FORBIDDEN');
    expect(await endSession(operator, theirs.session)).toBe('INPUT_INVALID');
    expect(await endSession(token, service?.id ?? '', 'no session')).toBe('NOT_FOUND');
    expect(await endSession(mine.token, mine.at['wiki'] ?? '')).toBeNull();
    expect(await endSession(mine.token, mine.at['wiki'] ?? '')).toBe('INPUT_INVALID');
    expect(await sessionsOf(theirs.token)).toHaveLength(1);
  });
});

describe('/me', () => {
  test('lists the sessions with a button each, which ends it without a script', async () => {
    const { token, session, at } = await inside();
    const page = await pageOf(token);
    expect(page).toContain('<h2>Your sessions</h2>');
    expect(page).toContain('<strong>Login through Contoso &amp; partners</strong> <span class="badge">this browser</span>');
    expect(page).toContain('<strong>The Wiki</strong>');
    for (const id of [session, at['wiki'], at['library']]) expect(page).toContain(`<button name="session" value="${id}"`);
    const ended = await post(token, { token: formTokenOf(page), session: at['wiki'] ?? '' });
    expect([ended.statusCode, ended.headers['location']]).toEqual([303, '/me']);
    expect(await pageOf(token)).not.toContain('The Wiki');
    // A second click changes nothing.
    expect((await post(token, { token: formTokenOf(page), session: at['wiki'] ?? '' })).statusCode).toBe(303);
    await post(token, { token: formTokenOf(page), session });
    expect(await pageOf(token)).not.toContain('Your sessions');
  });

  test.each([
    ['the form of another page', (form: string) => ({ token: `${form}x` }), 403],
    ['no token', () => ({}), 403],
    ['the session of somebody else', (form: string) => ({ token: form }), 303],
  ])('ends nothing by %s', async (_what, fieldsOf, status) => {
    const [mine, theirs] = [await inside(), await inside()];
    const answer = await post(mine.token, { ...fieldsOf(formTokenOf(await pageOf(mine.token))), session: theirs.session });
    expect(answer.statusCode).toBe(status);
    expect(await sessionsOf(theirs.token)).toHaveLength(1);
    expect(await sessionsOf(mine.token)).toHaveLength(1);
  });
});

describe('the certificate of a leaver', () => {
  const query = `query ($id: ID!) { leaverCertificate(identityId: $id) { jws isComplete applicationSessions { application title outcome code confirmedAt openUntil endedAt } } }`;
  const certificateOf = async (id: string) => {
    const { data } = await api.graphql(query, { token: auditor, variables: { id } });
    return (data as unknown as { leaverCertificate: { jws: string; isComplete: boolean; applicationSessions: readonly object[] } }).leaverCertificate;
  };

  test('says how each application confirmed the end of its session, and until when one may be open that cannot be told', async () => {
    const { id } = await inside();
    wiki.answer = () => ({ status: 503 });
    await api.graphql('mutation ($id: ID!) { terminateNow(identityIds: [$id], reason: "test") { outcome } }', { token: operator, variables: { id } });
    await deliver();
    const library = { application: 'library', title: 'Library', outcome: 'NO_CHANNEL', code: 'NO_BACKCHANNEL_LOGOUT_URI', confirmedAt: null };
    const until = later(api.now, 0.5);
    const first = { application: 'wiki', title: 'The Wiki', endedAt: api.now };
    const before = await certificateOf(id);
    expect(before.isComplete).toBe(false);
    expect(before.applicationSessions).toEqual([
      { ...library, openUntil: until, endedAt: api.now },
      { ...first, outcome: 'WAITING', code: 'HTTP_503', confirmedAt: null, openUntil: later(api.now, 1) },
    ]);
    wiki.answer = () => ({ status: 204 });
    const ended = api.now;
    api.now = later(api.now, 0.1);
    await deliver();
    const after = await certificateOf(id);
    expect(after.applicationSessions[1]).toEqual({ ...first, outcome: 'CONFIRMED', code: 'HTTP_204', confirmedAt: api.now, openUntil: null });
    const signed: { readonly applicationSessions?: readonly object[] } = decodeJwt(after.jws);
    expect(signed.applicationSessions).toMatchObject([
      { application: 'library', openUntil: until },
      { application: 'wiki', openUntil: null },
    ]);
    api.now = ended;
  });
});

describe('OpenID Connect Back-Channel Logout 1.0 section 2.6: a logout token', () => {
  test('is verified by a library that nobody here wrote', async () => {
    const { id, session } = await inside();
    const { applicationSessions } = await api.store.read(async (tx) => ({ applicationSessions: await tx.applicationSessions.openOf([id], api.now) }));
    const sessions = applicationSessions.find(({ application }) => application === 'wiki');
    await endSession(operator, session, 'test');
    await deliver();
    const keys = (await keyring.published('oidc')).map(({ id: kid, publicJwk }) => ({ ...publicJwk, kid, alg: 'RS256', use: 'sig' }));
    const token = new URLSearchParams(wiki.calls[0]?.body).get('logout_token') ?? '';
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: keys as never }), {
      issuer: 'http://localhost:4000/idp/oidc',
      audience: 'wiki-client',
      typ: 'logout+jwt',
      algorithms: ['RS256'],
      requiredClaims: ['iat', 'exp', 'jti', 'events', 'sub', 'sid'],
      currentDate: new Date(api.now),
    });
    expect(payload).toMatchObject({
      sub: sessions?.subject,
      sid: sessions?.sessionIndex,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect(payload).not.toHaveProperty('nonce');
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(120);
  });
});
