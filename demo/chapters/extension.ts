import type { Check } from '../check.ts';
import { untilConfirmed } from '../confirmations.ts';
import { eventually } from '@tenure/testing/eventually.ts';
import { GraphqlRefused } from '@tenure/testing/graphql-client.ts';
import { viewIdentity } from '../identity-view.ts';
import { must } from '@tenure/testing/must.ts';
import type { Stage } from '../stage.ts';
import { duration, tellDecision, tellLinks, tellTargets, when } from '../tell.ts';
import type { Chapter } from './chapter.ts';
import { type Colleague, hire } from './colleague.ts';
import { expectedAccounts } from './expected-accounts.ts';
import { longest } from './longest.ts';
import { noCaseCheck, untilCase } from './open-cases.ts';

interface Sponsored {
  readonly id: string;
  readonly name: string;
  readonly endsAt: string | null;
  readonly latestEndsAt: string | null;
  readonly why: string;
}

/** Milliseconds until the contract ends as it was agreed; longer where this machine needs longer. */
const shortContract = 6_000;
/** Milliseconds by which it is extended. */
const longer = 4_000;
const extend = 'mutation ($id: ID!, $until: String!) { extendContract(identityId: $id, until: $until, reason: "The migration takes longer") { endsAt } }';

/** A contract is made longer. */
export const extension: Chapter = {
  name: 'extension',
  title: "A contractor's extension: nothing without a sponsor, who gets a case before the end, is replaced when they leave, and may extend the contract",
  async play(stage, { ines }) {
    const { oskar, yara } = await heldBack(stage, ines);
    const end = await contracted(stage, yara, oskar);
    await sponsorLeaves(stage, oskar, ines, yara);
    const later = await extended(stage, ines, yara, end);
    await endsAfterAll(stage, yara, end, later);
    return checks(stage, yara);
  },
};

async function heldBack(stage: Stage, ines: Colleague): Promise<{ readonly oskar: Colleague; readonly yara: Colleague }> {
  const { narrator } = stage;
  narrator.step('1', 'A contractor for whom nobody answers');
  const lead = { department: 'Sales', jobRole: 'Sales Lead', manager: ines.employeeNumber };
  const oskar = await hire(stage, { givenName: 'Oskar', familyName: 'Blum', employeeNumber: 'E-3015', ...lead });
  narrator.say('World', 'Human resources take on Yara Haddad, a contractor in Sales. They say neither who answers for her nor when her contract ends.');
  const since = Date.now();
  const work = { department: 'Sales', jobRole: 'Consultant', employmentType: 'contractor' };
  const yara = await hire(stage, { givenName: 'Yara', familyName: 'Haddad', employeeNumber: 'X-3016', ...work });
  const { evidence } = await untilCase(stage, yara, 'FACTS_MISSING');
  const view = await viewIdentity(stage.reader, yara.identityId);
  must(view.accounts.length === 0, 'Yara has accounts though nobody answers for her');
  tellDecision(stage, view, since, null);
  narrator.say('', `All access is withheld, and a case of kind FACTS_MISSING names the missing facts: ${[evidence['missing']].flat().join(' and ')}.`);
  await tellTargets(stage, yara.userName, new Map());
  return { oskar, yara };
}

async function contracted(stage: Stage, yara: Colleague, oskar: Colleague): Promise<string> {
  const { narrator } = stage;
  narrator.step('2', 'A sponsor, and an end');
  const since = Date.now();
  await yara.record({ facts: { sponsor: oskar.employeeNumber, endDate: new Date(since + 24 * 3600 * 1000).toISOString() } });
  const { view, confirmations } = await untilConfirmed(stage, { identityId: yara.identityId, since, within: 30_000, state: 'ACTIVE' });
  narrator.say('World', 'Human resources add that Oskar Blum answers for her, and when the contract ends. The case closes by itself.');
  tellDecision(stage, view, since, null);
  await tellTargets(stage, yara.userName, confirmations);
  const end = new Date(Date.now() + Math.max(shortContract, 5 * longest(confirmations))).toISOString();
  await yara.record({ facts: { endDate: end } });
  narrator.say('World', `Then they say the end again, and it is a near one: ${when(end)}, in ${duration(Date.parse(end) - Date.now())}.`);
  return end;
}

