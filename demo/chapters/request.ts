import type { Check } from '../check.ts';
import { untilConfirmed } from '../confirmations.ts';
import { GraphqlRefused } from '@tenure/testing/graphql-client.ts';
import { must } from '@tenure/testing/must.ts';
import type { Stage } from '../stage.ts';
import { duration, tellDecision, tellLinks, tellTargets, when } from '../tell.ts';
import { answer, askedNow, askFor, catalogue, type RequestItemView, type RequestView, untilAsked, untilItem, viewRequest } from './access-requests.ts';
import { auditedOnce } from './audited-once.ts';
import type { Chapter } from './chapter.ts';
import { type Colleague, hire } from './colleague.ts';
import { expectedAccounts } from './expected-accounts.ts';
import type { Heads } from './heads.ts';
import { longest } from './longest.ts';
import { answerByLink, untilMail } from './mail.ts';
import { noCaseCheck } from './open-cases.ts';
import { untilGrantEnded } from './until-grant-ended.ts';

/** Seconds for which payments may be released; longer where this machine needs longer. */
const shortWhile = 5;

/** Chapter about a request whose approver does not answer. */
export const request: Chapter = {
  name: 'request',
  title: 'Somebody asks for access: two stages, a reminder, an escalation, a grant for a time that ends by itself',
  async play(stage, heads) {
    const { mia, took } = await miaInTreasury(stage, heads);
    const { id, item } = await asks(stage, mia, took);
    await escalates(stage, heads, id);
    const since = await approved(stage, heads, id, item);
    const validUntil = await held(stage, mia, id, since);
    await runsOut(stage, mia, validUntil);
    return checks(stage, mia);
  },
};

async function miaInTreasury(stage: Stage, { jan }: Heads): Promise<{ readonly mia: Colleague; readonly took: number }> {
  const since = Date.now();
  const work = { department: 'Treasury', jobRole: 'Treasurer', manager: jan.employeeNumber };
  const mia = await hire(stage, { givenName: 'Mia', familyName: 'Lorenz', employeeNumber: 'E-3009', ...work });
  const { confirmations } = await untilConfirmed(stage, { identityId: mia.identityId, since, within: 30_000, state: 'ACTIVE' });
  return { mia, took: longest(confirmations) };
}

async function asks(stage: Stage, mia: Colleague, usual: number): Promise<{ readonly id: string; readonly item: RequestItemView }> {
  const { narrator } = stage;
  narrator.step('1', 'She asks');
  const seconds = Math.max(shortWhile, Math.ceil((4 * usual) / 1000));
  const asker = await mia.logIn();
  const offers = await catalogue(asker, mia.identityId);
  narrator.say('World', 'Mia Lorenz works in Treasury. She logs in and looks at what she may ask for:');
  narrator.table(
    'Catalogue',
    offers.map(({ name, title, reason, maximumDuration: most }) => [name, title, reason === null ? `for ${most} at most` : reason]),
  );
  const asked = await askFor(asker, { kind: 'ROLE', name: 'payments', duration: `PT${seconds}S` }, 'The year-end payments');
  const [item] = asked.items;
  must(item?.status === 'OPEN' && item.stage === 'manager', `Mia's request is ${item?.status}, at stage ${item?.stage ?? 'none'}`);
  narrator.say('World', `She asks for the role payments for ${seconds} seconds (days elsewhere), "${asked.justification}".`);
  narrator.say(
    'Tenure',
    `Two stages have to approve it: her manager, then the owner of the role. The approval of ${askedNow(item)} is requested first. Nothing is granted yet.`,
  );
  await answer(asker, item.id, true, 'I think so too').then(
    () => must(false, 'Mia could approve her own request'),
    (error: unknown) => must(error instanceof GraphqlRefused && error.code === 'OWN_REQUEST', `Mia's own approval was answered with: ${String(error)}`),
  );
  narrator.say('World', 'She tries to approve it herself, and is refused (OWN_REQUEST).');
  return { id: asked.id, item };
}

