import type { MovedRows, RepairLoss } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { isEnding } from '../decide/end-confirmed.ts';
import type { StoredIdentity } from '@tenure/store';

/** Circumstances of a repair that is carried out, or tried. */
export interface RepairTerms {
  /** Id of its row. */
  readonly repairId: string;
  /** May name people: it is kept with the key of each person. */
  readonly reason: string;
}

/** Result of a repair. */
export interface RepairWork {
  /** Person whose name, record or identity it was about. */
  readonly identityId: string;
  /** Person to whom it went; `null`: nobody. */
  readonly otherId: string | null;
  /** True if that person was created by it. */
  readonly isOtherNew: boolean;
  readonly moved: MovedRows;
  readonly loginsEnded: number;
  /** Ids of request items that ended. */
  readonly itemsEnded: readonly string[];
  readonly forGood: readonly RepairLoss[];
}

/** Work of a repair that moved nothing but what it names. */
export function plainWork(identityId: string, otherId: string | null, moved: MovedRows, more: Partial<RepairWork> = {}): RepairWork {
  return { identityId, otherId, isOtherNew: false, moved, loginsEnded: 0, itemsEnded: [], forGood: [], ...more };
}

/** True if the person has left, or is about to with a grace period. */
export function isOver({ state }: Pick<StoredIdentity, 'state'>): boolean {
  return isEnding(state) || state === 'erased';
}

/** Key under which the content of an operator's record before the repair is kept. */
export const operatorBefore = 'operator.before';

/** True if an operator has ended this person, or set an end. */
export async function isEndedByHand(tx: Transaction, identityId: string): Promise<boolean> {
  return (await tx.identities.recordsOf(identityId)).some(({ source, status }) => source === 'operator' && status === 'ended');
}
