import { withFiles } from './with-files.ts';
import { inUseLines, settingsLines } from './settings-lines.ts';
import { examplesOf, planLines } from './show-plan.ts';
import type { PolicyCommand } from './policy-command.ts';
import { publishPolicy } from '@tenure/engine/policy';

/**
 * Makes the files' policy and tenure.yaml current, when their changes are still those of the plan with this digest. It is planned in the transaction
 * that publishes it: nothing can come between. @returns 1 when the changes differ
 */
export async function applyPolicy(command: PolicyCommand): Promise<number> {
  const { digest, say } = command;
  if (digest === null) throw new Error('Provide --digest, the digest of the plan: npm run config -- plan shows the plan with its digest.');
  return withFiles(command, async ({ store, engine, context, inForce, environment }) => {
    const { version, added, waitsIn, otherwise, inUse } = await store.transaction(context, (tx) => publishPolicy(tx, engine, digest));
    if (inUse !== undefined) {
      for (const line of inUseLines(inUse)) say(line);
      say(`Nothing has changed: version ${version} stays in force.`);
      return 1;
    }
    if (otherwise !== undefined) {
      say('The files, the version in force or the people have changed since that plan. The plan is now:');
      for (const line of planLines(otherwise, await examplesOf(otherwise, store), await settingsLines(engine.configuration, { inForce, store, environment })))
        say(line);
      return 1;
    }
    if (waitsIn !== null) {
      say(
        `It changes more than the change budget allows and waits for approval: the GraphQL query batchChanges(status: WAITS_FOR_APPROVAL) lists it (${waitsIn}). Version ${version} stays in force.`,
      );
      return 0;
    }
    say(
      added
        ? `Version ${version} is in force. All processes take it over within seconds, and workers provision what the plan showed.`
        : `Version ${version} in force is the same as these files: nothing has changed.`,
    );
    return 0;
  });
}
