import { afterEach, describe, expect, test } from '@jest/globals';
import type { Configuration, TargetSettings } from '@tenure/config';
import { createConnector, type TargetConnector } from '@tenure/connectors';
import { createEngine, decideIdentity, type Engine, noMeter } from '@tenure/engine/decide';
import { approveBatch, discardBatch, finishBatch } from '@tenure/engine/batches';
import { terminate } from '@tenure/engine/leavers';
import { policyInForce } from '@tenure/engine/policy';
import { beginRun } from '@tenure/engine/reconciliation';
import { countKinds, followModes, observeTarget, planOfTarget, switchOnTarget } from '@tenure/engine/targets';
import { createTestEngine, entitlementsOf, type TestEngine, testConfiguration, testSource } from '@tenure/engine/testing';
import type { BatchChange, ReconciliationRun } from '@tenure/store';
import { openOperationsOf } from '@tenure/store/testing';
import { type RunningScimServer, startScimServer } from '@tenure/testing/targets/scim-server.ts';
import { applyBatch } from './batches/apply-batch.ts';
import { pace } from './batches/pace.ts';
import { planBatch } from './batches/plan-batch.ts';
import { applyOperations } from './provision/apply-operations.ts';
import { concludeRun } from './reconciliation/conclude-run.ts';
import { readAccounts } from './reconciliation/read-accounts.ts';

/** A fresh installation beside one SCIM server, and the steps of its worker. */
interface Installation {
  readonly world: TestEngine;
  readonly server: RunningScimServer;
  readonly connector: TargetConnector;
  /** Number of requests so far that could change something there. */
  writes(): number;
  /** Takes HR's record of a person, and lets a worker do what is decided. */
  hires(name: string, department?: string): Promise<string>;
  works(name: string, by?: TargetConnector): Promise<{ readonly outcome: string; readonly done: number }>;
  /** @param between is awaited when all pages are read */
  reconciles(between?: (runId: string) => Promise<unknown>): Promise<ReconciliationRun>;
  /** Lets workers carry a batch change out, as its workflow does. */
  carriesOut(batch: Pick<BatchChange, 'id'>): Promise<void>;
  account(name: string): Promise<NonNullable<Awaited<ReturnType<typeof accountIn>>>>;
  userNames: Map<string, string>;
}

const accountIn = (world: TestEngine, name: string) => world.read((tx) => tx.access.account(world.id(name), 'crm'));
const writing = ['create', 'update', 'delete', 'enable', 'disable', 'addMember', 'removeMember'] as const;
const text = { type: 'string' } as const;
const open: Installation[] = [];

async function install(more: { readonly mode?: TargetSettings['mode']; readonly protectedAccounts?: readonly string[] } = {}): Promise<Installation> {
  const server = await startScimServer({ port: 0, token: 'token', groups: ['Staff', 'Finance'] });
  const settings: TargetSettings = {
    kind: 'scim',
    name: 'crm',
    title: 'CRM',
    url: server.url,
    token: 'token',
    timeout: 5000,
    concurrency: 4,
    ratePerSecond: 10_000,
    confirmWithin: 60_000,
    attributes: { displayName: 'identity.displayName' },
    ...(more.mode === undefined ? {} : { mode: more.mode }),
    ...(more.protectedAccounts === undefined ? {} : { reconciliation: { protectedAccounts: more.protectedAccounts } }),
  };
  const world = await createTestEngine(configurationOf(settings));
  const plain = createConnector(settings);
  let written = 0;
  const counted = Object.fromEntries(
    writing.map((name) => [
      name,
      (...given: never[]) => {
        written += 1;
        return (plain[name] as (...all: never[]) => Promise<unknown>)(...given);
      },
    ]),
  );
  const connector: TargetConnector = { ...plain, ...counted };
  const managed = async () => (await world.read((tx) => policyInForce(tx, world.engine))).managed['crm'] ?? new Set<string>();
  const installation: Installation = {
    world,
    server,
    connector,
    userNames: new Map(),
    writes: () => written,
    async hires(name, department = 'Sales') {
      const id = await world.says(name, { displayName: `${name} Miller`, employeeNumber: name, department });
      await installation.works(name);
      const account = await accountIn(world, name);
      if (account !== null) installation.userNames.set(name, account.userName);
      return id;
    },
    async works(name, by = connector) {
      await world.act((tx) => decideIdentity(tx, world.engine, world.id(name), 'restart'));
      return applyOperations(
        { store: world.database.store, engine: world.engine, connectors: { crm: by }, meter: noMeter },
        { identityId: world.id(name), target: 'crm', context: world.context(), alive: () => undefined },
      );
    },
    async reconciles(between = () => Promise.resolve()) {
      const { id } = await world.act((tx) => beginRun(tx, 'crm'));
      const of = async () => {
        const run = await world.read((tx) => tx.reconciliationRuns.get(id));
        if (run === null) throw new Error('the run is gone');
        return { run, settings, managed: await managed() };
      };
      const shared = {
        store: world.database.store,
        engine: world.engine,
        connector,
        context: () => world.context(),
        turn: pace(10_000),
        alive: () => undefined,
      };
      await readAccounts(shared, await of());
      await between(id);
      return concludeRun({ ...shared, managed: await managed() }, await of());
    },
    async carriesOut({ id }) {
      const dependencies = { store: world.database.store, engine: world.engine, context: () => world.context(), say: () => undefined };
      for (let after: string | null = null; ; ) {
        const slice = await planBatch(dependencies, { waveId: id, correlationId: 'test', after });
        if (slice.upTo === null) break;
        const range = { waveId: id, after, upTo: slice.upTo };
        for (const target of slice.targets)
          await applyBatch({ ...dependencies, connectors: { crm: connector }, meter: noMeter, turn: pace(10_000) }, range, target, {
            after: null,
            confirmed: 0,
            left: 0,
          });
        after = slice.upTo;
      }
      expect(await world.act((tx) => finishBatch(tx, id))).toEqual({ again: false });
    },
    async account(name) {
      const found = await accountIn(world, name);
      if (found === null) throw new Error(`${name} has no account`);
      return found;
    },
  };
  open.push(installation);
  return installation;
}

