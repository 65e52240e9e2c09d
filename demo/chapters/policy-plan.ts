import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check } from '../check.ts';
import { untilConfirmed } from '../confirmations.ts';
import { eventually } from '@tenure/testing/eventually.ts';
import { viewIdentity } from '../identity-view.ts';
import { must } from '@tenure/testing/must.ts';
import type { Stage } from '../stage.ts';
import { tellDecision, tellLinks, tellTargets } from '../tell.ts';
import type { Chapter } from './chapter.ts';
import { type Colleague, hire } from './colleague.ts';
import { expectedAccounts } from './expected-accounts.ts';
import { policyCommand } from './policy-command.ts';

/** Rule that the new policy adds. */
const supportRule = `
  - name: support-department
    description: Support sees customers and what they owe
    when: identity.department == "Support"
    entitlements: [crm.sales, ledger.reader]`;
const before = '\ngroups:';

/** Chapter about a change of the policy. */
export const policyPlan: Chapter = {
  name: 'policy-plan',
  title: 'Policy before it bites: check finds what is wrong, plan says who would gain what, apply takes just what was shown',
  async play(stage) {
    const folder = join(stage.home, 'policy-of-tomorrow');
    const [noa, pim] = [await support(stage, 'Noa', 'Weiss', 'E-3012'), await support(stage, 'Pim', 'Visser', 'E-3013')];
    await checked(stage, folder);
    const digest = await planned(stage, folder);
    const { ole, shown } = await changedSince(stage, folder, digest);
    await applied(stage, folder, shown, noa);
    return [noa, pim, ole].flatMap((person): readonly Check[] => expectedAccounts(stage, person, { crm: ['Sales'], directory: ['staff'], ledger: ['reader'] }));
  },
};

function support(stage: Stage, givenName: string, familyName: string, employeeNumber: string): Promise<Colleague> {
  return hire(stage, { givenName, familyName, employeeNumber, department: 'Support', jobRole: 'Agent' });
}

async function checked(stage: Stage, folder: string): Promise<void> {
  const { narrator, tenure } = stage;
  const file = join(folder, 'policy', 'access.yaml');
  narrator.step('1', 'A rule is written, and checked');
  narrator.say(
    'World',
    'Noa Weiss and Pim Visser work in Support, and have almost no access: no rule is about Support. In a copy of the configuration somebody writes one, and mistypes an attribute.',
  );
  await cp(tenure.environment['TENURE_CONFIG'] ?? '', folder, { recursive: true });
  const today = await readFile(file, 'utf8');
  const tomorrow = today.replace(before, `${supportRule}\n${before}`);
  must(tomorrow !== today, 'the policy has changed, and this chapter does not know where to add a rule');
  await writeFile(file, tomorrow.replace('when: identity.department == "Support"', 'when: identity.departmnt == "Support"'));
  const wrong = await policyCommand(stage, folder, 'check');
  must(wrong.code === 2 && wrong.lines.join('\n').includes('did you mean department?'), 'check did not find the attribute that does not exist');
  await writeFile(file, tomorrow);
  must((await policyCommand(stage, folder, 'check')).code === 0, 'check finds something wrong with the right policy');
}

async function planned(stage: Stage, folder: string): Promise<string> {
  const { narrator } = stage;
  narrator.step('2', 'The plan');
  narrator.say('World', 'Who would gain and lose what, over everybody who is known? Nothing is written.');
  const { code, lines } = await policyCommand(stage, folder, 'plan');
  const digest = digestOf(lines);
  must(code === 0 && digest !== null, 'plan gave no digest');
  return digest;
}

/** @returns with the digest of the present plan */
async function changedSince(stage: Stage, folder: string, digest: string): Promise<{ readonly ole: Colleague; readonly shown: string }> {
  const { narrator, reader } = stage;
  narrator.step('3', 'Meanwhile the people change');
  narrator.say('World', 'While somebody looks through the plan, human resources hire Ole Dahl for Support. Then the plan of before is applied.');
  const ole = await support(stage, 'Ole', 'Dahl', 'E-3014');
  const { code, lines } = await policyCommand(stage, folder, 'apply', '--digest', digest);
  const shown = digestOf(lines);
  must(code === 1 && shown !== null, 'apply took a plan that is no longer valid');
  const { grants } = await viewIdentity(reader, ole.identityId);
  must(
    grants.every(({ name }) => name !== 'ledger.reader'),
    'something was applied all the same',
  );
  narrator.say('Tenure', 'Nothing was applied: nobody had seen what it would do to Ole. A plan is taken as it was shown, or not at all.');
  return { ole, shown };
}

async function applied(stage: Stage, folder: string, digest: string, noa: Colleague): Promise<void> {
  const { narrator, reader } = stage;
  narrator.step('4', 'It is applied');
  narrator.say('World', 'Somebody has looked through that too, and applies it.');
  const since = Date.now();
  const { code } = await policyCommand(stage, folder, 'apply', '--digest', digest);
  must(code === 0, 'apply refused the plan that was shown last');
  const decided = async (): Promise<true | null> =>
    (await viewIdentity(reader, noa.identityId)).grants.some(({ name }) => name === 'ledger.reader') ? true : null;
  await eventually('the new rule to reach Noa', decided, 30_000);
  const { view, confirmations } = await untilConfirmed(stage, { identityId: noa.identityId, since, within: 30_000 });
  tellDecision(stage, view, since, null);
  await tellTargets(stage, noa.userName, confirmations);
  await tellLinks(stage, view);
}

function digestOf(lines: readonly string[]): string | null {
  return /--digest (\w+)/.exec(lines.join('\n'))?.[1] ?? null;
}
