import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type LogoutReceiver, startLogoutReceiver } from '@tenure/testing/logout-receiver.ts';
import { enterApplication, followSamlApplications } from '../applications/index.ts';
import { createKeyring, type Keyring } from '../keys/index.ts';
import { revokeSessions } from '../login/index.ts';
import { createTestEngine, oidcApplication, testConfiguration, type TestEngine } from '../testing/index.ts';
import { formerApplications } from './applications-to-notify.ts';
import { createLogoutNotifier } from './create-notifier.ts';
import { deliverLogoutNotices, type LogoutDependencies } from './deliver-logout-notices.ts';
import { retryLogoutNotifications } from './retry-logout-notifications.ts';
import { tendLogoutCases } from './tend-logout-cases.ts';

let now = '2026-03-02T09:00:00.000Z';
let tenure: TestEngine;
let wiki: LogoutReceiver;
let crm: LogoutReceiver;
let keyring: Keyring;
const failures: unknown[] = [];
const counted: string[] = [];

const later = (seconds: number): void => {
  now = new Date(Date.parse(now) + seconds * 1000).toISOString();
};
const applications = (names: readonly string[]) => {
  const everybody = { mayUse: { when: 'true' } };
  const all = {
    wiki: oidcApplication('wiki', { ...everybody, backchannelLogoutUri: wiki.url }),
    crm: oidcApplication('crm', { ...everybody, backchannelLogoutUri: crm.url }),
    silent: oidcApplication('silent', everybody),
  };
  return testConfiguration({ applications: Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))) });
};
const notifier = (patience: number) =>
  createLogoutNotifier({
    url: tenure.engine.configuration.url,
    keyring,
    samlApplications: followSamlApplications({ applications: {} }, () => undefined),
    patience,
  });
const dependencies = (more: Partial<LogoutDependencies> = {}): LogoutDependencies => ({
  store: tenure.database.store,
  engine: tenure.engine,
  clock: () => now,
  notify: notifier(2000),
  counted: (application, result) => void counted.push(`${application} ${result}`),
  failed: (error) => void failures.push(error),
  ...more,
});

beforeAll(async () => {
  [wiki, crm] = [await startLogoutReceiver(), await startLogoutReceiver()];
  tenure = await createTestEngine(applications(['wiki', 'crm', 'silent']), () => now);
  keyring = createKeyring({ store: tenure.database.store, clock: () => now });
});
afterAll(async () => {
  await Promise.all([wiki.close(), crm.close()]);
  await tenure.stop();
  expect(failures).toEqual([]);
});
beforeEach(async () => {
  // What earlier tests left is told, and no application is paused any more.
  for (const receiver of [wiki, crm]) receiver.answer = () => ({ status: 200 });
  later(7200);
  await tenure.act((tx) => retryLogoutNotifications(tx, tenure.engine, 'wiki', 'next test'));
  for (const application of ['wiki', 'crm', 'silent']) while ((await deliverLogoutNotices(dependencies(), application)) > 0);
  for (const { calls } of [wiki, crm]) calls.length = 0;
  counted.length = 0;
});

/** Logs a person in, who enters applications. @returns ids of the person, their session and those at the applications */
async function entered(name: string, ...into: readonly string[]) {
  const identityId = await tenure.says(name);
  return tenure.act(async (tx) => {
    const { session } = await tx.sessions.open(identityId, 'corp', now, new Date(Date.parse(now) + 8 * 3_600_000).toISOString());
    const at: Record<string, string> = {};
    for (const application of into) {
      const entry = await enterApplication(tx, tenure.engine, { application, identityId, session, details: {} });
      if (!entry.mayEnter) throw new Error(`${name} may not enter ${application}`);
      at[application] = entry.session.id;
    }
    return { identityId, session: session.id, at };
  });
}
const end = (identityId: string): Promise<number> => tenure.act((tx) => revokeSessions(tx, identityId, 'lost laptop'));
const deliver = (application: string, more: Partial<LogoutDependencies> = {}): Promise<number> => deliverLogoutNotices(dependencies(more), application);
const noticesOf = (identityId: string) => tenure.read((tx) => tx.logoutNotices.ofPeople([identityId]));
const openCases = () => tenure.read((tx) => tx.cases.page({ status: 'open', kind: 'logout-not-confirmed' }, 10, null));
const tend = (): Promise<void> => tenure.act((tx) => tendLogoutCases(tx, tenure.engine, ['wiki', 'crm', 'silent']));
const tokenOf = (body: string) => {
  const [header = '', claims = '', signature = ''] = (new URLSearchParams(body).get('logout_token') ?? '').split('.');
  const read = (part: string): Readonly<Record<string, unknown>> => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { header: read(header), claims: read(claims), signed: Buffer.from(`${header}.${claims}`), signature: Buffer.from(signature, 'base64url') };
};

