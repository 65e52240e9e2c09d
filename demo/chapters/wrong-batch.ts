import { eventually } from '@tenure/testing/eventually.ts';
import { must } from '@tenure/testing/must.ts';
import type { Check } from '../check.ts';
import { viewIdentity } from '../identity-view.ts';
import type { Stage } from '../stage.ts';
import { duration } from '../tell.ts';
import type { Chapter } from './chapter.ts';

interface BatchChange {
  readonly id: string;
  readonly status: string;
  readonly finishedAt: string | null;
  readonly plan: {
    readonly digest: string;
    readonly changes: readonly { readonly target: string; readonly kind: string; readonly people: number }[];
  };
  readonly tally: { readonly carriedOut: number; readonly obsolete: number };
}
type Line = Readonly<{ number: number; department: string; status: 'ACTIVE' | 'ENDED' }>;

const fields = 'id status finishedAt plan { digest changes { target kind people } } tally { carriedOut obsolete }';
const clerks = [1, 2, 3, 4, 5];
/** This one has really moved, as a later record says. */
const moved = 4;
const patience = 60_000;

/** Chapter about an import whose columns had shifted, and which nobody noticed in time. */
export const wrongBatch: Chapter = {
  name: 'wrong-batch',
  title: 'An import with shifted columns moves four people and ends a fifth: it is undone in every target, except for what a newer record says',
  async play(stage) {
    const userNames = await hired(stage);
    const id = await imported(stage, userNames);
    await movedIndeed(stage, userNames);
    await undone(stage, id, userNames);
    return [asBefore(stage, userNames), isShown(stage, id)];
  },
};

async function hired(stage: Stage): Promise<readonly string[]> {
  const { narrator, reader } = stage;
  narrator.step('1', 'Five clerks in Finance');
  narrator.say('World', 'Human resources hire five clerks, and send them as an import.');
  await importOf(
    stage,
    clerks.map((number) => ({ number, department: 'Finance', status: 'ACTIVE' })),
    1,
  );
  const userNames = await eventually(
    'the clerks to be known',
    async () => {
      const found = await Promise.all(clerks.map((number) => identityIdOf(stage, number)));
      return found.every((one) => one !== null) ? Promise.all(found.map(async (one) => (await viewIdentity(reader, one ?? '')).userName)) : null;
    },
    patience,
  );
  await untilAll(stage, userNames, () => inFinance);
  await tell(stage, userNames);
  return userNames;
}

async function imported(stage: Stage, userNames: readonly string[]): Promise<string> {
  const { narrator } = stage;
  narrator.step('2', 'An import with shifted columns');
  narrator.say(
    'World',
    'In the next export a column has shifted: four of them are in Sales, and the fifth has left. That is within the change budget, so it is carried out.',
  );
  const wrong = clerks.map((number): Line => ({ number, department: 'Sales', status: number === 5 ? 'ENDED' : 'ACTIVE' }));
  const id = await importOf(stage, wrong, 2);
  await untilAll(stage, userNames, (number) => (number === 5 ? null : inSales));
  await tell(stage, userNames);
  return id;
}

async function movedIndeed(stage: Stage, userNames: readonly string[]): Promise<void> {
  stage.narrator.say('World', 'One of them has really moved: human resources record the first day in Treasury.');
  await send(stage, [{ number: moved, department: 'Treasury', status: 'ACTIVE' }], 3, null);
  await untilAll(stage, userNames, (number) => (number === moved ? inTreasury : number === 5 ? null : inSales));
}

async function undone(stage: Stage, id: string, userNames: readonly string[]): Promise<void> {
  const { narrator, reader } = stage;
  narrator.step('3', 'It is undone');
  const { undoBatchChange: undo } = await reader.ask<{ undoBatchChange: BatchChange }>(
    `mutation ($id: ID!) { undoBatchChange(id: $id, reason: "A column of the export had shifted") { ${fields} } }`,
    { id },
  );
  must(undo.status === 'WAITS_FOR_APPROVAL' && undo.tally.obsolete === 1, `the undo is ${undo.status}, with ${undo.tally.obsolete} obsolete items`);
  narrator.say(
    'Tenure',
    'Plans the undo, as a batch change that waits for approval: nothing has changed yet. The one with the newer record is left as they are.',
  );
  narrator.table('', [
    ['where', 'what', 'people'],
    ...undo.plan.changes.map(({ target, kind, people }) => [target === '*' ? 'in all' : target, kind.toLowerCase(), String(people)]),
  ]);
  const begun = Date.now();
  const approving = 'mutation ($id: ID!, $digest: String!) { approveBatchChange(id: $id, digest: $digest, reason: "Seen") { id } }';
  await reader.ask(approving, { id: undo.id, digest: undo.plan.digest });
  await untilAll(stage, userNames, afterwards);
  narrator.say('Took', `${duration(Date.now() - begun)} until the four had what they had before.`);
  await tell(stage, userNames);
}