function configurationOf(settings: TargetSettings, budget = {}): Configuration {
  const attributes = { displayName: text, department: text, employeeNumber: text };
  return testConfiguration({
    attributes,
    sources: { hr: testSource('hr', { correlate: [{ attribute: 'employeeNumber' }] }) },
    targets: { crm: settings },
    policy: {
      entitlements: entitlementsOf('crm', ['Staff', 'Finance']),
      birthright: [
        { name: 'everybody', when: 'true', roles: [], entitlements: ['crm.Staff'] },
        { name: 'finance', when: 'identity.department == "Finance"', roles: [], entitlements: ['crm.Finance'] },
      ],
      budget,
    },
  });
}

afterEach(async () => {
  for (const { world, server, connector } of open.splice(0)) {
    await connector.close();
    await server.stop();
    await world.stop();
  }
});

const modeIn = ({ world }: Installation) => world.read((tx) => tx.targetModes.get('crm'));
const stranger = (userName: string) => ({ userName, externalId: 'by hand', enabled: true, attributes: { displayName: userName } });
/** Adds an account past Tenure. */
const byHand = ({ connector }: Installation, userName: string) => connector.create(stranger(userName));
const openCases = ({ world }: Installation) => world.read(async (tx) => (await tx.cases.page({ status: 'open' }, 100, null)).map(({ kind }) => kind));

