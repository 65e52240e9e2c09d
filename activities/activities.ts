import type { TargetConnector } from '@tenure/connectors';
import { ConnectorUnavailable, NotFound, type Trigger } from '@tenure/domain';
import type { ActContext, ReconciliationRun, Store } from '@tenure/store';
import { type Applied, applyOperations } from './provision/apply-operations.ts';
import { type Decision, type Engine, type Meter, noMeter, notBefore, decideIdentity } from '@tenure/engine/decide';
import { type InboxProgress, tendCases } from '@tenure/engine/cases';
import { advanceRequest, type RequestProgress, takeAnswer, type TakenAnswer } from '@tenure/engine/requests';
import { finishBatch } from '@tenure/engine/batches';
import { beginRun, keyedAttributes, pauseOf, postponeRun, type ReconciledTarget } from '@tenure/engine/reconciliation';
import { proposeCorrections, proveAdoption, workOnQuarantine } from '@tenure/engine/corrections';
import { policyInForce } from '@tenure/engine/policy';
import type { Pace } from './batches/pace.ts';
import { createPrecedence } from './batches/precedence.ts';
import { targetPaces } from './batches/target-paces.ts';
import { concludeRun } from './reconciliation/conclude-run.ts';
import { adoptOrphans } from './reconciliation/adopt-orphans.ts';
import { readAccounts } from './reconciliation/read-accounts.ts';
import { beforeWriting, modeOf } from './provision/contact-target.ts';
import { applyBatch, type BatchApplied, type BatchProgress } from './batches/apply-batch.ts';
import { type PlanBatchInput, planBatch, type BatchSlice } from './batches/plan-batch.ts';

/** Inputs and results stay in Temporal's history: ids, names, states and instants, never data about people. */
export interface DecideInput {
  readonly identityId: string;
  readonly trigger: Trigger;
  readonly correlationId: string;
  /** The workflow's time (RFC 3339). */
  readonly now: string;
  /** Span from which it continues, where the installation is traced. */
  readonly traceparent?: string;
}
export interface ApplyOperationsInput {
  readonly identityId: string;
  readonly target: string;
  readonly correlationId: string;
  readonly traceparent?: string;
}

export interface RequestInput {
  readonly requestId: string;
  readonly correlationId: string;
  /** The workflow's time (RFC 3339). Absent: of a workflow that began before it was passed. */
  readonly now?: string;
}

/** Part of a batch; see `BatchRange`. */
export interface BatchChangePartInput {
  readonly waveId: string;
  readonly correlationId: string;
  readonly after: string | null;
  readonly upTo: string;
}

/** A run over a whole target. */
export interface ReconciliationInput {
  readonly target: string;
  readonly runId: string;
  readonly correlationId: string;
}

/** Result of a run. */
export type ConcludedRun = Pick<ReconciliationRun, 'verdict' | 'reasons' | 'accounts' | 'found' | 'opened' | 'closed' | 'unproven'>;

/** Activities of the workflows. */
export interface Activities {
  decide(input: DecideInput): Promise<Decision>;
  applyOperations(input: ApplyOperationsInput): Promise<Applied>;
  /** Advances a request as far as it goes by itself now. */
  advanceRequest(input: RequestInput): Promise<RequestProgress>;
  /** Evaluates a stored answer, by its id. For API processes of before version 0.2, whose answers are evaluated here and not in the API's transaction. */
  takeAnswer(input: RequestInput & { readonly answerId: string }): Promise<TakenAnswer>;
  /** Decides the next slice of a batch. */
  planWave(input: PlanBatchInput): Promise<BatchSlice>;
  /** Provisions one target for the people of a slice. */
  applyWave(input: BatchChangePartInput & { readonly target: string }): Promise<BatchApplied>;
  /** Wakes the lifecycle workflows of people for whom something has to wait. */
  settleWave(input: BatchChangePartInput): Promise<{ readonly woken: number }>;
  /** @returns `again`: a part of it was approved meanwhile */
  finishWave(input: { readonly waveId: string; readonly correlationId: string }): Promise<{ readonly again: boolean }>;
  /** Gives cases their owners and deadlines, and escalates what is due. */
  tendCases(input: { readonly correlationId: string; readonly now?: string }): Promise<InboxProgress>;
  /** Begins the run of a target that was requested, or a scheduled one. @returns `runId` null: it is postponed to the end of the target's quiet hours */
  beginReconciliation(input: Omit<ReconciliationInput, 'runId'>): Promise<{ readonly runId: string | null; readonly postponedUntil?: string }>;
  /** Reads pages for about a minute. @returns `isRead`: all are read; `pauseFor`: milliseconds of quiet hours before the next page, where there are some */
  readAccounts(input: ReconciliationInput): Promise<{ readonly isRead: boolean; readonly accounts: number; readonly pauseFor?: number }>;
  /** Evaluates a run, finds the differences, and ends it, for about a minute. @returns `verdict`: `null` until it is finished */
  concludeReconciliation(input: ReconciliationInput): Promise<ConcludedRun>;
  /** Ids of accounts in quarantine of a target on which there is something to do now, and of findings whose accounts are to be bound to people. */
  dueInQuarantine(input: Omit<ReconciliationInput, 'runId'>): Promise<{ readonly ids: readonly string[] }>;
  /** Does the step of an account in quarantine that is due, or looks at an account that is to be bound to a person. */
  workOnQuarantine(input: Omit<ReconciliationInput, 'runId'> & { readonly id: string }): Promise<void>;
}

