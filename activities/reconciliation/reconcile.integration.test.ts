import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Configuration, TargetSettings } from '@tenure/config';
import { type AccountPage, createConnector, type TargetConnector } from '@tenure/connectors';
import { ConnectorUnavailable } from '@tenure/domain';
import { beginRun, keyedAttributes, type ReconciledTarget } from '@tenure/engine/reconciliation';
import type { ActContext, Case, Finding, ReconciliationRun, Transaction } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { bindDn, groups, people, slapdPath, startDirectory } from '@tenure/testing/targets/directory.ts';
import { startFaultyProxy } from '@tenure/testing/targets/faulty-proxy.ts';
import { type ScimDialect, startDialectServer } from '@tenure/testing/targets/scim-dialects.ts';
import { startScimServer } from '@tenure/testing/targets/scim-server.ts';
import { startSqlApplication } from '@tenure/testing/targets/sql-application.ts';
import type { RunningTarget, TargetState } from '@tenure/testing/targets/target-state.ts';
import { freePort } from '@tenure/testing/free-port.ts';
import { createEngine, decideIdentity, type Engine, noMeter } from '@tenure/engine/decide';
import { takeRecord } from '@tenure/engine/intake';
import pg from 'pg';
import { policyInForce, publishPolicy } from '@tenure/engine/policy';
import { applyOperations } from '../provision/apply-operations.ts';
import { pace } from '../batches/pace.ts';
import type { ConcludingDependencies } from './comparing.ts';
import { concludeRun } from './conclude-run.ts';
import { readAccounts } from './read-accounts.ts';