describe('first contact', () => {
  test('an empty target is written to, and stays so', async () => {
    const one = await install();
    await one.hires('ann');
    expect(await modeIn(one)).toMatchObject({ mode: 'enforce', why: 'empty', writtenAt: expect.any(String) });
    expect(await one.account('ann')).toMatchObject({ confirmedAt: expect.any(String), existed: true });
    await byHand(one, 'stray');
    await one.hires('ben');
    expect(await one.account('ben')).toMatchObject({ confirmedAt: expect.any(String) });
  });

  test('a target in use is only observed, says so as a case, and has nothing written to it, not even for an end', async () => {
    const one = await install();
    await byHand(one, 'stray');
    const before = one.writes();
    await one.hires('ann', 'Finance');
    expect(await modeIn(one)).toMatchObject({ mode: 'observe', why: 'in-use', writtenAt: null });
    expect(await openCases(one)).toContain('target-observed');
    expect(await one.account('ann')).toMatchObject({ confirmedAt: null, driftedAt: null, desired: { state: 'enabled', entitlements: ['Finance', 'Staff'] } });
    expect(await one.world.act((tx) => decideIdentity(tx, one.world.engine, one.world.id('ann'), 'login'))).toMatchObject({
      work: [],
      waiting: [],
      observed: ['crm'],
      isSettled: true,
    });
    expect(await one.world.read(async (tx) => openOperationsOf(tx, (await one.account('ann')).id))).toEqual([]);
    await one.world.act((tx) => terminate(tx, one.world.engine, one.world.id('ann'), 'left'));
    await one.works('ann');
    expect(one.writes()).toBe(before);
    expect(await one.world.act((tx) => tx.upkeep.stalled(['crm'], '2999-01-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z', 10))).toEqual([]);
  });

  test.each([
    ['observe', 'observe', 'configured'],
    ['enforce', 'enforce', 'configured'],
  ] as const)('mode: %s in tenure.yaml decides', async (mode, expected, why) => {
    const one = await install({ mode });
    if (mode === 'enforce') await byHand(one, 'stray');
    await one.hires('ann');
    expect(await modeIn(one)).toMatchObject({ mode: expected, why });
    expect((await one.account('ann')).confirmedAt === null).toBe(mode === 'observe');
    expect(await openCases(one)).not.toContain('target-observed');
  });

  test('protected accounts, and accounts that bear the mark of somebody, are no use by others', async () => {
    const one = await install({ protectedAccounts: ['SVC-backup'] });
    await byHand(one, 'svc-backup');
    const id = await one.world.says('ann', { displayName: 'ann Miller', employeeNumber: 'ann', department: 'Sales' });
    const { userName } = await one.account('ann');
    await one.connector.create({ ...stranger(userName), externalId: id });
    await one.works('ann');
    expect(await modeIn(one)).toMatchObject({ mode: 'enforce', why: 'empty' });
  });

  test('a target that is filled between first contact and the first change is observed', async () => {
    const one = await install();
    // Read before anybody is known there.
    await one.world.says('ann', { displayName: 'ann Miller', employeeNumber: 'ann', department: 'Sales' });
    await one.world.act(async (tx) => {
      const { enterTarget } = await import('@tenure/engine/targets');
      const settings = one.world.engine.configuration.targets['crm'];
      if (settings !== undefined) await enterTarget(tx, settings, await one.connector.list());
    });
    expect(await modeIn(one)).toMatchObject({ mode: 'enforce', why: 'empty', writtenAt: null });
    await byHand(one, 'stray');
    const before = one.writes();
    await expect(one.works('ann')).rejects.toThrow('only observed');
    expect(await modeIn(one)).toMatchObject({ mode: 'observe', why: 'in-use' });
    expect(await one.works('ann')).toEqual({ outcome: 'waiting', done: 0 });
    expect(one.writes()).toBe(before);
  });

  test('a worker asks the database before each change, whatever it has read before', async () => {
    const one = await install();
    await one.hires('ann');
    await one.world.says('ben', { displayName: 'ben Miller', employeeNumber: 'ben', department: 'Finance' });
    const before = one.writes();
    // Switched back after the worker has read the mode, and has created the account.
    const slow: TargetConnector = {
      ...one.connector,
      async create(account) {
        const made = await one.connector.create(account);
        await one.world.act((tx) => observeTarget(tx, { target: 'crm', reason: 'stop' }));
        return made;
      },
    };
    await expect(one.works('ben', slow)).rejects.toThrow();
    expect(one.writes()).toBe(before + 1);
    expect(await one.works('ben')).toEqual({ outcome: 'waiting', done: 0 });
    expect(one.writes()).toBe(before + 1);
    expect(await one.world.read((tx) => tx.access.operationIds({ target: 'crm' }, ['pending', 'failed'], 10))).toEqual([]);
  });
});

