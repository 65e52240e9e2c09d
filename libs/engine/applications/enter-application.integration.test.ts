import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ApplicationSettings, Configuration } from '@tenure/config';
import type { Facts, Instant } from '@tenure/domain';
import { decideIdentity } from '../decide/decide-identities.ts';
import { decideApplicationAddressOf } from '../cases/answer-case.ts';
import { crmTarget, entitlementsOf, testConfiguration } from '../testing/configuration.ts';
import { createTestEngine, type TestEngine } from '../testing/test-engine.ts';
import { type Entry, enterApplication } from './enter-application.ts';

const start = '2026-03-02T09:00:00.000Z';
let now: Instant = start;
const later = (minutes: number): Instant => new Date(Date.parse(now) + minutes * 60_000).toISOString();

function application(name: string, more: Partial<ApplicationSettings> = {}): ApplicationSettings {
  return {
    name,
    title: name,
    logo: null,
    owner: null,
    address: null,
    target: null,
    mayUse: null,
    attributes: {},
    groups: null,
    subject: 'pairwise',
    session: 3_600_000,
    onChange: 'end',
    protocol: 'saml',
    metadata: `/${name}.xml`,
    allowIdpInitiated: false,
    ...more,
  } as ApplicationSettings;
}

const attributes = Object.fromEntries(
  ['department', 'email', 'startDate', 'endDate', 'leaveStart', 'leaveEnd'].map((name) => [
    name,
    { type: /Date|leave/.test(name) ? ('instant' as const) : ('string' as const) },
  ]),
);
const birthright = (name: string, department: string, entitlements: readonly string[], until?: string) => ({
  name,
  when: `identity.department == "${department}"`,
  roles: [],
  entitlements,
  ...(until === undefined ? {} : { until }),
});
const configuration: Configuration = testConfiguration({
  attributes,
  targets: { crm: crmTarget() },
  applications: Object.fromEntries(
    [
      application('wiki', { attributes: { department: 'identity.department' } }),
      application('notes', { attributes: { department: 'identity.department' }, mayUse: { when: 'true' }, onChange: 'next-request' }),
      application('portal', { mayUse: { when: 'identity.department != "Sales"' } }),
      application('desk', { mayUse: { entitlements: ['wiki.editor', 'crm.buyer'] } }),
      application('sales', { target: 'crm' }),
      application('mailbox', { subject: 'email', mayUse: { when: 'true' } }),
    ].map((one) => [one.name, one]),
  ),
  policy: {
    entitlements: { ...entitlementsOf('wiki', ['reader', 'editor']), ...entitlementsOf('crm', ['buyer']) },
    birthright: [
      birthright('readers', 'Reading', ['wiki.reader']),
      birthright('editors', 'Editing', ['wiki.reader', 'wiki.editor']),
      birthright('buyers', 'Buying', ['crm.buyer']),
      birthright('both', 'Both', ['crm.buyer', 'wiki.editor']),
      birthright('guests', 'Visiting', ['wiki.reader'], 'timestamp("2026-03-02T09:20:00Z")'),
    ],
    separation: [{ name: 'money', conflicting: [['crm.buyer'], ['wiki.editor']], atMost: 1, priority: ['crm.buyer'] }],
    lifecycle: [{ name: 'all', start: {}, end: { grace: 'P5D', then: 'delete' } }],
  },
});

let engine: TestEngine;
beforeAll(async () => {
  engine = await createTestEngine(configuration, () => now);
});
afterAll(() => engine.stop());
let people = 0;
beforeEach(() => {
  now = start;
});

interface Person {
  readonly id: string;
  readonly name: string;
  readonly session: { readonly id: string; readonly expiresAt: Instant };
}

/** A person who is logged in for a working day. */
async function person(facts: Facts): Promise<Person> {
  people += 1;
  const name = `person-${people}`;
  const id = await engine.says(name, facts);
  const { session } = await engine.act((tx) => tx.sessions.open(id, 'corp', now, later(8 * 60)));
  return { id, name, session };
}
const enter = ({ id, session }: Person, to = 'wiki'): Promise<Entry> =>
  engine.act((tx) => enterApplication(tx, engine.engine, { application: to, identityId: id, session, details: { issuer: to } }));
