import { must } from '@tenure/testing/must.ts';
import type { TargetState } from '@tenure/testing/targets/index.ts';
import { eventually } from '@tenure/testing/eventually.ts';
import { type Check, targetCheck } from '../check.ts';
import { untilConfirmed } from '../confirmations.ts';
import type { Stage } from '../stage.ts';
import type { Chapter } from './chapter.ts';
import { type Colleague, hire } from './colleague.ts';
import { expectedAccounts } from './expected-accounts.ts';
import { leaverCertificate } from './leaver-certificate.ts';
import { correct, openFindings, reconcile, untilThere } from './reconcile.ts';

const helper = 'temp.helper';
const inFinance: TargetState = { exists: true, enabled: true, groups: ['Finance'] };
const clerk = ['clerk', 'reader'];

/** Chapter about changes in targets past Tenure, each found by reading the whole target. */
export const byHand: Chapter = {
  name: 'by-hand',
  title: 'A role given as a favour, an account made by hand, a leaver let in again: reconciliation finds all three, and each is put right',
  async play(stage) {
    const nora = await favour(stage);
    await madeByHand(stage);
    const otto = await letInAgain(stage);
    return [
      ...expectedAccounts(stage, nora, { crm: ['Finance'], ledger: clerk }),
      ...checkIn(stage, 'crm', helper, inFinance),
      ...expectedAccounts(stage, otto, { crm: [], ledger: [] }, 'disabled'),
    ];
  },
};

async function favour(stage: Stage): Promise<Colleague> {
  const { narrator, processes } = stage;
  narrator.step('1', 'A role given as a favour');
  const since = Date.now();
  const nora = await hire(stage, { givenName: 'Nora', familyName: 'Klein', employeeNumber: 'E-3101', department: 'Finance', jobRole: 'Controller' });
  await untilConfirmed(stage, { identityId: nora.identityId, since, within: 30_000, state: 'ACTIVE' });
  await processes.ledger.give(nora.userName, 'closer');
  narrator.say('World', "The ledger's administrator gives Nora Klein the role closer, as a favour. Nobody has approved it, and Tenure is not notified.");
  await reconcile(stage, 'ledger');
  await untilThere(stage, 'ledger', nora.userName, ({ groups }) => groups.join() === clerk.join());
  narrator.say(
    'Tenure',
    'Finds a role that no rule gives her and nobody has approved. The ledger is configured to have that corrected: it is gone, and read back.',
  );
  return nora;
}

async function madeByHand(stage: Stage): Promise<void> {
  const { narrator, processes, reader } = stage;
  narrator.step('2', 'An account made by hand');
  await processes.crm.create(helper, 'Finance');
  narrator.say('World', `A team in Finance makes an account for an agency in the CRM: ${helper}.`);
  await reconcile(stage, 'crm');
  const orphan = (await openFindings(stage, 'crm')).find(({ userName }) => userName === helper);
  must(orphan !== undefined, `the run of the CRM did not find ${helper}`);
  narrator.say('Tenure', `Finds an account of nobody (${orphan.kind}), and changes nothing: it is a case. An operator has it corrected.`);
  await correct(stage, 'crm', orphan.kind, [orphan.id]);
  await untilThere(stage, 'crm', helper, ({ enabled, groups }) => !enabled && groups.length === 0);
  narrator.say('Targets', `${helper} is in quarantine: disabled, in no group, and deleted in 30 days unless somebody wants it back. The agency calls.`);
  const list = '{ quarantinedAccounts(first: 100) { edges { node { id userName state } } } }';
  const id = await eventually(
    'the account in quarantine',
    async () => {
      const { quarantinedAccounts } = await reader.ask<{ quarantinedAccounts: { edges: { node: { id: string; userName: string; state: string } }[] } }>(list);
      return quarantinedAccounts.edges.find(({ node }) => node.userName === helper && node.state === 'QUARANTINED')?.node.id ?? null;
    },
    30_000,
  );
  await reader.ask('mutation ($id: ID!) { restoreAccount(id: $id, reason: "The agency needs it until Friday") { id } }', { id });
  await untilThere(stage, 'crm', helper, ({ enabled, groups }) => enabled && groups.join() === 'Finance');
  narrator.say('Tenure', 'Brings it back as it was, with its group.');
}

async function letInAgain(stage: Stage): Promise<Colleague> {
  const { narrator, processes, reader } = stage;
  narrator.step('3', 'A leaver let in again');
  const since = Date.now();
  const otto = await hire(stage, { givenName: 'Otto', familyName: 'Braun', employeeNumber: 'E-3102', department: 'Finance', jobRole: 'Controller' });
  await untilConfirmed(stage, { identityId: otto.identityId, since, within: 30_000, state: 'ACTIVE' });
  await reader.ask('mutation ($ids: [ID!]!) { terminateNow(identityIds: $ids, reason: "Left today") { outcome } }', { ids: [otto.identityId] });
  await eventually('the certificate to be complete', async () => ((await leaverCertificate(stage, otto.identityId)).isComplete ? true : null), 60_000);
  await processes.crm.reopen(otto.userName);
  narrator.say('World', 'Otto Braun has left; every account of his was closed, and looked at again. Weeks later somebody enables the one in the CRM for him.');
  await reconcile(stage, 'crm');
  await untilThere(stage, 'crm', otto.userName, ({ enabled }) => !enabled);
  narrator.say('Tenure', 'Finds a leaver who can log in: an urgent case at once, and in this target it is closed at once.');
  return otto;
}

function checkIn({ processes }: Stage, target: string, userName: string, wanted: TargetState): readonly Check[] {
  return processes.targets.filter(({ name }) => name === target).map((there) => targetCheck(there, userName, wanted));
}
