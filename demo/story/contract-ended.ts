import { untilConfirmed } from '../confirmations.ts';
import { eventually } from '@tenure/testing/eventually.ts';
import { viewIdentity } from '../identity-view.ts';
import { must } from '@tenure/testing/must.ts';
import { openOperations } from '../open-operations.ts';
import { recordFacts } from '../record-facts.ts';
import type { Stage } from '../stage.ts';
import { duration, tellDecision, tellLinks, tellTargets } from '../tell.ts';
import { isOwnPage, logIn } from './log-in.ts';
import { applicationsAfterEnd } from './three-applications.ts';
import { refusalReason } from './refusal-reason.ts';
import type { Character } from './cast.ts';

/** Step 6. */
export async function contractEndedByHumanResources(stage: Stage, carla: Character): Promise<void> {
  const { narrator, tenure, processes } = stage;
  const others = processes.targets.map(({ name }) => name).filter((name) => name !== 'crm');
  narrator.step('6', 'Human resources record that her contract has ended, while the CRM is down');
  await processes.crm.stop();
  must(isOwnPage(await carla.browser.open(`${tenure.url}/me`), carla.name), "Carla's session does not show her own page before her contract ends");
  narrator.say(
    'World',
    "The CRM's process has been stopped. Carla is logged in, in her browser. Now recordFacts says that the contract of worker C-1001 has ended.",
  );
  const since = Date.now();
  const recorded = await recordFacts(stage, { externalId: 'W-77', version: '1', status: 'ENDED', attributes: { employeeNumber: 'C-1001' } });
  must(recorded.identityId === carla.identityId, 'the record of human resources was not linked to Carla');
  await tellSession(stage, carla, recorded.took);
  await applicationsAfterEnd(stage, carla, since);

  const early = await untilConfirmed(stage, { identityId: carla.identityId, since, within: 30_000, targets: others, state: 'LEAVING' });
  tellDecision(stage, early.view, since, null);
  await mustBeClosed(stage, carla, others);
  await tellTargets(stage, carla.userName, early.confirmations);
  await tellRefusedLogin(stage, carla);
  await tellAttempts(stage, carla);

  await processes.crm.start();
  const back = Date.now();
  narrator.say('World', 'The CRM is started again. Nobody has to notify Tenure: her workflow has been trying all the while.');
  const late = await untilConfirmed(stage, { identityId: carla.identityId, since, within: 60_000 });
  await mustBeClosed(stage, carla, ['crm']);
  await tellTargets(stage, carla.userName, new Map([...late.confirmations, ...early.confirmations]));
  narrator.say('Took', `${duration(Date.now() - back)} from the CRM's return until it had confirmed too.`);
  await tellLinks(stage, await viewIdentity(stage.reader, carla.identityId));
}

async function tellSession({ narrator, tenure }: Stage, { browser, name }: Character, took: number): Promise<void> {
  const begun = performance.now();
  const page = await browser.open(`${tenure.url}/me`);
  must(!isOwnPage(page, name), "Carla's session still opens her page after her contract has ended");
  narrator.say(
    'Took',
    `${duration(took)} for recordFacts. Her very next click, answered in ${duration(performance.now() - begun)}, finds her logged out: the transaction that recorded the end has ended her sessions too.`,
  );
}

/** Disabled and without groups; deleted, should the grace be over already. */
async function mustBeClosed({ processes }: Stage, { userName }: Character, names: readonly string[]): Promise<void> {
  for (const target of processes.targets.filter(({ name }) => names.includes(name))) {
    const { enabled, groups } = await target.look(userName);
    must(!enabled && groups.length === 0, `${target.title} is confirmed, but Carla's account there is not closed`);
  }
}

/** Shows that Tenure tried the CRM while it was down. */
async function tellAttempts({ narrator, reader }: Stage, { identityId }: Character): Promise<void> {
  const waiting = await eventually(
    'a failed attempt at the CRM',
    async () => {
      const open = (await openOperations(reader, identityId)).filter(({ target }) => target === 'crm');
      return open.some(({ lastError }) => lastError !== null) ? open : null;
    },
    30_000,
  );
  const what = waiting
    .map(({ kind }) => kind.toLowerCase().replace('_', ' '))
    .reverse()
    .join(', ');
  const attempts = Math.max(...waiting.map(({ attemptCount }) => attemptCount));
  const error = waiting.find(({ lastError }) => lastError !== null)?.lastError;
  narrator.say(
    'Tenure',
    `What is still to be done in the CRM (${what}) has been tried ${attempts === 1 ? 'once' : `${attempts} times`} so far: ${error?.message} (${error?.code}). It is tried again without limit.`,
  );
}

async function tellRefusedLogin(stage: Stage, carla: Character): Promise<void> {
  const { page } = await logIn(stage, carla.browser, 'partner-saml', carla.userName);
  const reference = /<code>([^<]+)<\/code>/.exec(page.body)?.[1];
  must(page.status === 403 && reference !== undefined, `Carla's login after the end was answered with HTTP ${page.status}`);
  const reason = await refusalReason(stage.reader, reference);
  stage.narrator.say(
    'World',
    `She tries to log in again. Contoso still vouches for her; Tenure refuses (HTTP ${page.status}) and shows her a reference only. With that, an operator finds the reason in the audit: ${reason}.`,
  );
}
