import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createActivities } from '@tenure/activities';
import { createEngine } from '@tenure/engine/decide';
import { accessYaml, createTestApi, later, type TestApi } from './api.ts';
import { startPolicy, publishPolicy } from '@tenure/engine/policy';

const people = 400;
const tokens: Record<string, string> = {};
let api: TestApi;

beforeAll(async () => {
  api = await createTestApi({ accessYaml: `${accessYaml}budget: { owner: { holders: crm.approver } }\n` });
  for (const role of ['source:hr', 'operator', 'auditor']) tokens[role] = await api.serviceToken(role);
  expect(counted(await send(everyone.map((number) => record(number, 1))))).toEqual({ CREATED: people });
});
afterAll(() => api.stop());

const everyone = Array.from({ length: people }, (_, number) => number);
const record = (number: number, version: number, status = 'ACTIVE', more: object = {}) => ({
  externalId: `w${String(number).padStart(3, '0')}`,
  version: String(version),
  status,
  attributes: { displayName: `Person ${number}`, employeeNumber: `w${number}`, department: number < 300 ? 'Sales' : 'Finance', ...more },
});

interface Result {
  readonly externalId: string;
  readonly outcome: string;
  readonly identityId: string | null;
  readonly batchChangeId: string | null;
}

async function ask<T>(query: string, variables: object, role = 'operator'): Promise<T> {
  const { data, errors } = await api.graphql(query, { token: tokens[role] ?? '', variables });
  expect(errors).toEqual([]);
  return data as unknown as T;
}

async function send(records: readonly object[]): Promise<readonly Result[]> {
  const mutation = 'mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { results { externalId outcome identityId batchChangeId } } }';
  return (await ask<{ recordFacts: { results: Result[] } }>(mutation, { input: { source: 'hr', records } }, 'source:hr')).recordFacts.results;
}

const counted = (results: readonly Result[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(results, ({ outcome }) => outcome)].map(([outcome, some]) => [outcome, some.length]));

interface Wave {
  readonly id: string;
  readonly status: string;
  readonly people: number;
  readonly plan: {
    readonly digest: string;
    readonly people: number;
    readonly changes: readonly { target: string; kind: string; people: number; isOver: boolean }[];
  };
}

const fields = 'id status people plan { digest people changes { target kind people earlier population isOver examples } }';
const held = async (): Promise<readonly Wave[]> =>
  (
    await ask<{ batchChanges: { edges: { node: Wave }[] } }>(`{ batchChanges(status: WAITS_FOR_APPROVAL) { edges { node { ${fields} } } } }`, {}, 'auditor')
  ).batchChanges.edges.map(({ node }) => node);
const only = async (): Promise<Wave> => {
  const [wave, ...others] = await held();
  expect(others).toEqual([]);
  if (wave === undefined) throw new Error('no wave is held');
  return wave;
};
const release = (wave: Wave, part: object | null = null) =>
  ask<{ approveBatchChange: Wave }>(
    `mutation ($id: ID!, $digest: String!, $part: BatchChangePartInput) { approveBatchChange(id: $id, digest: $digest, reason: "checked with HR", part: $part) { ${fields} } }`,
    {
      id: wave.id,
      digest: wave.plan.digest,
      part,
    },
  );
const discard = (wave: Wave) => ask(`mutation ($id: ID!) { discardBatchChange(id: $id, reason: "the feed was wrong") { status } }`, { id: wave.id });

/** Carries out batches as the worker does: every one that needs no approval. */
async function carryOut(): Promise<void> {
  const activities = createActivities({ store: api.store, engine: api.engine, connectors: {}, clock: () => api.now, alive: () => undefined });
  for (const { id, correlation_id } of await api.database.execute(`select id, correlation_id from wave where standing = 'free' and finished_at is null`)) {
    const wave = { waveId: String(id), correlationId: String(correlation_id) };
    await activities.planWave({ ...wave, after: null });
    await activities.finishWave(wave);
  }
}

const accounts = async (): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await api.database.execute(`select desired->>'state' as state, count(*)::int as count from account group by 1`)).map(({ state, count }) => [
      String(state),
      Number(count),
    ]),
  );
