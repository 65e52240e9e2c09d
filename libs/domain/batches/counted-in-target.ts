import type { Change } from '../accounts/account.ts';
import type { BatchChangeKind } from './change-budget.ts';
import type { CountedChange } from './counted-changes.ts';

/** Counts planned changes of one account as the change budget counts the changes of a batch: each kind once, and what an account gains by its creation not again. */
export function countedInTarget(target: string, changes: readonly Change[]): readonly CountedChange[] {
  const kinds = new Set(changes.map(({ kind }) => kind));
  const counted: BatchChangeKind[] = [];
  if (kinds.has('create')) counted.push('create');
  if (kinds.has('delete')) counted.push('delete');
  else if (kinds.has('disable')) counted.push('disable');
  else if (kinds.has('removeMember')) counted.push('lose');
  if (kinds.has('enable')) counted.push('enable');
  else if (kinds.has('addMember') && !kinds.has('create')) counted.push('gain');
  return counted.map((kind) => ({ target, kind }));
}
