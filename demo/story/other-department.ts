import { untilConfirmed } from '../confirmations.ts';
import { findIdentity, viewIdentity } from '../identity-view.ts';
import { must } from '@tenure/testing/must.ts';
import { carla as carlaAtContoso } from '../people-of-the-story.ts';
import type { Stage } from '../stage.ts';
import { duration, tellDecision, tellLinks, tellTargets } from '../tell.ts';
import { carlasContractEnd } from './first-login.ts';
import { entersAfterMove } from './three-applications.ts';
import { logIn } from './log-in.ts';
import type { Character } from './cast.ts';

/** Step 5. */
export async function otherDepartment(stage: Stage, carla: Character): Promise<void> {
  const { narrator } = stage;
  narrator.step('5', 'She moves to another department');
  narrator.say('World', "Contoso moves Carla to Sales. Nobody notifies Tenure; the next time she logs in, Contoso's assertion says so.");
  await stage.setSamlPeople([carlaAtContoso('Sales', carlasContractEnd)]);
  const before = await viewIdentity(stage.reader, carla.identityId);
  const login = await logIn(stage, carla.browser, 'partner-saml', carla.userName);
  must(login.page.status === 200, `Carla's second login ended with HTTP ${login.page.status}`);
  const moved = await findIdentity(stage.reader, carla.userName);
  must(moved?.id === carla.identityId, 'the second login made another identity');
  const { view, confirmations } = await untilConfirmed(stage, { identityId: carla.identityId, since: login.begun, within: 30_000 });
  narrator.say('Tenure', `It is the same identity, ${view.id}. Her access moves, and what only Finance gave goes.`);
  tellDecision(stage, view, login.begun, before);
  await tellTargets(stage, carla.userName, confirmations);
  narrator.say(
    'Took',
    `${duration(login.took)} for the login request, ${duration(Math.max(...[...confirmations.values()].map((one) => one ?? 0)))} until the last target had confirmed.`,
  );
  await entersAfterMove(stage, carla);
  await tellLinks(stage, view);
}