describe('a target in use', () => {
  /** Five people, one of whom has an account there already that is as desired; and an account of nobody. */
  async function used(): Promise<Installation> {
    const one = await install();
    await byHand(one, 'stray');
    for (const name of ['ann', 'ben', 'cleo', 'dan', 'eve']) await one.hires(name, name === 'eve' ? 'Finance' : 'Sales');
    // What was planned for the first of them before first contact is taken back: a signal has them decided again.
    await one.works('ann');
    return one;
  }
  const planIn = ({ world }: Installation) => world.read((tx) => planOfTarget(tx, world.engine, 'crm', null, 100));
  const switchOn = ({ world }: Installation) => world.act((tx) => switchOnTarget(tx, world.engine, { target: 'crm', reason: 'ready' }));

  test('its plan is there after each run, and a run that shows the desired state confirms it', async () => {
    const one = await used();
    expect(countKinds(await planIn(one))).toEqual([
      { kind: 'addMember', people: 5 },
      { kind: 'create', people: 5 },
    ]);
    const { userName } = await one.account('ann');
    await one.connector.create({ ...stranger(userName), externalId: one.world.id('ann'), attributes: { displayName: 'ann Miller' } });
    expect(await one.reconciles()).toMatchObject({ verdict: 'complete' });
    expect((await planIn(one)).find(({ identityId }) => identityId === one.world.id('ann'))).toMatchObject({
      changes: [{ kind: 'addMember', entitlement: 'Staff' }],
      before: 'enabled',
      after: 'enabled',
    });
    await one.connector.addMember('Staff', { nativeId: null, userName });
    await one.reconciles();
    expect(await one.account('ann')).toMatchObject({ confirmedAt: expect.any(String), existed: true });
    expect((await planIn(one)).map(({ identityId }) => identityId)).not.toContain(one.world.id('ann'));
    // An account that was never there is none that is missing.
    expect(await one.world.read((tx) => tx.findings.count({ target: 'crm', kind: 'missing-account' }))).toBe(0);
  });

  test('it is switched on by a batch change, which closes the account of somebody who ended meanwhile', async () => {
    const one = await used();
    const { userName } = await one.account('ben');
    await one.connector.create({ ...stranger(userName), externalId: one.world.id('ben'), attributes: { displayName: 'ben Miller' } });
    await one.reconciles();
    await one.world.act((tx) => terminate(tx, one.world.engine, one.world.id('ben'), 'left'));
    await one.works('ben');
    expect(await one.server.look(userName)).toMatchObject({ enabled: true });
    await one.reconciles();
    const before = one.writes();
    const batch = await switchOn(one);
    expect(batch).toMatchObject({ standing: 'free', origin: { kind: 'switch-on', target: 'crm' } });
    const counts = batch.plan.changes.filter(({ target }) => target === 'crm').map(({ kind, people }) => [kind, people]);
    expect(Object.fromEntries(counts)).toEqual({ create: 4, disable: 1 });
    expect(await modeIn(one)).toMatchObject({ mode: 'enforce', why: 'switched-on', reason: 'ready' });
    expect(await openCases(one)).not.toContain('target-observed');
    expect(one.writes()).toBe(before);
    // A worker that is lost after it has decided everybody is made up for by the next one.
    await planBatch(
      { store: one.world.database.store, engine: one.world.engine, context: () => one.world.context(), say: () => undefined },
      { waveId: batch.id, correlationId: 'lost', after: null },
    );
    await one.carriesOut(batch);
    // The leaver's own lifecycle workflow does not wait for the others.
    await one.works('ben');
    expect(await one.server.look(userName)).toMatchObject({ enabled: false });
    for (const name of ['ann', 'cleo', 'dan', 'eve']) expect(await one.account(name)).toMatchObject({ confirmedAt: expect.any(String), existed: true });
    expect(await one.server.look(one.userNames.get('eve') ?? '')).toEqual({ exists: true, enabled: true, groups: ['Finance', 'Staff'] });
    expect(await one.server.look('stray')).toMatchObject({ exists: true, enabled: true });
    expect((await one.world.read((tx) => tx.batchItems.tally([batch.id]))).get(batch.id)).toEqual({ pending: 0, carriedOut: 5, fellAway: 0, discarded: 0 });
    expect(await planIn(one)).toEqual([]);
  });

  test('it is not switched on without a complete run of the last day, and the refusal says what to do', async () => {
    const one = await used();
    await expect(switchOn(one)).rejects.toThrow('request one with reconcileTarget');
    // PostgreSQL was restarted while a run was under way: its rows are gone, and it proves nothing.
    const lost = await one.reconciles((id) => one.world.database.execute(`truncate staging.run_${id.replaceAll('-', '')}`));
    expect(lost).toMatchObject({ verdict: 'not-believed', reasons: ['rows-lost'] });
    await expect(switchOn(one)).rejects.toThrow('request one with reconcileTarget');
    await one.reconciles();
    await one.world.database.execute(`update reconciliation_run set started_at = now() - interval '2 days'`);
    await expect(switchOn(one)).rejects.toThrow('request one with reconcileTarget');
    expect(await modeIn(one)).toMatchObject({ mode: 'observe' });
  });

  test('above the change budget the switching on waits for approval, by a digest, and is approved whole', async () => {
    const one = await used();
    await one.reconciles();
    const settings = one.world.engine.configuration.targets['crm'];
    if (settings === undefined) throw new Error('no target');
    await one.world.use(configurationOf(settings, { targets: { crm: { create: { count: 3 } } } }));
    const batch = await switchOn(one);
    expect(batch).toMatchObject({ standing: 'held', plan: { people: 5 } });
    expect(await modeIn(one)).toMatchObject({ mode: 'observe' });
    expect(await openCases(one)).toContain('change-budget');
    // Asked for once more, it is the same batch change.
    expect(await switchOn(one)).toMatchObject({ id: batch.id, standing: 'held' });
    const approve = (digest: string, part = {}) =>
      approveBatch({ store: one.world.database.store, engine: one.world.engine }, one.world.context(), batch.id, { digest, reason: 'ready', part });
    await expect(approve('other')).rejects.toMatchObject({ code: 'BATCH_PLAN_CHANGED' });
    await expect(approve(batch.plan.digest, { kinds: ['create'] })).rejects.toThrow('switched on whole');
    await one.hires('fay');
    await expect(approve(batch.plan.digest)).rejects.toMatchObject({ code: 'BATCH_PLAN_CHANGED' });
    const { plan } = (await one.world.read((tx) => tx.batchChanges.get(batch.id))) ?? batch;
    expect(plan.people).toBe(6);
    expect(await approve(plan.digest)).toMatchObject({ approval: { scheduled: 6, left: 0 } });
    expect(await modeIn(one)).toMatchObject({ mode: 'enforce' });
    await one.carriesOut(batch);
    expect(await one.account('fay')).toMatchObject({ confirmedAt: expect.any(String) });
  });

  test('a discarded switching on leaves it observed', async () => {
    const one = await used();
    await one.reconciles();
    const settings = one.world.engine.configuration.targets['crm'];
    if (settings === undefined) throw new Error('no target');
    await one.world.use(configurationOf(settings, { targets: { crm: { create: { count: 3 } } } }));
    const batch = await switchOn(one);
    expect(await discardBatch({ store: one.world.database.store }, one.world.context(), batch.id, 'not now')).toMatchObject({ standing: 'discarded' });
    expect(await modeIn(one)).toMatchObject({ mode: 'observe' });
    expect(await switchOn(one)).not.toMatchObject({ id: batch.id });
  });

  test('switched on while a run is under way: what is approved is carried out, and the run finds nothing new', async () => {
    const one = await used();
    await one.reconciles();
    const { id } = await one.world.act((tx) => beginRun(tx, 'crm'));
    const batch = await switchOn(one);
    await one.carriesOut(batch);
    const of = async () => {
      const run = await one.world.read((tx) => tx.reconciliationRuns.get(id));
      const settings = one.world.engine.configuration.targets['crm'];
      if (run === null || settings === undefined) throw new Error('the run is gone');
      return { run, settings, managed: new Set(['Staff', 'Finance']) };
    };
    const { world, connector } = one;
    const shared = { store: world.database.store, engine: world.engine, connector, context: () => world.context(), turn: pace(10_000), alive: () => undefined };
    await readAccounts(shared, await of());
    await concludeRun({ ...shared, managed: new Set(['Staff', 'Finance']) }, await of());
    for (const name of ['ann', 'ben', 'cleo', 'dan', 'eve'])
      expect(await one.account(name)).toMatchObject({ confirmedAt: expect.any(String), driftedAt: null });
  });

  test('tenure.yaml that says enforce by now goes the same way, once it was read, and a later decision of somebody counts', async () => {
    const one = await used();
    const settings = one.world.engine.configuration.targets['crm'];
    if (settings === undefined) throw new Error('no target');
    const engine = (mode: TargetSettings['mode']): Engine =>
      createEngine({ configuration: configurationOf(mode === undefined ? settings : { ...settings, mode }) });
    const follow = (mode: TargetSettings['mode']) => one.world.act((tx) => followModes(tx, engine(mode)));
    expect(await follow(undefined)).toEqual([]);
    expect(await follow('enforce')).toEqual([{ target: 'crm', outcome: 'unread' }]);
    expect(await one.world.read((tx) => tx.reconciliationRuns.page({ target: 'crm' }, 10, null))).toMatchObject([{ trigger: 'request', startedAt: null }]);
    await one.reconciles();
    expect(await follow('enforce')).toEqual([{ target: 'crm', outcome: 'planned' }]);
    expect(await modeIn(one)).toMatchObject({ mode: 'enforce', configured: 'enforce' });
    await one.world.act((tx) => observeTarget(tx, { target: 'crm', reason: 'wait' }));
    expect(await follow('enforce')).toEqual([]);
    expect(await modeIn(one)).toMatchObject({ mode: 'observe', why: 'switched-back', reason: 'wait' });
    expect(await follow('observe')).toEqual([]);
    await one.world.act((tx) => switchOnTarget(tx, one.world.engine, { target: 'crm', reason: 'ready' }));
    expect(await follow(undefined)).toEqual([]);
    expect(await follow('observe')).toEqual([{ target: 'crm', outcome: 'observed' }]);
    expect(await modeIn(one)).toMatchObject({ mode: 'observe', why: 'configured' });
  });
});