const openCases = async (): Promise<number> =>
  (await ask<{ cases: { totalCount: number } }>('{ cases(filter: { kind: CHANGE_BUDGET, status: OPEN }) { totalCount } }', {}, 'auditor')).cases.totalCount;

describe('the change budget', () => {
  test('a wrong mass termination is stopped before the first write in any target, and waits with its plan', async () => {
    await carryOut();
    const before = await api.database.execute(
      'select (select count(*) from operation) as operations, (select count(*) from source_record where status = $$ended$$) as ended',
    );
    const results = await send(everyone.slice(0, 300).map((number) => record(number, 2, 'ENDED')));
    expect(counted(results)).toEqual({ WAITS_FOR_APPROVAL: 300 });
    expect(await accounts()).toEqual({ enabled: people });
    expect(
      await api.database.execute(
        'select (select count(*) from operation) as operations, (select count(*) from source_record where status = $$ended$$) as ended',
      ),
    ).toEqual(before);
    const wave = await only();
    expect(results.every(({ batchChangeId }) => batchChangeId === wave.id)).toBe(true);
    expect(wave).toMatchObject({
      people: 300,
      plan: {
        people: 300,
        changes: [
          { target: '*', kind: 'DISABLE', people: 300, earlier: 0, population: people, isOver: true },
          { target: 'crm', kind: 'DISABLE', people: 300, earlier: 0, population: people, isOver: true },
        ],
      },
    });
    expect(await openCases()).toBe(1);
  });

  test('the same batch again joins what waits; what others say goes on', async () => {
    const { plan } = await only();
    expect(counted(await send(everyone.slice(0, 300).map((number) => record(number, 2, 'ENDED'))))).toEqual({ WAITS_FOR_APPROVAL: 300 });
    expect((await only()).plan.digest).toBe(plan.digest);
    expect(counted(await send([record(399, 2, 'ACTIVE', { department: 'Sales' })]))).toEqual({ UPDATED: 1 });
    // Any more ends within the hour belong to the same mistake.
    expect(counted(await send([record(398, 2, 'ENDED')]))).toEqual({ WAITS_FOR_APPROVAL: 1 });
    expect((await only()).people).toBe(301);
    expect(await openCases()).toBe(1);
  });

  test('a newer record takes the place of one that waits', async () => {
    // The record equals the state in force: only the one that waits for approval is withdrawn.
    expect(counted(await send([record(398, 3)]))).toEqual({ UNCHANGED: 1 });
    expect((await only()).people).toBe(300);
    expect(counted(await send([record(0, 1, 'ENDED')]))).toEqual({ STALE: 1 });
  });

  test('is decided on by its digest, and shown anew when it would do more by now', async () => {
    const wave = await only();
    const { errors } = await api.graphql('mutation ($id: ID!) { approveBatchChange(id: $id, digest: "0000", reason: "x") { id } }', {
      token: tokens['operator'] ?? '',
      variables: { id: wave.id },
    });
    expect(errors[0]?.extensions.code).toBe('BATCH_PLAN_CHANGED');
    expect(await held()).toHaveLength(1);
    for (const role of ['source:hr', 'auditor']) {
      const refused = await api.graphql('mutation ($id: ID!) { discardBatchChange(id: $id, reason: "x") { id } }', {
        token: tokens[role] ?? '',
        variables: { id: wave.id },
      });
      expect(refused.errors[0]?.extensions.code).toBe('FORBIDDEN');
    }
  });

  test('part of it is released, and the rest goes on waiting', async () => {
    const wave = await only();
    const [row] = await api.database.execute(`select identity_id from batch_item where key = 'w007'`);
    const rest = (await release(wave, { identityIds: [String(row?.['identity_id'])] })).approveBatchChange;
    expect(rest).toMatchObject({ id: wave.id, status: 'WAITS_FOR_APPROVAL', people: 299 });
    await carryOut();
    expect(await accounts()).toEqual({ enabled: people - 1, disabled: 1 });
    expect(await openCases()).toBe(1);
  });

  test('discarded, it was never said; said again, it waits again', async () => {
    await discard(await only());
    expect(await held()).toEqual([]);
    expect(await openCases()).toBe(0);
    expect(await api.database.execute(`select count(*)::int as count from batch_item where result = 'pending' or record is not null`)).toEqual([{ count: 0 }]);
    await carryOut();
    expect(await accounts()).toEqual({ enabled: people - 1, disabled: 1 });
    expect(counted(await send(everyone.slice(0, 300).map((number) => record(number, 2, 'ENDED'))))).toEqual({ WAITS_FOR_APPROVAL: 299, UNCHANGED: 1 });
  });

  test('released whole, it is carried out once, also when the worker dies in between and repeats', async () => {
    const wave = await only();
    expect((await release(wave)).approveBatchChange.status).toBe('APPROVED');
    expect(await openCases()).toBe(0);
    const again = await api.graphql('mutation ($id: ID!) { discardBatchChange(id: $id, reason: "x") { id } }', {
      token: tokens['operator'] ?? '',
      variables: { id: wave.id },
    });
    expect(again.errors[0]?.extensions.code).toBe('CASE_CLOSED');
    const dying = createActivities({
      store: api.store,
      engine: api.engine,
      connectors: {},
      clock: () => api.now,
      alive: (progress) => {
        if (progress === 250) throw new Error('the worker dies');
      },
    });
    await expect(dying.planWave({ waveId: wave.id, correlationId: 'c', after: null })).rejects.toThrow('dies');
    expect(await accounts()).toEqual({ enabled: people - 251, disabled: 251 });
    await carryOut();
    expect(await accounts()).toEqual({ enabled: 100, disabled: 300 });
    await carryOut();
    const repeated = await api.database.execute(
      `select count(*)::int as count from audit_event where action = 'record.taken' and reason->>'status' = 'ended' group by identity_id having count(*) > 1`,
    );
    expect(repeated).toEqual([]);
  });

  test('one by one is no way around it: what a source takes away is added up over an hour', async () => {
    api.now = later(api.now, 2);
    const answers: string[] = [];
    for (const number of everyone.slice(300, 320)) answers.push(...(await send([record(number, 5, 'ENDED')])).map(({ outcome }) => outcome));
    expect(answers).toEqual([...Array.from({ length: 10 }, () => 'UPDATED'), ...Array.from({ length: 10 }, () => 'WAITS_FOR_APPROVAL')]);
    expect((await only()).plan.changes[0]).toMatchObject({ target: '*', kind: 'DISABLE', people: 10, earlier: 10 });
    // A termination by an operator is deliberate.
    const [somebody] = await api.database.execute(`select identity_id from source_record where external_id = 'w330'`);
    await ask('mutation ($ids: [ID!]!) { terminateNow(identityIds: $ids, reason: "stolen") { outcome } }', { ids: [somebody?.['identity_id']] });
    expect(await accounts()).toEqual({ enabled: 89, disabled: 311 });
    api.now = later(api.now, 2);
    expect(counted(await send([record(340, 5, 'ENDED')]))).toEqual({ UPDATED: 1 });
    await discard(await only());
  });

  test('hires count too, and may be released alone', async () => {
    const hires = Array.from({ length: 150 }, (_, number) => record(1000 + number, 1));
    expect(counted(await send([...hires, record(350, 7, 'ENDED')]))).toEqual({ WAITS_FOR_APPROVAL: 151 });
    const wave = await only();
    expect(wave.plan.changes.filter(({ isOver }) => isOver).map(({ target, kind, people: count }) => `${target} ${kind} ${count}`)).toEqual([
      '* CREATE 150',
      'crm CREATE 150',
    ]);
    expect((await release(wave, { kinds: ['CREATE'] })).approveBatchChange).toMatchObject({ status: 'WAITS_FOR_APPROVAL', people: 1 });
    await carryOut();
    expect(await accounts()).toEqual({ enabled: 238, disabled: 312 });
    await discard(await only());
  });

  test('tells of itself in the audit, which holds, and names nobody', async () => {
    const { auditEvents } = await ask<{ auditEvents: { edges: { node: { sentence: string } }[] } }>(
      '{ auditEvents(first: 1, filter: { action: "wave.held" }) { edges { node { sentence } } } }',
      {},
      'auditor',
    );
    expect(auditEvents.edges[0]?.node.sentence).toBe('The change budget was exceeded: a batch change of hr waits for approval.');
    expect((await api.store.read((tx) => tx.audit.verify())).problems).toEqual([]);
    const plans = JSON.stringify(await api.database.execute('select plan from wave union all select evidence from case_file'));
    expect(plans).not.toMatch(/Person \d|w\d\d/);
  });
});

