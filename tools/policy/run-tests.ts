import { runPolicyTest } from '@tenure/engine/policy';
import { loadPolicyTests } from '@tenure/config';
import { compilePolicy } from '@tenure/domain';
import { loadFiles } from './load-files.ts';
import type { PolicyCommand } from './policy-command.ts';

/** Evaluates the policy for the people of policy/tests/*.yaml. @returns 1 when a person gets other access than expected */
export async function testPolicy({ directory, environment, say }: PolicyCommand): Promise<number> {
  const configuration = await loadFiles(directory, environment);
  const tests = await loadPolicyTests(configuration.directory);
  if (tests.length === 0) throw new Error(`There is no policy/tests/*.yaml in ${directory}: each file lists people with their expected access.`);
  const policy = compilePolicy(configuration.policy, 1);
  let failed = 0;
  for (const test of tests) {
    const problems = runPolicyTest(test, policy, configuration);
    say(`${problems.length === 0 ? '✓' : '✗'} ${test.title}${problems.length === 0 ? '' : `  (${test.file}:${test.line})`}`);
    for (const problem of problems) say(`    ${problem}`);
    failed += Number(problems.length > 0);
  }
  say(failed === 0 ? `All ${tests.length} tests pass.` : `${failed} of ${tests.length} tests fail.`);
  return failed === 0 ? 0 : 1;
}
