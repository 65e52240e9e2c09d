import { createBrowser } from '@tenure/testing/browser.ts';
import { untilConfirmed } from '../confirmations.ts';
import { viewIdentity } from '../identity-view.ts';
import { must } from '@tenure/testing/must.ts';
import { olga as olgaAtFabrikam, olgaAtHumanResources } from '../people-of-the-story.ts';
import { recordFacts } from '../record-facts.ts';
import type { Stage } from '../stage.ts';
import { duration, tellDecision, tellLinks, tellTargets } from '../tell.ts';
import { isOwnPage, logIn } from './log-in.ts';
import type { Character } from './cast.ts';

/** Step 8. */
export async function hiredBeforeLogin(stage: Stage): Promise<Character> {
  const { narrator, reader } = stage;
  narrator.step('8', 'An employee is hired before she ever logs in');
  narrator.say('World', 'Human resources record Olga Petrova, employee number E-2001, department Finance. She has never logged in anywhere.');
  const since = Date.now();
  const recorded = await recordFacts(stage, { externalId: 'E-2001', version: '1', status: 'ACTIVE', attributes: olgaAtHumanResources });
  const hired = await untilConfirmed(stage, { identityId: recorded.identityId, since, within: 30_000, state: 'ACTIVE' });
  const { userName } = hired.view;
  tellDecision(stage, hired.view, since, null);
  await tellTargets(stage, userName, hired.confirmations);
  narrator.say(
    'Took',
    `${duration(recorded.took)} for recordFacts, ${duration(Math.max(...[...hired.confirmations.values()].map((one) => one ?? 0)))} until the last target had confirmed.`,
  );

  await stage.addOidcPerson(olgaAtFabrikam);
  const browser = createBrowser();
  const login = await logIn(stage, browser, 'company-oidc', 'olga.petrova');
  must(
    isOwnPage(login.page, olgaAtHumanResources.displayName),
    `Olga's login ended with HTTP ${login.page.status} at ${new URL(login.page.url).pathname}, not on her own page`,
  );
  const view = await viewIdentity(reader, recorded.identityId);
  must(view.records.map(({ source }) => source).includes('company-oidc'), "Olga's login did not find the identity that human resources had made");
  narrator.say('World', 'Her first login, by OpenID Connect at Fabrikam (code flow with PKCE). Its employee number says who she is:');
  narrator.say(
    'Tenure',
    `found and bound the identity that was there, ${view.id}, by her employee number; it now rests on records of ${view.records
      .map(({ source }) => source)
      .sort()
      .join(' and ')}. This provider may not create people: had nobody matched, it would have refused.`,
  );
  narrator.say('Took', `${duration(login.took)} in Tenure for the request that brought the code, Fabrikam's token endpoint included.`);
  await tellLinks(stage, view);
  return { identityId: view.id, userName, name: olgaAtHumanResources.displayName, browser };
}
