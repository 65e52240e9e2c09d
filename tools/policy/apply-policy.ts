import { withFiles } from './with-files.ts';
import { examplesOf, planLines } from './show-plan.ts';
import type { PolicyCommand } from './policy-command.ts';

/**
 * Makes the files' policy current, when what it changes is still what the plan with this digest said. It is planned in the transaction that
 * publishes it: nothing can come between. @returns 1 when it would do something else
 */
export async function applyPolicy(command: PolicyCommand): Promise<number> {
  const { digest, say } = command;
  if (digest === null) throw new Error('The digest of the plan is missing: npm run policy -- plan shows it, with what it stands for.');
  return withFiles(command, async ({ store, loop, context }) => {
    const { version, added, heldIn, otherwise } = await store.transaction(context, (tx) => loop.publishPolicy(tx, digest));
    if (otherwise !== undefined) {
      say('The policy or the people have changed since that plan. This is what it would do now:');
      for (const line of planLines(otherwise, await examplesOf(otherwise, store))) say(line);
      return 1;
    }
    if (heldIn !== null) {
      say(
        `It changes more at once than the change budget allows, so it waits for approval: waves(standing: HELD) in GraphQL shows it (${heldIn}). Version ${version} stays in force.`,
      );
      return 0;
    }
    say(
      added
        ? `Version ${version} is in force. The worker brings people to it: npm run policy -- plan showed whom.`
        : `Version ${version} is this policy already: nothing has changed.`,
    );
    return 0;
  });
}
