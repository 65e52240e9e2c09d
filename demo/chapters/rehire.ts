import type { Check } from '../check.ts';
import { untilConfirmed } from '../confirmations.ts';
import { must } from '@tenure/testing/must.ts';
import type { Stage } from '../stage.ts';
import { duration, tellDecision, tellLinks, tellTargets } from '../tell.ts';
import { accountIds } from './account-ids.ts';
import type { Chapter } from './chapter.ts';
import { type Colleague, type ColleagueFacts, hire } from './colleague.ts';
import { expectedAccounts } from './expected-accounts.ts';
import { longest } from './longest.ts';

/** Chapter about a rehire. */
export const rehire: Chapter = {
  name: 'rehire',
  title: 'People who come back: within the grace to their old accounts, after it to new ones, and always as the person they were',
  async play(stage) {
    const lea = await comesBackInTime(stage);
    const jonas = await comesBackLate(stage);
    return checks(stage, lea, jonas);
  },
};

async function comesBackInTime(stage: Stage): Promise<Colleague> {
  const { narrator, reader } = stage;
  narrator.step('1', 'She leaves, and is kept for thirty days');
  const lea = await hired(stage, { givenName: 'Lea', familyName: 'Brandt', employeeNumber: 'E-3004', department: 'Sales', jobRole: 'Account Manager' });
  const before = await accountIds(reader, lea.identityId);
  narrator.say('World', 'Lea Brandt has worked in Sales. Human resources end her employment. Policy gives employees a grace of thirty days.');
  await ended(stage, lea, 'LEAVING');

  narrator.step('2', 'She is back within them, in another department');
  narrator.say('World', 'Human resources record her as active again, now in Finance.');
  const since = Date.now();
  await lea.record({ facts: { department: 'Finance', jobRole: 'Controller' } });
  const { view, confirmations } = await untilConfirmed(stage, { identityId: lea.identityId, since, within: 30_000, state: 'ACTIVE' });
  tellDecision(stage, view, since, null);
  await tellTargets(stage, lea.userName, confirmations);
  const after = await accountIds(reader, lea.identityId);
  must(JSON.stringify(after) === JSON.stringify(before), 'Lea came back within the grace, but not to her old accounts');
  narrator.say('Tenure', 'These are the accounts that she had before, with what today justifies: nothing of Sales came back.');
  narrator.say('Took', `${duration(longest(confirmations))} until the last target had confirmed.`);
  return lea;
}

async function comesBackLate(stage: Stage): Promise<Colleague> {
  const { narrator, reader } = stage;
  narrator.step('3', 'A seasonal worker leaves, and his grace runs out');
  const facts = { givenName: 'Jonas', familyName: 'Falk', employeeNumber: 'E-3005', department: 'Sales', jobRole: 'Promoter', employmentType: 'seasonal' };
  const jonas = await hired(stage, facts);
  const before = await accountIds(reader, jonas.identityId);
  narrator.say(
    'World',
    'Jonas Falk has worked for the season. Human resources end his employment. His grace is three seconds here, then his accounts are deleted.',
  );
  await ended(stage, jonas, 'LEFT');

  narrator.step('4', 'He is back next season');
  narrator.say('World', 'Human resources record worker E-3005 as active again.');
  const since = Date.now();
  const { identityId } = await jonas.record({});
  must(identityId === jonas.identityId, 'Jonas came back as somebody else');
  const { view, confirmations } = await untilConfirmed(stage, { identityId, since, within: 30_000, state: 'ACTIVE' });
  tellDecision(stage, view, since, null);
  await tellTargets(stage, jonas.userName, confirmations);
  const after = await accountIds(reader, identityId);
  const isNew = Object.keys(after).every((target) => after[target] !== before[target]);
  must(isNew, 'Jonas came back after his accounts were deleted, but not to new ones');
  narrator.say('Tenure', 'New accounts, with ids of their own in every target. But the same identity: his name, his history and his audit go on.');
  await tellLinks(stage, view);
  return jonas;
}

async function hired(stage: Stage, facts: ColleagueFacts): Promise<Colleague> {
  const since = Date.now();
  const person = await hire(stage, facts);
  await untilConfirmed(stage, { identityId: person.identityId, since, within: 30_000, state: 'ACTIVE' });
  return person;
}

async function ended(stage: Stage, person: Colleague, state: 'LEAVING' | 'LEFT'): Promise<void> {
  const since = Date.now();
  await person.record({ status: 'ENDED' });
  const { view, confirmations } = await untilConfirmed(stage, { identityId: person.identityId, since, within: 30_000, state });
  tellDecision(stage, view, since, null);
  await tellTargets(stage, person.userName, confirmations);
}

function checks(stage: Stage, lea: Colleague, jonas: Colleague): readonly Check[] {
  return [
    ...expectedAccounts(stage, lea, { crm: ['Finance'], directory: ['finance', 'staff'], ledger: ['clerk', 'reader'] }),
    ...expectedAccounts(stage, jonas, { crm: ['Sales'], directory: ['sales', 'staff'], ledger: ['reader'] }),
  ];
}
