import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Configuration, TargetSettings } from '@tenure/config';
import { type AccountPage, createConnector, type TargetConnector } from '@tenure/connectors';
import { ConnectorUnavailable } from '@tenure/domain';
import { beginRun, correctAccounts, keyedAttributes, type ReconciledTarget } from '@tenure/engine/reconciliation';
import type { ActContext, Case, Finding, ReconciliationRun, Transaction } from '@tenure/store';
import { createTestDatabase, openOperationsOf, type TestDatabase } from '@tenure/store/testing';
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
      applications: {},
      targets: { crm: target.settings },
      policy: {
        attributes: { displayName: text, department: text, employeeNumber: text },
        roles: {},
        entitlements: {
          staff: { name: 'staff', title: 'Staff', target: 'crm', value: staff },
          finance: { name: 'finance', title: 'Finance', target: 'crm', value: finance },
          audit: { name: 'audit', title: 'Audit', target: 'crm', value: target.audit },
          sales: { name: 'sales', title: 'Sales', target: 'crm', value: null },
        },
        birthright: [
          { name: 'everybody', when: 'true', roles: [], entitlements: ['staff'] },
          { name: 'finance', when: 'identity.department == "Finance"', roles: [], entitlements: ['finance'] },
          { name: 'sales', when: 'identity.department == "Sales"', roles: [], entitlements: ['sales'] },
        ],
        groups: [],
        lifecycle: [],
        separation: [
          { name: 'pays-and-sells', conflicting: [['finance'], ['sales']], atMost: 1, priority: [], detective: true },
          { name: 'four-eyes', conflicting: [['finance'], ['audit']], atMost: 1, priority: [] },
        ],
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
  async function reconcile(
    reader: TargetConnector = connector,
    expectsFewer = false,
    reconciliation: TargetSettings['reconciliation'] = {},
  ): Promise<ReconciliationRun> {
    if (expectsFewer)
      await act((tx) =>
        tx.reconciliationRuns.request({ id: randomUUID(), target: 'crm', trigger: 'request', requestedBy: null, reason: null, expectsFewer }, context().now),
      );
    const { id } = await act((tx) => beginRun(tx, 'crm'));
    const now = async () => {
      const run = await act((tx) => tx.reconciliationRuns.get(id));
      if (run === null) throw new Error('the run is gone');
      const settings = { ...target.settings, reconciliation: { ...target.settings.reconciliation, ...reconciliation } };
      return { run, settings, managed, keyAttributes: keyedAttributes(engine, 'crm') };
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
        if (one.kind === 'target-restored') return `target-restored ${one.evidence.findings} ${one.evidence.since === null ? 'rebuilt' : 'older'}`;
        return one.kind === 'target-not-read' ? `target-not-read ${one.evidence.verdict} ${one.evidence.reasons?.join()}` : one.kind;
      })
      .sort();
  };
  /** Mapped attributes that are no keys. */
  const unkeyed = (): readonly string[] => Object.keys(target.settings.attributes).filter((name) => name !== target.key);
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
    await connector.update(refOf('dan'), { ...target.attributes('Somebody Else'), [target.key]: 'dan' }, ids.get('dan') ?? '');
    await connector.disable(refOf('eve'));
    await connector.removeMember(staff, refOf('fay'));
    const before = await everything();
    const run = await reconcile();
    expect(run).toMatchObject({ verdict: 'complete', accounts: names.length + 1, closed: 0, unproven: 0 });
    const drifted = unkeyed().map((name) => `attribute-drift dan ${name}`);
    const expected = [
      'account-disabled eve',
      ...drifted,
      `entitlement-missing fay ${staff}`,
      `entitlement-outside-policy ann ${finance}`,
      'leaver-account ben',
      'missing-account cleo',
      'orphan-account stray',
      'protected-account svc-backup',
      'separation-violation ann pays-and-sells',
    ].sort();
    expect(await open()).toEqual(expected);
    expect(run).toMatchObject({ found: expected.length, opened: expected.length });
    expect(await openCases()).toEqual(
      [
        'account-disabled  1',
        ...unkeyed().map((name) => `attribute-drift ${name} 1`),
        `entitlement-missing ${staff} 1`,
        `entitlement-outside-policy ${finance} 1`,
        'leaver-with-access 1',
        'missing-account  1',
        'orphan-account  1',
        'separation-violation pays-and-sells 1',
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
      expect(await act((tx) => openOperationsOf(tx, account.id))).toEqual([]);
    }
    for (const name of ['gus', 'hal']) expect((await accountOf(name)).confirmedAt).not.toBeNull();
    expect((await accountOf('ann')).observed?.entitlements).toContain(finance);
    expect((await accountOf('ben')).observed?.enabled).toBe(true);
    expect((await accountOf('cleo')).observed).toBeNull();
    expect((await accountOf('dan')).observed?.differing).toEqual(unkeyed());
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
      // What an incomplete reading shows is written; nothing is taken back, and nothing confirmed.
      const seen = outcome.startsWith('partial') ? '' : ', observed, observed_at';
      const ledger = () => database.execute(`select id, confirmed_at, drifted_at${seen} from account order by id`);
      const [before, there, known] = [await open(), await everything(), await ledger()];
      const run = await reconcile(lying(lie));
      expect(`${run.verdict} ${run.reasons.join()}`).toBe(outcome);
      expect(run).toMatchObject({ opened: 0, closed: 0 });
      expect(await open()).toEqual(before);
      expect(await openCases()).toContain(`target-not-read ${outcome}`);
      expect(await everything()).toEqual(there);
      expect(await ledger()).toEqual(known);
    });

    test('accounts of nobody left out: none of their findings is closed, though nothing else betrays it', async () => {
      const before = await open();
      const without = lying((page) => {
        const items = page.items.filter(({ userName }) => userName !== 'stray' && userName !== 'svc-backup');
        return { ...page, items, total: page.total === null ? null : page.total - 2 };
      });
      expect(before).toEqual(expect.arrayContaining(['orphan-account stray', 'protected-account svc-backup']));
      // Where the target does not answer about one, nothing is concluded either.
      const silent: TargetConnector = {
        ...without,
        observe: (ref, questions) =>
          ref.userName === 'stray'
            ? Promise.reject(new ConnectorUnavailable('crm: it answered HTTP 500', { target: 'crm' }))
            : connector.observe(ref, questions),
      };
      for (const reader of [without, silent]) {
        expect(await reconcile(reader)).toMatchObject({ verdict: 'complete', closed: 0 });
        expect(await open()).toEqual(before);
      }
    });

    test('an account left out that is there and was never confirmed betrays the listing too', async () => {
      const account = await accountOf('ann');
      expect(account).toMatchObject({ confirmedAt: null, observed: expect.anything() });
      const without = lying((page) => ({ ...page, items: page.items.filter(({ userName }) => userName !== userNameOf('ann')), total: null }));
      expect(await reconcile(without)).toMatchObject({ verdict: 'not-believed', reasons: ['canary-missing'], missingCanaries: [account.id] });
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
      let pieces = 0;
      const giveWay = async (milliseconds: number): Promise<void> => {
        pieces += milliseconds > 0 ? 1 : 0;
      };
      const shared = { store: database.store, engine, connector: breaking, context, turn: pace(10_000), alive: () => undefined, giveWay };
      await expect(readAccounts(shared, await at())).rejects.toThrow('the connection failed');
      expect((await at()).run).toMatchObject({ failure: { code: 'CONNECTOR_UNAVAILABLE' }, readAt: null });
      expect((await readAccounts(shared, await at())).readAt).not.toBeNull();
      const first = asked.filter((token) => token === undefined);
      // A single page is read again; of several, the stored ones are not.
      expect(first).toHaveLength(asked.length === 2 ? 2 : 1);
      const read = pieces;
      expect(await conclude(shared, at)).toMatchObject({ verdict: 'complete', failure: null, repeated: 0 });
      // Identity lifecycles may go first after each page and each step.
      expect(read).toBeGreaterThan(0);
      expect(pieces).toBeGreaterThan(read + 5);
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

  test('finds second accounts, accounts that a person may own, dormant ones, unmanaged groups, and SoD violations by what it found', async () => {
    const { audit } = target;
    const by = (userName: string, number: string) => ({
      userName,
      externalId: 'by hand',
      enabled: true,
      attributes: { ...target.attributes(userName), [target.key]: number },
    });
    await connector.create(by('ann2', 'ANN'));
    await connector.create(by('cleo2', 'cleo'));
    await connector.create(by('ben2', ' ben'));
    await connector.addMember(audit, refOf('hal'));
    await connector.addMember(target.unmanaged, refOf('gus'));
    await target.use(userNameOf('gus'), '2025-01-01T00:00:00Z');
    await target.use(userNameOf('hal'), new Date().toISOString());
    const before = await open();
    const looked = { dormantAfter: 90 * 86_400_000, unmanagedGroups: [target.unmanaged] };
    const run = await reconcile(connector, false, looked);
    expect(run).toMatchObject({ verdict: 'complete' });
    const further = [
      'dormant-account gus',
      'duplicate-account ann',
      'duplicate-account ben',
      `entitlement-outside-policy hal ${audit}`,
      `entitlement-unmanaged gus ${target.unmanaged}`,
      'ownable-account cleo',
      'separation-violation hal four-eyes',
    ];
    expect(await open()).toEqual([...before, ...further].sort());
    const evidence = async (kind: Finding['kind']) => (await act((tx) => tx.findings.page({ target: 'crm', kind, status: 'open' }, 10, null)))[0];
    expect(await evidence('ownable-account')).toMatchObject({ userName: 'cleo2', evidence: { ownedBy: 'keys', keys: [target.key] }, isUrgent: false });
    expect(await evidence('separation-violation')).toMatchObject({ evidence: { names: ['audit', 'finance'], found: ['audit'] } });
    // An account of somebody who left, under another name: it can be used.
    expect(await act((tx) => tx.findings.page({ identityId: ids.get('ben') ?? '', status: 'open' }, 10, null))).toMatchObject([
      { userName: 'ben2', isUrgent: true },
    ]);
    const cases = await openCases();
    expect(cases).toEqual(
      expect.arrayContaining(['leaver-with-access 1', `entitlement-unmanaged ${target.unmanaged} 1`, 'separation-violation four-eyes 1', 'dormant-account  1']),
    );
    expect(await reconcile(connector, false, looked)).toMatchObject({ verdict: 'complete', opened: 0, closed: 0 });
    // Values stay digests.
    expect(JSON.stringify(await database.execute('select evidence from finding'))).not.toContain('2025-01-01');
    for (const name of ['ann2', 'cleo2', 'ben2']) await connector.delete({ nativeId: null, userName: name });
    await connector.removeMember(audit, refOf('hal'));
    await connector.removeMember(target.unmanaged, refOf('gus'));
    expect(await reconcile()).toMatchObject({ verdict: 'complete', opened: 0, closed: further.length });
    expect(await open()).toEqual(before);
  });

  test('finds a group of the policy that is not there, and not where the target was silent', async () => {
    const [staff] = target.groups;
    const asked: string[] = [];
    const { hasGroup } = connector;
    expect(hasGroup === undefined).toBe(target.settings.kind === 'sql');
    expect(await hasGroup?.(staff)).toBe(target.settings.kind === 'sql' ? undefined : true);
    expect(await hasGroup?.('no such group')).toBe(target.settings.kind === 'sql' ? undefined : false);
    const answering = (answer: () => Promise<boolean | null>): TargetConnector => ({
      ...connector,
      hasGroup: (name) => {
        asked.push(name);
        return answer();
      },
    });
    const missing = `group-missing  ${target.audit}`;
    expect(await reconcile(answering(() => Promise.resolve(false)))).toMatchObject({ opened: 1 });
    // Nobody asks about groups in which somebody is.
    expect(asked).toEqual([target.audit]);
    expect(await open()).toContain(missing);
    const silent = answering(() => Promise.reject(new ConnectorUnavailable('crm: the connection failed', { target: 'crm' })));
    expect(await reconcile(silent)).toMatchObject({ verdict: 'complete', opened: 0, closed: 0 });
    expect(await open()).toContain(missing);
    expect(await reconcile(answering(() => Promise.resolve(true)))).toMatchObject({ opened: 0, closed: 1 });
  });

  test('a listing without a canary of the configuration is not believed, and says which', async () => {
    const run = await reconcile(connector, false, { canaries: ['SVC-Backup', 'svc-canary'] });
    expect(run).toMatchObject({ verdict: 'not-believed', reasons: ['canary-missing'], missingCanaries: ['svc-canary'] });
    // A person is named by the id of the account.
    const hidden = await reconcile(lying((page) => ({ ...page, items: page.items.filter(({ userName }) => userName !== userNameOf('gus')), total: null })));
    const [account] = await database.execute('select a.id from account a where a.identity_id = ?', [ids.get('gus') ?? '']);
    expect(hidden).toMatchObject({ verdict: 'not-believed', reasons: ['canary-missing'], missingCanaries: [account?.['id']] });
    expect(await reconcile()).toMatchObject({ verdict: 'complete', missingCanaries: [] });
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

  test('a correction is approved of an account whose confirmation no run has taken back: it is read once more, and made right', async () => {
    const { id, confirmedAt } = await accountOf('ann');
    expect(confirmedAt).toEqual(expect.any(String));
    await connector.delete(refOf('ann'));
    const decisions = await act((tx) => correctAccounts(tx, engine, [id]));
    expect([...decisions.values()].flatMap(({ work }) => work.map((one) => one.target))).toEqual(['crm']);
    expect(await applied('ann')).toMatchObject({ outcome: 'confirmed' });
    expect(await target.look(userNameOf('ann'))).toMatchObject({ exists: true, enabled: true });
    expect(await reconcile()).toMatchObject({ verdict: 'complete', found: 0 });
  });

  test('a target that was restored from a backup is one case, and says since when its changes are gone', async () => {
    for (const name of ['cleo', 'dan', 'eve', 'fay'] as const) await says(name, 'ended');
    const late = ['ida', 'jan', 'kim'];
    for (const name of late) await says(name, 'active');
    expect(await reconcile()).toMatchObject({ verdict: 'complete' });
    const before = await open();
    for (const name of late) await connector.delete(refOf(name));
    expect(await reconcile()).toMatchObject({ verdict: 'complete', opened: 3 });
    expect(await open()).toEqual([...before, ...late.map((name) => `missing-account ${name}`)].sort());
    const causes = await act((tx) => tx.findings.page({ kind: 'missing-account', status: 'open' }, 10, null));
    const [first] = await database.execute('select desired_since as at from account where identity_id = ?', [ids.get('ida') ?? '']);
    const cause = { kind: 'restored', since: new Date(String(first?.['at'])).toISOString() };
    expect(causes.map(({ evidence }) => evidence.cause)).toEqual([cause, cause, cause]);
    const cases = await openCases();
    expect(cases).toContain('target-restored 3 older');
    // Whoever restored it is asked first.
    const run = causes[0]?.runId ?? '';
    expect(await act((tx) => tx.findings.correctable('crm', ['missing-account'], run, tx.context.now))).toEqual([]);
    expect(cases.filter((one) => one.startsWith('missing-account'))).toEqual([]);
  });

  test('so is one that was rebuilt from an export, where all have other ids', async () => {
    // The ids of those whose accounts were gone are not known any more, and they are found by their marks.
    const expected = ['ann', 'gus', 'hal'];
    for (const name of [...expected, 'ida', 'jan', 'kim']) {
      await connector.delete(refOf(name));
      const attributes = { ...target.attributes(`${name} Miller`), [target.key]: name };
      await connector.create({ userName: userNameOf(name), externalId: ids.get(name) ?? '', enabled: true, attributes });
    }
    expect(await reconcile()).toMatchObject({ verdict: 'complete' });
    const found = await open();
    expect(found.filter((one) => /^(missing|ownable)/.test(one))).toEqual([
      ...expected.map((name) => `missing-account ${name}`),
      ...expected.map((name) => `ownable-account ${name}`),
    ]);
    const cases = await openCases();
    expect(cases).toContain('target-restored 6 rebuilt');
    expect(cases.filter((one) => /^(missing|ownable)/.test(one))).toEqual([]);
  });
});