async function sponsorLeaves(stage: Stage, oskar: Colleague, ines: Colleague, yara: Colleague): Promise<void> {
  const { narrator } = stage;
  narrator.step('3', 'Her sponsor leaves');
  narrator.say('World', 'Oskar Blum resigns today. He was to be asked whether she stays.');
  await oskar.record({ status: 'ENDED' });
  const asker = await ines.logIn();
  const look = async (): Promise<Sponsored | null> =>
    (await asker.ask<{ mySponsored: readonly Sponsored[] }>('{ mySponsored { id name endsAt latestEndsAt why } }')).mySponsored.find(
      ({ id }) => id === yara.identityId,
    ) ?? null;
  const sponsored = await eventually("Ines to answer for Oskar's contractor", look, 15_000);
  const { myCases } = await asker.ask<{ myCases: readonly { kind: string; subjectName: string }[] }>('{ myCases { kind subjectName } }');
  const isAsked = myCases.some(({ kind, subjectName }) => kind === 'CONTRACT_ENDING' && subjectName === yara.name);
  must(isAsked, 'Ines is not asked about the contract that ends');
  narrator.say(
    'Tenure',
    `His manager replaces him at once. Ines Costa finds ${sponsored.name} among the people whose sponsor she is, and in her inbox the case CONTRACT_ENDING:`,
  );
  narrator.table('', [
    ['ends at', when(sponsored.endsAt ?? '')],
    ['may be extended to', when(sponsored.latestEndsAt ?? '')],
  ]);
}

async function extended(stage: Stage, ines: Colleague, yara: Colleague, end: string): Promise<string> {
  const { narrator, reader } = stage;
  narrator.step('4', 'It is extended');
  const asker = await ines.logIn();
  const until = new Date(Date.parse(end) + longer).toISOString();
  const { extendContract } = await asker.ask<{ extendContract: { endsAt: string } }>(extend, { id: yara.identityId, until });
  narrator.say('World', `She calls extendContract: until ${when(until)}. Human resources do not know, and go on sending the old end.`);
  await yara.record({});
  const { lifecycle } = await viewIdentity(reader, yara.identityId);
  must(lifecycle?.next?.at === extendContract.endsAt, `the extended end is ${lifecycle?.next?.at ?? 'none'}`);
  narrator.say(
    'Tenure',
    `The end is ${when(lifecycle.next.at)} now. It counts for as long as human resources say the end that was extended; another end would be newer knowledge.`,
  );
  await asker.ask(extend, { id: yara.identityId, until: new Date(Date.parse(end) + 91 * 24 * 3600 * 1000).toISOString() }).then(
    () => must(false, 'the contract could be extended beyond what policy allows'),
    (error: unknown) => must(error instanceof GraphqlRefused && error.code === 'INPUT_INVALID', `too long an extension was answered with: ${String(error)}`),
  );
  narrator.say('World', 'She tries to give her another 91 days, and is refused: policy allows ninety.');
  return until;
}

async function endsAfterAll(stage: Stage, yara: Colleague, end: string, later: string): Promise<void> {
  const { narrator, reader } = stage;
  narrator.step('5', 'The old end, and the new one');
  const pastTheOld = async (): Promise<true | null> => {
    const { lifecycle } = await viewIdentity(reader, yara.identityId);
    must(lifecycle?.state === 'ACTIVE', `Yara is ${lifecycle?.state} at the old end of her contract`);
    return Date.now() > Date.parse(end) + 1000 ? true : null;
  };
  await eventually('the old end to pass', pastTheOld, Math.max(0, Date.parse(end) - Date.now()) + 5_000);
  narrator.say('World', `${when(end)} passes, and nothing happens. Nobody extends it again: no answer means that the end stands.`);
  const since = Date.parse(later);
  const { view, confirmations } = await untilConfirmed(stage, { identityId: yara.identityId, since, within: since - Date.now() + 30_000, state: 'LEAVING' });
  tellDecision(stage, view, since, null);
  await tellTargets(stage, yara.userName, confirmations);
  narrator.say('Took', `${duration(longest(confirmations))} from that instant until the last target had confirmed.`);
  await tellLinks(stage, view);
}

function checks(stage: Stage, yara: Colleague): readonly Check[] {
  return [...expectedAccounts(stage, yara, { crm: [], directory: [], ledger: [] }, 'disabled'), noCaseCheck(stage, yara)];
}
