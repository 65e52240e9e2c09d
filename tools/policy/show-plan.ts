import type { PlannedDifference, PlannedLife, PolicyPlan } from '@tenure/engine/policy';
import { displayName } from '@tenure/domain';
import type { Store } from '@tenure/store';
import { settingsLines } from './settings-lines.ts';
import { withFiles } from './with-files.ts';
import type { PolicyCommand } from './policy-command.ts';
import { planVersion } from '@tenure/engine/policy';

/** Prints the people who would gain and lose access. Nothing is written. */
export function showPlan(command: PolicyCommand): Promise<number> {
  return withFiles(command, async ({ configuration, store, engine, context, inForce, environment }) => {
    const plan = await planVersion(store, engine, configuration.policy, context.now);
    for (const line of planLines(plan, await examplesOf(plan, store), await settingsLines(configuration, { inForce, store, environment }))) command.say(line);
    return 0;
  });
}

/** Names of the people whom a plan has as examples, by id. */
export async function examplesOf({ gains, losses, lives, withheld }: PolicyPlan, store: Store): Promise<ReadonlyMap<string, string>> {
  const ids = [...gains, ...losses, ...lives, ...withheld].flatMap(({ examples }) => examples);
  const people = await store.read((tx) => tx.identities.many([...new Set(ids)]));
  return new Map(people.map((person) => [person.id, displayName(person)]));
}

/**
 * A plan as people read it: the largest change first.
 * @param names of people by id
 * @param settings changes of tenure.yaml
 */
export function planLines(
  { version, people, changed, gains, losses, lives, withheld, digest }: PolicyPlan,
  names: ReadonlyMap<string, string>,
  settings: readonly string[],
): string[] {
  const named = (examples: readonly string[]): string => examples.map((id) => names.get(id) ?? id).join(', ');
  const differences = (sign: string, list: readonly PlannedDifference[]): string[] =>
    list.map(
      ({ people: count, kind, name, origin, examples }) => `  ${sign} ${String(count).padStart(7)}  ${kind} ${name}, by ${origin}  (${named(examples)})`,
    );
  return [
    ...settings,
    `Compared with version ${version}, this ${settings.length > 0 ? 'configuration' : 'policy'} would change the access of ${changed} of ${people} people.`,
    ...(gains.length > 0 ? ['They would gain:', ...differences('+', gains)] : []),
    ...(losses.length > 0 ? ['They would lose:', ...differences('-', losses)] : []),
    ...(lives.length > 0 ? ['Their lifecycle state would change:', ...lives.map((life) => lifeLine(life, named(life.examples)))] : []),
    ...(withheld.length > 0 ? ['Separation of duties would withhold grants:'] : []),
    ...withheld.map(({ rule, people: count, examples }) => `  ! ${String(count).padStart(7)}  by ${rule}  (${named(examples)})`),
    `To put it in force: npm run config -- apply --digest ${digest}`,
  ];
}

function lifeLine({ people, from, to, accountsFrom, accountsTo, rule }: PlannedLife, examples: string): string {
  const state = from === to ? from : `${from} to ${to}`;
  return `  ~ ${String(people).padStart(7)}  ${state}, accounts ${accountsFrom} to ${accountsTo}, by ${rule ?? 'no lifecycle rule'}  (${examples})`;
}
