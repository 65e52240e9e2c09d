import type { TargetConnector } from '@tenure/connectors';
import { type Instant, NotConfirmed } from '@tenure/domain';
import type { ClaimedAlone, StoredAccount, StoredOperation, Transaction } from '@tenure/store';
import { closedEverywhereSince, isEnding, isOpen } from './end-confirmed.ts';
import type { Loop } from './loop.ts';
import type { Meter } from './meter.ts';
import { attempted } from './operation-story.ts';
import { countWorked, saveWorked } from './wave/save-worked.ts';
import { type Worked, workOnAccount } from './wave/work-on-account.ts';
import type { Turn } from './with-lease.ts';

/** An account as it was when its turn was taken, and what may be taken away in its target. */
export interface AccountInTurn extends ClaimedAlone {
  readonly managed: ReadonlySet<string>;
}

export interface AtOnceDependencies {
  readonly loop: Loop;
  readonly meter: Meter;
  readonly connector: TargetConnector;
  /** Throws when the activity was cancelled or its turn was lost. */
  readonly alive: () => void;
  readonly turn: Turn;
}

/** Nobody holds anything back, nothing has failed or was given up before, and what is wanted is new. */
export function isUsual({ account, operations, isHeld }: ClaimedAlone): boolean {
  return !isHeld && account.confirmedAt === null && operations.every(({ status, lastError }) => status === 'pending' && lastError === null);
}

/**
 * The usual case, as in a wave: looks, does what differs and reads back without the database in between, then saves all of it together.
 * @returns how many operations it did, once the account is as wanted; `null` when that needs more care than this
 * @throws DomainError what the target has answered, where trying again later may help
 */
export async function applyAtOnce({ loop, meter, connector, alive, turn }: AtOnceDependencies, claimed: AccountInTurn): Promise<number | null> {
  const { account, managed } = claimed;
  const worked = await workOnAccount(loop, connector, managed, claimed, () => goesOn(alive));
  // What is refused for good is looked at once more, with care, before anybody is asked about it.
  const told = worked.failure?.error.retryable === false ? { ...worked, failure: null } : worked;
  let isShown = true;
  const settled = await turn.finish(async (tx) => {
    if ((await saveWorked(tx, account.target, [told])) === 1) return { closedSince: await lastClosedSince(tx, claimed, worked) };
    isShown = worked.failure !== null || worked.observed === undefined || (await isOutdated(tx, account));
    if (told.failure?.operation === null) for (const operation of await pendingOf(tx, account)) await attempted(tx, operation, told.failure.error);
    return null;
  });
  countWorked(meter, account.target, [told]);
  if (settled !== null) {
    if (settled.closedSince !== null) meter.endConfirmed(settled.closedSince);
    return worked.made.filter(({ already }) => !already).length;
  }
  alive();
  if (told.failure !== null) throw told.failure.error;
  if (!isShown) throw new NotConfirmed('reading back does not show the change yet', { target: account.target });
  return null;
}

function goesOn(alive: () => void): boolean {
  try {
    alive();
    return true;
  } catch {
    return false; // said once more when what was done until now is saved
  }
}

/** Something newer is wanted by now. */
async function isOutdated(tx: Transaction, { identityId, target, desiredSince }: StoredAccount): Promise<boolean> {
  return (await tx.access.account(identityId, target))?.desiredSince !== desiredSince;
}

async function pendingOf(tx: Transaction, { id }: StoredAccount): Promise<readonly StoredOperation[]> {
  return (await tx.access.openOperations(id)).filter(({ status }) => status === 'pending');
}

/** @returns when the end was decided, if this was the last account to be closed */
async function lastClosedSince(tx: Transaction, { account, state }: AccountInTurn, { observed = null }: Worked): Promise<Instant | null> {
  return isEnding(state) && isOpen(account.observed) && !isOpen(observed) ? closedEverywhereSince(tx, account.identityId) : null;
}
