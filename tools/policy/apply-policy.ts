import { withFiles } from './with-files.ts';
import { inUseLines, settingsLines } from './settings-lines.ts';
import { examplesOf, planLines } from './show-plan.ts';
import type { PolicyCommand } from './policy-command.ts';
import { publishPolicy } from '@tenure/engine/policy';

/**
 * Makes the files' policy and tenure.yaml current, when what it changes is still what the plan with this digest said. It is planned in the transaction that
 * publishes it: nothing can come between. @returns 1 when it would do something else
 */
export async function applyPolicy(command: PolicyCommand): Promise<number> {
  const { digest, say } = command;
  if (digest === null) throw new Error('The digest of the plan is missing: npm run config -- plan shows it, with what it stands for.');
  return withFiles(command, async ({ store, engine, context, inForce, environment }) => {
    const { version, added, waitsIn, otherwise, inUse } = await store.transaction(context, (tx) => publishPolicy(tx, engine, digest));
    if (inUse !== undefined) {
      for (const line of inUseLines(inUse)) say(line);
      say(`Nothing was changed: version ${version} stays in force.`);
      return 1;
    }
    if (otherwise !== undefined) {
      say('The files, the version in force or the people have changed since that plan. This is what it would do now:');
      for (const line of planLines(otherwise, await examplesOf(otherwise, store), await settingsLines(engine.configuration, { inForce, store, environment })))
        say(line);
      return 1;
    }
    if (waitsIn !== null) {
      say(
        `It changes more at once than the change budget allows, so it waits for approval: batchChanges(status: WAITS_FOR_APPROVAL) in GraphQL shows it (${waitsIn}). Version ${version} stays in force.`,
      );
      return 0;
    }
    say(
      added
        ? `Version ${version} is in force. All processes take it over within seconds, and the worker brings people to it: npm run config -- plan showed whom.`
        : `Version ${version} is this policy and this tenure.yaml already: nothing has changed.`,
    );
    return 0;
  });
}
