import type { Check } from '../check.ts';
import { eventually } from '@tenure/testing/eventually.ts';
import { viewIdentity } from '../identity-view.ts';
import { must } from '@tenure/testing/must.ts';
import type { Stage } from '../stage.ts';
import { duration } from '../tell.ts';
import type { Chapter } from './chapter.ts';
import { counted, exportRegister } from './staff-register.ts';

interface BatchChange {
  readonly id: string;
  readonly status: string;
  readonly plan: {
    readonly digest: string;
    readonly people: number;
    readonly changes: readonly {
      readonly target: string;
      readonly kind: string;
      readonly people: number;
      readonly population: number;
      readonly isOver: boolean;
      readonly limit: { readonly share: number; readonly from: number };
    }[];
  };
}
interface Agent {
  readonly identityId: string;
  readonly userName: string;
}

const staff = Array.from({ length: 24 }, (_none, index) => index + 1);
/** These two have really left. */
const leavers = [3, 17];
const fields = 'id status plan { digest people changes { target kind people population isOver limit { share from } } }';

/** Chapter about an incomplete export, by which nearly everybody has left. */
export const massTermination: Chapter = {
  name: 'mass-termination',
  title: 'An export that was cut short ends 22 people at once: it waits before the first write, two who really left go, the rest is discarded',
  async play(stage) {
    const agents = await registered(stage);
    const batch = await cutShort(stage, agents);
    await approvedInPart(stage, batch, agents);
    await discarded(stage, batch);
    return checks(stage, agents);
  },
};

async function registered(stage: Stage): Promise<readonly Agent[]> {
  const { narrator, reader } = stage;
  narrator.step('1', 'A contact centre');
  const begun = Date.now();
  const results = await exportRegister(
    stage,
    1,
    staff.map((number) => ({ number, status: 'ACTIVE' })),
  );
  narrator.say('World', `The contact centre keeps a register of its own, and sends all of its ${staff.length} people in one batch every night.`);
  const agents = await Promise.all(
    results.map(async ({ identityId }): Promise<Agent> => {
      must(identityId !== null, `the register was answered with ${counted(results)}`);
      return { identityId, userName: (await viewIdentity(reader, identityId)).userName };
    }),
  );
  await eventually(
    'every agent to have accounts',
    async () => ((await howMany(stage, agents)).every(({ open }) => open === staff.length) ? true : null),
    60_000,
  );
  narrator.say('Took', `${duration(Date.now() - begun)} until all of them had accounts.`);
  await tellAccounts(stage, agents);
  return agents;
}

async function cutShort(stage: Stage, agents: readonly Agent[]): Promise<BatchChange> {
  const { narrator, reader } = stage;
  narrator.step('2', 'The export is cut short');
  narrator.say('World', 'One night the file breaks off after two people. Everybody who is not in it counts as gone: the register sends 22 people as ended.');
  const results = await exportRegister(
    stage,
    2,
    staff.map((number) => ({ number, status: number <= 2 ? 'ACTIVE' : 'ENDED' })),
  );
  const { batchChanges } = await reader.ask<{ batchChanges: { edges: readonly { node: BatchChange }[] } }>(
    `{ batchChanges(status: WAITS_FOR_APPROVAL, first: 5) { edges { node { ${fields} } } } }`,
  );
  const [batch] = batchChanges.edges.map(({ node }) => node);
  must(batch !== undefined, `no batch change waits: the register was answered with ${counted(results)}`);
  narrator.say(
    'Tenure',
    `Answers ${counted(results)}. Nothing of it is in force, and nothing was written anywhere: it waits for approval as a batch change, with its plan and a case of kind CHANGE_BUDGET.`,
  );
  narrator.table('', [
    ['where', 'what', 'people', 'of', ''],
    ...batch.plan.changes.map(({ target, kind, people, population, isOver, limit: { share, from } }) => [
      target === '*' ? 'in all' : target,
      kind.toLowerCase(),
      String(people),
      String(population),
      isOver ? `over the budget: more than ${from} people, and more than ${share * 100} %` : '',
    ]),
  ]);
  await tellAccounts(stage, agents);
  return batch;
}

