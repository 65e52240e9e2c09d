import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import type { Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import type { TakenRecord } from './taken-record.ts';
import type { IncomingRecord } from './incoming-record.ts';
import { createEngine } from '../decide/create-engine.ts';
import { takeRecord, takeRecords } from './take-records.ts';
import { publishPolicy } from '../policy/publish-policy.ts';
import { testConfiguration, testProvider, testSource } from '../testing/configuration.ts';
import { decideIdentity } from '../decide/decide-identities.ts';

const now = '2026-03-01T12:00:00.000Z';
let database: TestDatabase;
let engine: Engine;

const configuration = testConfiguration({
  attributes: {
    email: { type: 'string' },
    employeeNumber: { type: 'string' },
    personId: { type: 'string' },
    givenName: { type: 'string' },
    familyName: { type: 'string' },
  },
  sources: {
    hr: testSource('hr', {
      trustedEmailDomains: ['corp.example'],
      correlate: [{ attribute: 'employeeNumber' }, { email: true }, { attribute: 'personId', forLife: true }],
    }),
  },
  identityProviders: {
    corp: testProvider('corp', { trustedEmailDomains: ['corp.example'], correlate: [{ attribute: 'employeeNumber' }, { email: true }] }),
    stranger: testProvider('stranger', { correlate: [{ email: true }] }),
    byNumber: testProvider('byNumber'),
    noCreate: testProvider('noCreate', { mayCreate: false }),
  },
  policy: { attributes: {} },
});

let counter = 0;
const take = (record: Partial<IncomingRecord>): Promise<TakenRecord> => {
  counter += 1;
  const incoming = { source: 'hr', externalId: `x-${counter}`, version: '1', facts: {}, status: null, endedAt: null, ...record } as const;
  return database.store.transaction({ actor: { kind: 'source', id: incoming.source }, correlationId: `c-${counter}`, now }, (tx) =>
    takeRecord(tx, engine, incoming),
  );
};

beforeAll(async () => {
  database = await createTestDatabase();
  engine = createEngine({ configuration });
  await database.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'start', now }, (tx) => publishPolicy(tx, engine));
});
afterAll(() => database.drop());

describe('correlation by an e-mail', () => {
  const victim = { email: 'vera@corp.example' };
  let vera: TakenRecord;
  beforeAll(async () => {
    vera = await take({ facts: victim, status: 'active' });
  });

  it('links where the provider is trusted for the domain and says that it is verified', async () => {
    expect(await take({ source: 'corp', facts: victim, emailVerified: true })).toMatchObject({
      outcome: 'updated',
      identityId: vera.identityId,
      linkedBy: 'email',
    });
  });

  it.each([
    ['from a provider that is not trusted for its domain', { source: 'stranger', facts: victim, emailVerified: true }],
    ['that is not verified', { source: 'corp', facts: victim, emailVerified: false }],
    ['of a look-alike domain', { source: 'corp', facts: { email: 'vera@corp.examp1e' }, emailVerified: true }],
    ['of a look-alike in another script', { source: 'corp', facts: { email: 'v\u0435ra@corp.example' }, emailVerified: true }],
    ['whose domain only ends like a trusted one', { source: 'corp', facts: { email: 'vera@evilcorp.example' }, emailVerified: true }],
    ['with two @, the trusted domain first', { source: 'corp', facts: { email: 'vera@corp.example@evil.example' }, emailVerified: true }],
    ['with a plus-address', { source: 'corp', facts: { email: 'vera+x@corp.example' }, emailVerified: true }],
    ['that SQL would take as a pattern', { source: 'corp', facts: { email: 'ver_@corp.example' }, emailVerified: true }],
  ])('does not link one %s', async (_title, record) => {
    const taken = await take(record);
    expect(taken.outcome).toBe('created');
    expect(taken.identityId).not.toBe(vera.identityId);
  });

  it('takes no notice of upper and lower case in a trusted one', async () => {
    const uma = await take({ facts: { email: 'uma@corp.example' }, status: 'active' });
    expect(await take({ source: 'corp', facts: { email: 'UMA@Corp.Example' }, emailVerified: true })).toMatchObject({
      identityId: uma.identityId,
      linkedBy: 'email',
    });
  });
});

