import type { Check } from '../check.ts';
import { untilConfirmed } from '../confirmations.ts';
import { GraphqlRefused } from '@tenure/testing/graphql-client.ts';
import { must } from '@tenure/testing/must.ts';
import type { Stage } from '../stage.ts';
import { duration, tellDecision, tellLinks, tellTargets, when } from '../tell.ts';
import { answer, askedNow, askFor, catalogue, untilAsked, untilItem } from './access-requests.ts';
import type { Chapter } from './chapter.ts';
import { type Colleague, hire } from './colleague.ts';
import { expectedAccounts } from './expected-accounts.ts';
import type { Heads } from './heads.ts';
import { longest } from './longest.ts';
import { noCaseCheck, untilCase } from './open-cases.ts';
import { untilGrantEnded } from './until-grant-ended.ts';

/** Seconds for which the exception lasts; longer where this machine needs longer. */
const shortWhile = 5;
const rule = 'books-and-payments';

/** Chapter about access that nobody may have together. */
export const conflict: Chapter = {
  name: 'conflict',
  title: 'Separation of duties: a conflict is shown before it is sent, excepted for a time by the owner of the rule, and withheld otherwise',
  async play(stage, heads) {
    const { emil, took } = await emilInFinance(stage, heads);
    await seesConflict(stage, emil);
    await excepted(stage, heads, emil, took);
    await exceptionEnds(stage, emil);
    const lin = await heldBack(stage, heads);
    await resolved(stage, lin);
    return checks(stage, emil, lin);
  },
};

async function emilInFinance(stage: Stage, { marta }: Heads): Promise<{ readonly emil: Colleague; readonly took: number }> {
  const since = Date.now();
  const work = { department: 'Finance', jobRole: 'Controller', manager: marta.employeeNumber };
  const emil = await hire(stage, { givenName: 'Emil', familyName: 'Sand', employeeNumber: 'E-3010', ...work });
  const { confirmations } = await untilConfirmed(stage, { identityId: emil.identityId, since, within: 30_000, state: 'ACTIVE' });
  return { emil, took: longest(confirmations) };
}

async function seesConflict(stage: Stage, emil: Colleague): Promise<void> {
  const { narrator } = stage;
  narrator.step('1', 'A conflict is shown before it is sent');
  narrator.say('World', 'Emil Sand works in Finance and enters bookings. Now he is to substitute in Treasury, and looks at the role payments.');
  const asker = await emil.logIn();
  const [found] = (await catalogue(asker, emil.identityId)).flatMap(({ name, conflicts }) => (name === 'payments' ? conflicts : []));
  must(found?.rule === rule && found.mayBeExcepted, 'the catalogue does not show that payments and bookings exclude each other');
  narrator.say('Tenure', `The catalogue says: rule ${found.rule} separates ${found.names.join(' and ')}. An exception is possible.`);
  await askFor(asker, { kind: 'ROLE', name: 'payments' }, 'I substitute in Treasury').then(
    () => must(false, 'Emil could ask for payments without an exception'),
    (error: unknown) => must(error instanceof GraphqlRefused && error.code === 'SEPARATION_CONFLICT', `Emil's request was answered with: ${String(error)}`),
  );
  narrator.say('World', 'He asks for it as if nothing were, and is refused (SEPARATION_CONFLICT).');
}

async function excepted(stage: Stage, { ines, marta }: Heads, emil: Colleague, usual: number): Promise<void> {
  const { narrator, reader } = stage;
  narrator.step('2', 'An exception, with a reason, a control and an end');
  const seconds = Math.max(shortWhile, Math.ceil((4 * usual) / 1000));
  const control = 'Marta Keller looks through every payment the next morning';
  const exceptions = [{ rule, control }];
  const asked = await askFor(await emil.logIn(), { kind: 'ROLE', name: 'payments', duration: `PT${seconds}S`, exceptions }, 'I substitute in Treasury');
  const [item] = asked.items;
  must(item?.stage === `exception from ${rule}`, `the exception is not the first thing to be approved, but ${item?.stage ?? 'nothing'}`);
  narrator.say('World', `He asks again, for ${seconds} seconds, and says what is done instead of separating: "${control}".`);
  narrator.say('Tenure', `The owner of the rule comes first: ${askedNow(item)}. Then the stages of the role itself.`);
  const [director, head] = await Promise.all([ines.logIn(), marta.logIn()]);
  await untilAsked(director, asked.id);
  await answer(director, item.id, true, 'Only while Treasury is short of people');
  for (const stageName of ['manager', 'owner']) {
    await untilItem(reader, asked.id, `stage ${stageName}`, ({ stage: now }) => now === stageName, 15_000);
    await untilAsked(head, asked.id);
    const since = Date.now();
    const { items } = await answer(head, item.id, true, 'I look through them');
    if (items[0]?.status === 'APPROVED') await tellGranted(stage, emil, since);
  }
}

