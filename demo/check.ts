import { eventually } from '@tenure/testing/eventually.ts';
import type { DemoTarget } from './processes.ts';
import type { Stage } from './stage.ts';
import { inWords } from './tell.ts';
import type { TargetState } from '@tenure/testing/targets/index.ts';

/** Condition that has to be met at the end. */
export interface Check {
  readonly text: string;
  /** @returns the difference, or `null` */
  find(): Promise<string | null>;
}

/** State without any account. */
export const gone: TargetState = { exists: false, enabled: false, groups: [] };

/** Shows each check with its result. @returns number of those that differ */
export async function showChecks({ narrator }: Stage, checks: readonly Check[]): Promise<number> {
  let differences = 0;
  for (const { text, find } of checks) {
    const difference = await findEventually(find);
    if (difference !== null) differences += 1;
    narrator.check(text, difference);
  }
  return differences;
}

/** Check of a person's expected state in one target, looked up there. */
export function targetCheck({ title, look }: DemoTarget, userName: string, wanted: TargetState): Check {
  return {
    text: `${title}: ${userName} has ${wanted.exists ? `an account, ${inWords(wanted)}` : 'no account any more'}`,
    find: async () => differenceOf(await look(userName), wanted),
  };
}

/** Repeats a check for a moment, by which targets may lag behind a decision. */
async function findEventually(find: Check['find']): Promise<string | null> {
  let difference: string | null = null;
  const settled = await eventually('', async () => ((difference = await find()) === null ? true : null), 10_000).catch(() => false);
  return settled ? null : difference;
}

function differenceOf(found: TargetState, wanted: TargetState): string | null {
  const isSame = found.exists === wanted.exists && found.enabled === wanted.enabled && found.groups.join() === wanted.groups.join();
  return isSame ? null : `found ${inWords(found)}`;
}