describe('correlation by an attribute', () => {
  it('links between sources that both list it as a key', async () => {
    const hired = await take({ facts: { employeeNumber: 'E-7' }, status: 'active' });
    expect(await take({ source: 'corp', facts: { employeeNumber: 'E-7' } })).toMatchObject({ identityId: hired.identityId, linkedBy: 'employeeNumber' });
  });

  it('does not let a source that may not speak of it wait in ambush for the real one', async () => {
    const ambush = await take({ source: 'byNumber', facts: { employeeNumber: 'E-8' } });
    const hired = await take({ facts: { employeeNumber: 'E-8' }, status: 'active' });
    expect(hired.outcome).toBe('created');
    expect(hired.identityId).not.toBe(ambush.identityId);
  });

  it('opens a case for two candidates, links neither, and says so again at the next delivery without a second case', async () => {
    await take({ facts: { employeeNumber: 'E-9' }, status: 'active', externalId: 'first' });
    const second = await take({ facts: { employeeNumber: 'E-9b' }, status: 'active', externalId: 'second' });
    await take({ facts: { employeeNumber: 'E-9' }, status: 'active', externalId: 'second', version: '2' });
    const login = { source: 'corp', externalId: 'https://corp.example|s', facts: { employeeNumber: 'E-9' } };
    expect(await take(login)).toMatchObject({ outcome: 'ambiguous', identityId: null });
    expect(await take({ ...login, version: '2' })).toMatchObject({ outcome: 'ambiguous', identityId: null });
    const open = await database.store.read((tx) => tx.cases.page({ status: 'open', kind: 'ambiguous-record' }, 10, null));
    expect(open).toHaveLength(1);
    expect(open[0]?.evidence).toMatchObject({ by: 'employeeNumber', candidates: expect.arrayContaining([second.identityId]) });
  });

  it('does not take an empty value for a key', async () => {
    const one = await take({ facts: { employeeNumber: '' }, status: 'active' });
    const two = await take({ facts: { employeeNumber: ' ' }, status: 'active' });
    expect(one.identityId).not.toBe(two.identityId);
  });
});

describe('a source that may not create', () => {
  it('is refused with a sentence that names the setting, and nothing is kept', async () => {
    expect(await take({ source: 'noCreate', externalId: 'nobody', facts: {} })).toMatchObject({
      outcome: 'refused',
      identityId: null,
      message: expect.stringContaining('mayCreate'),
    });
    expect(await database.execute("select 1 from source_record where external_id = 'nobody'")).toEqual([]);
  });
});

describe('user names', () => {
  it('are plain ASCII from the names, unique, and stay when names change', async () => {
    const nameOf = async (taken: TakenRecord) => (await database.store.read((tx) => tx.identities.get(taken.identityId ?? '')))?.userName;
    const first = await take({ facts: { givenName: 'Åse', familyName: 'Łukasz-O\u2019Brien' }, externalId: 'n1' });
    const again = await take({ facts: { givenName: 'Ase', familyName: 'Lukasz O Brien' } });
    const none = await take({ facts: { givenName: '李', familyName: '明' } });
    expect(await nameOf(first)).toBe('ase.lukasz.obrien');
    expect(await nameOf(again)).toBe('ase.lukasz.o.brien');
    expect(await nameOf(none)).toMatch(/^person-[0-9a-f]{8}$/);
    await take({ facts: { givenName: 'Other' }, externalId: 'n1', version: '2' });
    expect(await nameOf(first)).toBe('ase.lukasz.obrien');
    const twin = await take({ facts: { givenName: 'Ase', familyName: 'Lukasz O Brien' } });
    expect(await nameOf(twin)).toBe('ase.lukasz.o.brien2');
  });
});