async function entered(who: Person, to = 'wiki') {
  const entry = await enter(who, to);
  if (!entry.mayEnter) throw new Error(`refused: ${entry.reason}`);
  return entry;
}
const stored = (id: string) => engine.read((tx) => tx.applicationSessions.openOf([id], now));
const events = async (id: string) => (await engine.read((tx) => tx.audit.latestOf([id], 20))).map(({ action, reason }) => ({ action, ...(reason as object) }));

describe('an entry', () => {
  test('opens a session below the one in Tenure, notes the use of each entitlement, and is audited with its justification', async () => {
    const ann = await person({ department: 'Editing' });
    const { session, subject, claims, by } = await entered(ann);
    expect({ claims, by }).toEqual({ claims: { attributes: { department: 'Editing' }, groups: ['editor', 'reader'] }, by: ['wiki.editor', 'wiki.reader'] });
    expect(session).toMatchObject({ parentId: ann.session.id, identityId: ann.id, subject, expiresAt: later(60), details: { issuer: 'wiki' } });
    expect(await engine.read((tx) => tx.applicationPeople.usesOf([ann.id]))).toMatchObject([
      { application: 'wiki', entitlement: 'wiki.editor', lastAt: now, entries: 1 },
      { application: 'wiki', entitlement: 'wiki.reader', lastAt: now, entries: 1 },
    ]);
    expect((await events(ann.id))[0]).toMatchObject({
      action: 'application.entered',
      application: 'wiki',
      by: ['wiki.editor', 'wiki.reader'],
      claims: ['department'],
      groups: ['editor', 'reader'],
      policyVersion: 1,
    });
  });

  test('goes on with a session that lasts long enough, and opens another one otherwise', async () => {
    const ann = await person({ department: 'Reading' });
    const first = await entered(ann);
    now = later(20);
    expect((await entered(ann)).session.id).toBe(first.session.id);
    now = later(20);
    const third = await entered(ann);
    expect(third.session).toMatchObject({ subject: first.subject, expiresAt: later(60) });
    expect(third.session.id).not.toBe(first.session.id);
  });

  test('gives a person another name at each application, and keeps it', async () => {
    const ann = await person({ department: 'Editing' });
    const [wiki, again, desk] = [await entered(ann), await entered(ann), await entered(ann, 'desk')];
    expect(again.subject).toBe(wiki.subject);
    expect(desk.subject).not.toBe(wiki.subject);
    expect(wiki.subject).toMatch(/^[\w-]{32}$/);
  });

  test('by two requests at once has one name, and both succeed', async () => {
    const ann = await person({ department: 'Reading' });
    const both = await Promise.all([entered(ann), entered(ann)]);
    expect(new Set(both.map(({ subject }) => subject)).size).toBe(1);
    expect(await engine.read((tx) => tx.applicationPeople.usesOf([ann.id]))).toMatchObject([{ entries: 2 }]);
  });

  test.each([
    ['wiki', 'Buying', false],
    ['desk', 'Reading', false],
    ['desk', 'Buying', true],
    ['sales', 'Buying', true],
    ['portal', 'Reading', true],
    ['portal', 'Sales', false],
  ])('into %s from %s: %s', async (to, department, mayEnter) => {
    const entry = await enter(await person({ department }), to);
    expect(entry).toMatchObject(mayEnter ? { mayEnter } : { mayEnter, reason: 'no-access' });
  });

  test('by a rule is a use of the application without an entitlement', async () => {
    const ann = await person({ department: 'Reading' });
    expect((await entered(ann, 'portal')).by).toEqual([]);
    expect(await engine.read((tx) => tx.applicationPeople.usesOf([ann.id]))).toMatchObject([{ application: 'portal', entitlement: '' }]);
  });

  test.each<[string, Facts]>([
    ['pre-hire', { startDate: '2026-04-01T00:00:00.000Z' }],
    ['suspended', { leaveStart: '2026-03-01T00:00:00.000Z', leaveEnd: '2026-04-01T00:00:00.000Z' }],
    ['leaving', { endDate: '2026-03-01T00:00:00.000Z' }],
  ])('is refused to somebody who is %s, audited', async (state, facts) => {
    const { id } = await person({ department: 'Reading', startDate: '2026-01-01T00:00:00.000Z' });
    // As if a session had survived: the decision alone refuses.
    const beforehand = { id, name: '', session: (await engine.act((tx) => tx.sessions.open(id, 'corp', now, later(60)))).session };
    await engine.database.execute('alter table credential disable trigger user');
    await engine.says(`person-${people}`, { department: 'Reading', startDate: '2026-01-01T00:00:00.000Z', ...facts });
    await engine.database.execute('update credential set ended_at = null, ended_reason = null where identity_id = ?', [id]);
    await engine.database.execute('alter table credential enable trigger user');
    expect((await engine.read((tx) => tx.identities.get(id)))?.state).toBe(state);
    expect(await enter(beforehand)).toEqual({ mayEnter: false, reason: 'not-active' });
    expect((await events(id))[0]).toMatchObject({ action: 'application.refused', application: 'wiki', reason: 'not-active' });
    expect(await stored(id)).toEqual([]);
  });

  test('is refused to somebody whose end has come but is not decided yet, and ends no later than a known end', async () => {
    const ann = await person({ department: 'Reading', endDate: later(30) });
    expect((await entered(ann)).session.expiresAt).toBe(later(30));
    now = later(30);
    expect((await engine.read((tx) => tx.identities.get(ann.id)))?.state).toBe('active');
    expect(await enter(ann)).toEqual({ mayEnter: false, reason: 'not-active' });
  });

  test('ends no later than the grant that lets the person in', async () => {
    const ann = await person({ department: 'Visiting' });
    expect((await entered(ann)).session.expiresAt).toBe(later(20));
    now = later(20);
    expect(await enter(ann)).toEqual({ mayEnter: false, reason: 'no-access' });
  });

  test('is refused with a session in Tenure that has ended or expired, or is of somebody else', async () => {
    const [ann, bob] = [await person({ department: 'Reading' }), await person({ department: 'Reading' })];
    expect(await enter({ ...ann, session: bob.session })).toEqual({ mayEnter: false, reason: 'session-ended' });
    now = later(8 * 60);
    expect(await enter(bob)).toEqual({ mayEnter: false, reason: 'session-ended' });
    now = start;
    await engine.act((tx) => tx.sessions.revoke(ann.session.id, 'logged out', now));
    expect(await enter(ann)).toEqual({ mayEnter: false, reason: 'session-ended' });
  });

  test('does not outlast the session in Tenure, whatever end is claimed for it', async () => {
    const ann = await person({ department: 'Reading' });
    now = later(7.5 * 60);
    expect((await entered({ ...ann, session: { ...ann.session, expiresAt: later(9999) } })).session.expiresAt).toBe(ann.session.expiresAt);
  });

  test('into an application with a target has the name that provisioning writes into the one account there', async () => {
    const ann = await person({ department: 'Buying' });
    expect(await entered(ann, 'sales')).toMatchObject({ subject: ann.id, by: ['crm.buyer'], claims: { groups: ['buyer'] } });
    expect(await engine.read((tx) => tx.access.accountsOf([ann.id]))).toMatchObject([{ target: 'crm', desired: { entitlements: ['buyer'] } }]);
  });

  test('is refused while a separation-of-duties rule withholds the entitlement', async () => {
    const ann = await person({ department: 'Both' });
    expect(await enter(ann)).toEqual({ mayEnter: false, reason: 'no-access' });
    expect(await enter(ann, 'sales')).toMatchObject({ mayEnter: true });
  });

  test('plans no account for an application without a target', async () => {
    const ann = await person({ department: 'Editing' });
    await entered(ann);
    expect(await engine.read((tx) => tx.access.accountsOf([ann.id]))).toEqual([]);
  });
});

