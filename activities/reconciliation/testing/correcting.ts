import { randomUUID } from 'node:crypto';
import type { Configuration, ReconciliationSettings, TargetSettings } from '@tenure/config';
import { createConnector, type TargetConnector } from '@tenure/connectors';
import { NotConfirmed } from '@tenure/domain';
import type { Caller, Role } from '@tenure/engine/callers';
import { beginRun, keyedAttributes } from '@tenure/engine/reconciliation';
import { proposeCorrections } from '@tenure/engine/corrections';
import { createEngine, decideIdentity, type Engine, noMeter } from '@tenure/engine/decide';
import { takeRecord } from '@tenure/engine/intake';
import { policyInForce, publishPolicy } from '@tenure/engine/policy';
import type { ActContext, BatchChange, ReconciliationRun, Store, Transaction } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { pace } from '../../batches/pace.ts';
import { planBatch } from '../../batches/plan-batch.ts';
import { applyOperations } from '../../provision/apply-operations.ts';
import { adoptOrphans } from '../adopt-orphans.ts';
import type { ConcludingDependencies } from '../comparing.ts';
import { concludeRun } from '../conclude-run.ts';
import { readAccounts } from '../read-accounts.ts';
import type { UsedTarget } from './used-target.ts';

export interface RunLimits extends Pick<ConcludingDependencies, 'looks' | 'time'> {
  readonly after?: (run: ReconciliationRun) => void;
}

