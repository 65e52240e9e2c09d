import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Transaction } from '@tenure/store';
import { enterApplication, logOutAtApplication } from '../applications/index.ts';
import { decideIdentities } from '../decide/decide-identities.ts';
import { terminate } from '../leavers/terminate.ts';
import { accept } from '../login/admit/audit-login.ts';
import { endAllSessions } from '../login/end-all-sessions.ts';
import { endLogin } from '../login/end-login.ts';
import { endOneSession } from '../login/end-one-session.ts';
import { endSession } from '../login/end-session.ts';
import { revokeSessions } from '../login/revoke-sessions.ts';
import { createRepairWorld, repairConfiguration, type RepairWorld } from '../repairs/testing/repair-world.ts';
import { breakGlass } from '../requests/break-glass.ts';
import { returnAccess } from '../requests/end-access.ts';
import { oidcApplication } from '../testing/index.ts';

/** A person inside two applications, with a refresh token in each. */
interface Inside {
  readonly name: string;
  readonly id: string;
  readonly session: string;
  readonly at: Readonly<Record<string, string>>;
}

/** A way in which sessions end. */
interface Way {
  /** File in which they are ended. */
  readonly file: string;
  readonly end: (person: Inside) => Promise<unknown>;
  /** Applications whose sessions end; absent: both. */
  readonly ends?: readonly string[];
  /** Applications that are to be notified; absent: those whose sessions end. */
  readonly notified?: readonly string[];
}

const { policy } = repairConfiguration;
const attributes = { ...repairConfiguration.attributes, endDate: { type: 'instant' }, leaveStart: { type: 'date' } } as const;
const wiki = oidcApplication('wiki', { mayUse: { when: 'true' } });
const sales = oidcApplication('sales', { mayUse: { entitlements: ['crm.clerk'] }, attributes: { name: 'identity.displayName' } });
const configuration = {
  ...repairConfiguration,
  attributes,
  applications: { wiki, sales },
  policy: {
    ...policy,
    attributes,
    breakGlass: [
      {
        name: 'fire',
        when: 'true',
        roles: [],
        entitlements: ['crm.payer'],
        longest: 'PT4H',
        reviewers: [{ kind: 'manager' as const }],
        reviewWithin: 'P1D',
        tell: [],
      },
    ],
  },
};

let world: RepairWorld;
let people = 0;
beforeAll(async () => {
  world = await createRepairWorld(configuration);
});
afterAll(() => world.stop());

const facts = (name: string) => ({ employeeNumber: name, department: 'Sales', displayName: name });
const pass = (hours: number): void => {
  world.now = new Date(Date.parse(world.now) + hours * 3_600_000).toISOString();
};

/** A person who logs in through `corp` and enters both applications. */
async function inside(): Promise<Inside> {
  people += 1;
  const name = `person-${people}`;
  const id = await world.says(name, facts(name));
  await world.login(id, name, 'corp');
  return world.act(async (tx) => {
    const [session] = await tx.sessions.openOf([id], world.now);
    if (session === undefined) throw new Error('the person is logged in');
    const at: Record<string, string> = {};
    for (const application of ['wiki', 'sales']) {
      const entry = await enterApplication(tx, world.engine, { application, identityId: id, session, details: {} });
      if (!entry.mayEnter) throw new Error(`${name} may enter ${application}`);
      at[application] = entry.session.id;
    }
    return { name, id, session: session.id, at };
  });
}

/** A refresh token below a session at an application, as the OpenID provider keeps it. */
async function refreshToken({ id, at }: Inside, application: string): Promise<string> {
  const token = randomUUID();
  await world.database.execute(
    `insert into credential (id, kind, parent_id, identity_id, created_at, expires_at) select ?, 'refresh-token', id, ?, ?, expires_at from credential where id = ?`,
    [token, id, world.now, at[application]],
  );
  return token;
}

const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => world.act(work);

