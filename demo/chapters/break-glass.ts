import type { Browser } from '@tenure/testing/browser.ts';
import type { Check } from '../check.ts';
import { untilConfirmed } from '../confirmations.ts';
import type { GraphqlClient } from '@tenure/testing/graphql-client.ts';
import { must } from '@tenure/testing/must.ts';
import type { Stage } from '../stage.ts';
import { isOwnPage } from '../story/log-in.ts';
import { duration, tellDecision, tellLinks, tellTargets, when } from '../tell.ts';
import type { RequestItemView } from './access-requests.ts';
import type { Chapter } from './chapter.ts';
import { type Colleague, hire } from './colleague.ts';
import { expectedAccounts } from './expected-accounts.ts';
import type { Heads } from './heads.ts';
import { longest } from './longest.ts';
import { untilMail } from './mail.ts';
import { noCaseCheck, untilCase } from './open-cases.ts';
import { untilGrantEnded } from './until-grant-ended.ts';

type Taken = Pick<RequestItemView, 'id' | 'status' | 'validUntil'>;
interface Review {
  readonly reviewBreakGlass: { readonly items: readonly Pick<RequestItemView, 'status'>[] };
}

/** Seconds for which the first break-glass access lasts; longer where this machine needs longer. */
const shortWhile = 4;

/** Chapter about a person who cannot wait for an approval. */
export const breakGlass: Chapter = {
  name: 'break-glass',
  title: 'Break-glass access: taken at once, with notifications, a hard end and a review of whether it was justified',
  async play(stage, heads) {
    const { kai, took } = await hired(stage, heads);
    await taken(stage, heads, kai, took);
    await endsHard(stage, kai);
    await justified(stage, heads, kai);
    await notJustified(stage, heads, kai);
    return checks(stage, kai);
  },
};

async function hired(stage: Stage, { jan }: Heads): Promise<{ readonly kai: Colleague; readonly took: number }> {
  const since = Date.now();
  const work = { department: 'Operations', jobRole: 'Ledger Operator', manager: jan.employeeNumber };
  const kai = await hire(stage, { givenName: 'Kai', familyName: 'Jensen', employeeNumber: 'E-3017', ...work });
  const { confirmations } = await untilConfirmed(stage, { identityId: kai.identityId, since, within: 30_000, state: 'ACTIVE' });
  return { kai, took: longest(confirmations) };
}

async function taken(stage: Stage, { ines, jan }: Heads, kai: Colleague, usual: number): Promise<void> {
  const { narrator, processes } = stage;
  const seconds = Math.max(shortWhile, Math.ceil((4 * usual) / 1000));
  narrator.step('1', 'It cannot wait');
  narrator.say(
    'World',
    `Kai Jensen is on call for the ledger. At night it books everything twice. He logs in and calls breakGlass for ledger.admin, for ${seconds} seconds (hours elsewhere).`,
  );
  const since = Date.now();
  const { validUntil } = await takes(await kai.logIn(), `PT${seconds}S`, 'The ledger books everything twice');
  narrator.say(
    'Took',
    `${duration(Date.now() - since)}: nobody had to approve it, because policy names him for it. It ends at ${when(validUntil ?? '')}, and cannot be extended.`,
  );
  const { view, confirmations } = await untilConfirmed(stage, { identityId: kai.identityId, since, within: 30_000 });
  tellDecision(stage, view, since, null);
  await tellTargets(stage, kai.userName, confirmations);
  const mails = await Promise.all([jan, ines].map(({ name }) => untilMail(stage, name, 'Break-glass', kai.name)));
  narrator.say('World', 'His manager and the finance director are notified at once, by mail:');
  narrator.table(
    '',
    mails.map(({ to, subject, number }) => [to.replace(/ <.*/, ''), subject, `${processes.mailbox.url}/${number}`]),
  );
}