async function tellGranted(stage: Stage, emil: Colleague, since: number): Promise<void> {
  const { narrator } = stage;
  narrator.say('World', 'Ines Costa allows the exception. Marta Keller approves twice: as his manager, and as who owns the role.');
  const { view, confirmations } = await untilConfirmed(stage, { identityId: emil.identityId, since, within: 30_000 });
  tellDecision(stage, view, since, null);
  await tellTargets(stage, emil.userName, confirmations);
}

async function exceptionEnds(stage: Stage, emil: Colleague): Promise<void> {
  const { narrator } = stage;
  const { endedAt } = await untilGrantEnded(stage, emil, 'payments', 60_000);
  const since = Date.parse(endedAt ?? '');
  const { confirmations } = await untilConfirmed(stage, { identityId: emil.identityId, since, within: 30_000 });
  narrator.say('Tenure', `${when(endedAt ?? '')}: the access expires, and the exception ends with it.`);
  await tellTargets(stage, emil.userName, confirmations);
  narrator.say('Took', `${duration(longest(confirmations))} from that instant until the ledger had confirmed.`);
}

/** Plays a conflict without a request: two facts that give entitlements in conflict. */
async function heldBack(stage: Stage, { jan }: Heads): Promise<Colleague> {
  const { narrator } = stage;
  narrator.step('3', 'Conflicting grants from facts alone are withheld');
  const hiredAt = Date.now();
  const work = { department: 'Finance', jobRole: 'Deputy Treasurer', manager: jan.employeeNumber };
  const lin = await hire(stage, { givenName: 'Lin', familyName: 'Wagner', employeeNumber: 'E-3011', ...work });
  const { view, confirmations } = await untilConfirmed(stage, { identityId: lin.identityId, since: hiredAt, within: 30_000, state: 'ACTIVE' });
  narrator.say(
    'World',
    'Human resources hire Lin Wagner as deputy treasurer, but write Finance as her department. One rule would give bookings, another payments.',
  );
  tellDecision(stage, view, hiredAt, null);
  await tellTargets(stage, lin.userName, confirmations);
  const { evidence } = await untilCase(stage, lin, 'SEPARATION_CONFLICT');
  narrator.say(
    'Tenure',
    `The rule says what goes first: ledger.clerk. A case of kind SEPARATION_CONFLICT shows what is withheld: ${String(evidence['withheld'])}, by rule ${String(evidence['rule'])}.`,
  );
  return lin;
}

async function resolved(stage: Stage, lin: Colleague): Promise<void> {
  const { narrator } = stage;
  narrator.step('4', 'The conflict goes, and the case with it');
  narrator.say('World', 'Human resources correct the department: Treasury. Nobody touches the case.');
  const since = Date.now();
  await lin.record({ facts: { department: 'Treasury' } });
  const { view, confirmations } = await untilConfirmed(stage, { identityId: lin.identityId, since, within: 30_000 });
  tellDecision(stage, view, since, null);
  await tellTargets(stage, lin.userName, confirmations);
  await tellLinks(stage, view);
}

function checks(stage: Stage, emil: Colleague, lin: Colleague): readonly Check[] {
  return [
    ...expectedAccounts(stage, emil, { crm: ['Finance'], directory: ['finance', 'staff'], ledger: ['clerk', 'reader'] }),
    ...expectedAccounts(stage, lin, { directory: ['staff'], ledger: ['payer', 'reader'] }),
    noCaseCheck(stage, emil),
    noCaseCheck(stage, lin),
  ];
}
