import type { Check } from '../check.ts';
import { untilConfirmed } from '../confirmations.ts';
import { viewIdentity } from '../identity-view.ts';
import { must } from '@tenure/testing/must.ts';
import type { Stage } from '../stage.ts';
import { isOwnPage } from '../story/log-in.ts';
import { duration, tellDecision, tellLinks, tellTargets, when } from '../tell.ts';
import type { Chapter } from './chapter.ts';
import { type Colleague, hire } from './colleague.ts';
import { expectedAccounts } from './expected-accounts.ts';
import { longest } from './longest.ts';

const groups = { crm: ['Finance'], directory: ['finance', 'staff'], ledger: ['clerk', 'reader'] };
/** Milliseconds until the leave is over; longer where this machine needs longer. */
const shortLeave = 3_000;

/** Chapter about a leave. */
export const leave: Chapter = {
  name: 'leave',
  title: 'A leave of absence: accounts are disabled and nothing is taken away; on return the same is there again',
  async play(stage) {
    const { sara, took } = await goesOnLeave(stage);
    await comesBack(stage, sara, took);
    return checks(stage, sara);
  },
};

async function goesOnLeave(stage: Stage): Promise<{ readonly sara: Colleague; readonly took: number }> {
  const { narrator, tenure } = stage;
  narrator.step('1', 'Her leave begins');
  const hiredAt = Date.now();
  const facts = { givenName: 'Sara', familyName: 'Vogt', employeeNumber: 'E-3006', department: 'Finance', jobRole: 'Controller' };
  const sara = await hire(stage, facts);
  await untilConfirmed(stage, { identityId: sara.identityId, since: hiredAt, within: 30_000, state: 'ACTIVE' });
  const { browser } = await sara.tryToLogIn();
  narrator.say(
    'World',
    'Sara Vogt works in Finance, and is logged in. Human resources record that her parental leave begins now. Nobody knows yet when it ends.',
  );
  const since = Date.now();
  await sara.record({ facts: { leaveStart: new Date(since).toISOString() } });
  const { view, confirmations } = await untilConfirmed(stage, { identityId: sara.identityId, since, within: 30_000, state: 'SUSPENDED' });
  tellDecision(stage, view, since, null);
  await tellTargets(stage, sara.userName, confirmations);
  narrator.say('Took', `${duration(longest(confirmations))} until the last target had confirmed.`);
  must(!isOwnPage(await browser.open(`${tenure.url}/me`), sara.name), "Sara's session still opens her page though she is on leave");
  const { page } = await sara.tryToLogIn();
  must(page.status === 403, `Sara's login during her leave was answered with HTTP ${page.status}`);
  narrator.say(
    'World',
    `Her next click finds her logged out, and a new login is refused (HTTP ${page.status}). Her groups in the targets are where they were.`,
  );
  return { sara, took: longest(confirmations) };
}

async function comesBack(stage: Stage, sara: Colleague, usual: number): Promise<void> {
  const { narrator, reader } = stage;
  narrator.step('2', 'Its end becomes known');
  const end = new Date(Date.now() + Math.max(shortLeave, 3 * usual)).toISOString();
  narrator.say('World', `Human resources record that the leave ends at ${when(end)}: in ${duration(Date.parse(end) - Date.now())}.`);
  const known = Date.now();
  await sara.record({ facts: { leaveEnd: end } });
  tellDecision(stage, await viewIdentity(reader, sara.identityId), known, null);
  narrator.say('World', 'Nobody does anything now. A durable timer in Temporal waits for that instant.');
  const since = Date.parse(end);
  const { view, confirmations } = await untilConfirmed(stage, { identityId: sara.identityId, since, within: since - Date.now() + 30_000, state: 'ACTIVE' });
  tellDecision(stage, view, since, null);
  await tellTargets(stage, sara.userName, confirmations);
  narrator.say('Took', `${duration(longest(confirmations))} from that instant until the last target had confirmed.`);
  await sara.logIn();
  narrator.say('World', 'She logs in, and everything is as she left it.');
  await tellLinks(stage, view);
}

function checks(stage: Stage, sara: Colleague): readonly Check[] {
  const { reader } = stage;
  return [
    ...expectedAccounts(stage, sara, groups),
    {
      text: `GraphQL: ${sara.userName} never lost a grant`,
      find: async () => {
        const ended = (await viewIdentity(reader, sara.identityId)).grants.filter(({ endedAt }) => endedAt !== null);
        return ended.length === 0 ? null : `ended: ${ended.map(({ name }) => name).join(', ')}`;
      },
    },
  ];
}