const isSomebodyWaiting = async () =>
  (await engine.database.execute('select 1 from pg_locks join pg_stat_activity using (pid) where datname = current_database() and not granted')).length > 0;

describe('a decision about a person', () => {
  const causes = async (id: string) => (await events(id)).filter(({ action }) => action === 'application.sessionEnded');

  test('that ends their access to an application ends the sessions there in the same transaction, and no others', async () => {
    const ann = await person({ department: 'Editing' });
    const [wiki, notes] = [await entered(ann), await entered(ann, 'notes')];
    await engine.says(ann.name, { department: 'Buying' });
    expect((await stored(ann.id)).map(({ id }) => id)).toEqual([notes.session.id]);
    expect(await engine.read((tx) => tx.applicationSessions.byIndex('wiki', wiki.session.sessionIndex))).toMatchObject({
      endedAt: now,
      endedReason: 'may no longer enter',
    });
    expect(await causes(ann.id)).toMatchObject([{ application: 'wiki', why: 'may no longer enter' }]);
    expect(await engine.read((tx) => tx.sessions.openOf([ann.id], now))).toHaveLength(1);
  });

  test('ends the sessions of an application that would receive other claims', async () => {
    const ann = await person({ department: 'Reading' });
    await entered(ann);
    await engine.says(ann.name, { department: 'Editing' });
    expect(await stored(ann.id)).toEqual([]);
    expect(await causes(ann.id)).toMatchObject([{ application: 'wiki', why: 'other claims' }]);
  });

  test('marks the sessions of an application that receives other claims at its next request, until that request', async () => {
    const ann = await person({ department: 'Reading' });
    const { session } = await entered(ann, 'notes');
    await engine.says(ann.name, { department: 'Editing' });
    expect(await stored(ann.id)).toMatchObject([{ id: session.id, outdatedAt: now }]);
    const next = await entered(ann, 'notes');
    expect(next).toMatchObject({ session: { id: session.id, outdatedAt: null }, claims: { attributes: { department: 'Editing' } } });
    expect(await stored(ann.id)).toMatchObject([{ id: session.id, outdatedAt: null }]);
  });

  test('that changes nothing for an application leaves its sessions alone', async () => {
    const ann = await person({ department: 'Reading' });
    const { session } = await entered(ann);
    await engine.act((tx) => decideIdentity(tx, engine.engine, ann.id, 'restart'));
    expect(await stored(ann.id)).toMatchObject([{ id: session.id, outdatedAt: null }]);
  });

  test('ends a session when the grant that let the person in has ended', async () => {
    const ann = await person({ department: 'Visiting' });
    await entered(ann);
    // The rule gives up earlier than the session would expire.
    await engine.says(ann.name, { department: 'Nowhere' });
    expect(await stored(ann.id)).toEqual([]);
  });

  test('waits for an entry that is under way, and finds its session', async () => {
    const ann = await person({ department: 'Reading' });
    let moved: Promise<unknown> = Promise.resolve();
    await engine.act(async (tx) => {
      await enterApplication(tx, engine.engine, { application: 'wiki', identityId: ann.id, session: ann.session, details: {} });
      let isDecided = false;
      moved = engine.says(ann.name, { department: 'Nowhere' }).then(() => {
        isDecided = true;
      });
      // Until the decision waits, or has been made without waiting.
      while (!isDecided && !(await isSomebodyWaiting()));
    });
    await moved;
    expect(await stored(ann.id)).toEqual([]);
  });

  test('ends the sessions of an application that was removed from the configuration', async () => {
    const ann = await person({ department: 'Reading' });
    await entered(ann);
    const { wiki: _wiki, ...applications } = configuration.applications;
    const { 'wiki.reader': _reader, 'wiki.editor': _editor, ...entitlements } = configuration.policy.entitlements;
    const birthrightRules = configuration.policy.birthright.filter(({ name }) => name === 'buyers');
    const desk = { ...configuration.applications['desk'], mayUse: null } as ApplicationSettings;
    await engine.use({
      ...configuration,
      applications: { ...applications, desk },
      policy: { ...configuration.policy, entitlements, birthright: birthrightRules, separation: [] },
    });
    await engine.act((tx) => decideIdentity(tx, engine.engine, ann.id, 'policy'));
    expect(await causes(ann.id)).toMatchObject([{ application: 'wiki', why: 'application removed' }]);
    await engine.use(configuration);
  });
});