const WAYS: Readonly<Record<string, Way>> = {
  'an operator terminates the person': {
    file: 'libs/engine/decide/save-effects.ts',
    end: ({ id }) => act((tx) => terminate(tx, world.engine, id, 'fraud')),
  },
  'the source states that the person has left': {
    file: 'libs/engine/decide/save-effects.ts',
    end: ({ name }) => world.says(name, facts(name), { status: 'ended' }),
  },
  'the end date has come, and the timer fires': {
    file: 'libs/engine/decide/save-effects.ts',
    async end({ name }) {
      await world.says(name, { ...facts(name), endDate: new Date(Date.parse(world.now) + 600_000).toISOString() });
      pass(0.5);
      await world.decide(name);
    },
  },
  'a leave of absence begins': {
    file: 'libs/engine/decide/save-effects.ts',
    end: ({ name }) => world.says(name, { ...facts(name), leaveStart: world.now.slice(0, 10) }),
  },
  'a batch decides about many people': {
    file: 'libs/engine/decide/save-effects.ts',
    async end({ id, name }) {
      const other = await inside();
      await world.database.execute(`update source_record set status = 'ended', ended_at = ? where identity_id in (?, ?) and source = 'hr'`, [
        world.now,
        id,
        other.id,
      ]);
      await act((tx) => decideIdentities(tx, world.engine, [id, other.id], 'record'));
      expect(await openOf(other)).toEqual([]);
      expect(await noticedOf(other)).toEqual(['sales', 'wiki']);
      return name;
    },
  },
  'the grant of one application ends': {
    file: 'libs/engine/decide/save-effects.ts',
    end: ({ name }) => world.says(name, { ...facts(name), department: 'Paying' }),
    ends: ['sales'],
  },
  'an application would be told something else': {
    file: 'libs/engine/decide/save-effects.ts',
    end: ({ name }) => world.says(name, { ...facts(name), displayName: 'Somebody Else' }),
    ends: ['sales'],
  },
  'an application is removed from the configuration': {
    file: 'libs/engine/decide/save-effects.ts',
    async end({ name }) {
      await world.use({ ...configuration, applications: { wiki } });
      await world.decide(name);
      await world.use(configuration);
    },
    ends: ['sales'],
  },
  'the identity is merged into another one': {
    file: 'libs/engine/repairs/merge-identities.ts',
    async end({ name }) {
      await world.says(`${name}-twin`, facts(`${name}-twin`));
      await world.repair(world.merge(name, `${name}-twin`));
    },
  },
  'the record of the login is moved to another identity': {
    file: 'libs/engine/repairs/move-record.ts',
    async end({ name }) {
      const other = await world.says(`${name}-right`, facts(`${name}-right`));
      await world.repair({ kind: 'move-record', recordId: world.recordOf(name), toIdentityId: other });
    },
  },
  'the move of the record of the login is undone': {
    file: 'libs/engine/repairs/undo-repair.ts',
    async end({ name, id }) {
      const first = await world.says(`${name}-first`, facts(`${name}-first`));
      const subject = `${name}-moved`;
      await world.login(first, subject, 'other');
      const moved = await world.repair({ kind: 'move-record', recordId: world.recordOf(subject), toIdentityId: id });
      // Of the login that goes back, and of no other.
      await world.database.execute(`update session set provider = 'other' where id in (select id from credential where identity_id = ?)`, [id]);
      await world.repair({ kind: 'undo', repairId: moved.id });
    },
  },
  'the login is unbound': {
    file: 'libs/engine/login/end-bindings.ts',
    end: ({ id }) => act((tx) => endLogin(tx, world.engine, { identityId: id, provider: 'corp', reason: 'not theirs' })),
  },
  'an operator revokes all sessions': {
    file: 'libs/engine/login/revoke-sessions.ts',
    end: ({ id }) => act((tx) => revokeSessions(tx, id, 'lost laptop')),
  },
  'the person logs out everywhere': { file: 'libs/engine/login/end-all-sessions.ts', end: ({ id }) => act((tx) => endAllSessions(tx, id)) },
  'the person logs out': {
    file: 'libs/engine/login/end-session.ts',
    end: ({ id, session }) => act((tx) => endSession(tx, { identityId: id, sessionId: session })),
  },
  'the person logs in anew in the same browser': {
    file: 'libs/engine/login/admit/audit-login.ts',
    end: ({ id, session }) =>
      act((tx) =>
        accept(
          tx,
          { provider: { name: 'corp' }, issuer: 'i', subject: 's', replaces: session } as Parameters<typeof accept>[1],
          { request: null } as Parameters<typeof accept>[2],
          { sessionId: randomUUID(), identityId: id, recordId: randomUUID(), outcome: 'unchanged' },
        ),
      ),
  },
  'somebody ends the session in Tenure': {
    file: 'libs/engine/login/end-one-session.ts',
    end: ({ id, session }) => act((tx) => endOneSession(tx, { kind: 'person', id, roles: new Set() }, { id: session, reason: null })),
  },
  'somebody ends the session at one application': {
    file: 'libs/engine/login/end-one-session.ts',
    end: ({ id, at }) => act((tx) => endOneSession(tx, { kind: 'person', id, roles: new Set() }, { id: at['sales'] ?? '', reason: null })),
    ends: ['sales'],
  },
  'an application logs the person out': {
    file: 'libs/engine/applications/log-out-at-application.ts',
    end: ({ at }) =>
      act(async (tx) => {
        const there = await tx.applicationSessions.get(at['wiki'] ?? '', world.now);
        const sessions = { subject: there?.subject ?? '', sessionIndexes: [there?.sessionIndex ?? ''] };
        return logOutAtApplication(tx, { application: 'wiki', ...sessions, canBeNotified: () => true });
      }),
    notified: ['sales'],
  },
  'break-glass access ends': {
    file: 'libs/engine/requests/end-access.ts',
    async end({ id }) {
      const request = await act((tx) =>
        breakGlass(tx, world.engine, { identityId: id, kind: 'entitlement', name: 'crm.payer', duration: null, justification: 'fire' }),
      );
      const [item] = await world.read(async (tx) => (await tx.requests.whole([request]))[0]?.items ?? []);
      await act((tx) => returnAccess(tx, world.engine, item?.id ?? '', id));
    },
  },
};

