import type { PlannedDifference, PlannedLife, PolicyPlan } from '@tenure/activities';
import type { PolicyCommand } from '../policy.ts';
import { withFiles } from './with-files.ts';

/** Says who would gain and lose what. Nothing is written. */
export function showPlan(command: PolicyCommand): Promise<number> {
  return withFiles(command, async ({ configuration, store, loop, context }) => {
    for (const line of planLines(await loop.planPolicy(store, configuration.policy, context.now))) command.say(line);
    return 0;
  });
}

/** A plan as people read it: the largest change first. */
export function planLines({ version, people, changed, gains, losses, lives, heldBack, digest }: PolicyPlan): string[] {
  const differences = (sign: string, list: readonly PlannedDifference[]): string[] =>
    list.map(
      ({ people: count, kind, name, origin, examples }) => `  ${sign} ${String(count).padStart(7)}  ${kind} ${name}, by ${origin}  (${examples.join(', ')})`,
    );
  return [
    `Beside version ${version}, this policy would change the access of ${changed} of ${people} people.`,
    ...(gains.length > 0 ? ['They would gain:', ...differences('+', gains)] : []),
    ...(losses.length > 0 ? ['They would lose:', ...differences('-', losses)] : []),
    ...(lives.length > 0 ? ['Their lives would stand elsewhere:', ...lives.map(lifeLine)] : []),
    ...(heldBack.length > 0 ? ['Separation of duties would hold something back:'] : []),
    ...heldBack.map(({ rule, people: count, examples }) => `  ! ${String(count).padStart(7)}  by ${rule}  (${examples.join(', ')})`),
    `To make it current: npm run policy -- apply --digest ${digest}`,
  ];
}

function lifeLine({ people, from, to, accountsFrom, accountsTo, rule, examples }: PlannedLife): string {
  const state = from === to ? from : `${from} to ${to}`;
  return `  ~ ${String(people).padStart(7)}  ${state}, accounts ${accountsFrom} to ${accountsTo}, by ${rule ?? 'no lifecycle rule'}  (${examples.join(', ')})`;
}
