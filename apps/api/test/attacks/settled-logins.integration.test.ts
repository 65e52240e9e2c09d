import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { suspendProvisioning } from '@tenure/engine/suspensions';
import { terminate } from '@tenure/engine/leavers';
import { createLoginLink } from '@tenure/engine/login';
import { InputInvalid } from '@tenure/domain';
import { exampleCase } from '@tenure/domain/testing';
import type { Transaction } from '@tenure/store';
import { createTestApi, later, type TestApi } from '../api.ts';
import { type Came, loginsOf } from '../testing-settled-logins.ts';
import { decideIdentity } from '@tenure/engine/decide';
import { putInForce } from '@tenure/engine/policy';

/**
 * Attacks on settled logins: a person who may no longer log in, or may be somebody else, must not be accepted because their claims are the same as
 * before. In each case a login is accepted once without a decision; then something happens, and the next login has to be decided, or refused.
 */
const tenureYaml = `
url: http://localhost:4000
timeZone: UTC
attributes: { number: { type: string }, department: { type: string }, title: { type: string }, email: { type: string }, endDate: { type: instant } }
precedence: { default: [hr, corp, other] }
sources:
  hr: { authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: number }] }
identityProviders:
${['corp', 'other']
  .map(
    (name) => `
  ${name}:
    protocol: oidc
    issuer: https://${name}.example
    clientId: tenure
    mayLink: [bound]
    mayCreate: true
    groups: claims.groups
    absentGroups: none
    absentAttributes: none
    trustedEmailDomains: [corp.example]
    emailVerified: claims.verified == true
    attributes: { number: claims.number, title: claims.title, email: claims.email }
    correlate: [{ attribute: number }]`,
  )
  .join('')}
targets:
  crm: { kind: scim, url: "http://127.0.0.1:9/scim", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.title } }
`;
const accessYaml = `
entitlements:
  crm.user: { target: crm, value: users }
  tenure.admin: { target: tenure, value: admin }
birthright:
  - { name: admins, when: 'identity.department == "Administration"', entitlements: [tenure.admin] }
  - { name: sales, when: 'identity.department == "Sales"', entitlements: [crm.user] }
lifecycle:
  - { name: all, end: { grace: P3D, then: keep } }
`;

let api: TestApi;
let play: ReturnType<typeof loginsOf>;
let people = 0;
beforeAll(async () => {
  api = await createTestApi({ tenureYaml, accessYaml });
  play = loginsOf(api);
});
afterAll(() => api?.stop());

interface Somebody {
  readonly id: string;
  readonly number: string;
  readonly subject: string;
  readonly claims: Record<string, unknown>;
}

const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
  api.store.transaction({ ...play.context(), actor: { kind: 'system', id: 'operator' } }, work);
const logIn = (one: Somebody, claims: Record<string, unknown> = {}, more = {}, configuration = api.configuration): Promise<Came> => {
  api.now = later(api.now, 0.001);
  return play.logIn('corp', one.subject, { ...one.claims, ...claims } as never, more, configuration);
};
const record = (one: Pick<Somebody, 'number'>, facts: object = {}, version = String(Date.parse(api.now)), status: 'active' | 'ended' = 'active') =>
  api.record({ externalId: one.number, version, status, facts: { number: one.number, department: 'None', ...facts } });

/** A person whom HR reports, and whose last login was accepted without a decision. */
async function settled(facts: object = {}): Promise<Somebody> {
  people += 1;
  api.now = later(api.now, 0.01);
  const number = `N-${people}`;
  const { identityId } = await record({ number }, facts);
  const one = {
    id: identityId ?? '',
    number,
    subject: `s-${people}`,
    claims: { number, title: 'Clerk', email: `e${people}@corp.example`, verified: true, groups: ['staff'] },
  };
  expect(await logIn(one)).toBe('decided');
  expect(await logIn(one)).toBe('repeated');
  return one;
}

const sessions = async ({ id }: Somebody): Promise<number> => (await api.store.read((tx) => tx.sessions.openOf([id], api.now))).length;
const owner = (sql: string, ...values: readonly unknown[]) => api.database.execute(sql, values);
const caseAbout = (one: Somebody) =>
  ({ ...exampleCase('target-refuses'), key: `case/${one.id}`, identityId: one.id, target: 'crm', operationId: null }) as const;

