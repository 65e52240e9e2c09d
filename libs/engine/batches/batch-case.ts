import type { ChangeBudget } from '@tenure/domain';
import type { BatchChange, Transaction, BatchPlan } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';

/** Maximum number of plan lines that the case itself shows; the batch has all of them. */
const mostLines = 12;

/**
 * Opens the case in which the approvers by policy, or the operators, decide about a batch change; a case that is open already only gets the newer
 * plan.
 */
export async function openBatchCase(
  tx: Transaction,
  budget: ChangeBudget,
  batch: Pick<BatchChange, 'id' | 'trigger' | 'source' | 'origin' | 'problem'>,
  plan: BatchPlan,
): Promise<void> {
  const { owner } = budget;
  await openCase(tx, {
    kind: 'change-budget',
    key: batchKey(batch),
    identityId: null,
    target: null,
    operationId: null,
    ownerId: owner?.kind === 'person' ? ((await tx.identities.byUserName(owner.userName))?.id ?? null) : null,
    evidence: {
      waveId: batch.id,
      trigger: batch.trigger,
      source: batch.source,
      ...(batch.origin?.kind === 'switch-on' ? { switchesOn: batch.origin.target } : {}),
      ...(batch.origin?.kind === 'undo' ? { undoes: batch.origin.batchId } : {}),
      problem: batch.problem,
      digest: plan.digest,
      people: plan.people,
      holders: owner?.kind === 'holders' ? owner.name : null,
      changes: plan.changes.slice(0, mostLines),
    },
  });
}

/** Closes the case once somebody has decided, or nothing is left to decide. */
export async function closeBatchCase(tx: Transaction, batch: Pick<BatchChange, 'id'>, resolution: string): Promise<void> {
  await closeCase(tx, await tx.cases.openOfKey(batchKey(batch)), resolution);
}

/** Key of the case by which a batch change waits for approval. */
export function batchKey({ id }: Pick<BatchChange, 'id'>): string {
  return `change-budget/${id}`;
}
