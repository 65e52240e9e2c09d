import type { Check } from '../check.ts';
import { untilConfirmed } from '../confirmations.ts';
import { type GrantView, viewIdentity } from '../identity-view.ts';
import { must } from '@tenure/testing/must.ts';
import type { Stage } from '../stage.ts';
import { duration, nameOf, tellDecision, tellLinks, tellTargets, when } from '../tell.ts';
import { askFor } from './access-requests.ts';
import type { Chapter } from './chapter.ts';
import { type Colleague, hire } from './colleague.ts';
import { expectedAccounts } from './expected-accounts.ts';
import { longest } from './longest.ts';
import { noCaseCheck, untilCase } from './open-cases.ts';
import { untilGrantEnded } from './until-grant-ended.ts';

interface AccessSimulation {
  readonly gained: readonly NamedGrant[];
  readonly lost: readonly NamedGrant[];
}
type NamedGrant = Pick<GrantView, 'kind' | 'name'>;

/** Chapter about a change of department. */
export const mover: Chapter = {
  name: 'mover',
  title: 'An accountant moves to Sales: what the new position does not justify goes, at once, after a grace, or by its owner',
  async play(stage, { marta }) {
    const tom = await tomInFinance(stage, marta);
    const itemId = await asksForReports(stage, tom);
    await moves(stage, tom);
    await ownerDrops(stage, tom, marta, itemId);
    await graceEnds(stage, tom);
    return checks(stage, tom);
  },
};

async function tomInFinance(stage: Stage, marta: Colleague): Promise<Colleague> {
  const { narrator } = stage;
  narrator.step('1', 'An accountant in Finance');
  narrator.say('World', 'Human resources hire Tom Berger as an accountant in Finance. His manager is Marta Keller, the head of Finance.');
  const since = Date.now();
  const tom = await hire(stage, {
    givenName: 'Tom',
    familyName: 'Berger',
    employeeNumber: 'E-3001',
    department: 'Finance',
    jobRole: 'Accountant',
    manager: marta.employeeNumber,
  });
  const { view, confirmations } = await untilConfirmed(stage, { identityId: tom.identityId, since, within: 30_000, state: 'ACTIVE' });
  tellDecision(stage, view, since, null);
  await tellTargets(stage, tom.userName, confirmations);
  return tom;
}

async function asksForReports(stage: Stage, tom: Colleague): Promise<string> {
  const { narrator } = stage;
  const since = Date.now();
  const { items } = await askFor(await tom.logIn(), { kind: 'ENTITLEMENT', name: 'ledger.auditor', duration: 'P30D' }, 'The auditors come this month');
  const [item] = items;
  must(item?.status === 'APPROVED', `Tom's request was not granted at once: ${item?.status} ${item?.reason ?? ''}`);
  narrator.say('World', 'Tom logs in and asks for the audit reports for thirty days. Policy wants nobody to approve that for people in Finance.');
  const { confirmations } = await untilConfirmed(stage, { identityId: tom.identityId, since, within: 30_000 });
  await tellTargets(stage, tom.userName, confirmations);
  return item.id;
}

async function moves(stage: Stage, tom: Colleague): Promise<void> {
  const { narrator, reader } = stage;
  narrator.step('2', 'He moves to Sales');
  const query = 'query ($id: ID!, $facts: JSON!) { simulateAccess(identityId: $id, facts: $facts) { gained { kind name } lost { kind name } } }';
  const facts = { department: 'Sales', jobRole: 'Account Manager' };
  const { simulateAccess } = await reader.ask<{ simulateAccess: AccessSimulation }>(query, { id: tom.identityId, facts });
  const names = (list: readonly NamedGrant[]): string => list.map(nameOf).join(', ');
  narrator.say('World', 'Before anybody does anything: simulateAccess says what would follow, and writes nothing.');
  narrator.say('Tenure', `He would gain ${names(simulateAccess.gained)}, and lose ${names(simulateAccess.lost)} at once.`);
  const before = await viewIdentity(reader, tom.identityId);
  const since = Date.now();
  narrator.say('World', 'Now human resources record the move. Nobody wrote a procedure for it: the facts changed, and the same question is asked again.');
  const { took } = await tom.record({ facts });
  const { view, confirmations } = await untilConfirmed(stage, { identityId: tom.identityId, since, within: 30_000 });
  tellDecision(stage, view, since, before);
  const closing = view.grants.find(({ name }) => name === 'ledger.closer');
  must(closing?.validUntil != null, 'ledger.closer does not stay for the grace of its rule');
  narrator.say('', `~ ledger.closer (${closing.title}) stays until ${when(closing.validUntil)}: the grace of its rule, a planned removal`);
  await tellTargets(stage, tom.userName, confirmations);
  narrator.say('Took', `${duration(took)} for recordFacts, ${duration(longest(confirmations))} until the last target had confirmed.`);
}

async function ownerDrops(stage: Stage, tom: Colleague, marta: Colleague, itemId: string): Promise<void> {
  const { narrator } = stage;
  narrator.step('3', 'What he had asked for is a question to its owner');
  await untilCase(stage, tom, 'REQUESTED_ACCESS_QUESTIONABLE');
  narrator.say(
    'Tenure',
    'The audit reports were granted for thirty days, and stay. But in Sales he could not ask for them, so a case asks who answers for them: keep or drop?',
  );
  const mutation = 'mutation ($itemId: ID!) { decideRequestedAccess(itemId: $itemId, decision: REMOVE, reason: "The audit goes on without him") { id } }';
  const since = Date.now();
  await (await marta.logIn()).ask(mutation, { itemId });
  narrator.say('World', 'Marta Keller leads Finance, and so answers for them. She logs in and drops it; the case is closed.');
  const { confirmations } = await untilConfirmed(stage, { identityId: tom.identityId, since, within: 30_000 });
  await tellTargets(stage, tom.userName, confirmations);
}

async function graceEnds(stage: Stage, tom: Colleague): Promise<void> {
  const { narrator } = stage;
  narrator.step('4', 'The grace is over');
  narrator.say('World', 'He has had time to finish the month. Nobody does anything now.');
  const ended = await untilGrantEnded(stage, tom, 'ledger.closer', 30_000);
  const since = Date.parse(ended.endedAt ?? '');
  narrator.say('Tenure', `- ${ended.name} (${ended.title}): ${ended.endReason ?? ''}, since ${when(ended.endedAt ?? '')}`);
  const { view, confirmations } = await untilConfirmed(stage, { identityId: tom.identityId, since, within: 30_000 });
  await tellTargets(stage, tom.userName, confirmations);
  await tellLinks(stage, view);
}

function checks(stage: Stage, tom: Colleague): readonly Check[] {
  return [...expectedAccounts(stage, tom, { crm: ['Sales'], directory: ['sales', 'staff'], ledger: ['reader'] }), noCaseCheck(stage, tom)];
}