/** Event between two logins with the same claims, and the expected result of the second one. */
const meanwhile: readonly (readonly [string, Came, (one: Somebody) => Promise<unknown>])[] = [
  ['an operator ends the person', 'life-ended', (one) => act((tx) => terminate(tx, api.engine, one.id, 'r'))],
  ['HR ends the person', 'life-ended', (one) => record(one, {}, undefined, 'ended')],
  ['HR says something else', 'decided', (one) => record(one, { title: 'Head' })],
  ['HR sends the same again, in a newer version', 'decided', (one) => record(one)],
  ['provisioning is suspended for the person', 'decided', (one) => act((tx) => suspendProvisioning(tx, api.engine, held({ identityId: one.id })))],
  ['a case about the person is open', 'decided', (one) => act((tx) => tx.cases.open(caseAbout(one), api.now))],
  [
    'the login is a question for an administrator',
    'decided',
    ({ subject }) => owner(`update login_subject set pending = '{"why": "keys-changed", "keys": {}, "nameIdFormat": null}' where subject = ?`, subject),
  ],
  [
    'the stored keys of the login are others',
    'decided',
    ({ subject }) => owner(`update login_subject set keys = keys || '{"more": "x"}' where subject = ?`, subject),
  ],
  [
    'somebody writes the record of the login',
    'decided',
    ({ id }) => owner(`update source_record set facts = facts || '{"title": "Head"}' where identity_id = ? and source = 'corp'`, id),
  ],
  [
    'the record of the login is withdrawn',
    'decided',
    ({ id }) => owner(`update source_record set withdrawn_at = ? where identity_id = ? and source = 'corp'`, api.now, id),
  ],
  [
    'somebody writes the record of another source',
    'decided',
    ({ id }) => owner(`update source_record set facts = facts || '{"title": "Head"}' where identity_id = ? and source = 'hr'`, id),
  ],
  ['somebody deletes the record of another source', 'decided', ({ id }) => owner(`delete from source_record where identity_id = ? and source = 'hr'`, id)],
  [
    'somebody writes the state of the person, and no revision',
    'suspended',
    // The database refuses the state beside an open session.
    ({ id }) =>
      owner(
        `with over as (update credential set ended_at = now(), ended_reason = 'by hand' where identity_id = ? and ended_at is null) update identity set state = 'suspended' where id = ?`,
        id,
        id,
      ),
  ],
  ['somebody writes the person, and no revision', 'decided', ({ id }) => owner(`update identity set attributes = '{}' where id = ?`, id)],
  ['the person is decided about', 'decided', ({ id }) => act((tx) => decideIdentity(tx, api.engine, id, 'decision'))],
  [
    'a grant is added that nobody has decided about',
    'decided',
    ({ id }) =>
      owner(
        `insert into access_grant (id, identity_id, kind, name, origins, valid_from, granted_at) values (gen_random_uuid(), ?, 'entitlement', 'crm.user', '[]', now(), now())`,
        id,
      ),
  ],
  [
    'a target shows an account',
    'decided',
    ({ id }) =>
      owner(
        `insert into account (id, identity_id, target, user_name, desired, desired_since, existed, ever_enabled) values (gen_random_uuid(), ?, 'crm', 'u', '{}', now(), true, true)`,
        id,
      ),
  ],
  [
    'the subject is bound through another provider',
    'subject-of-another-provider',
    ({ subject }) => owner(`update login_subject set provider = 'other' where subject = ?`, subject),
  ],
  ['a day goes by', 'decided', async () => void (api.now = later(api.now, 24))],
  [
    'a new version of the policy is in force',
    'decided',
    () => act((tx) => putInForce(tx, api.configuration.policy, createHash('sha256').update(String(people)).digest('hex'))),
  ],
];

function held(whom: { readonly identityId?: string; readonly target?: string }) {
  return { identityId: null, target: null, operationId: null, until: later(api.now, 30), keepsAccess: false, reason: 'r', ...whom };
}