describe('a policy version', () => {
  const next = () => {
    const { policy } = api.configuration;
    return { ...policy, birthright: policy.birthright.filter(({ name }) => name !== 'everybody') };
  };

  test('that would take from too many is not in force until somebody releases it, whole', async () => {
    const engine = createEngine({ configuration: { ...api.configuration, policy: next() } });
    const start = () => api.store.transaction({ actor: { kind: 'system', id: 'api' }, correlationId: 'start', now: api.now }, (tx) => startPolicy(tx, engine));
    const first = await start();
    expect(first).toMatchObject({ version: 1, differs: true });
    expect(await start()).toEqual(first);
    const wave = await only();
    expect(wave).toMatchObject({ id: first.waitsIn, plan: { people: 238 } });
    expect(wave.plan.changes.map(({ target, kind, people: count, isOver }) => `${target} ${kind} ${count} ${isOver}`)).toEqual([
      '* LOSE 237 true',
      'crm LOSE 237 true',
      '* DISABLE 1 false',
      'crm DISABLE 1 false',
    ]);
    await discard(wave);
    expect(await start()).toEqual({ version: 1, differs: true, waitsIn: null });
    const applied = await api.store.transaction({ actor: { kind: 'system', id: 'tool' }, correlationId: 'apply', now: api.now }, (tx) =>
      publishPolicy(tx, engine),
    );
    expect(applied).toMatchObject({ version: 1, added: false });
    const again = await only();
    const { errors } = await api.graphql(
      'mutation ($id: ID!, $digest: String!) { approveBatchChange(id: $id, digest: $digest, reason: "x", part: { kinds: [DISABLE] }) { id } }',
      { token: tokens['operator'] ?? '', variables: { id: again.id, digest: again.plan.digest } },
    );
    expect(errors[0]?.extensions.code).toBe('INPUT_INVALID');
    await release(again);
    expect(await start()).toEqual({ version: 2, differs: false, waitsIn: null });
    expect(
      await api.database.execute(
        `select w.id, count(*) > 500 as everybody from wave w join wave_member m on m.wave_id = w.id where w.trigger = 'policy' and w.finished_at is null group by 1`,
      ),
    ).toEqual([{ id: again.id, everybody: true }]);
  });
});

