import { parseArgs } from 'node:util';
import { applyPolicy } from './policy/apply-policy.ts';
import { checkPolicyFiles } from './policy/check-policy-files.ts';
import { showPlan } from './policy/show-plan.ts';
import { testPolicy } from './policy/run-tests.ts';
import { didYouMean } from './tenure/did-you-mean.ts';
import { runTool } from './tenure/run-tool.ts';

const commands = { check: checkPolicyFiles, test: testPolicy, plan: showPlan, apply: applyPolicy } as const;

const usage = 'Write: npm run config -- check | test | plan | apply --digest <digest of the plan> [--config <folder>]';

// npm run config (or policy) -- check: are policy/ and tenure.yaml valid? test: do people get what policy/tests/ expects? plan: who would gain and lose what? apply: make it current.
await runTool(async () => {
  const { positionals, values } = parse();
  const [name = ''] = positionals;
  if (positionals.length !== 1 || !Object.hasOwn(commands, name))
    throw new Error(`There is no such command${didYouMean(name, Object.keys(commands))}. ${usage}`);
  const directory = values.config ?? (process.env['TENURE_CONFIG'] || 'configuration');
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  return commands[name as keyof typeof commands]({ environment: process.env, directory, digest: values.digest ?? null, say });
});

function parse(): { readonly positionals: readonly string[]; readonly values: { readonly config?: string; readonly digest?: string } } {
  try {
    return parseArgs({ allowPositionals: true, options: { config: { type: 'string' }, digest: { type: 'string' } } });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}. ${usage}`, { cause: error });
  }
}