describe('an application that knows people by their address', () => {
  const cases = async (id: string) => (await engine.read((tx) => tx.cases.ofIdentities([id]))).filter(({ kind }) => kind === 'application-address');
  const operator = { kind: 'person', id: '', personId: null, roles: new Set(['operator']), sources: new Set(), sessionId: null, expiresAt: '' } as const;
  const decide = (caseId: string, mayBeSent: boolean) =>
    engine.act((tx) => decideApplicationAddressOf(tx, { ...operator, kind: 'service' } as never, { caseId, mayBeSent, reason: 'looked at' }));

  test('receives it, and refuses somebody without one', async () => {
    expect((await entered(await person({ email: 'ann@corp.example' }), 'mailbox')).subject).toBe('ann@corp.example');
    expect(await enter(await person({}), 'mailbox')).toEqual({ mayEnter: false, reason: 'no-email' });
  });

  test('does not receive an address of somebody else, in other letters either, before a person has decided', async () => {
    const bob = await person({ email: 'bob@corp.example' });
    await entered(bob, 'mailbox');
    await engine.says(bob.name, { email: 'robert@corp.example' });
    const other = await person({ email: 'Bob@corp.example' });
    expect(await enter(other, 'mailbox')).toEqual({ mayEnter: false, reason: 'address-of-another' });
    expect(await enter(other, 'mailbox')).toEqual({ mayEnter: false, reason: 'address-of-another' });
    const [open, ...more] = await cases(other.id);
    expect({ open, more }).toMatchObject({ open: { status: 'open', evidence: { application: 'mailbox', others: [bob.id] } }, more: [] });
    expect(JSON.stringify(open)).not.toMatch(/corp\.example/i);
    await decide(open?.id ?? '', true);
    expect((await entered(other, 'mailbox')).subject).toBe('Bob@corp.example');
    // It is theirs now: the one who had it before is the other person by then.
    await engine.says(bob.name, { email: 'bob@corp.example' });
    expect(await enter(bob, 'mailbox')).toEqual({ mayEnter: false, reason: 'address-of-another' });
    expect(await cases(bob.id)).toMatchObject([{ status: 'open', evidence: { others: [other.id] } }]);
  });

  test('does not receive it after a refusal, and nobody is asked again', async () => {
    await entered(await person({ email: 'cara@corp.example' }), 'mailbox');
    const other = await person({ email: 'cara@corp.example' });
    await enter(other, 'mailbox');
    const [open] = await cases(other.id);
    await decide(open?.id ?? '', false);
    expect(await enter(other, 'mailbox')).toEqual({ mayEnter: false, reason: 'address-of-another' });
    expect(await cases(other.id)).toMatchObject([{ status: 'closed' }]);
    await engine.says(other.name, { email: 'c.second@corp.example' });
    expect((await entered(other, 'mailbox')).subject).toBe('c.second@corp.example');
  });

  test('asks nobody any more once the person has an address of their own', async () => {
    await entered(await person({ email: 'eve@corp.example' }), 'mailbox');
    const other = await person({ email: 'eve@corp.example' });
    await enter(other, 'mailbox');
    await engine.says(other.name, { email: 'eve.own@corp.example' });
    await entered(other, 'mailbox');
    expect(await cases(other.id)).toMatchObject([{ status: 'closed', resolution: 'the person has another address' }]);
  });

  test('receives it for one of two who come at once', async () => {
    const two = [await person({ email: 'twin@corp.example' }), await person({ email: 'twin@corp.example' })];
    const entries = await Promise.all(two.map((one) => enter(one, 'mailbox')));
    expect(entries.map(({ mayEnter }) => mayEnter).toSorted()).toEqual([false, true]);
  });

  test('ends the session under the former address when the address changes', async () => {
    const dora = await person({ email: 'dora@corp.example' });
    await entered(dora, 'mailbox');
    await engine.says(dora.name, { email: 'dora.new@corp.example' });
    expect(await stored(dora.id)).toEqual([]);
  });
});