export interface ActivityDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly connectors: Readonly<Record<string, TargetConnector>>;
  /** The present instant (RFC 3339 in UTC with milliseconds). */
  readonly clock: () => string;
  /** Sends a heartbeat to Temporal; throws when the running activity was cancelled. */
  readonly alive: (progress?: unknown) => void;
  /** Last heartbeat of the attempt before this one, which was lost. */
  readonly lastProgress?: () => unknown;
  readonly meter?: Meter;
  /** The current span, where the installation is traced. */
  readonly traceparent?: () => string | null;
}

/** Number of accounts in quarantine that are worked on together. */
const dueTogether = 100;

export function createActivities({
  store,
  engine,
  connectors,
  clock,
  alive,
  lastProgress = () => null,
  meter = noMeter,
  traceparent = () => null,
}: ActivityDependencies): Activities {
  const context = (correlationId: string, now: string): ActContext => ({ actor: { kind: 'system', id: 'worker' }, correlationId, now });
  /** Time of a timer that has fired: it is due also for a worker whose clock is behind Temporal's, or it would be set again until it is. */
  const later = (now: string | undefined): string => notBefore(clock(), now ?? null);
  const { note, giveWay } = createPrecedence();
  const paceOf = targetPaces(store, engine, () => ofWave('pace'));
  async function reconciled({
    target,
    runId,
  }: ReconciliationInput): Promise<{ readonly connector: TargetConnector; readonly of: ReconciledTarget; readonly turn: Pace }> {
    const connector = connectors[target];
    const settings = engine.configuration.targets[target];
    if (connector === undefined || settings === undefined) throw new ConnectorUnavailable(`target ${target} is not in this worker's tenure.yaml`, { target });
    const { run, managed } = await store.read(async (tx) => ({
      run: await tx.reconciliationRuns.get(runId),
      managed: (await policyInForce(tx, engine)).managed[target] ?? new Set<string>(),
    }));
    if (run === null) throw new NotFound(`there is no reconciliation run ${runId}`, { runId });
    const keyAttributes = keyedAttributes(engine, target);
    return { connector, of: { run, settings, managed, keyAttributes }, turn: paceOf(target, 'reading') };
  }
  const ofWave = (correlationId: string): ActContext => context(correlationId, clock());
  return {
    async decide({ identityId, trigger, correlationId, now }) {
      note();
      const { decision, dueAt } = await store.transaction(context(correlationId, now), async (tx) => {
        const due = trigger === 'timer' ? ((await tx.identities.get(identityId))?.nextWakeUp ?? null) : null;
        return { decision: await decideIdentity(tx, engine, identityId, trigger), dueAt: due };
      });
      // An identity lifecycle also looks again when its work is done, which is no timer.
      if (dueAt !== null && dueAt <= now) meter.timerFired('life', dueAt);
      const span = traceparent();
      return span === null ? decision : { ...decision, traceparent: span };
    },
    applyOperations({ identityId, target, correlationId }) {
      note();
      paceOf(target, 'lives').note();
      return applyOperations({ store, engine, connectors, meter }, { identityId, target, context: context(correlationId, clock()), alive });
    },
    async advanceRequest({ requestId, correlationId, now }) {
      const { standing, dueAt } = await store.transaction(context(correlationId, later(now)), async (tx) => {
        const due = (await tx.requests.get(requestId))?.nextAt ?? null;
        return { standing: await advanceRequest(tx, engine, requestId), dueAt: due !== null && due <= tx.context.now ? due : null };
      });
      if (dueAt !== null) meter.timerFired('request', dueAt);
      return standing;
    },
    takeAnswer: ({ answerId, correlationId, now }) => store.transaction(context(correlationId, later(now)), (tx) => takeAnswer(tx, engine, answerId)),
    planWave: (input) => planBatch({ store, engine, context: () => ofWave(input.correlationId), say: alive }, input),
    applyWave({ target, correlationId, ...range }) {
      const begun = (lastProgress() as BatchProgress | null) ?? { after: null, confirmed: 0, left: 0 };
      const turn = paceOf(target, 'batches');
      return applyBatch({ store, engine, connectors, meter, turn, context: () => ofWave(correlationId), say: alive }, range, target, begun);
    },
    settleWave: ({ correlationId, ...range }) =>
      store.transaction(ofWave(correlationId), async (tx) => {
        const { trigger = 'restart' } = (await tx.batchRuns.get(range.waveId)) ?? {};
        return { woken: await tx.batchRuns.wakeWaiting(range, trigger, tx.context.correlationId, tx.context.now) };
      }),
    finishWave: ({ waveId, correlationId }) => store.transaction(ofWave(correlationId), (tx) => finishBatch(tx, waveId)),
    async beginReconciliation({ target, correlationId }) {
      const settings = engine.configuration.targets[target];
      if (settings === undefined) throw new ConnectorUnavailable(`target ${target} is not in this worker's tenure.yaml`, { target });
      return store.transaction(ofWave(correlationId), async (tx) => {
        const postponedUntil = await postponeRun(tx, settings);
        return postponedUntil === null ? { runId: (await beginRun(tx, target)).id } : { runId: null, postponedUntil };
      });
    },
    async readAccounts(input) {
      const { connector, of, turn } = await reconciled(input);
      const pauseFor = of.run.readAt === null ? await store.transaction(ofWave(input.correlationId), (tx) => pauseOf(tx, of.run, of.settings)) : 0;
      if (pauseFor > 0) return { isRead: false, accounts: of.run.accounts, pauseFor };
      // A target that is read before anybody is known there is contacted by that; the run keeps errors of its own.
      await modeOf({ store, connector, settings: of.settings, managed: of.managed, context: () => ofWave(input.correlationId) }).catch(() => undefined);
      const run = await readAccounts({ store, connector, turn, alive, giveWay, context: () => ofWave(input.correlationId) }, of);
      return { isRead: run.readAt !== null, accounts: run.accounts };
    },
    async concludeReconciliation(input) {
      const { connector, of, turn } = await reconciled(input);
      const run = await concludeRun(
        { store, engine, meter, connector, turn, alive, giveWay, managed: of.managed, context: () => ofWave(input.correlationId) },
        of,
      );
      await adoptOrphans({ store, engine, connector, turn, alive, context: () => ofWave(input.correlationId) }, run);
      await store.transaction(ofWave(input.correlationId), (tx) => proposeCorrections(tx, engine, run));
      const { verdict, reasons, accounts, found, opened, closed, unproven } = run;
      return { verdict, reasons, accounts, found, opened, closed, unproven };
    },
    dueInQuarantine: ({ target, correlationId }) =>
      store.transaction(ofWave(correlationId), async (tx) => {
        const { now } = tx.context;
        if (engine.configuration.targets[target] !== undefined)
          return {
            ids: [
              ...(await tx.quarantinedAccounts.due(target, now, dueTogether)).map(({ id }) => id),
              ...(await tx.findings.adoptions(target, now, dueTogether)),
            ],
          };
        // It is no longer in tenure.yaml: nobody polls its queue.
        const inAnHour = new Date(Date.parse(now) + 3_600_000).toISOString();
        await tx.quarantinedAccounts.postpone(target, inAnHour);
        await tx.findings.postponeAdoptions(target, inAnHour);
        return { ids: [] };
      }),
    async workOnQuarantine({ target, id, correlationId }) {
      const connector = connectors[target];
      if (connector === undefined) throw new ConnectorUnavailable(`target ${target} is not in this worker's tenure.yaml`, { target });
      const settings = engine.configuration.targets[target];
      if (settings === undefined) return;
      if ((await store.read((tx) => tx.quarantinedAccounts.get(id))) === null)
        return proveAdoption({ store, engine, connector, context: () => ofWave(correlationId) }, id);
      const managed = (await store.read((tx) => policyInForce(tx, engine))).managed[target] ?? new Set<string>();
      const contacts = { store, connector, settings, managed, context: () => ofWave(correlationId) };
      await workOnQuarantine({ store, engine, connector, context: contacts.context, beforeChange: () => beforeWriting(contacts) }, id);
    },
    tendCases: ({ correlationId, now }) => tendCases({ store, engine, meter, context: () => context(correlationId, later(now)) }),
  };
}