test('a wave is decided by whom the policy names, who stands in for them, and whoever it was given to', async () => {
  const [owner, colleague, other] = [await api.person('Approver'), await api.person('Sales'), await api.person('Sales')];
  expect(counted(await send(Array.from({ length: 150 }, (_, number) => record(1000 + number, 9, 'ENDED'))))).toEqual({ WAITS_FOR_APPROVAL: 150 });
  const { id } = await only();
  const say = async (call: string, token = '') => (await api.graphql(call, { token })).errors[0]?.extensions.code;
  const look = (token: string) => say(`{ batchChange(id: "${id}") { people } }`, token);
  expect([await look(owner.token), await look(colleague.token), await look(other.token)]).toEqual([undefined, 'FORBIDDEN', 'FORBIDDEN']);
  const away = `delegate(to: "${colleague.id}", until: "${later(api.now, 24)}", kinds: [CASES], reason: "away")`;
  expect(await say(`mutation { ${away} { id } }`, owner.token)).toBeUndefined();
  expect(await look(colleague.token)).toBeUndefined();
  const open = await api.store.read((tx) => tx.cases.openOfKey(`change-budget/${id}`));
  const given = `reassignCase(id: "${open?.id ?? ''}", ownerId: "${other.id}", reason: "Knows the feed")`;
  expect(await say(`mutation { ${given} { id } }`, tokens['operator'])).toBeUndefined();
  expect(await say(`mutation { discardBatchChange(id: "${id}", reason: "the feed was wrong") { status } }`, other.token)).toBeUndefined();
});