describe('an application of which a session ended', () => {
  test('receives a logout token of that session, once, and each application its own', async () => {
    const { identityId, at } = await entered('ada', 'wiki', 'crm');
    const sessions = await tenure.read((tx) => tx.applicationSessions.openOf([identityId], now));
    await end(identityId);
    for (const application of ['wiki', 'crm']) while ((await deliver(application)) > 0);
    expect([wiki.calls.length, crm.calls.length]).toEqual([1, 1]);
    expect(wiki.calls[0]?.contentType).toBe('application/x-www-form-urlencoded');
    const { header, claims, signed, signature } = tokenOf(wiki.calls[0]?.body ?? '');
    const [key] = await keyring.published('oidc');
    expect(header).toEqual({ alg: 'RS256', typ: 'logout+jwt', kid: key?.id });
    expect(verify('sha256', signed, createPublicKey({ key: { ...key?.publicJwk }, format: 'jwk' }), signature)).toBe(true);
    const session = sessions.find(({ application }) => application === 'wiki');
    const seconds = Math.floor(Date.parse(now) / 1000);
    expect(claims).toEqual({
      iss: 'http://localhost:4000/idp/oidc',
      aud: 'client-wiki',
      iat: seconds,
      exp: seconds + 120,
      jti: expect.stringMatching(/^[\w-]{36}$/),
      sub: session?.subject,
      sid: session?.sessionIndex,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    const notices = await noticesOf(identityId);
    expect(notices.map(({ id, application, status, code, settledAt, subject }) => ({ id, application, status, code, settledAt, subject }))).toEqual(
      ['crm', 'wiki'].map((application) => ({ id: at[application], application, status: 'confirmed', code: 'HTTP_200', settledAt: now, subject: null })),
    );
    const events = await tenure.read((tx) => tx.audit.page({ identityId, action: 'application.logoutConfirmed' }, 10, null));
    expect(events.map(({ reason }) => reason['application']).sort()).toEqual(['crm', 'wiki']);
  });

  test('is not told of a session that it ended itself', async () => {
    const { identityId, at } = await entered('bob', 'wiki');
    await tenure.act((tx) => tx.applicationSessions.end([at['wiki'] ?? ''], 'logged out at the application', now));
    expect(await noticesOf(identityId)).toEqual([]);
  });

  test.each([200, 204])('confirms it by %s', async (status) => {
    wiki.answer = () => ({ status });
    const { identityId } = await entered(`confirmed ${status}`, 'wiki');
    await end(identityId);
    await deliver('wiki');
    expect((await noticesOf(identityId)).map((notice) => notice.status)).toEqual(['confirmed']);
  });

  test('is not asked again once it has answered 400, until somebody has it retried', async () => {
    wiki.answer = () => ({ status: 400 });
    const { identityId } = await entered('cleo', 'wiki');
    await end(identityId);
    while ((await deliver('wiki')) > 0);
    expect((await noticesOf(identityId)).map(({ status, code }) => [status, code])).toEqual([['refused', 'HTTP_400']]);
    expect((await openCases()).map(({ evidence }) => evidence)).toMatchObject([
      { application: 'wiki', identityIds: [identityId], sessions: 1, code: 'HTTP_400' },
    ]);
    wiki.answer = () => ({ status: 200 });
    expect(await tenure.act((tx) => retryLogoutNotifications(tx, tenure.engine, 'wiki', 'mended'))).toBe(1);
    await deliver('wiki');
    expect((await noticesOf(identityId)).map(({ status }) => status)).toEqual(['confirmed']);
    expect(await openCases()).toEqual([]);
  });

  test.each([301, 404, 429, 500, 503])('that answers %s is tried again until it confirms', async (status) => {
    wiki.answer = (_body, _call) => ({ status, headers: { location: 'http://127.0.0.1:1/' } });
    const { identityId } = await entered(`later ${status}`, 'wiki');
    await end(identityId);
    await deliver('wiki');
    expect((await noticesOf(identityId)).map((notice) => [notice.status, notice.code])).toEqual([['waiting', `HTTP_${status}`]]);
    const first = tokenOf(wiki.calls[0]?.body ?? '').claims['jti'];
    wiki.answer = () => ({ status: 200 });
    later(60);
    await deliver('wiki');
    expect((await noticesOf(identityId)).map((notice) => notice.status)).toEqual(['confirmed']);
    // A receiver may refuse a token that it has seen.
    expect(tokenOf(wiki.calls[1]?.body ?? '').claims['jti']).not.toBe(first);
  });

  test('that asks for a pause (Retry-After) gets it', async () => {
    wiki.answer = () => ({ status: 503, headers: { 'retry-after': '600' } });
    const { identityId } = await entered('dan', 'wiki');
    await end(identityId);
    await deliver('wiki');
    wiki.answer = () => ({ status: 200 });
    later(590);
    expect(await deliver('wiki')).toBe(0);
    later(20);
    expect(await deliver('wiki')).toBe(1);
    expect(wiki.calls.map(({ status }) => status)).toEqual([503, 200]);
  });

  test('that is away costs a few attempts, and becomes one case that names the people; it closes by itself', async () => {
    wiki.answer = () => ({ status: 500 });
    const people: string[] = [];
    for (let index = 0; index < 30; index += 1) people.push((await entered(`many ${index}`, 'wiki', 'crm')).identityId);
    for (const identityId of people) await end(identityId);
    while ((await deliver('wiki')) > 0);
    // Eight are under way when the third fails.
    expect(wiki.calls.length).toBeLessThanOrEqual(10);
    while ((await deliver('crm')) > 0);
    expect(crm.calls.length).toBe(30);
    await tend();
    expect(await openCases()).toEqual([]);
    later(901);
    await tend();
    const [open] = await openCases();
    expect(open?.evidence).toMatchObject({ application: 'wiki', sessions: 30, code: 'HTTP_500' });
    expect(open?.kind === 'logout-not-confirmed' ? [...(open.evidence.identityIds ?? [])].sort() : null).toEqual([...people].sort());
    wiki.answer = () => ({ status: 204 });
    later(3600);
    while ((await deliver('wiki')) > 0);
    expect(await openCases()).toEqual([]);
    expect(new Set(wiki.calls.filter(({ status }) => status === 204).map(({ body }) => tokenOf(body).claims['sid'])).size).toBe(30);
  });

  test('that hangs is left after the time limit', async () => {
    wiki.answer = () => null;
    const { identityId } = await entered('eve', 'wiki');
    await end(identityId);
    await deliver('wiki', { notify: notifier(50) });
    expect((await noticesOf(identityId)).map(({ status, code }) => [status, code])).toEqual([['waiting', 'ANSWER_TIMEOUT']]);
  });

  test('is told by another worker where one was killed after it had taken the notice', async () => {
    const { identityId } = await entered('finn', 'wiki');
    await end(identityId);
    const taken = await tenure.act((tx) => tx.logoutNotices.claim('wiki', 10, new Date(Date.parse(now) + 120_000).toISOString()));
    expect(taken.map((notice) => notice.identityId)).toEqual([identityId]);
    expect(await deliver('wiki')).toBe(0);
    later(121);
    expect(await deliver('wiki')).toBe(1);
    // What the killed one would have written comes too late.
    const stale = taken.map(({ id, attempts }) => ({ id, attempts, status: 'waiting' as const, code: 'TIMEOUT', dueAt: now }));
    expect(await tenure.act((tx) => tx.logoutNotices.settle(stale))).toEqual([]);
    expect((await noticesOf(identityId)).map(({ status }) => status)).toEqual(['confirmed']);
  });

  test('is told later of what a worker that stops had taken and not sent', async () => {
    const { identityId } = await entered('gil', 'wiki');
    await end(identityId);
    await deliver('wiki', { isStopping: () => true });
    expect([wiki.calls.length, counted]).toEqual([0, []]);
    expect(await deliver('wiki')).toBe(1);
    expect((await noticesOf(identityId)).map(({ status }) => status)).toEqual(['confirmed']);
  });
});

describe('an application that cannot be told', () => {
  test('because it has no address for that is recorded, with the latest end of the session there', async () => {
    const { identityId } = await entered('hal', 'silent');
    await end(identityId);
    await deliver('silent');
    const [notice] = await noticesOf(identityId);
    expect(notice).toMatchObject({ status: 'no-channel', code: 'NO_BACKCHANNEL_LOGOUT_URI', expiresAt: new Date(Date.parse(now) + 3_600_000).toISOString() });
    const [event] = await tenure.read((tx) => tx.audit.page({ identityId, action: 'application.logoutNotConfirmed' }, 10, null));
    expect(event?.reason).toMatchObject({ application: 'silent', outcome: 'no-channel', until: notice?.expiresAt });
    expect(counted).toEqual(['silent no-channel']);
  });

  test('because it was removed from the configuration is recorded', async () => {
    const { identityId } = await entered('ida', 'crm');
    await end(identityId);
    await tenure.use(applications(['wiki', 'silent']));
    expect(await formerApplications(tenure.database.store, tenure.engine)).toEqual(['crm']);
    await deliver('crm');
    expect((await noticesOf(identityId)).map(({ status, code }) => [status, code])).toEqual([['no-channel', 'NO_SUCH_APPLICATION']]);
    await tenure.use(applications(['wiki', 'crm', 'silent']));
  });

  test('for a week is given up, and its case names it as long as a session there may be open', async () => {
    wiki.answer = () => ({ status: 500 });
    const { identityId } = await entered('jon', 'wiki');
    await end(identityId);
    later(7 * 86_400 + 1);
    await deliver('wiki');
    expect((await noticesOf(identityId)).map(({ status }) => status)).toEqual(['abandoned']);
    expect(await openCases()).toEqual([]);
  });
});

describe('the end of a person', () => {
  test('waits for an entry that is being stored, and ends the session that it opens', async () => {
    const { identityId, session } = await entered('kim', 'wiki');
    const { store } = tenure.database;
    let entering = (): void => undefined;
    const isEntering = new Promise<void>((resolve) => (entering = resolve));
    let goOn = (): void => undefined;
    const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
    const opened = store.transaction(tenure.context(), async (tx) => {
      await tx.applicationSessions.open(
        {
          identityId,
          parentId: session,
          application: 'crm',
          protocol: 'oidc',
          subject: 'x',
          claimsDigest: '0',
          expiresAt: new Date(Date.parse(now) + 60_000).toISOString(),
          details: {},
        },
        now,
      );
      entering();
      await mayGoOn;
    });
    await isEntering;
    const ended = store.transaction(tenure.context(), (tx) => tx.people.save({ sessionsOf: [{ identityId, reason: 'ended' }] }, now));
    await waitsForLock();
    goOn();
    await opened;
    expect([...(await ended)]).toEqual([[identityId, 1]]);
    expect((await noticesOf(identityId)).map(({ application }) => application)).toEqual(['crm', 'wiki']);
  });
});

/** Waits until a transaction waits for a lock of another. */
async function waitsForLock(): Promise<void> {
  for (;;) {
    const [row] = await tenure.database.execute(
      "select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (Number(row?.['count']) > 0) return;
  }
}
