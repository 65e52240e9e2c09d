import { applyPolicy } from './policy/apply-policy.ts';
import { checkPolicyFiles } from './policy/check-policy-files.ts';
import { showPlan } from './policy/show-plan.ts';
import { testPolicy } from './policy/run-tests.ts';
import { didYouMean } from './tenure/did-you-mean.ts';
import { readOptions, usageLine } from './tenure/read-options.ts';
import { runTool } from './tenure/run-tool.ts';

const commands = { check: checkPolicyFiles, test: testPolicy, plan: showPlan, apply: applyPolicy } as const;

const usage = {
  command: 'npm run config -- check | test | plan | apply --digest <digest of the plan> [--config <folder>]',
  does: 'check: validates tenure.yaml and policy/. test: evaluates the policy for the people of policy/tests/. plan: shows what would change, for how many people, and changes nothing. apply: puts tenure.yaml and policy/ in force as the plan with this digest showed. --config: their folder; default: TENURE_CONFIG, else configuration. Exit code 1: a test fails, or the plan has changed. "npm run policy" is the same command.',
};

await runTool(async () => {
  const { positionals, values } = readOptions(usage, { allowPositionals: true, options: { config: { type: 'string' }, digest: { type: 'string' } } });
  const [name = ''] = positionals;
  if (positionals.length !== 1 || !Object.hasOwn(commands, name)) throw new Error(`${problemOf(positionals)} ${usageLine(usage)}`);
  const directory = values.config ?? (process.env['TENURE_CONFIG'] || 'configuration');
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  return commands[name as keyof typeof commands]({ environment: process.env, directory, digest: values.digest ?? null, say });
});

function problemOf(positionals: readonly string[]): string {
  if (positionals.length === 0) return 'Provide a command.';
  if (positionals.length > 1) return `Provide one command, not ${positionals.join(' ')}; npm passes on options only after "--".`;
  return `There is no command ${positionals[0]}${didYouMean(positionals[0] ?? '', Object.keys(commands))}.`;
}
