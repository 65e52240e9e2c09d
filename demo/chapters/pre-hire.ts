import type { Check } from '../check.ts';
import { gone, targetCheck } from '../check.ts';
import { untilConfirmed } from '../confirmations.ts';
import { viewIdentity } from '../identity-view.ts';
import { must } from '@tenure/testing/must.ts';
import type { Stage } from '../stage.ts';
import { duration, tellDecision, tellLinks, tellTargets, when } from '../tell.ts';
import type { Chapter } from './chapter.ts';
import { type Colleague, hire } from './colleague.ts';
import { expectedAccounts } from './expected-accounts.ts';
import { longest } from './longest.ts';
import { untilCase } from './open-cases.ts';

/** Milliseconds. */
const day = 24 * 3600 * 1000;
/** Milliseconds until Nils's first day begins; longer where this machine needs longer to make accounts. */
const shortlyAhead = 4_000;

/** Chapter about a hire weeks ahead. */
export const preHire: Chapter = {
  name: 'pre-hire',
  title: 'People hired ahead: accounts wait, disabled, until the first day; a first day moves; a hire that is called off leaves none behind',
  async play(stage) {
    const { vera, took } = await veraIsPrepared(stage);
    await veraIsCalledOff(stage, vera);
    const nils = await nilsIsExpected(stage);
    await nilsStarts(stage, nils, took);
    return checks(stage, vera, nils);
  },
};

async function veraIsPrepared(stage: Stage): Promise<{ readonly vera: Colleague; readonly took: number }> {
  const { narrator } = stage;
  const startDate = new Date(Date.now() + 3 * day).toISOString();
  narrator.step('1', 'Hired for a day that is near');
  narrator.say('World', `Human resources hire Vera Holm for Sales. Her first day begins at ${when(startDate)}, in three days.`);
  const since = Date.now();
  const vera = await hire(stage, {
    givenName: 'Vera',
    familyName: 'Holm',
    employeeNumber: 'E-3002',
    department: 'Sales',
    jobRole: 'Account Manager',
    startDate,
  });
  const { view, confirmations } = await untilConfirmed(stage, { identityId: vera.identityId, since, within: 30_000, state: 'PRE_HIRE' });
  tellDecision(stage, view, since, null);
  narrator.say('', 'Policy wants accounts a week before the first day (createBefore: P7D), and nobody to use them before. They have no entitlements yet.');
  await tellTargets(stage, vera.userName, confirmations);
  const { page } = await vera.tryToLogIn();
  must(page.status === 403, `Vera's login before her first day was answered with HTTP ${page.status}`);
  narrator.say('World', `She tries to log in, three days early. Fabrikam vouches for her; Tenure refuses (HTTP ${page.status}).`);
  return { vera, took: longest(confirmations) };
}

async function veraIsCalledOff(stage: Stage, vera: Colleague): Promise<void> {
  const { narrator } = stage;
  narrator.step('2', 'The hire is called off');
  narrator.say('World', 'Vera takes another offer. Human resources end what has not begun.');
  const since = Date.now();
  await vera.record({ status: 'ENDED' });
  const { view, confirmations } = await untilConfirmed(stage, { identityId: vera.identityId, since, within: 30_000, state: 'LEFT' });
  tellDecision(stage, view, since, null);
  narrator.say('', 'Nobody ever used these accounts, so nothing of them is kept.');
  await tellTargets(stage, vera.userName, confirmations);
  await untilCase(stage, vera, 'HIRE_CALLED_OFF');
  narrator.say('Tenure', 'A case of kind HIRE_CALLED_OFF is opened: a laptop may have been ordered.');
}

async function nilsIsExpected(stage: Stage): Promise<Colleague> {
  const { narrator, reader } = stage;
  const startDate = new Date(Date.now() + 30 * day).toISOString();
  narrator.step('3', 'Hired for a day that is far');
  narrator.say('World', `Human resources hire Nils Lund for Finance. His first day begins at ${when(startDate)}.`);
  const since = Date.now();
  const nils = await hire(stage, {
    givenName: 'Nils',
    familyName: 'Lund',
    employeeNumber: 'E-3003',
    department: 'Finance',
    jobRole: 'Controller',
    startDate,
  });
  const view = await viewIdentity(reader, nils.identityId);
  must(view.accounts.length === 0, 'Nils has accounts a month before his first day');
  tellDecision(stage, view, since, null);
  narrator.say('', `No account exists yet. His workflow sleeps until ${when(view.nextWakeUp ?? '')}, a week before his first day.`);
  await tellTargets(stage, nils.userName, new Map());
  return nils;
}

async function nilsStarts(stage: Stage, nils: Colleague, usual: number): Promise<void> {
  const { narrator } = stage;
  narrator.step('4', 'His first day moves');
  const moved = Date.now();
  const startDate = new Date(moved + Math.max(shortlyAhead, 4 * usual)).toISOString();
  narrator.say(
    'World',
    `He can come earlier. Human resources record ${when(startDate)}: in ${duration(Date.parse(startDate) - moved)}. What hangs on the day moves with it.`,
  );
  await nils.record({ facts: { startDate } });
  const { confirmations } = await untilConfirmed(stage, { identityId: nils.identityId, since: moved, within: 30_000, state: 'PRE_HIRE' });
  await tellTargets(stage, nils.userName, confirmations);
  const { page } = await nils.tryToLogIn();
  narrator.say('World', `He tries to log in a few seconds early, and is refused (HTTP ${page.status}). Then nobody does anything.`);

  const since = Date.parse(startDate);
  const started = await untilConfirmed(stage, { identityId: nils.identityId, since, within: since - Date.now() + 30_000, state: 'ACTIVE' });
  tellDecision(stage, started.view, since, null);
  await tellTargets(stage, nils.userName, started.confirmations);
  narrator.say('Took', `${duration(longest(started.confirmations))} from that instant until the last target had confirmed.`);
  await nils.logIn();
  narrator.say('World', 'He logs in, and is on his own page.');
  await tellLinks(stage, started.view);
}

function checks(stage: Stage, vera: Colleague, nils: Colleague): readonly Check[] {
  return [
    ...stage.processes.targets.map((target) => targetCheck(target, vera.userName, gone)),
    ...expectedAccounts(stage, nils, { crm: ['Finance'], directory: ['finance', 'staff'], ledger: ['clerk', 'reader'] }),
  ];
}
