import { CaseClosed, InputInvalid, type NewAuditContent, NotFound, type PersonInBatch, BatchPlanChanged } from '@tenure/domain';
import type { BatchItem, BatchPart, BatchChange, Transaction, BatchDecision } from '@tenure/store';

export interface BatchRelease {
  /** Digest of the plan that was shown to the approver. */
  readonly digest: string;
  readonly reason: string;
  /** Part that is approved; without any condition all of it. */
  readonly part: BatchPart;
}

/** Result of approving a batch change, all or part. */
export interface BatchApproval {
  /** Items that the worker carries out now. */
  readonly scheduled: number;
  /** The batch that they are in: this one, or the part that was made of it; `null`: there are none. */
  readonly scheduledIn: string | null;
  /** Approved items that were withdrawn before, since newer information arrived. */
  readonly fellAway: number;
  /** Approved items that an earlier approval covers. */
  readonly approvedBefore: number;
  /** Items that still wait for approval. */
  readonly left: number;
}

export interface ApprovedBatch {
  readonly batch: BatchChange;
  readonly approval: BatchApproval;
}

/** @throws NotFound, CaseClosed */
export function mustWait(wave: BatchChange | null, id: string): BatchChange {
  if (wave === null) throw new NotFound(`no batch change ${id} waits for approval`, { batchChangeId: id });
  if (wave.standing !== 'held') throw new CaseClosed('the batch change no longer waits for approval', { batchChangeId: id });
  return wave;
}

/** @throws BatchPlanChanged unless the digest is of its plan, or of an earlier one with at least the same changes */
export function mustBeSeen({ id, plan, approvable }: BatchChange, digest: string): void {
  if (approvable.includes(digest)) return;
  throw new BatchPlanChanged('the digest of the plan has changed: read the plan again', { batchChangeId: id, digest: plan.digest });
}

/** Decision as a batch keeps it, with the actor who decided. */
export function decisionOf({ context: { actor, now, correlationId } }: Transaction, reason: string): BatchDecision {
  return { by: `${actor.kind} ${actor.id}`, reason, at: now, correlationId };
}

/** Into the audit. */
export function auditBatch(tx: Transaction, id: string, event: Extract<NewAuditContent, { readonly action: 'wave.released' | 'wave.discarded' }>): void {
  tx.audit.record({ ...event, subjectKind: 'wave', subjectId: id, identityId: null });
}

/** Result of an approval, by the items of the batch change and of its parts. @throws InputInvalid when no item is in the part */
export async function approvalOf(tx: Transaction, id: string, part: BatchPart, scheduled: number, scheduledIn: string | null): Promise<BatchApproval> {
  const { fellAway, approved } = await tx.batchItems.settledOf(id, part);
  const approvedBefore = scheduledIn === id ? approved : approved - scheduled;
  if (scheduled + fellAway + approvedBefore === 0) throw new InputInvalid('part: no item of the batch change is in this part', { batchChangeId: id });
  const left = scheduledIn === id ? 0 : ((await tx.batchItems.tally([id])).get(id)?.pending ?? 0);
  return { scheduled, scheduledIn, fellAway, approvedBefore, left };
}

/** Person of an item. */
export function asPerson({ key, identityId, changes }: Pick<BatchItem, 'key' | 'identityId' | 'changes'>): PersonInBatch {
  return { key: identityId ?? key, identityId, changes };
}
