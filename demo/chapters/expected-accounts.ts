import { type Check, targetCheck } from '../check.ts';
import type { Stage } from '../stage.ts';
import type { Colleague } from './colleague.ts';

/** Expected groups of a person, by target. */
export type ExpectedGroups = Readonly<Record<string, readonly string[]>>;

/** A check in each target that runs: an account there with these groups and no others. A target that is not named: no check. */
export function expectedAccounts(
  { processes }: Stage,
  { userName }: Colleague,
  groups: ExpectedGroups,
  state: 'enabled' | 'disabled' = 'enabled',
): readonly Check[] {
  return processes.targets.flatMap((target) => {
    const wanted = groups[target.name];
    return wanted === undefined ? [] : [targetCheck(target, userName, { exists: true, enabled: state === 'enabled', groups: wanted })];
  });
}