/** An installation with one target, `crm`, whose activities are called as workflows call them. */
export interface Correcting {
  readonly target: UsedTarget;
  readonly connector: TargetConnector;
  readonly database: TestDatabase;
  readonly store: Store;
  readonly engine: Engine;
  /** Milliseconds by which the clock is ahead. */
  ahead: number;
  context(): ActContext;
  act<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Names of the groups that policy knows. */
  managed(): Promise<ReadonlySet<string>>;
  /** The same installation with other settings of reconciliation. */
  configured(settings: Partial<ReconciliationSettings>, target?: Partial<TargetSettings>): Engine;
  /** Takes a record of a person of Sales or Finance, and provisions it. @returns the identity */
  says(
    name: string,
    more?: {
      readonly department?: string;
      readonly status?: 'active' | 'ended';
      /** False: only decided. */
      readonly isProvisioned?: boolean;
      /** Configuration by which it is provisioned, whatever the outcome. Absent: the ordinary one, and it has to be confirmed. */
      readonly by?: Engine;
    },
  ): Promise<string>;
  idOf(name: string): string;
  userNameOf(name: string): string;
  /**
   * Plays one run, and what follows from it, as the workflow does.
   * @param reader reads in place of the target's own connector
   * @param limits of its activities. `after`: is given the run after each of them
   */
  reconcile(engine?: Engine, reader?: TargetConnector, limits?: RunLimits): Promise<ReconciliationRun>;
  /** Batch changes of corrections, the newest first. */
  batches(): Promise<readonly BatchChange[]>;
  /** Carries out batch changes that may be carried out, and everything for which lifecycles are woken. */
  carryOut(engine?: Engine): Promise<void>;
  /** Open findings, as kind, person or user name, and name. */
  open(): Promise<readonly string[]>;
  openCases(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** A caller with one role; `personId` null: a service token that no person has made. */
export function callerWith(role: Role, personId: string | null): Caller {
  const rest = { roles: new Set([role]), sources: new Set<string>(), sessionId: null, expiresAt: '2099-01-01T00:00:00.000Z' };
  return personId === null
    ? { kind: 'service', id: '00000000-0000-4000-8000-0000000000aa', personId, ...rest }
    : { kind: 'person', id: personId, personId, ...rest };
}

const text = { type: 'string' } as const;

/** @param through puts something between Tenure and the target */
export async function startCorrecting(
  start: () => Promise<UsedTarget>,
  more: Partial<Configuration['policy']> = {},
  through: (connector: TargetConnector) => TargetConnector = (connector) => connector,
): Promise<Correcting> {
  const database = await createTestDatabase();
  const target = await start();
  const connector = through(createConnector(target.settings));
  const [staff, finance] = target.groups;
  const configurationWith = (reconciliation: Partial<ReconciliationSettings>, other: Partial<TargetSettings> = {}): Configuration => ({
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
    targets: { crm: { ...target.settings, ...other, reconciliation } as TargetSettings },
    policy: {
      attributes: { displayName: text, department: text, employeeNumber: text },
      roles: {},
      entitlements: {
        staff: { name: 'staff', title: 'Staff', target: 'crm', value: staff },
        finance: { name: 'finance', title: 'Finance', target: 'crm', value: finance },
      },
      birthright: [
        { name: 'everybody', when: 'true', roles: [], entitlements: ['staff'] },
        { name: 'finance', when: 'identity.department == "Finance"', roles: [], entitlements: ['finance'] },
      ],
      groups: [],
      lifecycle: [],
      separation: [],
      ...more,
    },
    applyPolicy: 'at-start',
    mail: null,
    webhooks: {},
    session: { lifetime: 3_600_000, idle: 3_600_000 },
  });
  const engine = createEngine({ configuration: configurationWith({ protectedAccounts: ['svc-backup'] }) });
  const { store } = database;
  const ids = new Map<string, string>();
  const names = new Map<string, string>();
  const context = (): ActContext => ({
    actor: { kind: 'system', id: 'worker' },
    correlationId: randomUUID(),
    now: new Date(Date.now() + it.ahead).toISOString(),
  });
  const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => store.transaction(context(), work);
  const managed = async (): Promise<ReadonlySet<string>> => (await act((tx) => policyInForce(tx, engine))).managed['crm'] ?? new Set();
  const provision = async (identityId: string, used: Engine): Promise<string> => {
    await act((tx) => decideIdentity(tx, used, identityId, 'record'));
    const apply = () =>
      applyOperations(
        { store, engine: used, connectors: { crm: connector }, meter: noMeter },
        { identityId, target: 'crm', context: context(), alive: () => undefined },
      );
    // A first conclusion may wait for another reading, as for a group in which the target has shown nobody yet.
    const { outcome } = await apply().catch((error: unknown) => {
      if (error instanceof NotConfirmed) return apply();
      throw error;
    });
    return outcome;
  };
  const nameOf = (identityId: string | null): string | null => [...ids].find(([, id]) => id === identityId)?.[0] ?? null;
  const it: Correcting = {
    target,
    connector,
    database,
    store,
    engine,
    ahead: 0,
    context,
    act,
    managed,
    configured: (settings, other) => createEngine({ configuration: configurationWith({ protectedAccounts: ['svc-backup'], ...settings }, other) }),
    async says(name, { department = 'Sales', status = 'active', isProvisioned = true, by } = {}) {
      const facts = { displayName: `${name} Miller`, employeeNumber: name, department };
      const version = String(Date.now());
      const { identityId } = await act((tx) => takeRecord(tx, engine, { source: 'hr', externalId: name, version, facts, status, endedAt: null }));
      if (identityId === null) throw new Error('the record was not taken');
      ids.set(name, identityId);
      if (!isProvisioned) return identityId;
      const outcome = await provision(identityId, by ?? engine);
      if (outcome !== 'confirmed' && by === undefined) throw new Error(`${name} is ${outcome}`);
      const begun = await act((tx) => tx.outbox.take(1000, 'ordinary'));
      await act((tx) => tx.outbox.remove(begun.map(({ id }) => id)));
      names.set(name, (await act((tx) => tx.access.account(identityId, 'crm')))?.userName ?? '');
      return identityId;
    },
    idOf: (name) => ids.get(name) ?? '',
    userNameOf: (name) => names.get(name) ?? name,
    async reconcile(used = engine, reader = connector, { after, ...limits } = {}) {
      const { id } = await act((tx) => beginRun(tx, 'crm'));
      const settings = used.configuration.targets['crm'] ?? target.settings;
      const known = await managed();
      const now = async () => {
        const run = await act((tx) => tx.reconciliationRuns.get(id));
        if (run === null) throw new Error('the run is gone');
        return { run, settings, managed: known, keyAttributes: keyedAttributes(used, 'crm') };
      };
      const shared = { store, engine: used, meter: noMeter, connector: reader, context, turn: pace(10_000), alive: () => undefined };
      await readAccounts(shared, await now()).catch(() => undefined);
      let run: ReconciliationRun;
      do {
        run = await concludeRun({ ...shared, ...limits, managed: known }, await now());
        after?.(run);
      } while (run.finishedAt === null);
      await adoptOrphans({ store, engine: used, connector: reader, context, turn: pace(10_000), alive: () => undefined }, run);
      await act((tx) => proposeCorrections(tx, used, run));
      return run;
    },
    batches: async () => (await act((tx) => tx.batchChanges.page({}, 100, null))).filter(({ origin }) => origin?.kind === 'corrections'),
    async carryOut(used = engine) {
      for (const wave of await act((tx) => tx.batchRuns.waiting(100))) {
        await act((tx) => tx.batchRuns.started(wave.id, context().now));
        await planBatch({ store, engine: used, context, say: () => undefined }, { waveId: wave.id, correlationId: 'carry-out', after: null });
        await act(async (tx) => tx.batchRuns.finished(wave.id, context().now));
      }
      const woken = await act((tx) => tx.outbox.take(1000, 'ordinary'));
      const urgent = await act((tx) => tx.outbox.take(1000, 'urgent'));
      await act((tx) => tx.outbox.remove([...woken, ...urgent].map(({ id }) => id)));
      for (const identityId of new Set([...woken, ...urgent].map((message) => message.identityId))) await provision(identityId, used);
    },
    async open() {
      const found = await act((tx) => tx.findings.page({ target: 'crm', status: 'open' }, 100, null));
      return found.map(({ kind, name, identityId, userName }) => [kind, nameOf(identityId) ?? userName, ...(name === '' ? [] : [name])].join(' ')).sort();
    },
    async openCases() {
      const found = await act((tx) => tx.cases.page({ status: 'open' }, 100, null));
      return found.map((one) => (one.kind === 'reconciliation-findings' ? `${one.evidence.finding} ${one.evidence.findings}` : one.kind)).sort();
    },
    async stop() {
      await connector.close();
      await target.stop();
      await database.drop();
    },
  };
  await act((tx) => publishPolicy(tx, engine));
  return it;
}
