import { randomUUID } from 'node:crypto';
import type { TargetConnector } from '@tenure/connectors';
import { ConnectorUnavailable } from '@tenure/domain';
import type { ActContext, ClaimedAccount, Store, BatchRange } from '@tenure/store';
import type { Engine, Meter } from '@tenure/engine/decide';
import type { Pace } from './pace.ts';
import { beforeWriting, workMode } from '../provision/contact-target.ts';
import { noteGroupsIn } from '../provision/note-groups.ts';
import { rivalsIn, countWorked, isInTurn, readsOnly, saveWorked, type Worked, workOnAccount } from '@tenure/engine/provision';
import { policyInForce } from '@tenure/engine/policy';

/** Result of a part of a batch in one target. */
export interface BatchApplied {
  /** Number of accounts in the desired state. */
  readonly confirmed: number;
  /** Number of accounts that are left to their people's lifecycle workflows. */
  readonly left: number;
}

export interface ApplyBatchDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly connectors: Readonly<Record<string, TargetConnector>>;
  readonly meter: Meter;
  /** Pace of calls to the target, which other work there shares. */
  readonly turn: Pace;
  readonly context: () => ActContext;
  /** Reports progress; throws when the activity was cancelled. */
  readonly say: (progress: BatchProgress) => void;
}

/** Progress that Temporal keeps with each heartbeat: another worker continues from there. */
export interface BatchProgress extends BatchApplied {
  readonly after: string | null;
}

/** Number of accounts whose results are saved together. Small enough that one lost worker costs little to do again. */
const batch = 50;
/** Milliseconds, as for a single account: accounts that a killed worker had taken are free soon. */
const leaseTime = 20_000;
const renewEvery = 5_000;

/**
 * Works through the accounts that people of this range have in one target, as many at a time as the target takes. Any other worker that speaks to the
 * target about one of them keeps its turn; accounts that cannot be settled here wait for the person's lifecycle workflow.
 * @throws ConnectorUnavailable when the target seems down: nothing is gained by trying everybody else
 */
export async function applyBatch(dependencies: ApplyBatchDependencies, range: BatchRange, target: string, begun: BatchProgress): Promise<BatchApplied> {
  const { store, engine, say, turn } = dependencies;
  const connector = dependencies.connectors[target];
  const settings = engine.configuration.targets[target];
  if (connector === undefined || settings === undefined) throw new ConnectorUnavailable(`target ${target} is not in this worker's tenure.yaml`, { target });
  const managed = (await store.read((tx) => policyInForce(tx, engine))).managed[target] ?? new Set<string>();
  const contacts = { store, connector, settings, managed, context: dependencies.context };
  const mode = await workMode(contacts);
  const beforeChanges = (): Promise<void> => beforeWriting(contacts);
  const noteGroup = noteGroupsIn(store, dependencies.context);
  let progress = begun;
  for (;;) {
    say(progress);
    const by = randomUUID();
    const claimed = await store.transaction(dependencies.context(), (tx) =>
      tx.batchRuns.claim({ ...range, after: progress.after ?? range.after }, target, batch, by, leaseTime),
    );
    const last = claimed.at(-1);
    if (last === undefined) return { confirmed: progress.confirmed, left: progress.left };
    const worked = await whileLeased(dependencies, claimed, by, progress, () =>
      sideBySide(claimed, settings.concurrency, async (one) => {
        await turn.next();
        const { now } = dependencies.context();
        const mayGoOn = (): Promise<boolean> => isInTurn(store, one.account, by);
        const outcome = await workOnAccount(
          { engine, connector, managed, now, rivalOf: rivalsIn(store, engine), noteGroup, mayGoOn, beforeChanges, onlyRead: readsOnly(one, mode) },
          one,
        );
        turn.heed(outcome.failure?.error);
        return outcome;
      }),
    );
    const confirmed = await store.transaction(dependencies.context(), async (tx) => {
      await tx.batchRuns.release(idsOf(claimed), by);
      return (await saveWorked(tx, target, worked)).filter(({ outcome }) => outcome === 'confirmed' || outcome === 'not-visible').length;
    });
    countWorked(dependencies.meter, target, worked);
    mustBeUp(target, worked);
    progress = { after: last.account.identityId, confirmed: progress.confirmed + confirmed, left: progress.left + claimed.length - confirmed };
  }
}

async function whileLeased<T>(
  { store, context, say }: ApplyBatchDependencies,
  claimed: readonly ClaimedAccount[],
  by: string,
  progress: BatchProgress,
  work: () => Promise<T>,
): Promise<T> {
  const timer = setInterval(() => {
    store
      .transaction(context(), (tx) => tx.batchRuns.renew(idsOf(claimed), by, leaseTime))
      .then(
        () => say(progress),
        () => undefined, // the database is away or the activity was cancelled: the end of this batch shows
      );
  }, renewEvery);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Refuses to continue where half of a batch got no answer: that is a target that is down, not fifty separate errors. */
function mustBeUp(target: string, worked: readonly Worked[]): void {
  const silent = worked.filter(({ failure }) => failure?.error.code === 'CONNECTOR_UNAVAILABLE');
  const first = silent[0]?.failure?.error;
  if (first === undefined || silent.length * 2 < worked.length) return;
  const waits = silent.map(({ failure }) => (failure?.error instanceof ConnectorUnavailable ? (failure.error.retryAfter ?? 0) : 0));
  const retryAfter = Math.max(0, ...waits);
  throw new ConnectorUnavailable(`target ${target} does not answer`, { target }, { cause: first, ...(retryAfter > 0 ? { retryAfter } : {}) });
}

function idsOf(claimed: readonly ClaimedAccount[]): readonly string[] {
  return claimed.map(({ account }) => account.id);
}

/** Runs at most `limit` at a time. @returns results in the order of the input */
async function sideBySide<T, R>(all: readonly T[], limit: number, work: (one: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const waiting = all.entries();
  const run = async (): Promise<void> => {
    for (const [index, one] of waiting) results[index] = await work(one);
  };
  await Promise.all(Array.from({ length: Math.min(limit, all.length) }, run));
  return results;
}