async function endsHard(stage: Stage, kai: Colleague): Promise<void> {
  const { narrator } = stage;
  narrator.step('2', 'Its end is hard');
  const { browser } = await kai.tryToLogIn();
  const { endedAt } = await untilGrantEnded(stage, kai, 'ledger.admin', 60_000);
  const since = Date.parse(endedAt ?? '');
  const { confirmations } = await untilConfirmed(stage, { identityId: kai.identityId, since, within: 30_000 });
  await mustBeLoggedOut(stage, kai, browser, 'at the end of the access');
  narrator.say('Tenure', `${when(endedAt ?? '')}: the access ends. His sessions end with it, so that nothing goes on in a window that was left open.`);
  await tellTargets(stage, kai.userName, confirmations);
}

async function justified(stage: Stage, { jan }: Heads, kai: Colleague): Promise<void> {
  const { narrator } = stage;
  narrator.step('3', 'Somebody has to say whether it was justified');
  const { evidence } = await untilCase(stage, kai, 'BREAK_GLASS_REVIEW');
  narrator.say('Tenure', "A case of kind BREAK_GLASS_REVIEW is his manager's, with a deadline after which it escalates. Time does not close it.");
  await reviews(await jan.logIn(), String(evidence['itemId']), true, 'I saw the alarm myself');
  narrator.say('World', 'Jan Moor logs in and says that it was justified: "I saw the alarm myself".');
}

async function notJustified(stage: Stage, { jan }: Heads, kai: Colleague): Promise<void> {
  const { narrator } = stage;
  narrator.step('4', 'A second time, and it was not');
  const { browser, page } = await kai.tryToLogIn();
  must(isOwnPage(page, kai.name), 'Kai cannot log in again after the access has ended');
  const client = kai.sessionOf(browser);
  const { id } = await takes(client, 'PT4H', 'I had to look something up');
  narrator.say('World', 'Kai logs in again and takes it for four hours, because he wants to look something up.');
  await untilConfirmed(stage, { identityId: kai.identityId, since: Date.now(), within: 30_000 });
  const since = Date.now();
  const { reviewBreakGlass } = await reviews(await jan.logIn(), id, false, 'That was not urgent');
  must(reviewBreakGlass.items[0]?.status === 'REMOVED', `what was not justified is ${reviewBreakGlass.items[0]?.status ?? 'nowhere'}`);
  await mustBeLoggedOut(stage, kai, browser, 'after the review found it not justified');
  const { view, confirmations } = await untilConfirmed(stage, { identityId: kai.identityId, since, within: 30_000 });
  narrator.say('Tenure', 'Jan Moor says that it was not justified. It ends at once, and his sessions with it.');
  tellDecision(stage, view, since, null);
  await tellTargets(stage, kai.userName, confirmations);
  await tellLinks(stage, view);
}

async function takes(asker: GraphqlClient, lasting: string, justification: string): Promise<Taken> {
  const mutation = 'mutation ($input: BreakGlassInput!) { breakGlass(input: $input) { items { id status validUntil } } }';
  const input = { kind: 'ENTITLEMENT', name: 'ledger.admin', duration: lasting, justification };
  const [item] = (await asker.ask<{ breakGlass: { readonly items: readonly Taken[] } }>(mutation, { input })).breakGlass.items;
  must(item?.status === 'APPROVED', `break-glass access is ${item?.status ?? 'nowhere'}`);
  return item;
}

function reviews(reviewer: GraphqlClient, itemId: string, isJustified: boolean, comment: string): Promise<Review> {
  const mutation = `mutation ($itemId: ID!, $justified: Boolean!, $comment: String!) {
    reviewBreakGlass(itemId: $itemId, justified: $justified, comment: $comment) { items { status } } }`;
  return reviewer.ask<Review>(mutation, { itemId, justified: isJustified, comment });
}

async function mustBeLoggedOut({ tenure }: Stage, { name }: Colleague, browser: Browser, at: string): Promise<void> {
  must(!isOwnPage(await browser.open(`${tenure.url}/me`), name), `${name} is still logged in ${at}`);
}

function checks(stage: Stage, kai: Colleague): readonly Check[] {
  return [...expectedAccounts(stage, kai, { directory: ['staff'], ledger: ['reader'] }), noCaseCheck(stage, kai)];
}