/** Files that end sessions in ways that have tests of their own. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'libs/engine/applications/enter-application.ts':
    'enter-application.integration.test.ts: a session under a former name of the person ends when they enter again',
  // Of the OpenID provider, whose own tests play them.
  'libs/engine/applications/end-application-session.ts': 'an application revokes its tokens: its session there ends',
  'libs/engine/applications/log-out-from-application.ts': 'RP-initiated logout: the session of the application, or that in Tenure',
};

/** Credentials of a person below their session in Tenure that are not ended: their application. */
async function openOf({ id }: Pick<Inside, 'id'>): Promise<readonly string[]> {
  const rows = await world.database.execute(
    `select coalesce(a.application, p.application) as application, c.kind from credential c left join application_session a on a.id = c.id
       left join application_session p on p.id = c.parent_id
     where c.identity_id = ? and c.kind in ('application-session', 'refresh-token') and c.ended_at is null order by 1, 2`,
    [id],
  );
  return rows.map((row) => `${row['application']} ${row['kind']}`);
}

/** Applications that are to be notified about a person. */
async function noticedOf({ id }: Pick<Inside, 'id'>): Promise<readonly string[]> {
  const notices = await world.read((tx) => tx.logoutNotices.ofPeople([id]));
  return notices.map(({ application, status }) => (status === 'waiting' ? application : `${application} ${status}`)).toSorted();
}

describe('every way in which sessions end', () => {
  test.each(Object.entries(WAYS))(
    '%s: sessions at applications and refresh tokens end in the same transaction, and the applications are to be notified',
    async (_way, { end, ends = ['sales', 'wiki'], notified = ends }) => {
      const person = await inside();
      for (const application of ['wiki', 'sales']) await refreshToken(person, application);
      await end(person);
      const stay = ['sales', 'wiki'].filter((application) => !ends.includes(application));
      expect(await openOf(person)).toEqual(stay.flatMap((application) => [`${application} application-session`, `${application} refresh-token`]));
      expect(await noticedOf(person)).toEqual(notified);
      // No later transaction had to see to it.
      const [row] = await world.database.execute('select count(distinct xmin::text)::int as count from logout_notice where identity_id = ?', [person.id]);
      expect(row?.['count']).toBe(1);
    },
  );

  test('is in the table of this test', async () => {
    const found: string[] = [];
    for (const folder of ['libs/engine', 'apps/api', 'apps/worker', 'activities'])
      for (const file of await readdir(folder, { recursive: true })) {
        if (!file.endsWith('.ts') || /test\.ts$|(^|\/)test(ing)?\/|(^|\/)testing-/.test(file)) continue;
        const source = await readFile(`${folder}/${file}`, 'utf8');
        if (/\.revokeAll\(|\.revokeThrough\(|sessions\.revoke\(|applicationSessions\.end\(|\bsessionsOf:/.test(source)) found.push(`${folder}/${file}`);
      }
    const played = new Set(Object.values(WAYS).map(({ file }) => file));
    expect(found.filter((file) => !played.has(file) && !Object.hasOwn(ELSEWHERE, file))).toEqual([]);
    expect([...played].filter((file) => !found.includes(file))).toEqual([]);
  });
});

describe('the database', () => {
  test('refuses a transaction that leaves a session to a person who is no longer active', async () => {
    const { id } = await inside();
    await expect(world.database.execute(`update identity set state = 'leaving' where id = ?`, [id])).rejects.toThrow('sessions of a person end together');
  });
});
