import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Configuration } from '@tenure/config';
import { type AccountPage, createConnector, type TargetConnector } from '@tenure/connectors';
import { ConnectorUnavailable } from '@tenure/domain';
import { beginRun, correctAccounts, type ReconciledTarget } from '@tenure/engine/reconciliation';
import type { ActContext, Case, Finding, ReconciliationRun, Transaction } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { createEngine, decideIdentity, type Engine, noMeter } from '@tenure/engine/decide';
import { takeRecord } from '@tenure/engine/intake';
import { policyInForce, publishPolicy } from '@tenure/engine/policy';
import { applyOperations } from '../provision/apply-operations.ts';
import { pace } from '../batches/pace.ts';
import type { ConcludingDependencies } from './comparing.ts';
import { concludeRun } from './conclude-run.ts';
import { readAccounts } from './read-accounts.ts';
import { ofEachKind, scim, type UsedTarget } from './testing/used-target.ts';

const starts: readonly (readonly [string, () => Promise<UsedTarget>])[] = [
  ...ofEachKind,
  ['SCIM paged by index', () => scim({ mostPerPage: 2 })],
  ['SCIM paged by cursor, whose users list no groups', () => scim({ paging: 'cursor', mostPerPage: 2, groups: 'absent' })],
];

const context = (): ActContext => ({ actor: { kind: 'system', id: 'worker' }, correlationId: randomUUID(), now: new Date().toISOString() });
const names = ['ann', 'ben', 'cleo', 'dan', 'eve', 'fay', 'gus', 'hal'] as const;
const text = { type: 'string' } as const;