/** Sends an import, and waits until it was carried out. */
async function importOf(stage: Stage, people: readonly Line[], version: number): Promise<string> {
  const { humanResources, reader } = stage;
  const { startImport } = await humanResources.ask<{ startImport: { id: string } }>('mutation { startImport(source: "hr") { id } }', {});
  await send(stage, people, version, startImport.id);
  await humanResources.ask('mutation ($id: ID!) { finishImport(id: $id) { records } }', { id: startImport.id });
  await eventually(
    'the import to be carried out',
    async () => {
      const { batchChange } = await reader.ask<{ batchChange: BatchChange | null }>(`query ($id: ID!) { batchChange(id: $id) { ${fields} } }`, {
        id: startImport.id,
      });
      must(batchChange?.status !== 'WAITS_FOR_APPROVAL', 'the import waits for approval');
      return batchChange?.finishedAt ?? null;
    },
    patience,
  );
  return startImport.id;
}

async function send({ humanResources }: Stage, people: readonly Line[], version: number, importId: string | null): Promise<void> {
  const records = people.map(({ number, department, status }) => {
    const attributes = {
      givenName: 'Clerk',
      familyName: `No${number}`,
      displayName: `Clerk No${number}`,
      email: `clerk.no${number}@fabrikam.example`,
      employeeNumber: employeeNumber(number),
      department,
      jobRole: 'Clerk',
    };
    return { externalId: employeeNumber(number), version: String(version), status, attributes };
  });
  const mutation = 'mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { results { outcome } } }';
  await humanResources.ask(mutation, { input: { source: 'hr', importId, records } });
}

const employeeNumber = (number: number): string => `E-41${String(number).padStart(2, '0')}`;

async function identityIdOf({ reader }: Stage, number: number): Promise<string | null> {
  const query = 'query ($search: String!) { identities(search: $search, first: 1) { edges { node { id } } } }';
  const { identities } = await reader.ask<{ identities: { edges: readonly { node: { id: string } }[] } }>(query, { search: employeeNumber(number) });
  return identities.edges[0]?.node.id ?? null;
}

/** Groups by target of somebody in a department. */
type Access = Readonly<Record<string, string>>;
const inFinance: Access = { crm: 'Finance', directory: 'finance+staff', ledger: 'clerk+reader' };
const inSales: Access = { crm: 'Sales', directory: 'sales+staff', ledger: 'reader' };
const inTreasury: Access = { crm: '', directory: 'staff', ledger: 'reader' };
const afterwards = (number: number): Access => (number === moved ? inTreasury : inFinance);

/** Differences in the targets from the expected accounts of a person. @param wanted `null`: no usable account */
async function differences({ processes }: Stage, userNames: readonly string[], wanted: (number: number) => Access | null): Promise<readonly string[]> {
  const found = clerks.flatMap((number) =>
    processes.targets.map(async ({ name, look }) => {
      const { enabled, groups } = await look(userNames[number - 1] ?? '');
      const access = wanted(number);
      const isRight = access === null ? !enabled : enabled && groups.join('+') === access[name];
      return isRight ? [] : [`${name} of clerk ${number}: ${enabled ? groups.join('+') || 'no groups' : 'no usable account'}`];
    }),
  );
  return (await Promise.all(found)).flat();
}

async function untilAll(stage: Stage, userNames: readonly string[], wanted: (number: number) => Access | null): Promise<void> {
  await eventually('all targets to have what is to be there', async () => ((await differences(stage, userNames, wanted)).length === 0 ? true : null), patience);
}

async function tell({ processes, narrator }: Stage, userNames: readonly string[]): Promise<void> {
  const lines = userNames.map(async (userName) => {
    const states = await Promise.all(processes.targets.map(async ({ title, look }) => ({ title, ...(await look(userName)) })));
    return [userName, ...states.map(({ title, enabled, groups }) => `${title}: ${enabled ? groups.join(', ') || 'no groups' : 'disabled'}`)];
  });
  narrator.table('Targets', await Promise.all(lines));
}

function asBefore(stage: Stage, userNames: readonly string[]): Check {
  return {
    text: 'Targets: four of the clerks have what they had before the wrong import, and the fifth what the newer record says',
    find: async () => (await differences(stage, userNames, afterwards)).join('; ') || null,
  };
}

function isShown({ reader }: Stage, id: string): Check {
  return {
    text: 'GraphQL: the wrong import is shown with its undo, which is carried out',
    find: async () => {
      const query = 'query ($id: ID!) { batchChange(id: $id) { undoneBy { status finishedAt tally { carriedOut obsolete } } } }';
      const { batchChange } = await reader.ask<{ batchChange: { undoneBy: readonly Omit<BatchChange, 'id' | 'plan'>[] } }>(query, { id });
      const [undo] = batchChange.undoneBy;
      return undo?.status === 'APPROVED' && undo.tally.carriedOut === 4 && undo.tally.obsolete === 1 ? null : JSON.stringify(batchChange.undoneBy);
    },
  };
}
