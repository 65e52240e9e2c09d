import { createBrowser } from '@tenure/testing/browser.ts';
import { untilConfirmed } from '../confirmations.ts';
import { findIdentity } from '../identity-view.ts';
import { must } from '@tenure/testing/must.ts';
import { carla } from '../people-of-the-story.ts';
import type { Stage } from '../stage.ts';
import { duration, tellDecision, tellLinks, tellTargets, when } from '../tell.ts';
import { isOwnPage, logIn } from './log-in.ts';
import type { Character } from './cast.ts';

/** Milliseconds: half a year. */
const halfYear = 183 * 24 * 3600 * 1000;

/** Carla's contract has an end that lies far ahead. */
export const carlasContractEnd = `${new Date(Date.now() + halfYear).toISOString().slice(0, 10)}T18:00:00.000Z`;

/** Steps 1 to 3. @returns Carla, and the milliseconds until her last account was confirmed */
export async function firstLogin(stage: Stage): Promise<{ readonly carla: Character; readonly took: number }> {
  const { narrator, reader, processes } = stage;
  await stage.setSamlPeople([carla('Finance', carlasContractEnd)]);
  narrator.step('1', 'A contractor whom nobody has announced logs in');
  narrator.say(
    'World',
    "Carla Conti works for Contoso. Tenure does not know her yet. She opens /me, is sent to Contoso's SAML identity provider, and comes back with its signed word: " +
      `Carla Conti, carla.conti@contoso.example, department Finance, accountant, manager Marta Keller, contract until ${when(carlasContractEnd)}.`,
  );
  const browser = createBrowser();
  const login = await logIn(stage, browser, 'partner-saml', 'carla.conti');
  must(isOwnPage(login.page, 'Carla Conti'), `Carla's login ended with HTTP ${login.page.status} at ${new URL(login.page.url).pathname}, not on her own page`);
  const first = await findIdentity(reader, 'carla.conti');
  must(first !== null, 'Carla logged in, but GraphQL does not know her');
  const confirming = untilConfirmed(stage, { identityId: first.id, since: login.begun, within: 30_000 });
  confirming.catch(() => undefined); // awaited below
  narrator.say(
    'Took',
    `${duration(login.took)} in Tenure for the request that brought the assertion: checked, identity created, policy decided, session opened, all in one transaction. The whole login took ${duration(login.whole)}, Contoso's part included.`,
  );

  narrator.step('2', 'She is in, and has the access that the policy grants');
  must(login.page.body.includes('Finance clerk'), 'the page /me does not show that Carla is a Finance clerk');
  narrator.say('World', 'She stands on /me, which shows her that she is a Finance clerk, until when and why. Her accounts are still being made.');
  tellDecision(stage, first, login.begun, null);

  narrator.step('3', `${processes.targets.length === 3 ? 'Three' : 'Two'} targets of different kinds get her account`);
  narrator.say(
    'World',
    `Her workflow in Temporal speaks to all of them side by side: ${processes.targets.map(({ title, kind }) => `${title} (${kind})`).join(', ')}. Each is read back afterwards.`,
  );
  const { view, confirmations } = await confirming;
  const took = Math.max(...[...confirmations.values()].map((one) => one ?? 0));
  await tellTargets(stage, view.userName, confirmations);
  narrator.say('Took', `${duration(took)} from the click until the last target had confirmed.`);
  await tellLinks(stage, view);
  return { carla: { identityId: view.id, userName: view.userName, name: 'Carla Conti', browser }, took };
}
