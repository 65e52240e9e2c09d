import { type ModeReason, NotFound } from '@tenure/domain';
import type { StoredTargetMode, Transaction } from '@tenure/store';
import { wakeToDecide } from '../batches/wake-to-decide.ts';
import { setMode } from './set-mode.ts';

/**
 * Switches a target back: from now on nothing is written there. What is planned or under way there is taken back, except for a single change that a worker
 * has sent already.
 * @throws NotFound when it was not contacted yet
 */
export async function observeTarget(
  tx: Transaction,
  { target, reason, why = 'switched-back' }: { readonly target: string; readonly reason: string | null; readonly why?: ModeReason },
): Promise<StoredTargetMode> {
  const known = await tx.targetModes.lock(target);
  if (known === null) throw new NotFound(`target ${target} was not contacted yet, so nothing is written there`, { target });
  if (known.mode === 'observe') return known;
  const observed = await setMode(tx, known, { mode: 'observe', why, reason });
  await wakeToDecide(tx, await tx.targetModes.unsettledPeople(target), 'restart');
  return observed;
}
