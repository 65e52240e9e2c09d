import { failedAt } from '@tenure/domain';
import type { ActContext, Store, StoredConnection } from '@tenure/store';
import { closeForgotten, settleConnectionCase } from './connection-case.ts';
import { requestRunAfterRecovery } from '../reconciliation/request-run.ts';
import { nextConnection } from './next-connection.ts';
import type { Probe } from './probes.ts';

export interface CheckDependencies {
  readonly store: Store;
  readonly probes: readonly Probe[];
  readonly clock: () => string;
  /** Name of this worker. */
  readonly worker: string;
  /** Called after a test, with its stored result. */
  readonly tested: (connection: StoredConnection) => void;
  /** A check itself failed, which it never should. */
  readonly failed: (error: unknown, probe: Probe) => void;
}

/** Milliseconds of failing after which a target may be another one than before, such as one that was restored. */
const longEnough = 600_000;
/** Milliseconds within which a test ends, whatever it waits for; then another worker may take it. */
const longest = 120_000;

/** Requests a test of every connection now. Those that the configuration no longer names are deleted, with their cases. */
export async function followConnections({ store, probes, clock }: Pick<CheckDependencies, 'store' | 'probes' | 'clock'>): Promise<void> {
  await store.transaction(contextAt(clock()), async (tx) => closeForgotten(tx, await tx.connections.follow(probes, clock())));
}

/** Tests connections that are due, side by side, and stores the results. Several workers share the work. @returns number of tests */
export async function checkDueConnections(dependencies: CheckDependencies): Promise<number> {
  const { store, probes, clock } = dependencies;
  const now = clock();
  const due = await store.transaction(contextAt(now), (tx) => tx.connections.claim(probes, now, new Date(Date.parse(now) + longest).toISOString()));
  await Promise.all(
    due.map(async (before) => {
      const probe = probes.find(({ kind, name }) => kind === before.kind && name === before.name);
      if (probe !== undefined) await checkOne(dependencies, probe, before);
    }),
  );
  return due.length;
}

async function checkOne({ store, clock, worker, tested, failed }: CheckDependencies, probe: Probe, before: StoredConnection): Promise<void> {
  const result = await probe.check().catch((error: unknown) => {
    failed(error, probe);
    return failedAt({ step: 'answers', reason: 'INTERNAL', message: 'the check itself failed: the log has the reason' });
  });
  const now = clock();
  const after = nextConnection(before, result, worker, now);
  await store.transaction(contextAt(now), async (tx) => {
    await tx.connections.save(after);
    await settleConnectionCase(tx, before.isWorking, after);
    if (probe.isReconciled === true && hasRecovered(before, after)) await requestRunAfterRecovery(tx, after.name);
  });
  tested(after);
}

function hasRecovered(before: StoredConnection, after: StoredConnection): boolean {
  if (before.isWorking !== false || before.since === null || after.isWorking !== true || after.since === null) return false;
  return Date.parse(after.since) - Date.parse(before.since) >= longEnough;
}

function contextAt(now: string): ActContext {
  return { actor: { kind: 'system', id: 'connections' }, correlationId: 'connections', now };
}