describe.each(starts)('%s: a target is read as a whole', (_kind, start) => {
  let target: UsedTarget;
  let connector: TargetConnector;
  let database: TestDatabase;
  let engine: Engine;
  let managed: ReadonlySet<string>;
  const ids = new Map<string, string>();

  const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => database.store.transaction(context(), work);
  /** User names that Tenure chose. */
  const chosen = new Map<string, string>();
  const userNameOf = (name: string): string => chosen.get(name) ?? name;
  const refOf = (name: string) => ({ nativeId: null, userName: userNameOf(name) });

  beforeAll(async () => {
    database = await createTestDatabase();
    target = await start();
    connector = createConnector(target.settings);
    const [staff, finance] = target.groups;
    const configuration: Configuration = {
      directory: '/',
      url: 'http://localhost:4000',
      timeZone: 'UTC',
      attributes: { displayName: text, department: text, employeeNumber: text },
      precedence: { default: ['hr'], attributes: {} },
      sources: {
        hr: {
          name: 'hr',
          title: 'HR',
          authoritative: true,
          mayCreate: true,
          userType: 'employee',
          trustedEmailDomains: [],
          correlate: [{ attribute: 'employeeNumber' }],
        },
      },
      identityProviders: {},
      targets: { crm: target.settings },
      policy: {
        attributes: { displayName: text, department: text, employeeNumber: text },
        roles: {},
        entitlements: {
          staff: { name: 'staff', title: 'Staff', target: 'crm', value: staff },
          finance: { name: 'finance', title: 'Finance', target: 'crm', value: finance },
          sales: { name: 'sales', title: 'Sales', target: 'crm', value: null },
        },
        birthright: [
          { name: 'everybody', when: 'true', roles: [], entitlements: ['staff'] },
          { name: 'finance', when: 'identity.department == "Finance"', roles: [], entitlements: ['finance'] },
          { name: 'sales', when: 'identity.department == "Sales"', roles: [], entitlements: ['sales'] },
        ],
        groups: [],
        lifecycle: [],
        separation: [{ name: 'pays-and-sells', conflicting: [['finance'], ['sales']], atMost: 1, priority: [], detective: true }],
      },
      applyPolicy: 'at-start',
      mail: null,
      webhooks: {},
      session: { lifetime: 3_600_000, idle: 3_600_000 },
    };
    engine = createEngine({ configuration });
    await act((tx) => publishPolicy(tx, engine));
    managed = (await act((tx) => policyInForce(tx, engine))).managed['crm'] ?? new Set();
    for (const name of names) await says(name, 'active');
  });
  afterAll(async () => {
    await connector?.close();
    await target?.stop();
    await database?.drop();
  });

  /** Takes a record of a person, and provisions it in the target. */
  async function says(name: string, status: 'active' | 'ended'): Promise<void> {
    const facts = { displayName: `${name} Miller`, employeeNumber: name, department: name === 'hal' ? 'Finance' : 'Sales' };
    const incoming = { source: 'hr', externalId: name, version: status === 'active' ? '1' : '2', facts, status, endedAt: null };
    const { identityId } = await act((tx) => takeRecord(tx, engine, incoming));
    if (identityId === null) throw new Error('the record was not taken');
    ids.set(name, identityId);
    await act((tx) => decideIdentity(tx, engine, identityId, 'record'));
    const applied = await applyOperations(
      { store: database.store, engine, connectors: { crm: connector }, meter: noMeter },
      { identityId, target: 'crm', context: context(), alive: () => undefined },
    );
    expect(applied.outcome).toBe('confirmed');
    chosen.set(name, (await act((tx) => tx.access.account(identityId, 'crm')))?.userName ?? '');
  }

  /** Plays one run, as the workflow does. @param reader reads in place of the target's own connector */
  async function reconcile(reader: TargetConnector = connector, expectsFewer = false): Promise<ReconciliationRun> {
    if (expectsFewer)
      await act((tx) =>
        tx.reconciliationRuns.request({ id: randomUUID(), target: 'crm', trigger: 'request', requestedBy: null, reason: null, expectsFewer }, context().now),
      );
    const { id } = await act((tx) => beginRun(tx, 'crm'));
    const now = async () => {
      const run = await act((tx) => tx.reconciliationRuns.get(id));
      if (run === null) throw new Error('the run is gone');
      return { run, settings: target.settings, managed };
    };
    const shared = { store: database.store, engine, connector: reader, context, turn: pace(10_000), alive: () => undefined };
    await readAccounts(shared, await now()).catch(() => undefined);
    return conclude(shared, now);
  }

  /** Reads the target once, and compares nothing yet. */
  async function readOnce(reader: TargetConnector = connector) {
    const { id } = await act((tx) => beginRun(tx, 'crm'));
    const at = async () => ({ run: (await act((tx) => tx.reconciliationRuns.get(id))) as ReconciliationRun, settings: target.settings, managed });
    const shared = { store: database.store, engine, connector: reader, context, turn: pace(10_000), alive: () => undefined };
    await readAccounts(shared, await at());
    return { shared, at, id };
  }

  /** Concludes a run by one activity for each of its steps, so that every position is read back. */
  async function conclude(shared: Omit<ConcludingDependencies, 'managed'>, now: () => Promise<ReconciledTarget>): Promise<ReconciliationRun> {
    for (let left = 100; left > 0; left -= 1) {
      const run = await concludeRun({ ...shared, managed, time: 0 }, await now());
      if (run.finishedAt !== null) return run;
    }
    throw new Error('the run comes to no end');
  }

  /** A connector whose listing is wrong, and whose other answers are right. */
  const lying = (lie: (page: AccountPage, asked: string | undefined) => AccountPage): TargetConnector => ({
    ...connector,
    list: async (page, entitlements) => lie(await connector.list(page, entitlements), page),
  });

  const nameOf = (identityId: string | null): string | null => [...ids].find(([, id]) => id === identityId)?.[0] ?? null;
  async function open(): Promise<readonly string[]> {
    const found = await act((tx) => tx.findings.page({ target: 'crm', status: 'open' }, 100, null));
    return found
      .map(({ kind, name, identityId, userName }: Finding) => [kind, nameOf(identityId) ?? userName, ...(name === '' ? [] : [name])].join(' '))
      .sort();
  }
  const openCases = async (): Promise<readonly string[]> => {
    const found: readonly Case[] = await act((tx) => tx.cases.page({ status: 'open' }, 100, null));
    return found
      .map((one) => {
        if (one.kind === 'reconciliation-findings') return `${one.evidence.finding} ${one.evidence.name} ${one.evidence.findings}`;
        if (one.kind === 'separation-violation') return `separation-violation ${one.evidence.rule} ${one.evidence.found?.join()}`;
        if (one.kind === 'leaver-with-access') return `leaver-with-access ${one.evidence.findings}`;
        return one.kind === 'target-not-read' ? `target-not-read ${one.evidence.verdict} ${one.evidence.reasons?.join()}` : one.kind;
      })
      .sort();
  };
  const everything = () => Promise.all([...names, 'stray', 'svc-backup'].map((name) => target.look(userNameOf(name))));

  test('finds nothing where all is as it should be', async () => {
    expect(await reconcile()).toMatchObject({ verdict: 'complete', reasons: [], accounts: names.length, found: 0, opened: 0, closed: 0, unproven: 0 });
    expect(await open()).toEqual([]);
    expect(await openCases()).toEqual([]);
    // Nothing has changed since: no account leaves the database.
    const { shared, at, id } = await readOnce();
    for (let left = 20; (await at()).run.progress?.step !== 'compare-read' && left > 0; left -= 1)
      await concludeRun({ ...shared, managed, time: 0 }, await at());
    expect(await database.execute(`select count(*)::int as compared from staging.different_${id.replaceAll('-', '')}`)).toEqual([{ compared: 0 }]);
    expect(await conclude(shared, at)).toMatchObject({ verdict: 'complete', found: 0 });
  });

  test('finds what was done behind its back, changes nothing, and opens a case for each kind', async () => {
    const [staff, finance] = target.groups;
    await says('ben', 'ended');
    const account = (userName: string) => ({ userName, externalId: 'by hand', enabled: true, attributes: target.attributes(userName) });
    await connector.create(account('stray'));
    await connector.create(account('svc-backup'));
    await connector.addMember(finance, refOf('ann'));
    await connector.enable(refOf('ben'));
    await connector.delete(refOf('cleo'));
    await connector.update(refOf('dan'), { ...target.attributes('Somebody Else') }, ids.get('dan') ?? '');
    await connector.disable(refOf('eve'));
    await connector.removeMember(staff, refOf('fay'));
    const before = await everything();
    const run = await reconcile();
    expect(run).toMatchObject({ verdict: 'complete', accounts: names.length + 1, closed: 0, unproven: 0 });
    const drifted = Object.keys(target.settings.attributes).map((name) => `attribute-drift dan ${name}`);
    const expected = [
      'account-disabled eve',
      ...drifted,
      `entitlement-missing fay ${staff}`,
      `entitlement-outside-policy ann ${finance}`,
      'leaver-account ben',
      'missing-account cleo',
      'orphan-account stray',
      'protected-account svc-backup',
    ].sort();
    expect(await open()).toEqual(expected);
    expect(run).toMatchObject({ found: expected.length, opened: expected.length });
    expect(await openCases()).toEqual(
      [
        'account-disabled  1',
        ...Object.keys(target.settings.attributes).map((name) => `attribute-drift ${name} 1`),
        `entitlement-missing ${staff} 1`,
        `entitlement-outside-policy ${finance} 1`,
        'leaver-with-access 1',
        'missing-account  1',
        'orphan-account  1',
      ].sort(),
    );
    expect(await everything()).toEqual(before);
    expect(await reconcile()).toMatchObject({ verdict: 'complete', found: expected.length, opened: 0, closed: 0 });
    // No attribute value of a person is stored.
    const kept = JSON.stringify(await database.execute('select evidence, name from finding'));
    expect(kept).not.toContain('Miller');
    expect(kept).not.toContain('Somebody');
  });

  /** The account of a person in the target, as Tenure knows it. */
  const accountOf = async (name: string) => {
    const account = await act((tx) => tx.access.account(ids.get(name) ?? '', 'crm'));
    if (account === null) throw new Error(`${name} has no account`);
    return account;
  };
  const applied = (name: string) =>
    applyOperations(
      { store: database.store, engine, connectors: { crm: connector }, meter: noMeter },
      { identityId: ids.get(name) ?? '', target: 'crm', context: context(), alive: () => undefined },
    );

  test('what others changed loses its confirmation, is known from now on, and waits for the approval of its correction', async () => {
    const [, finance] = target.groups;
    const before = await everything();
    for (const name of ['ann', 'ben', 'cleo', 'dan', 'eve', 'fay']) {
      const account = await accountOf(name);
      expect(account).toMatchObject({ confirmedAt: null, notVisibleAt: null });
      expect(account.driftedAt).not.toBeNull();
      expect(await act((tx) => decideIdentity(tx, engine, ids.get(name) ?? '', 'login'))).toMatchObject({ work: [], waiting: ['crm'] });
      expect(await act((tx) => tx.access.openOperations(account.id))).toEqual([]);
    }
    for (const name of ['gus', 'hal']) expect((await accountOf(name)).confirmedAt).not.toBeNull();
    expect((await accountOf('ann')).observed?.entitlements).toContain(finance);
    expect((await accountOf('ben')).observed?.enabled).toBe(true);
    expect((await accountOf('cleo')).observed).toBeNull();
    expect((await accountOf('dan')).observed?.differing).toEqual(Object.keys(target.settings.attributes));
    expect((await accountOf('eve')).observed?.enabled).toBe(false);
    const seen = await act(async (tx) => tx.observations.ofAccounts([(await accountOf('ann')).id]));
    expect(seen).toContainEqual(expect.objectContaining({ aspect: 'membership', name: finance, verdict: 'PRESENT', desired: 'absent' }));
    const readings = await act((tx) => tx.readings.ofIdentity(ids.get('ben') ?? ''));
    expect(readings.at(-1)).toMatchObject({ found: 'enabled', isAsWanted: false });
    // Told once, however often it is seen.
    const told = await act((tx) => tx.audit.page({ identityId: ids.get('ann') ?? '', action: 'account.changedThere' }, 10, null));
    expect(told).toHaveLength(1);
    // A separation-of-duties rule sees what was found.
    expect(await openCases()).toContain('separation-violation pays-and-sells finance');
    // Work that was begun before is not carried on: the account is read, and stays.
    expect(await applied('ann')).toEqual({ outcome: 'waiting', done: 0 });
    expect(await everything()).toEqual(before);
    expect((await accountOf('ann')).driftedAt).not.toBeNull();
    expect(await act((tx) => tx.upkeep.stalled(['crm'], '2999-01-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z', 10))).toEqual([]);
  });

  describe('a reading that lies', () => {
    const shown = (items: AccountPage['items']) => items.filter(({ userName }) => userName === userNameOf('gus') || userName === userNameOf('hal'));
    const lies: readonly (readonly [string, string, (page: AccountPage, asked: string | undefined) => AccountPage])[] = [
      ['an empty answer', 'not-believed empty', (page) => ({ ...page, items: [], total: page.total === null ? null : 0 })],
      ['a shrunken answer', 'not-believed shrunken', (page) => ({ ...page, items: shown(page.items), total: page.total === null ? null : 2 })],
      [
        'an account twice',
        'not-believed repeated-ids',
        (page, asked) => (asked === undefined ? { ...page, items: [...page.items, ...page.items.slice(0, 1)] } : page),
      ],
      [
        'an account left out, with a number that goes with it',
        'not-believed canary-missing',
        (page) => ({ ...page, items: page.items.filter(({ userName }) => userName !== userNameOf('gus')), total: page.total === null ? null : page.total - 1 }),
      ],
      ['a part that is hidden', 'partial hidden-accounts', (page) => ({ ...page, doubt: 'referral' })],
      [
        'an error on the way',
        'partial error',
        (page, asked) => {
          if (asked === undefined && page.next !== null) return page;
          throw new ConnectorUnavailable('crm: it answered HTTP 500', { target: 'crm', reason: 'HTTP_500' });
        },
      ],
    ];

    test.each(lies)('%s: nothing is concluded', async (_title, outcome, lie) => {
      const [before, there] = [await open(), await everything()];
      const run = await reconcile(lying(lie));
      expect(`${run.verdict} ${run.reasons.join()}`).toBe(outcome);
      expect(run).toMatchObject({ opened: 0, closed: 0 });
      expect(await open()).toEqual(before);
      expect(await openCases()).toContain(`target-not-read ${outcome}`);
      expect(await everything()).toEqual(there);
    });

    test('a redirect: nothing is concluded', async () => {
      const before = await open();
      if (target.redirecting === undefined) {
        // No redirect is known there.
        expect(target.settings.kind).not.toBe('scim');
        return;
      }
      await target.redirecting(async () => {
        expect(await reconcile()).toMatchObject({ verdict: 'not-believed', reasons: ['redirect'], failure: { reason: 'REDIRECT' }, opened: 0, closed: 0 });
      });
      expect(await open()).toEqual(before);
    });

    test('an incomplete reading still shows what it shows', async () => {
      await connector.create({ userName: 'late', externalId: 'by hand', enabled: true, attributes: target.attributes('late') });
      const hiding = lying((page) => ({ ...page, doubt: 'referral' }));
      expect(await reconcile(hiding)).toMatchObject({ verdict: 'partial', opened: 1, closed: 0 });
      expect(await open()).toContain('orphan-account late');
      await connector.delete(refOf('late'));
      expect(await reconcile(hiding)).toMatchObject({ verdict: 'partial', closed: 0 });
      expect(await open()).toContain('orphan-account late');
    });

    test('rows that are gone with the database: nothing is concluded', async () => {
      const before = await open();
      const { shared, at, id } = await readOnce();
      expect((await at()).run.readAt).not.toBeNull();
      await database.execute(`truncate staging.run_${id.replaceAll('-', '')}`);
      expect(await conclude(shared, at)).toMatchObject({ verdict: 'not-believed', reasons: ['rows-lost'], opened: 0, closed: 0 });
      expect(await open()).toEqual(before);
    });

    test('rows that are gone while they are compared: nothing is closed', async () => {
      const before = await open();
      const { shared, at, id } = await readOnce();
      for (let left = 20; (await at()).run.progress?.step !== 'compare-unread' && left > 0; left -= 1)
        await concludeRun({ ...shared, managed, time: 0 }, await at());
      const tables = ['run', 'look', 'different'].map((table) => `staging.${table}_${id.replaceAll('-', '')}`);
      await database.execute(`truncate ${tables.join(', ')}`);
      expect(await conclude(shared, at)).toMatchObject({ verdict: 'not-believed', reasons: ['rows-lost'], closed: 0 });
      expect(await open()).toEqual(before);
    });

    test('a worker that is lost goes on with the page after the last one that was stored', async () => {
      const asked: (string | undefined)[] = [];
      let isBroken = true;
      const breaking = lying((page, token) => {
        asked.push(token);
        if (!isBroken || (token === undefined && page.next !== null)) return page;
        isBroken = false;
        throw new ConnectorUnavailable('crm: the connection failed', { target: 'crm' });
      });
      const { id } = await act((tx) => beginRun(tx, 'crm'));
      const at = async () => ({ run: (await act((tx) => tx.reconciliationRuns.get(id))) as ReconciliationRun, settings: target.settings, managed });
      const shared = { store: database.store, engine, connector: breaking, context, turn: pace(10_000), alive: () => undefined };
      await expect(readAccounts(shared, await at())).rejects.toThrow('the connection failed');
      expect((await at()).run).toMatchObject({ failure: { code: 'CONNECTOR_UNAVAILABLE' }, readAt: null });
      expect((await readAccounts(shared, await at())).readAt).not.toBeNull();
      const first = asked.filter((token) => token === undefined);
      // A single page is read again; of several, the stored ones are not.
      expect(first).toHaveLength(asked.length === 2 ? 2 : 1);
      expect(await conclude(shared, at)).toMatchObject({ verdict: 'complete', failure: null, repeated: 0 });
    });
  });

  test('what is gone closes by itself, with its case, in the next complete run', async () => {
    const [, finance] = target.groups;
    await connector.delete(refOf('stray'));
    await connector.removeMember(finance, refOf('ann'));
    await connector.disable(refOf('ben'));
    await connector.enable(refOf('eve'));
    const run = await reconcile();
    expect(run).toMatchObject({ verdict: 'complete', opened: 0 });
    const left = await open();
    for (const gone of ['orphan-account stray', 'leaver-account ben', 'account-disabled eve', `entitlement-outside-policy ann ${finance}`])
      expect(left).not.toContain(gone);
    expect(left).toContain('missing-account cleo');
    const cases = await openCases();
    expect(cases).toContain('missing-account  1');
    expect(cases.filter((one) => /leaver|orphan|not-read|disabled/.test(one))).toEqual([]);
    expect(await act((tx) => tx.staging.runs())).toEqual([]);
  });

  test('where fewer are expected, a smaller target is believed', async () => {
    const few = ['dan', 'eve', 'fay'] as const;
    for (const name of few) await connector.delete(refOf(name));
    await connector.delete(refOf('svc-backup'));
    expect(await reconcile()).toMatchObject({ verdict: 'not-believed', reasons: ['shrunken'], opened: 0, closed: 0 });
    const run = await reconcile(connector, true);
    expect(run).toMatchObject({ verdict: 'complete', trigger: 'request', expectsFewer: true });
    expect((await open()).filter((one) => one.startsWith('missing'))).toEqual(['missing-account cleo', ...few.map((name) => `missing-account ${name}`)]);
  });

  test('what is as desired again is confirmed by the run that shows it, and an approved correction works on the whole account', async () => {
    for (const name of ['ann', 'ben']) expect(await accountOf(name)).toMatchObject({ confirmedAt: expect.any(String), driftedAt: null });
    const drifted = ['cleo', 'dan', 'eve', 'fay'];
    const accounts = await Promise.all(drifted.map(accountOf));
    const decisions = await act((tx) =>
      correctAccounts(
        tx,
        engine,
        accounts.map(({ id }) => id),
      ),
    );
    expect([...decisions.values()].flatMap(({ work }) => work.map((one) => one.target))).toEqual(drifted.map(() => 'crm'));
    for (const name of drifted) expect(await applied(name)).toMatchObject({ outcome: 'confirmed' });
    expect(await reconcile()).toMatchObject({ verdict: 'complete', found: 0 });
    expect(await open()).toEqual([]);
  });
});
