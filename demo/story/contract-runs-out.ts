import { createBrowser } from '@tenure/testing/browser.ts';
import { untilConfirmed } from '../confirmations.ts';
import { findIdentity, type IdentityView } from '../identity-view.ts';
import { must } from '@tenure/testing/must.ts';
import { bruno as brunoAtContoso } from '../people-of-the-story.ts';
import type { Stage } from '../stage.ts';
import { duration, tellDecision, tellLinks, tellTargets, when } from '../tell.ts';
import { isOwnPage, logIn } from './log-in.ts';
import type { Character } from './cast.ts';

/** Milliseconds until Bruno's contract ends; longer where this machine needs longer to make accounts. */
const shortContract = 12_000;

/** Step 7. @param usual milliseconds that it took to make a person's accounts */
export async function contractEndsByItself(stage: Stage, usual: number): Promise<Character> {
  const { narrator } = stage;
  const end = new Date(Date.now() + Math.max(shortContract, 3 * usual));
  narrator.step('7', 'A second contractor, whom nobody ever ends');
  narrator.say(
    'World',
    `Bruno Weber of Contoso logs in for the first time. His contract, says the assertion, ends at ${when(end.toISOString())}: in ${duration(end.getTime() - Date.now())}.`,
  );
  await stage.setSamlPeople([brunoAtContoso(end.toISOString())]);
  const browser = createBrowser();
  const login = await logIn(stage, browser, 'partner-saml', 'bruno.weber');
  must(isOwnPage(login.page, 'Bruno Weber'), `Bruno's login ended with HTTP ${login.page.status} at ${new URL(login.page.url).pathname}, not on his own page`);
  const found = await findIdentity(stage.reader, 'bruno.weber');
  must(found !== null, 'Bruno logged in, but GraphQL does not know him');
  const begun = await untilConfirmed(stage, { identityId: found.id, since: login.begun, within: 30_000, state: 'ACTIVE' });
  tellDecision(stage, begun.view, login.begun, null);
  await tellTargets(stage, found.userName, begun.confirmations);
  await tellLinks(stage, begun.view);

  narrator.say('World', `Nobody does anything now. A durable timer in Temporal waits for ${when(end.toISOString())}.`);
  const over = await untilConfirmed(stage, { identityId: found.id, since: end.getTime(), within: end.getTime() - Date.now() + 30_000, state: 'LEAVING' });
  await tellEnd(stage, over.view, over.confirmations, end.getTime());
  const graceEnd = Date.parse(over.view.lifecycle?.next?.at ?? '');
  must(Number.isFinite(graceEnd), "Bruno's grace has no end");

  narrator.say(
    'World',
    `His accounts are kept, disabled, for the grace that policy gives: until ${when(new Date(graceEnd).toISOString())}. Still nobody does anything.`,
  );
  const gone = await untilConfirmed(stage, { identityId: found.id, since: graceEnd, within: graceEnd - Date.now() + 30_000, state: 'LEFT' });
  await tellEnd(stage, gone.view, gone.confirmations, graceEnd);
  return { identityId: found.id, userName: found.userName, name: 'Bruno Weber', browser };
}

async function tellEnd(stage: Stage, view: IdentityView, confirmations: ReadonlyMap<string, number | null>, since: number): Promise<void> {
  tellDecision(stage, view, since, null);
  await tellTargets(stage, view.userName, confirmations);
  stage.narrator.say(
    'Took',
    `${duration(Math.max(...[...confirmations.values()].map((one) => one ?? 0)))} from that instant until the last target had confirmed.`,
  );
}
