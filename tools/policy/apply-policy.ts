import type { PolicyCommand } from '../policy.ts';
import { planFiles } from './plan-files.ts';
import { planLines } from './show-plan.ts';

/** Makes the files' policy current, when what it changes is still what the plan with this digest said. @returns 1 when it is not */
export async function applyPolicy(command: PolicyCommand): Promise<number> {
  const { digest, say } = command;
  if (digest === null) throw new Error('The digest of the plan is missing: npm run policy -- plan shows it, with what it stands for.');
  return planFiles(command, async ({ plan, store, loop, context }) => {
    if (plan.digest !== digest) {
      say('The policy or the people have changed since that plan. This is what it would do now:');
      for (const line of planLines(plan)) say(line);
      return 1;
    }
    const { version, added, heldIn } = await store.transaction(context, (tx) => loop.publishPolicy(tx));
    if (heldIn !== null) {
      say(`It changes more at once than the change budget allows, so it waits for release in wave ${heldIn}. Version ${version} stays in force.`);
      return 0;
    }
    say(
      added
        ? `Version ${version} is in force. ${plan.changed} people are brought to it by the worker.`
        : `Version ${version} is this policy already: nothing has changed.`,
    );
    return 0;
  });
}
