import { must } from '@tenure/testing/must.ts';
import { untilConfirmed } from '../confirmations.ts';
import type { Stage } from '../stage.ts';
import type { Chapter } from './chapter.ts';
import { type Colleague, hire } from './colleague.ts';
import { expectedAccounts } from './expected-accounts.ts';
import { correct, openFindings, reconcile, untilThere } from './reconcile.ts';

const inFinance = { crm: ['Finance'] };

/** Chapter about a target that is put back to an older state. */
export const restoredTarget: Chapter = {
  name: 'restored-target',
  title: "The CRM is restored from yesterday's backup: one case says so, the leaver is closed at once, the rest when an operator has asked who restored it",
  playsAlone: true,
  async play(stage) {
    const { leaver, mover, news } = await twoDays(stage);
    await restored(stage, leaver);
    await putRight(stage, mover, news);
    return [
      ...expectedAccounts(stage, leaver, { crm: [] }, 'disabled'),
      ...expectedAccounts(stage, mover, { crm: ['Sales'] }),
      ...news.flatMap((one) => expectedAccounts(stage, one, inFinance)),
    ];
  },
};

async function twoDays(stage: Stage): Promise<{ readonly leaver: Colleague; readonly mover: Colleague; readonly news: readonly Colleague[] }> {
  const { narrator, processes } = stage;
  narrator.step('1', 'Yesterday and today');
  const leaver = await hired(stage, 'Lena', 'Fuchs', 'E-3111');
  const mover = await hired(stage, 'Milan', 'Horak', 'E-3112');
  await processes.crm.backUp();
  narrator.say('World', 'Yesterday Lena Fuchs and Milan Horak were in Finance. At night the CRM was backed up.');
  const since = Date.now();
  await leaver.record({ status: 'ENDED' });
  await mover.record({ facts: { department: 'Sales', jobRole: 'Account manager' } });
  const news = [await hired(stage, 'Ines', 'Roth', 'E-3113'), await hired(stage, 'Ivo', 'Stark', 'E-3114')];
  await untilConfirmed(stage, { identityId: leaver.identityId, since, within: 60_000, state: 'LEAVING', targets: ['crm'] });
  await untilConfirmed(stage, { identityId: mover.identityId, since, within: 60_000, targets: ['crm'] });
  narrator.say('World', 'Today Lena left, Milan moved to Sales, and Ines Roth and Ivo Stark were hired.');
  return { leaver, mover, news };
}

async function hired(stage: Stage, givenName: string, familyName: string, employeeNumber: string): Promise<Colleague> {
  const since = Date.now();
  const colleague = await hire(stage, { givenName, familyName, employeeNumber, department: 'Finance', jobRole: 'Controller' });
  await untilConfirmed(stage, { identityId: colleague.identityId, since, within: 60_000, state: 'ACTIVE', targets: ['crm'] });
  return colleague;
}

async function restored(stage: Stage, leaver: Colleague): Promise<void> {
  const { narrator, processes } = stage;
  narrator.step('2', 'Restored at noon');
  await processes.crm.restore();
  narrator.say('World', "A disk fails, and the CRM is restored from the night's backup. Lena's account can be used again; those of Ines and Ivo are gone.");
  await reconcile(stage, 'crm');
  await untilThere(stage, 'crm', leaver.userName, ({ enabled }) => !enabled);
  narrator.say(
    'Tenure',
    "Reads the whole CRM: what was changed today is gone together. That is one case, target-restored. Lena's account is urgent, and closed at once.",
  );
}

async function putRight(stage: Stage, mover: Colleague, news: readonly Colleague[]): Promise<void> {
  const { narrator } = stage;
  narrator.step('3', 'An operator has asked who restored it');
  const found = (await openFindings(stage, 'crm')).filter(({ evidence }) => evidence.cause?.kind === 'restored');
  must(found.length > 0, 'no finding has the cause that the CRM was restored');
  for (const [kind, some] of Map.groupBy(found, (one) => one.kind))
    await correct(
      stage,
      'crm',
      kind,
      some.map(({ id }) => id),
    );
  await untilThere(stage, 'crm', mover.userName, ({ groups }) => groups.join() === 'Sales');
  for (const { userName } of news) await untilThere(stage, 'crm', userName, ({ enabled, groups }) => enabled && groups.join() === 'Finance');
  narrator.say('Tenure', `Puts ${found.length} findings right as one batch change for each kind, within the change budget.`);
}