async function escalates(stage: Stage, { ines }: Heads, id: string): Promise<void> {
  const { narrator, reader } = stage;
  await ines.logIn(); // the next approver has only seconds, too
  narrator.step('2', 'Nobody answers');
  narrator.say('World', 'Jan Moor is in a meeting. Nobody does anything; timers in Temporal wait for the reminder and the deadline.');
  const reminded = await auditedOnce(stage, id, 'request.reminded');
  narrator.say('Tenure', `${when(reminded.at)}: he is reminded (remindAfter: two seconds here).`);
  const item = await untilItem(reader, id, 'the stage to escalate', ({ isEscalated }) => isEscalated, 20_000);
  const escalated = await auditedOnce(stage, id, 'request.escalated');
  narrator.say('', `${when(escalated.at)}: the deadline has passed, and it escalates. ${askedNow(item)} are asked now: she is the next in line.`);
}

async function approved(stage: Stage, { ines, marta }: Heads, id: string, { id: itemId }: RequestItemView): Promise<number> {
  const { narrator } = stage;
  narrator.step('3', 'Two people approve');
  const director = await ines.logIn();
  const waiting = await untilAsked(director, id);
  narrator.say('World', `Ines Costa, the finance director, logs in and finds it: ${waiting.for.displayName}, "${waiting.justification}". She approves.`);
  tellStages(stage, await answer(director, itemId, true, 'Jan is away today'));
  const mail = await untilMail(stage, marta.name, 'Payments', 'Mia Lorenz');
  narrator.say(
    'World',
    `The owner of the role payments is the head of Finance. Marta Keller has a mail: "${mail.subject}" (${stage.processes.mailbox.url}/${mail.number}).`,
  );
  const since = Date.now();
  await answerByLink(mail, 'approve', 'For the year-end only');
  narrator.say('', 'She opens its link, which shows the question and decides nothing, and presses Approve. A second time it is of no use.');
  tellStages(stage, await viewRequest(stage.reader, id));
  return since;
}

function tellStages({ narrator }: Stage, { items: [item] }: RequestView): void {
  if (item === undefined) return;
  narrator.table(
    'Tenure',
    item.stages.map(({ name, answers }) => [
      `stage ${name}`,
      answers.map(({ by, approves, comment }) => `${by.displayName} ${approves ? 'approves' : 'denies'}: "${comment}"`).join(', ') || 'waits',
    ]),
  );
}

async function held(stage: Stage, mia: Colleague, id: string, since: number): Promise<number> {
  const { narrator, reader } = stage;
  const { validUntil } = await untilItem(reader, id, 'the request to be granted', ({ status }) => status === 'APPROVED', 10_000);
  must(validUntil !== null, 'what was granted for a time has no end');
  narrator.say('Tenure', `Policy and separation of duties were asked once more, and it is granted. Its time counts from now: until ${when(validUntil)}.`);
  const { view, confirmations } = await untilConfirmed(stage, { identityId: mia.identityId, since, within: 30_000 });
  tellDecision(stage, view, since, null);
  await tellTargets(stage, mia.userName, confirmations);
  return Date.parse(validUntil);
}

async function runsOut(stage: Stage, mia: Colleague, since: number): Promise<void> {
  const { narrator } = stage;
  narrator.step('4', 'The access expires');
  narrator.say('World', 'Nobody gives anything back, and nobody takes it away.');
  await untilGrantEnded(stage, mia, 'payments', Math.max(0, since - Date.now()) + 30_000);
  const { view, confirmations } = await untilConfirmed(stage, { identityId: mia.identityId, since, within: 30_000 });
  tellDecision(stage, view, since, null);
  await tellTargets(stage, mia.userName, confirmations);
  narrator.say('Took', `${duration(longest(confirmations))} from that instant until the ledger had confirmed.`);
  await tellLinks(stage, view);
}

function checks(stage: Stage, mia: Colleague): readonly Check[] {
  return [...expectedAccounts(stage, mia, { crm: [], directory: ['staff'], ledger: ['reader'] }), noCaseCheck(stage, mia)];
}
