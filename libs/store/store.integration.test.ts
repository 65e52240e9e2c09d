import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { ActContext } from './audit/audit.ts';
import type { StoredIdentity } from './identities/identities.ts';
import { type Transaction, migrate } from './index.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

const now = '2026-03-01T12:00:00.000Z';
const context: ActContext = { actor: { kind: 'system', id: 'test' }, correlationId: 'c-1', now };
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function person(userName: string): StoredIdentity {
  return {
    id: randomUUID(),
    userName,
    userType: 'contractor',
    relationships: [],
    timeZone: 'Europe/Berlin',
    endings: {},
    idleSince: null,
    lastActivityAt: null,
    reportedActivity: [],
    questions: [],
    groups: {},
    createdAt: now,
    attributes: { displayName: { value: 'Ada Lovelace', source: 'hr', recordId: 'r-1' } },
    state: 'active',
    lifecycle: null,
    activations: {},
    policyVersion: null,
    nextWakeUp: null,
    decidedAt: null,
    revision: 0,
    mergedInto: null,
  };
}

describe('store', () => {
  it('migrates once, and again without a change', async () => {
    expect(await migrate(database.url)).toEqual([]);
  });

  it('reads an identity back as it was written', async () => {
    const ada = person('ada');
    await database.store.transaction(context, (tx) => tx.identities.insert(ada));
    expect(await database.store.read((tx) => tx.identities.get(ada.id))).toEqual(ada);
    const found = await database.store.read((tx) => tx.identities.page({ search: 'LOVELACE' }, 10, null));
    expect(found.map((identity) => identity.id)).toEqual([ada.id]);
  });

  it('takes a wildcard in a search literally', async () => {
    expect(await database.store.read((tx) => tx.identities.page({ search: '%' }, 10, null))).toEqual([]);
  });

  it('stores whoever has an endless name, and finds them by its beginning', async () => {
    // All characters differ, so that compression does not shorten the text; each takes four bytes.
    const name = Array.from({ length: 3000 }, (_, index) => String.fromCodePoint(0x20000 + index)).join('');
    const endless = { ...person('endless'), attributes: { displayName: { value: name, source: 'hr', recordId: 'r-1' } } };
    await database.store.transaction(context, (tx) => tx.identities.insert(endless));
    const search = Array.from(name).slice(0, 40).join('');
    expect(await database.store.read((tx) => tx.identities.page({ search }, 10, null))).toEqual([endless]);
    expect(await database.store.read((tx) => tx.identities.count({ search, states: ['active'], userTypes: ['contractor'] }))).toBe(1);
  });

  it('lets a case be opened about somebody, and given to somebody, while others decide about both', async () => {
    const [held, owner] = [person('held'), person('owner')];
    await database.store.transaction(context, async (tx) => {
      for (const one of [held, owner]) await tx.identities.insert(one);
    });
    const wanted = {
      kind: 'sponsor-missing',
      key: `test/${held.id}`,
      identityId: held.id,
      target: null,
      operationId: null,
      evidence: { namedBy: 'userName', why: 'test' },
      ownerId: owner.id,
    } as const;
    await database.store.transaction(context, async (tx) => {
      await tx.people.lock([held.id]);
      await tx.identities.lock(owner.id);
      // Must not wait for the locks above: the two would wait for each other once this transaction waits for the lock on sponsors.
      await database.store.transaction(context, (other) => other.cases.open(wanted, now));
    });
    expect(await database.store.read((tx) => tx.cases.openOfKey(wanted.key))).toMatchObject({ ownerId: owner.id });
  });

  it('writes nothing of a transaction that fails, audit included', async () => {
    const lost = person('lost');
    await expect(
      database.store.transaction(context, async (tx) => {
        await tx.identities.insert(lost);
        tx.audit.record({
          action: 'identity.created',
          subjectKind: 'identity',
          subjectId: lost.id,
          identityId: lost.id,
          reason: { source: 'hr', recordId: '' },
        });
        throw new Error('broken');
      }),
    ).rejects.toThrow('broken');
    expect(await database.store.read((tx) => tx.identities.get(lost.id))).toBeNull();
    expect(await database.store.read((tx) => tx.audit.ofIdentity(lost.id, 10))).toEqual([]);
  });

  it('has the lives of a wave told of a date that changed, those of leavers too', async () => {
    const [leaver, stays] = [{ ...person('leaver'), state: 'leaving' as const }, person('stays')];
    const woken = await database.store.transaction(context, async (tx) => {
      for (const one of [leaver, stays]) await tx.identities.insert(one);
      const decided = [leaver, stays].map(({ id }) => ({ identityId: id, mustWake: id === leaver.id }));
      const wave = await tx.batchRuns.open('policy', { decided }, context);
      await tx.batchRuns.started(wave?.id ?? '', now);
      return tx.batchRuns.wakeWaiting({ waveId: wave?.id ?? '', after: null, upTo: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }, 'policy', 'c-1', now);
    });
    expect(woken).toBe(1);
    await database.store.transaction(context, async (tx) => {
      const messages = await tx.outbox.take(10, 'ordinary');
      expect(messages.map(({ identityId }) => identityId)).toEqual([leaver.id]);
      await tx.outbox.remove(messages.map(({ id }) => id));
    });
  });

  it('fails with the reason of a statement that nobody has waited for, at the next one or at the commit', async () => {
    const message = { identityId: 'nobody', trigger: 'login', urgent: false, correlationId: 'c-2', createdAt: now } as const;
    const lost = person('unheard');
    for (const next of [async () => null, (tx: Transaction) => tx.identities.get(lost.id)]) {
      const work = database.store.transaction(context, async (tx) => {
        await tx.identities.insert(lost);
        await tx.outbox.add(message);
        await next(tx);
      });
      await expect(work).rejects.toThrow(/uuid/);
    }
    expect(await database.store.read((tx) => tx.identities.get(lost.id))).toBeNull();
    expect(await database.store.read((tx) => tx.outbox.lag(now))).toMatchObject({ waiting: 0 });
  });

  it('begins anew what has waited for another that waited for it', async () => {
    const tries = { one: 0, other: 0 };
    const holding = new Set<string>();
    const both = Promise.withResolvers<void>();
    const hold = (name: 'one' | 'other', first: string, second: string) =>
      database.store.transaction(context, async (tx) => {
        tries[name] += 1;
        await tx.records.lockKeys([first]);
        await tx.records.look([], []); // its answer shows that the key is locked
        if (holding.add(name).size === 2) both.resolve();
        await both.promise;
        await tx.records.lockKeys([second]);
        tx.audit.record({ action: 'identity.created', subjectKind: 'identity', subjectId: name, identityId: null, reason: { source: 'hr', recordId: '' } });
      });
    await Promise.all([hold('one', 'a', 'b'), hold('other', 'b', 'a')]);
    expect(tries.one + tries.other).toBe(3);
    const told = await database.store.read((tx) => tx.audit.page({}, 100, null));
    expect(told.filter(({ subjectId }) => subjectId === 'one' || subjectId === 'other')).toHaveLength(2);
  });

  it('hands a begun login out once, of many that ask at the same time', async () => {
    const id = randomUUID();
    await database.store.transaction(context, (tx) =>
      tx.sessions.beginLogin({ id, provider: 'p', browserHash: 'b', returnTo: '/me', nonce: null, verifier: null, expiresAt: '2026-03-01T12:10:00.000Z' }),
    );
    const taken = await Promise.all(Array.from({ length: 5 }, () => database.store.transaction(context, (tx) => tx.sessions.takeLogin(id, now))));
    expect(taken.filter((request) => request !== null)).toHaveLength(1);
  });

  it('lets an assertion be used once, of many that ask at the same time', async () => {
    const used = await Promise.all(
      Array.from({ length: 5 }, () => database.store.transaction(context, (tx) => tx.sessions.consumeAssertion('issuer', 'a-1', now))),
    );
    expect(used.filter(Boolean)).toHaveLength(1);
  });

  it('keeps only the hash of a token, and refuses it after revocation and after its end', async () => {
    const ada = person('ada-session');
    const token = await database.store.transaction(context, async (tx) => {
      await tx.identities.insert(ada);
      return (await tx.sessions.open(ada.id, 'p', now, '2026-03-01T13:00:00.000Z')).token;
    });
    expect(JSON.stringify(await database.execute('select * from credential'))).not.toContain(token);
    expect(await database.store.read((tx) => tx.sessions.byToken(token, now))).not.toBeNull();
    expect(await database.store.read((tx) => tx.sessions.byToken(token, '2026-03-01T13:00:00.000Z'))).toBeNull();
    await database.store.transaction(context, (tx) => tx.sessions.revokeAll(ada.id, 'test', now));
    expect(await database.store.read((tx) => tx.sessions.byToken(token, now))).toBeNull();
  });

  it('gives each waiting message to one dispatcher, urgent ones apart; once those are handed over, the life hears of them in its turn', async () => {
    const add = (urgent: boolean) =>
      database.store.transaction(context, (tx) => tx.outbox.add({ identityId: randomUUID(), trigger: 'record', urgent, correlationId: 'c', createdAt: now }));
    await add(false);
    await add(true);
    const defer = (milliseconds: number) =>
      database.store.transaction(context, async (first) => {
        const messages = await first.outbox.take(10, 'urgent');
        expect(messages.map((message) => message.urgent)).toEqual([true]);
        await database.store.transaction(context, async (second) => {
          expect(await second.outbox.take(10, 'urgent')).toEqual([]);
          expect((await second.outbox.take(10, 'ordinary')).map((message) => message.urgent)).toEqual([false]);
        });
        await first.outbox.defer(
          messages.map(({ id }) => id),
          milliseconds,
        );
      });
    const left = () =>
      database.store.transaction(context, async (tx) => {
        expect(await tx.outbox.take(10, 'urgent')).toEqual([]);
        const all = await tx.outbox.take(10, 'ordinary');
        await tx.outbox.remove(all.map(({ id }) => id));
        return all.map((message) => message.urgent);
      });
    await defer(0);
    expect(await left()).toEqual([true, false]);
    await add(false);
    await add(true);
    await defer(3_600_000);
    expect(await database.store.read((tx) => tx.outbox.lag(now))).toMatchObject({ waiting: 1 });
    expect(await left()).toEqual([false]);
    await database.execute('delete from outbox');
  });

  it('knows whatever concerns somebody with an open account who leaves as urgent, whoever adds it', async () => {
    const people = await database.store.transaction(context, async (tx) => {
      const [stays, leaves, closed] = [
        person('stays-here'),
        { ...person('leaves'), state: 'leaving' as const },
        { ...person('closed'), state: 'left' as const },
      ];
      for (const one of [stays, leaves, closed]) await tx.identities.insert(one);
      return { stays, leaves, closed };
    });
    for (const [{ id }, confirmedAt] of [
      [people.stays, null],
      [people.leaves, null],
      [people.closed, now],
    ] as const)
      await database.execute(
        `insert into account (id, identity_id, target, user_name, desired, existed, ever_enabled, desired_since, confirmed_at) values (?, ?, 'crm', ?, '{"state": "disabled"}', true, true, ?, ?)`,
        [randomUUID(), id, id, now, confirmedAt],
      );
    const message = { trigger: 'decision', urgent: false, correlationId: 'c', createdAt: now } as const;
    await database.store.transaction(context, async (tx) => {
      for (const { id: identityId } of Object.values(people)) await tx.outbox.add({ ...message, identityId });
      await tx.outbox.add({ ...message, identityId: people.leaves.id, requestId: randomUUID() });
      const urgent = await tx.outbox.take(10, 'urgent');
      expect(urgent.map(({ identityId, requestId }) => [identityId, requestId])).toEqual([[people.leaves.id, null]]);
      const all = [...urgent, ...(await tx.outbox.take(10, 'ordinary'))];
      expect(all).toHaveLength(4);
      await tx.outbox.remove(all.map(({ id }) => id));
    });
  });
});

