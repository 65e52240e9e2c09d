import { addDuration, InputInvalid, type KeptAccess } from '@tenure/domain';
import type { BatchChange, Transaction } from '@tenure/store';
import { isThere } from '../../approvers/related-person.ts';
import type { Caller } from '../../callers/caller.ts';
import type { Engine } from '../../decide/engine.ts';

/** ISO 8601. Time within which a rule should give the access, or somebody should keep it again, unless the requester has named an end. */
const usual = 'P90D';
const longest = 'P1Y';

/**
 * Bounds of memberships that come back by the undo of corrections: the requester answers for them, unless another person is named.
 * @returns `null`: the batch change has corrected nothing
 * @throws InputInvalid
 */
export async function keptAccess(
  tx: Transaction,
  { configuration: { timeZone } }: Engine,
  caller: Caller,
  batches: readonly BatchChange[],
  { until, ownerId }: Partial<KeptAccess>,
): Promise<KeptAccess | null> {
  const { now } = tx.context;
  if (!batches.some(({ origin }) => origin?.kind === 'corrections')) {
    if (until === undefined && ownerId == null) return null;
    throw new InputInvalid('accessUntil and accessOwnerId are for the undo of corrections of a target: nothing else gives back access that no rule gives');
  }
  const owner = ownerId == null ? null : await tx.identities.get(ownerId);
  if (ownerId != null && (owner === null || !isThere(owner, now)))
    throw new InputInvalid('accessOwnerId is the id of an active person', { accessOwnerId: ownerId });
  if (until !== undefined && (until <= now || until > addDuration(now, longest, timeZone)))
    throw new InputInvalid('accessUntil is a time in the future, at most a year ahead: access without an end is given by a rule of the policy', {
      accessUntil: until,
    });
  return { until: until ?? addDuration(now, usual, timeZone), ownerId: ownerId ?? caller.personId };
}