describe('many deliveries of one new record at once', () => {
  it('make one identity', async () => {
    const taken = await Promise.all(Array.from({ length: 8 }, () => take({ externalId: 'same', facts: { employeeNumber: 'E-20' }, status: 'active' })));
    expect(new Set(taken.map(({ identityId }) => identityId)).size).toBe(1);
    expect(taken.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
  });

  it('make one identity also when a hire and a login of the same person meet', async () => {
    const facts = { employeeNumber: 'E-21' };
    const hire = { externalId: 'h-21', facts, status: 'active' } as const;
    const login = { externalId: 'https://corp.example|s-21', source: 'corp', facts };
    const taken = await Promise.all([take(hire), take(login), take(hire), take(login)]);
    expect(new Set(taken.map(({ identityId }) => identityId)).size).toBe(1);
  });

  it('give people of the same name different user names', async () => {
    const taken = await Promise.all(Array.from({ length: 6 }, () => take({ facts: { givenName: 'Same', familyName: 'Name' } })));
    const people = await database.store.read((tx) => tx.identities.many(taken.map(({ identityId }) => identityId ?? '')));
    expect(people.map(({ userName }) => userName).sort()).toEqual(['same.name', 'same.name2', 'same.name3', 'same.name4', 'same.name5', 'same.name6']);
  });
});

describe('records that come together', () => {
  const takeAll = (records: readonly Partial<IncomingRecord>[]): Promise<readonly TakenRecord[]> => {
    counter += 1;
    const incoming = records.map((record, index) => {
      const arrived: IncomingRecord = {
        source: 'hr',
        externalId: `b-${counter}-${index}`,
        version: '1',
        facts: {},
        status: 'active',
        endedAt: null,
        ...record,
      };
      return arrived;
    });
    const context = { actor: { kind: 'source', id: 'hr' }, correlationId: `c-${counter}`, now } as const;
    return database.store.transaction(context, (tx) => takeRecords(tx, engine, incoming));
  };

  it('find whom an earlier one of them has made, by each of its keys', async () => {
    const taken = await takeAll([
      { facts: { employeeNumber: 'E-30', email: 'tom@corp.example', personId: 'P-30' } },
      { facts: { employeeNumber: 'E-31' } },
      { source: 'corp', facts: { employeeNumber: 'e-30' }, status: null },
      { facts: { personId: 'p-30' } },
    ]);
    expect(taken.map(({ outcome, linkedBy }) => [outcome, linkedBy])).toEqual([
      ['created', null],
      ['created', null],
      ['updated', 'employeeNumber'],
      ['updated', 'personId'],
    ]);
    expect(new Set(taken.map(({ identityId }) => identityId)).size).toBe(2);
  });

  it('go by version where two are of one record, in the order in which they came', async () => {
    const record = { externalId: 'twice', facts: { employeeNumber: 'E-32' } };
    const taken = await takeAll([{ ...record, version: '2' }, record, { ...record, version: '2' }, { ...record, version: '3', status: 'ended' }]);
    expect(taken.map(({ outcome }) => outcome)).toEqual(['created', 'stale', 'unchanged', 'updated']);
    expect((await database.store.read((tx) => tx.identities.get(taken[0]?.identityId ?? '')))?.state).toBe('left');
  });

  it('give people of one name different user names', async () => {
    const facts = { givenName: 'Twin', familyName: 'Name' };
    const taken = await takeAll([{ facts }, { facts }, { facts }]);
    const people = await database.store.read((tx) => tx.identities.many(taken.map(({ identityId }) => identityId ?? '')));
    expect(people.map(({ userName }) => userName).sort()).toEqual(['twin.name', 'twin.name2', 'twin.name3']);
  });
});

describe('while a version of the policy comes into force', () => {
  const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'turn', now } as const;
  const publish = (tx: Transaction, name: string): ReturnType<typeof publishPolicy> =>
    publishPolicy(
      tx,
      createEngine({
        configuration: { ...configuration, policy: { ...configuration.policy, roles: { [name]: { name, title: name, entitlements: [] } } } },
      }),
    );

  it('whoever waited for their turn meanwhile decides by it', async () => {
    const { identityId } = await take({ facts: { employeeNumber: 'E-40' }, status: 'active' });
    const id = identityId ?? '';
    const { waiting, version } = await database.store.transaction(context, async (tx) => {
      await tx.people.lock([id]);
      const published = await publish(tx, 'second');
      const decision = database.store.transaction(context, (other) => decideIdentity(other, engine, id, 'record'));
      while (!(await isSomebodyWaiting()));
      return { waiting: { decision }, version: published.version };
    });
    await waiting.decision;
    expect(await database.store.read((tx) => tx.identities.get(id))).toMatchObject({ policyVersion: version });
  });

  it('somebody whom the version before has just let in is one of its wave', async () => {
    const { waiting, id } = await database.store.transaction(context, async (tx) => {
      const incoming = { source: 'hr', externalId: 'last', version: '1', facts: {}, status: 'active', endedAt: null } as const;
      const { identityId } = await takeRecord(tx, engine, incoming);
      const published = database.store.transaction({ ...context, correlationId: 'third' }, (other) => publish(other, 'third'));
      while (!(await isSomebodyWaiting()));
      return { waiting: { published }, id: identityId };
    });
    await waiting.published;
    const members = await database.execute("select m.identity_id from wave_member m join wave w on w.id = m.wave_id where w.correlation_id = 'third'");
    expect(members).toContainEqual({ identity_id: id });
  });

  const isSomebodyWaiting = async (): Promise<boolean> => {
    const rows = await database.execute('select 1 from pg_locks join pg_stat_activity using (pid) where datname = current_database() and not granted');
    return rows.length > 0;
  };
});