describe('between two logins that say the same', () => {
  test.each(meanwhile)('%s: %s', async (_name, expected, happens) => {
    const one = await settled();
    await happens(one);
    expect(await logIn(one)).toBe(expected);
    if (expected === 'life-ended') expect(await sessions(one)).toBe(0);
  });

  test('a target is suspended for everybody: decided, for as long as it is', async () => {
    const one = await settled();
    const hold = await act((tx) => suspendProvisioning(tx, api.engine, held({ target: 'crm' })));
    expect([await logIn(one), await logIn(one)]).toEqual(['decided', 'decided']);
    await owner('update hold set ended_at = ? where id = ?', api.now, hold.id);
    expect([await logIn(one), await logIn(one)]).toEqual(['decided', 'repeated']);
  });

  test('the end of a contract comes, and no timer has fired: refused', async () => {
    const one = await settled({ endDate: later(api.now, 1) });
    api.now = later(api.now, 2);
    expect(await logIn(one)).toBe('life-ended');
  });

  test('the clock goes back behind the last login: never let in without a decision', async () => {
    const one = await settled();
    const [before] = await owner('select revision, last_activity_at from identity where id = ?', one.id);
    api.now = later(api.now, -0.1);
    // Its record is older than the one that is known, so that nothing is decided, and nothing written as after a decision.
    await logIn(one);
    expect(await owner('select revision, last_activity_at from identity where id = ?', one.id)).toEqual([before]);
    api.now = later(api.now, 1);
  });

  test('the person logs in through another provider: each of the two decides, since the later one speaks', async () => {
    const one = await settled();
    api.now = later(api.now, 0.001);
    expect(await play.logIn('other', one.subject, { number: one.number, title: 'Head' })).toBe('decided');
    expect(await logIn(one)).toBe('decided');
    api.now = later(api.now, 0.001);
    expect(await play.logIn('other', one.subject, { number: one.number, title: 'Head' })).toBe('decided');
  });
});

describe('a login that differs from the last one in this alone is decided', () => {
  test.each([
    ['no groups', { groups: undefined }],
    ['an empty list of groups', { groups: [] }],
    ['another group', { groups: ['staff', 'more'] }],
    ['no title', { title: undefined }],
    ['an empty title', { title: '' }],
    ['another title', { title: 'Head' }],
    ['an address that is not verified', { verified: false }],
    ['groups that are kept elsewhere', { groups: undefined, _claim_names: { groups: 'src1' } }],
  ])('%s', async (_name, claims) => {
    expect(await logIn(await settled(), claims)).toBe('decided');
  });

  test('the format of the name identifier', async () => expect(await logIn(await settled(), {}, { nameIdFormat: 'urn:x' })).toBe('decided'));
  test('what the provider let us read', async () => expect(await logIn(await settled(), {}, { isPartial: true })).toBe('decided'));
  test('a key that another person has: refused', async () => {
    const [one, other] = [await settled(), await settled()];
    expect(await logIn(one, { number: other.number })).toBe('keys-changed');
    // It is not accepted with its earlier claims either, until somebody has decided, without being checked.
    expect(await logIn(one)).toBe('decided');
  });
  test('the configuration', async () => {
    const { corp } = api.configuration.identityProviders;
    const configuration = {
      ...api.configuration,
      identityProviders: { ...api.configuration.identityProviders, corp: { ...corp, trustedEmailDomains: [] } as never },
    };
    const one = await settled();
    expect(await logIn(one, {}, {}, configuration)).toBe('decided');
    // And back: the other process has decided by its own.
    expect(await logIn(one)).toBe('decided');
  });
  test('another subject of the same provider does not profit from it', async () => {
    const one = await settled();
    expect(await play.logIn('corp', `${one.subject}-other`, one.claims as never)).toBe('another-subject');
  });
  test('a one-time link of another person', async () => {
    const [one, other] = [await settled(), await settled()];
    const { url } = await act((tx) =>
      createLoginLink(tx, api.configuration, { identityId: other.id, provider: 'corp', hours: 1, reason: 'r', createdBy: 'service npm run access:link' }),
    );
    const token = new URL(url).searchParams.get('link') ?? '';
    const link = await api.store.read((tx) => tx.loginLinks.look(token, api.now));
    const request = { id: `r-${one.subject}`, browserSecret: 's' };
    const browserHash = createHash('sha256').update('s').digest('hex');
    await act((tx) =>
      tx.sessions.beginLogin({
        id: request.id,
        provider: 'corp',
        browserHash,
        returnTo: '/me',
        nonce: null,
        verifier: null,
        expiresAt: later(api.now, 1),
        linkId: link?.id ?? null,
      }),
    );
    expect(await logIn(one, {}, { request })).not.toBe('repeated');
    expect(await sessions(other)).toBe(2);
  });
});

