import { randomUUID } from 'node:crypto';
import type { ReconciliationRun, Transaction } from '@tenure/store';

/** A request to read a target. */
export interface RunRequest {
  readonly target: string;
  /** Why, in the requester's words. */
  readonly reason: string;
  /** True: the target really has fewer accounts than at the last complete run. */
  readonly expectsFewer: boolean;
}

/** Requests that a worker reads a target as soon as it can, audited. @returns the run that waits, which others may have requested too */
export async function requestRun(tx: Transaction, { target, reason, expectsFewer }: RunRequest): Promise<ReconciliationRun> {
  const { actor, now } = tx.context;
  const wanted = { id: randomUUID(), target, trigger: 'request', requestedBy: `${actor.kind}:${actor.id}`, reason, expectsFewer } as const;
  const run = await tx.reconciliationRuns.request(wanted, now);
  tx.audit.record({
    action: 'reconciliation.requested',
    subjectKind: 'target',
    subjectId: target,
    identityId: null,
    reason: { target, runId: run.id, expectsFewer },
  });
  return run;
}

/** Requests a run of a target that works again after a failure: it may have been restored. */
export async function requestRunAfterRecovery(tx: Transaction, target: string): Promise<void> {
  const wanted = { id: randomUUID(), target, trigger: 'recovery', requestedBy: null, reason: null, expectsFewer: false } as const;
  await tx.reconciliationRuns.request(wanted, tx.context.now);
}
