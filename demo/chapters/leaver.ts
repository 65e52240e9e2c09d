import type { Check } from '../check.ts';
import { untilConfirmed } from '../confirmations.ts';
import { eventually } from '@tenure/testing/eventually.ts';
import { viewIdentity } from '../identity-view.ts';
import { must } from '@tenure/testing/must.ts';
import type { Stage } from '../stage.ts';
import { isOwnPage } from '../story/log-in.ts';
import { duration, tellDecision, tellLinks, tellTargets, when } from '../tell.ts';
import type { Chapter } from './chapter.ts';
import { type Colleague, hire } from './colleague.ts';
import { expectedAccounts } from './expected-accounts.ts';
import { isSigned, type LeaverCertificate, leaverCertificate } from './leaver-certificate.ts';
import { longest } from './longest.ts';

interface Termination {
  readonly outcome: string;
  readonly sessionsEnded: number;
  readonly targets: readonly string[];
}

/** Chapter about a termination at once. */
export const leaver: Chapter = {
  name: 'leaver',
  title: 'Two people have to go this minute: one call ends them, a later look closes what was opened again, a certificate proves it',
  async play(stage) {
    const [paul, rita] = await terminated(stage);
    await closedAgain(stage, paul);
    await staysEnded(stage, paul);
    const certificate = await certified(stage, paul);
    return checks(stage, paul, rita, certificate);
  },
};

async function terminated(stage: Stage): Promise<readonly [Colleague, Colleague]> {
  const { narrator, reader, tenure } = stage;
  narrator.step('1', 'One call ends both');
  const hiredAt = Date.now();
  const work = { department: 'Finance', jobRole: 'Controller' };
  const paul = await hire(stage, { givenName: 'Paul', familyName: 'Richter', employeeNumber: 'E-3007', ...work });
  const rita = await hire(stage, { givenName: 'Rita', familyName: 'Sommer', employeeNumber: 'E-3008', ...work });
  for (const { identityId } of [paul, rita]) await untilConfirmed(stage, { identityId, since: hiredAt, within: 30_000, state: 'ACTIVE' });
  const { browser, page } = await paul.tryToLogIn();
  must(isOwnPage(page, paul.name), 'Paul is not logged in before his end');
  narrator.say(
    'World',
    'Paul Richter and Rita Sommer work in Finance; Paul is logged in. Security calls: both are to be ended now. An operator calls terminateNow.',
  );
  const mutation = `mutation ($ids: [ID!]!) { terminateNow(identityIds: $ids, reason: "Under investigation") { outcome sessionsEnded targets } }`;
  const since = Date.now();
  const { terminateNow } = await reader.ask<{ terminateNow: readonly Termination[] }>(mutation, { ids: [paul.identityId, rita.identityId] });
  const took = Date.now() - since;
  must(
    terminateNow.every(({ outcome }) => outcome === 'TERMINATED'),
    `terminateNow answered ${terminateNow.map(({ outcome }) => outcome).join(', ')}`,
  );
  must(!isOwnPage(await browser.open(`${tenure.url}/me`), paul.name), "Paul's session still opens his page after terminateNow");
  narrator.say('Took', `${duration(took)} for both. Paul's next click finds him logged out.`);
  await tellEnd(stage, paul, since);
  await openedAgain(stage, paul);
  await tellEnd(stage, rita, since);
  return [paul, rita];
}

async function tellEnd(stage: Stage, { identityId, userName }: Colleague, since: number): Promise<void> {
  const { view, confirmations } = await untilConfirmed(stage, { identityId, since, within: 30_000, state: 'LEAVING' });
  tellDecision(stage, view, since, null);
  await tellTargets(stage, userName, confirmations);
  stage.narrator.say('Took', `${duration(longest(confirmations))} from the call until the last target had confirmed.`);
}

/** Right after the end is confirmed: the later look is seconds away. */
async function openedAgain({ narrator, processes }: Stage, paul: Colleague): Promise<void> {
  await processes.crm.reopen(paul.userName);
  must(await isOpenInCrm(processes, paul), "the CRM's administrator could not open Paul's account again");
  narrator.say('World', "A friend of Paul's administers the CRM, and makes his account there usable again, by hand. Tenure is not notified.");
}

async function closedAgain({ narrator, processes }: Stage, paul: Colleague): Promise<void> {
  narrator.step('2', 'The later look');
  await eventually('the account to be closed again', async () => ((await isOpenInCrm(processes, paul)) ? null : true), 30_000);
  narrator.say(
    'Tenure',
    "Looks at a leaver's accounts once more some time after the end was confirmed (observeAgainAfter: hours elsewhere, four seconds here). It has found Paul's account in the CRM open, and closed it again.",
  );
}

async function isOpenInCrm({ targets }: Stage['processes'], { userName }: Colleague): Promise<boolean> {
  return (await targets.find(({ name }) => name === 'crm')?.look(userName))?.enabled === true;
}

async function staysEnded({ narrator, reader }: Stage, paul: Colleague): Promise<void> {
  const { outcome } = await paul.record({});
  must(outcome === 'UNCHANGED', `the record after the end came to ${outcome}`);
  must((await viewIdentity(reader, paul.identityId)).lifecycle?.state === 'LEAVING', 'a record of human resources brought Paul back');
  narrator.say(
    'World',
    'Human resources, who know nothing of all this, send him as active in their nightly feed. He stays ended: an operator goes before every source, until withdrawTermination.',
  );
}

async function certified(stage: Stage, paul: Colleague): Promise<LeaverCertificate> {
  const { narrator, reader } = stage;
  narrator.step('3', 'The certificate');
  narrator.say('World', 'What was opened and closed again is looked at once more. Then an auditor asks for the certificate.');
  const certificate = await eventually(
    'the certificate to be complete',
    async () => {
      const asked = await leaverCertificate(stage, paul.identityId);
      return asked.isComplete ? asked : null;
    },
    40_000,
  );
  narrator.say(
    'Tenure',
    `Ended at ${when(certificate.endedAt)}; ${certificate.sessionsEnded} sessions ended with it. Every target is confirmed, and was looked at again:`,
  );
  narrator.table(
    '',
    certificate.targets.flatMap(({ title, outcome, observations }) =>
      observations.map(({ at, observed, matchesDesired }, index) => [
        index === 0 ? title : '',
        index === 0 ? outcome.toLowerCase().replace('_', ' ') : '',
        when(at),
        `${observed.toLowerCase()}${matchesDesired ? '' : ', and should not be'}`,
      ]),
    ),
  );
  must(await isSigned(stage, certificate.jws), 'the certificate is not signed by the published key');
  narrator.say('', 'It is signed (Ed25519), and the signature is valid under the key that Tenure publishes at /certificates/keys.');
  narrator.copy('PDF', certificate.pdfUrl);
  await tellLinks(stage, await viewIdentity(reader, paul.identityId));
  return certificate;
}

function checks(stage: Stage, paul: Colleague, rita: Colleague, { isComplete, targets }: LeaverCertificate): readonly Check[] {
  const nothing = { crm: [], directory: [], ledger: [] };
  return [
    ...expectedAccounts(stage, paul, nothing, 'disabled'),
    ...expectedAccounts(stage, rita, nothing, 'disabled'),
    {
      text: `Certificate: ${paul.userName}'s end is confirmed in every target, and confirmed again`,
      find: async () => (isComplete && targets.every(({ outcome }) => outcome === 'CONFIRMED_AGAIN') ? null : targets.map(({ outcome }) => outcome).join(', ')),
    },
  ];
}