/** A target that is changed by others than Tenure too. */
interface UsedTarget {
  readonly settings: TargetSettings;
  /** A group that everybody is in, one of Finance, and one of auditors. */
  readonly groups: readonly [string, string, string];
  /** A group that policy does not know. */
  readonly unmanaged: string;
  /** Attribute that is mapped from the employee number. */
  readonly key: string;
  /** Writes the time of the last use of an account, as the target itself does. */
  use(userName: string, at: string): Promise<void>;
  /** Attribute that is mapped from the display name. */
  readonly attribute: string;
  /** The least attributes of an account. */
  attributes(name: string): Readonly<Record<string, string>>;
  /** Returns the account as it is in the target. */
  look(userName: string): Promise<TargetState>;
  /** Answers each request with a redirect while the work lasts; absent where the protocol has none. */
  redirecting?(work: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

const base = { title: '', timeout: 5000, concurrency: 4, ratePerSecond: 10_000, confirmWithin: 60_000, reconciliation: { protectedAccounts: ['svc-backup'] } };

async function scim(dialect: ScimDialect | null = null): Promise<UsedTarget> {
  const server = await startScimServer({ port: 0, token: 'token', groups: ['Staff', 'Finance', 'Audit', 'Choir'] });
  const dialects = dialect === null ? null : await startDialectServer(server, dialect);
  const proxy = await startFaultyProxy((dialects ?? server).url);
  const attributes = { displayName: 'identity.displayName', employeeNumber: 'identity.employeeNumber' };
  const settings: TargetSettings = { ...base, kind: 'scim', name: 'crm', url: proxy.url, token: 'token', lastActivity: 'nickName', attributes };
  return {
    settings,
    groups: ['Staff', 'Finance', 'Audit'],
    unmanaged: 'Choir',
    key: 'employeeNumber',
    use: (userName, at) => written(settings, userName, { nickName: at }),
    attribute: 'displayName',
    attributes: (displayName) => ({ displayName }),
    look: (userName) => server.look(userName),
    async redirecting(work) {
      proxy.play({ kind: 'status', status: 302, headers: { location: 'https://login.example/' } });
      await work().finally(() => proxy.behave());
    },
    async stop() {
      await proxy.stop();
      await dialects?.stop();
      await server.stop();
    },
  };
}

/** Writes attributes of an account past Tenure. Its mark stays. */
async function written(settings: TargetSettings, userName: string, attributes: Readonly<Record<string, string>>): Promise<void> {
  const connector = createConnector(settings);
  const account = await connector.observe({ nativeId: null, userName });
  await connector.update({ nativeId: null, userName }, attributes, account?.externalId ?? '');
  await connector.close();
}

async function ldap(): Promise<UsedTarget> {
  const directory = mkdtempSync(join(tmpdir(), 'tenure-reconciliation-'));
  const server = await startDirectory({ directory, port: await freePort(), password: 'password' });
  const client = await server.open();
  for (const cn of ['audit', 'choir']) await client.add(`cn=${cn},${groups}`, { objectClass: 'groupOfNames', cn, member: bindDn });
  await client.unbind();
  const settings: TargetSettings = {
    ...base,
    kind: 'ldap',
    name: 'crm',
    url: server.url,
    bindDn,
    password: 'password',
    tls: 'none',
    caFile: null,
    people: [people],
    createBelow: people,
    lookBelow: null,
    groups,
    idAttribute: 'uid',
    externalIdAttribute: 'employeeNumber',
    disable: { attribute: 'employeeType', disabled: 'disabled', enabled: 'enabled' },
    lastActivity: 'description',
    attributes: { cn: 'identity.displayName', sn: 'identity.displayName', departmentNumber: 'identity.employeeNumber' },
  };
  return {
    settings,
    groups: ['staff', 'finance', 'audit'],
    unmanaged: 'choir',
    key: 'departmentNumber',
    use: (userName, at) => written(settings, userName, { description: at }),
    attribute: 'cn',
    attributes: (cn) => ({ cn, sn: cn }),
    look: (userName) => server.look(userName),
    async stop() {
      await server.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

async function sql(): Promise<UsedTarget> {
  const url = new URL(process.env['TENURE_TEST_DATABASE_URL'] ?? '');
  url.pathname = `/reconciliation_${randomBytes(6).toString('hex')}`;
  const application: RunningTarget = await startSqlApplication({ url: url.href });
  const pool = new pg.Pool({ connectionString: url.href, max: 1 });
  await pool.query('ALTER TABLE accounts ADD COLUMN last_used text');
  const columns = 'id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name, mail, last_used';
  const where = 'WHERE id = :nativeId::bigint';
  return {
    settings: {
      ...base,
      kind: 'sql',
      name: 'crm',
      url: url.href,
      tls: 'none',
      caFile: null,
      lastActivity: 'last_used',
      attributes: { full_name: 'identity.displayName', mail: 'identity.employeeNumber' },
      statements: {
        list: `SELECT ${columns} FROM accounts WHERE id > COALESCE(:page, '0')::bigint ORDER BY id LIMIT :limit`,
        find: `SELECT ${columns} FROM accounts WHERE login = :userName`,
        read: `SELECT ${columns} FROM accounts ${where}`,
        create:
          'INSERT INTO accounts (login, external_id, active, full_name, mail) VALUES (:userName, :externalId, :enabled, :full_name, :mail) RETURNING id::text AS native_id',
        update: `UPDATE accounts SET external_id = :externalId, full_name = :full_name, mail = :mail ${where}`,
        enable: `UPDATE accounts SET active = true ${where}`,
        disable: `UPDATE accounts SET active = false ${where}`,
        delete: `DELETE FROM accounts ${where}`,
        memberships: 'SELECT role AS entitlement FROM account_roles WHERE account_id = :nativeId::bigint',
        addMember: 'INSERT INTO account_roles (account_id, role) VALUES (:nativeId::bigint, :entitlement) ON CONFLICT DO NOTHING',
        removeMember: 'DELETE FROM account_roles WHERE account_id = :nativeId::bigint AND role = :entitlement',
      },
    },
    groups: ['reader', 'payer', 'closer'],
    unmanaged: 'auditor',
    key: 'mail',
    use: async (userName, at) => void (await pool.query('UPDATE accounts SET last_used = $2 WHERE login = $1', [userName, at])),
    attribute: 'full_name',
    attributes: (name) => ({ full_name: name }),
    look: (userName) => application.look(userName),
    async stop() {
      await pool.end();
      await application.stop();
    },
  };
}

const starts: readonly (readonly [string, () => Promise<UsedTarget>])[] = [
  ['SCIM', () => scim()],
  ['SCIM paged by index', () => scim({ mostPerPage: 2 })],
  ['SCIM paged by cursor, whose users list no groups', () => scim({ paging: 'cursor', mostPerPage: 2, groups: 'absent' })],
  ['SQL', sql],
  ...(slapdPath() === null ? [] : [['LDAP', ldap] as const]),
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
    const [staff, finance, audit] = target.groups;
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
          audit: { name: 'audit', title: 'Audit', target: 'crm', value: audit },
        },
        birthright: [
          { name: 'everybody', when: 'true', roles: [], entitlements: ['staff'] },
          { name: 'finance', when: 'identity.department == "Finance"', roles: [], entitlements: ['finance'] },
        ],
        groups: [],
        lifecycle: [],
        separation: [{ name: 'four-eyes', conflicting: [['finance'], ['audit']], atMost: 1, priority: [] }],
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
      const settings = { ...target.settings, reconciliation: { ...base.reconciliation, ...reconciliation } };
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
      ].sort(),
    );
    expect(await everything()).toEqual(before);
    expect(await reconcile()).toMatchObject({ verdict: 'complete', found: expected.length, opened: 0, closed: 0 });
    // No attribute value of a person is stored.
    const kept = JSON.stringify(await database.execute('select evidence, name from finding'));
    expect(kept).not.toContain('Miller');
    expect(kept).not.toContain('Somebody');
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

  test('finds second accounts, accounts that a person may own, dormant ones, unmanaged groups, and SoD violations by what it found', async () => {
    const [, , audit] = target.groups;
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
    const missing = `group-missing  ${target.groups[2]}`;
    expect(await reconcile(answering(() => Promise.resolve(false)))).toMatchObject({ opened: 1 });
    // Nobody asks about groups in which somebody is.
    expect(asked).toEqual([target.groups[2]]);
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
    expect(cases.filter((one) => one.startsWith('missing-account'))).toEqual([]);
  });

  test('so is one that was rebuilt from an export, where all have other ids', async () => {
    const expected = ['ann', 'gus', 'hal', 'ida', 'jan', 'kim'];
    for (const name of expected) {
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
    expect(cases).toContain('target-restored 12 rebuilt');
    expect(cases.filter((one) => /^(missing|ownable)/.test(one))).toEqual([]);
  });
});
