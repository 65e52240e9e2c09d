import { Forbidden } from '@tenure/domain';
import type { BatchPart, Transaction } from '@tenure/store';
import type { Caller } from '../../callers/caller.ts';
import type { Engine } from '../../decide/engine.ts';
import { endingCaller } from '../../leavers/ending-caller.ts';
import { urgentEndsLeft } from '../../leavers/urgent-budget.ts';
import { endsPerson } from './not-permitted.ts';

/**
 * Lets a requester approve their own undo only within their budget of urgent ends: by choosing a batch change to undo, one person could otherwise
 * terminate everybody whom it created. Beyond it another person approves, with a session.
 * @throws Forbidden
 */
export async function mustBeSecondPerson(tx: Transaction, engine: Engine, caller: Caller, batchId: string, part: BatchPart): Promise<void> {
  const batch = await tx.batchChanges.get(batchId);
  if (batch?.origin?.kind !== 'undo' || batch.policyDigest !== null || batch.standing !== 'held') return;
  const ends = (await tx.batchItems.pendingOf(batchId, part)).filter(endsPerson).flatMap(({ identityId }) => identityId ?? []);
  const by = await endingCaller(tx, caller);
  if (ends.length === 0 || (by.key !== batch.origin.requesterKey && caller.kind === 'person')) return;
  const left = await urgentEndsLeft(tx, engine, by);
  const people = new Set(ends);
  if (people.size > left)
    throw new Forbidden(
      `this would terminate ${people.size} people, and your budget has ${left} left (budget.urgentEnds of the policy): another person than the requester has to approve it, with a session`,
      { batchChangeId: batchId, people: String(people.size), left: String(left) },
    );
  for (const id of people) await tx.urgentEnds.add(by.key, id, tx.context.now);
}

/** Nobody lets themselves keep access that comes back by the undo of corrections: another person approves that part. @throws Forbidden */
export async function mustNotKeepOwn(tx: Transaction, { personId }: Caller, batchId: string, part: BatchPart): Promise<void> {
  const batch = await tx.batchChanges.get(batchId);
  if (personId === null || batch?.origin?.kind !== 'undo' || batch.origin.kept === undefined || batch.standing !== 'held') return;
  if ((await tx.batchItems.pendingOf(batchId, part)).some(({ identityId }) => identityId === personId))
    throw new Forbidden('You cannot keep access for yourself: approve the part about the others (part.identityIds).', { batchChangeId: batchId });
}