test('whoever has rights in Tenure is decided about, and asked for the confirmation, each time', async () => {
  people += 1;
  const one = { id: '', number: `N-${people}`, subject: `s-${people}`, claims: { number: `N-${people}` } };
  await logIn(one);
  // Rights that were given after the login was bound: the provider's assertion is not enough any more.
  await record(one, { department: 'Administration' });
  expect(await logIn(one)).toBe('rights-unconfirmed');
  expect(await logIn(one)).toBe('rights-unconfirmed');
});

test('work that waits in a target is decided about each time', async () => {
  const one = await settled();
  await record(one, { department: 'Sales' });
  expect([await logIn(one), await logIn(one)]).toEqual(['decided', 'decided']);
});

test('a request or an assertion that was answered is refused, whatever was said before', async () => {
  const one = await settled();
  const assertion = { id: `a-${one.subject}`, notOnOrAfter: later(api.now, 1) };
  expect(await logIn(one, {}, { assertion })).toBe('repeated');
  expect(await logIn(one, {}, { assertion })).toBe('assertion-replayed');
  expect(await logIn(one, {}, { request: { id: 'never-begun', browserSecret: 's' } })).toBe('request-unknown');
  expect(await logIn(one, {}, { sessionEnd: api.now })).toBe('session-expired');
});

describe('at the same moment', () => {
  /** The second login is called outside of the first one's transaction, or the ORM would run it inside. */
  const outside = AsyncLocalStorage.snapshot();
  /** Waits until some transaction waits for a lock in the database. */
  const untilSomebodyWaits = async (): Promise<void> => {
    for (;;) {
      const [row] = await outside(() =>
        owner(`select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`),
      );
      if (Number(row?.['n']) > 0) return;
    }
  };

  test('an end that is not committed yet is waited for: the login is refused, and no session is open', async () => {
    const one = await settled();
    let login: Promise<Came> = Promise.resolve('repeated');
    await act(async (tx) => {
      await terminate(tx, api.engine, one.id, 'r');
      login = outside(() => logIn(one));
      await untilSomebodyWaits();
    });
    expect(await login).not.toBe('repeated');
    expect(await sessions(one)).toBe(0);
  });

  test('a new version of the policy that is not committed yet is waited for: the login is decided by it', async () => {
    const one = await settled();
    let login: Promise<Came> = Promise.resolve('repeated');
    await act(async (tx) => {
      await putInForce(tx, api.configuration.policy, createHash('sha256').update(one.id).digest('hex'));
      login = outside(() => logIn(one));
      await untilSomebodyWaits();
    });
    expect(await login).toBe('decided');
  });

  test('an end that comes after a login that is not committed yet ends its session', async () => {
    const one = await settled();
    let end: Promise<unknown> = Promise.resolve();
    const { now } = play.context();
    await act(async (tx) => {
      const bound = await tx.logins.take({ requestId: null, assertion: null, issuer: 'https://corp.example', subject: one.subject }, now);
      const { recordId = null, settled: from = null } = bound.bound ?? {};
      if (bound.bound === null || recordId === null || from === null) throw new InputInvalid('nothing is settled');
      const at = later(api.now, 0.001);
      const login = { issuer: 'https://corp.example', subject: one.subject, bound: bound.bound, recordId, settled: from };
      expect(await tx.logins.repeat(login, { expiresAt: later(api.now, 8), idleSeconds: null }, at)).not.toBeNull();
      api.now = later(api.now, 0.01);
      end = outside(() => act((other) => terminate(other, api.engine, one.id, 'r')));
      await untilSomebodyWaits();
    });
    await end;
    expect(await sessions(one)).toBe(0);
  });

  test('of twenty logins of one subject each is let in once, and each is seen', async () => {
    const one = await settled();
    const before = await sessions(one);
    const came = await Promise.all(Array.from({ length: 20 }, () => logIn(one)));
    expect(came.filter((result) => result !== 'repeated' && result !== 'decided')).toEqual([]);
    expect(await sessions(one)).toBe(before + 20);
  });
});