async function approvedInPart(stage: Stage, { id, plan }: BatchChange, agents: readonly Agent[]): Promise<void> {
  const { narrator, reader } = stage;
  narrator.step('3', 'Two of them have really left');
  narrator.say('World', 'An operator looks at the plan and calls the contact centre. Two of the 22 have left indeed: that part is approved.');
  const gone = agents.filter((_agent, index) => leavers.includes(index + 1));
  const mutation = `mutation ($id: ID!, $digest: String!, $part: BatchChangePartInput!) {
    approveBatchChange(id: $id, digest: $digest, part: $part, reason: "The contact centre confirms these two") { id status } }`;
  await reader.ask(mutation, { id, digest: plan.digest, part: { identityIds: gone.map(({ identityId }) => identityId) } });
  await eventually('the two to be closed', async () => ((await howMany(stage, agents)).every(({ open }) => open === staff.length - 2) ? true : null), 60_000);
  narrator.say('Tenure', 'Plans that part anew, by the very code that carries it out, and carries it out.');
  await tellAccounts(stage, agents);
}

async function discarded(stage: Stage, { id }: BatchChange): Promise<void> {
  const { narrator, reader } = stage;
  narrator.step('4', 'The rest is discarded');
  const mutation = 'mutation ($id: ID!) { discardBatchChange(id: $id, reason: "The export was cut short") { status } }';
  const { discardBatchChange } = await reader.ask<{ discardBatchChange: { status: string } }>(mutation, { id });
  must(discardBatchChange.status === 'DISCARDED', `the batch change is ${discardBatchChange.status}`);
  narrator.say('World', 'The operator discards the rest: as if it had never been sent. The next night the whole file comes.');
  const results = await exportRegister(
    stage,
    3,
    staff.filter((number) => !leavers.includes(number)).map((number) => ({ number, status: 'ACTIVE' })),
  );
  narrator.say('Tenure', `Answers ${counted(results)}. Those 22 people have noticed nothing.`);
}

/** Counts usable accounts and closed ones in each target, looked up there. */
async function howMany(
  { processes }: Stage,
  agents: readonly Agent[],
): Promise<readonly { readonly title: string; readonly open: number; readonly closed: number }[]> {
  // Policy gives them nothing in the ledger.
  const targets = processes.targets.filter(({ name }) => name !== 'ledger');
  return Promise.all(
    targets.map(async ({ title, look }) => {
      const states = await Promise.all(agents.map(({ userName }) => look(userName)));
      return { title, open: states.filter(({ enabled }) => enabled).length, closed: states.filter(({ exists, enabled }) => exists && !enabled).length };
    }),
  );
}

async function tellAccounts(stage: Stage, agents: readonly Agent[]): Promise<void> {
  const found = await howMany(stage, agents);
  stage.narrator.table(
    'Targets',
    found.map(({ title, open, closed }) => [title, `${open} enabled`, `${closed} disabled`]),
  );
}

function checks(stage: Stage, agents: readonly Agent[]): readonly Check[] {
  const inAll: Check = {
    text: "Targets: 22 of the contact centre's people have usable accounts, and the two who left have closed ones",
    find: async () => {
      const found = await howMany(stage, agents);
      return found.every(({ open, closed }) => open === 22 && closed === 2)
        ? null
        : found.map(({ title, open, closed }) => `${title}: ${open} enabled, ${closed} disabled`).join('; ');
    },
  };
  const noBatchChange: Check = {
    text: 'GraphQL: no batch change waits for approval',
    find: async () => {
      const { batchChanges } = await stage.reader.ask<{ batchChanges: { edges: readonly { node: BatchChange }[] } }>(
        `{ batchChanges(status: WAITS_FOR_APPROVAL, first: 5) { edges { node { ${fields} } } } }`,
      );
      return batchChanges.edges.length === 0 ? null : `${batchChanges.edges.length} wait`;
    },
  };
  return [inAll, noBatchChange];
}