describe('audit', () => {
  it('goes on where a chain was reserved, and seals for people of whom none was', async () => {
    const [ada, eve] = [person('reserved'), person('unreserved')];
    const entry = ({ id }: StoredIdentity, name: string) =>
      ({ action: 'import.begun', subjectKind: 'test', subjectId: id, identityId: id, reason: { source: 'hr' }, personal: { name } }) as const;
    await database.store.transaction(context, async (tx) => {
      for (const one of [ada, eve]) await tx.identities.insert(one);
    });
    for (const reserved of [[ada.id], []])
      await database.store.transaction(context, async (tx) => {
        tx.audit.reserve(reserved);
        tx.audit.record(entry(ada, 'Ada'), entry(eve, 'Eve'));
      });
    await database.store.transaction(context, async (tx) => tx.audit.reserve([ada.id]));
    const told = await database.store.read((tx) => Promise.all([ada, eve].map(({ id }) => tx.audit.ofIdentity(id, 10))));
    expect(told.map((events) => events.map(({ personal }) => personal?.['name']))).toEqual([
      ['Ada', 'Ada'],
      ['Eve', 'Eve'],
    ]);
    expect((await database.store.read((tx) => tx.audit.verify())).problems).toEqual([]);
  });

  const write = (n: number) =>
    database.store.transaction(context, async (tx) => {
      // No action has such a reason: the chain must be provable whatever the content of an event.
      const reason = { z: 1, a: { y: [1, 'x'], b: null } } as never;
      tx.audit.record({ action: 'import.begun', subjectKind: 'test', subjectId: String(n), identityId: null, reason });
    });

  it('chains what many writers write side by side, and finds it whole', async () => {
    await Promise.all(Array.from({ length: 60 }, (_, n) => write(n)));
    const { events, problems } = await database.store.read((tx) => tx.audit.verify());
    expect(problems).toEqual([]);
    expect(events).toBeGreaterThanOrEqual(60);
  });

  it('cannot be changed, removed or emptied, by the runtime role or the owner', async () => {
    for (const sql of ["update audit_event set action = 'x'", 'delete from audit_event', 'truncate audit_event']) {
      await expect(database.execute(sql)).rejects.toThrow(/audit events are only ever added/);
      await expect(database.execute(`set role tenure_runtime; ${sql}`)).rejects.toThrow(/permission denied/);
      await database.execute('reset role');
    }
  });

  it('names the event that somebody changed, removed or inserted past the guards', async () => {
    const tamper = async (sql: string, expected: RegExp, undo: string) => {
      await database.execute('alter table audit_event disable trigger all');
      await database.execute('create table kept as select * from audit_event');
      await database.execute(sql);
      const { problems } = await database.store.read((tx) => tx.audit.verify());
      expect(problems.join('\n')).toMatch(expected);
      await database.execute(
        `${undo} delete from audit_event; insert into audit_event select * from kept; drop table kept; alter table audit_event enable trigger all`,
      );
      expect((await database.store.read((tx) => tx.audit.verify())).problems).toEqual([]);
    };
    const [{ id, lane } = { id: '', lane: 0 }] = (await database.execute(
      'select id, lane from audit_event where sequence = 1 order by (select max(sequence) from audit_event b where b.lane = audit_event.lane) desc limit 1',
    )) as { id: string; lane: number }[];
    await tamper(`update audit_event set action = 'other' where id = '${id}'`, new RegExp(`changed: event ${id}`), '');
    await tamper(`delete from audit_event where id = '${id}'`, /removed: chain \d+, number 1/, '');
    await tamper(`delete from audit_event where lane = ${lane}`, new RegExp(`removed: chain ${lane}, .* at its end`), '');
    await tamper(
      `insert into audit_event select lane, (select max(sequence) + 1 from audit_event where lane = ${lane}), gen_random_uuid(), at, actor_kind, actor_id, action, subject_kind, subject_id, identity_id, reason, personal, correlation_id, hash, hash from audit_event where id = '${id}'`,
      /inserted/,
      '',
    );
  });

  it('stays whole when a person is erased, and can then no longer say their values', async () => {
    const ada = person('ada-erased');
    await database.store.transaction(context, async (tx) => {
      await tx.identities.insert(ada);
      tx.audit.record({
        action: 'record.taken',
        subjectKind: 'identity',
        subjectId: ada.id,
        identityId: ada.id,
        reason: { source: 'hr', version: '1', status: null, endedAt: null, endedOn: null },
        personal: { email: 'ada@example.com' },
      });
    });
    expect(JSON.stringify(await database.execute('select * from audit_event'))).not.toContain('ada@example.com');
    expect((await database.store.read((tx) => tx.audit.ofIdentity(ada.id, 1)))[0]?.personal).toEqual({ email: 'ada@example.com' });
    await database.execute('delete from person_key where identity_id = ?', [ada.id]);
    expect((await database.store.read((tx) => tx.audit.ofIdentity(ada.id, 1)))[0]?.personal).toBeNull();
    expect((await database.store.read((tx) => tx.audit.verify())).problems).toEqual([]);
  });
});

describe('a database that goes away', () => {
  // Not by `database.execute`: within a transaction the ORM would use the connection of that transaction.
  const goAway = async (): Promise<void> => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
    await client.end();
  };

  it('costs no connection for good, however often it happens', async () => {
    const identity = person('survivor');
    await database.store.transaction(context, (tx) => tx.identities.insert(identity));
    for (let times = 0; times < 12; times += 1) {
      const lost = database.store.transaction(context, async (tx) => {
        await tx.identities.lock(identity.id);
        await goAway();
        await tx.identities.lock(identity.id);
      });
      await expect(lost).rejects.toThrow();
    }
    expect(await database.store.read((tx) => tx.identities.get(identity.id))).toMatchObject({ userName: 'survivor' });
  });
});
