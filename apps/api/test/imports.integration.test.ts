import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createActivities } from '@tenure/activities';
import { createTestApi, later, type TestApi } from './api.ts';

const tenureYaml = `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes: { displayName: { type: string }, employeeNumber: { type: string }, department: { type: string }, startDate: { type: date } }
precedence: { default: [hr] }
sources:
  hr: { authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
  badges: { correlate: [{ attribute: employeeNumber }] }
targets: { crm: { kind: scim, url: http://127.0.0.1:9/scim, token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } } }
`;
const accessYaml = `
entitlements: { crm.user: { target: crm, value: users }, crm.finance: { target: crm, value: finance } }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
  - { name: finance, when: 'identity.department == "Finance"', entitlements: [crm.finance] }
lifecycle: [{ name: all, start: { createBefore: P30D }, end: { grace: P30D, then: delete } }]
`;

const people = 60;
const future = 'w59';
let api: TestApi;
let hr: string;
let operator: string;

beforeAll(async () => {
  api = await createTestApi({ tenureYaml, accessYaml });
  hr = await api.serviceToken('source:hr');
  operator = await api.serviceToken('operator');
});
afterAll(() => api.stop());

const everyone = Array.from({ length: people }, (_, number) => `w${String(number).padStart(2, '0')}`);
const record = (externalId: string, version = 1, department = 'Sales') => ({
  externalId,
  version: String(version),
  status: 'ACTIVE',
  attributes: { displayName: `Person ${externalId}`, employeeNumber: externalId, department, ...(externalId === future ? { startDate: '2026-03-20' } : {}) },
});
const proofOf = (ids: readonly string[]) => ({ count: ids.length, digest: createHash('sha256').update(ids.toSorted().join('\n')).digest('hex') });

async function ask<T>(query: string, variables: object = {}, token = hr): Promise<T> {
  const { data, errors } = await api.graphql(query, { token, variables });
  expect(errors).toEqual([]);
  return data as unknown as T;
}

const begin = async (): Promise<string> => (await ask<{ startImport: { id: string } }>('mutation { startImport(source: "hr") { id } }')).startImport.id;
async function send(importId: string | null, records: readonly object[]): Promise<Record<string, number>> {
  const mutation = 'mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { results { outcome } } }';
  const { recordFacts } = await ask<{ recordFacts: { results: { outcome: string }[] } }>(mutation, { input: { source: 'hr', importId, records } });
  return Object.fromEntries([...Map.groupBy(recordFacts.results, ({ outcome }) => outcome)].map(([outcome, some]) => [outcome, some.length]));
}
const finishing = 'mutation ($id: ID!, $complete: FeedProofInput) { finishImport(id: $id, complete: $complete) { records vanished import { status } } }';
const finish = async (id: string, complete: object | null): Promise<object> => (await ask<{ finishImport: object }>(finishing, { id, complete })).finishImport;
const refusal = async (id: string, complete: object): Promise<string> => {
  const { errors } = await api.graphql(finishing, { token: hr, variables: { id, complete } });
  expect(errors[0]?.extensions.code).toBe('INPUT_INVALID');
  return errors[0]?.message ?? '';
};

/** Carries out batches as the worker does; one that turns out to need approval stays. */
async function carryOut(): Promise<void> {
  const activities = createActivities({ store: api.store, engine: api.engine, connectors: {}, clock: () => api.now, alive: () => undefined });
  for (const { id } of await api.database.execute(`select id from wave where standing = 'free' and finished_at is null`)) {
    await activities.planWave({ waveId: String(id), correlationId: 'c', after: null });
    await activities.finishWave({ waveId: String(id), correlationId: 'c' });
  }
}
const accounts = async (): Promise<string[]> =>
  (await api.database.execute(`select desired->>'state' as state, count(*)::int as count from account group by 1 order by 1`)).map(
    ({ state, count }) => `${String(count)} ${String(state)}`,
  );
const cases = async (kind: string): Promise<readonly { id: string; evidence: { people?: number; source?: string } }[]> =>
  (
    await ask<{ cases: { edges: { node: { id: string; evidence: { people?: number; source?: string } } }[] } }>(
      `{ cases(filter: { kind: ${kind}, status: OPEN }) { edges { node { id evidence } } } }`,
      {},
      operator,
    )
  ).cases.edges.map(({ node }) => node);

describe('an import', () => {
  test('is in force when all of it was judged, and not before', async () => {
    const id = await begin();
    expect(
      await send(
        id,
        everyone.slice(0, 40).map((one) => record(one)),
      ),
    ).toEqual({ STAGED: 40 });
    expect(
      await send(
        id,
        everyone.slice(20).map((one) => record(one)),
      ),
    ).toEqual({ STAGED: 40 });
    expect(await api.database.execute('select count(*)::int as count from identity')).toEqual([{ count: 0 }]);
    expect(await finish(id, null)).toEqual({ records: people, vanished: 0, import: { status: 'APPROVED' } });
    await carryOut();
    expect(await accounts()).toEqual(['1 disabled', '59 enabled']);
    expect(await ask('query ($id: ID!) { import(id: $id) { status people finishedAt } }', { id })).toEqual({
      import: { status: 'APPROVED', people, finishedAt: api.now },
    });
    const late = await api.graphql('mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { problems } }', {
      token: hr,
      variables: { input: { source: 'hr', importId: id, records: [] } },
    });
    expect(late.errors[0]?.extensions.code).toBe('INPUT_INVALID');
  });

  test('ends whom it does not name with proof that it is complete, and nobody without', async () => {
    api.now = later(api.now, 2);
    const named = everyone.filter((one) => one !== 'w07' && one !== future);
    const id = await begin();
    expect(
      await send(
        id,
        named.map((one) => record(one, one === 'w01' ? 2 : 1, one === 'w01' ? 'Finance' : 'Sales')),
      ),
    ).toEqual({ UNCHANGED: 57, STAGED: 1 });
    expect(await refusal(id, proofOf(everyone))).toContain('has named 58 people, and not 60, so nobody is terminated');
    expect(await refusal(id, { count: 58, digest: 'a'.repeat(64) })).toContain('nobody is terminated');
    expect(await finish(id, proofOf(named))).toMatchObject({ records: 3, vanished: 2 });
    await carryOut();
    // The one who was to come has left no account behind; the one who was here is closed, for as long as the grace runs.
    expect(await accounts()).toEqual(['1 absent', '1 disabled', '58 enabled']);
    const [told] = await cases('VANISHED_FROM_FEED');
    expect(told?.evidence).toMatchObject({ source: 'hr', people: 2 });
    expect(await cases('HIRE_CALLED_OFF')).toHaveLength(1);
    await ask('mutation ($id: ID!) { resolveCase(id: $id, resolution: "HR confirmed both") { status } }', { id: told?.id }, operator);
    expect(await cases('VANISHED_FROM_FEED')).toEqual([]);
    // With records of the very same version, they are back.
    expect(await send(null, [record('w07'), record(future)])).toEqual({ UPDATED: 2 });
    expect(await accounts()).toEqual(['1 disabled', '59 enabled']);
  });

  test('that was cut short is stopped as a whole before its first write, though its proof is right', async () => {
    api.now = later(api.now, 2);
    const named = everyone.slice(0, 20);
    const id = await begin();
    await send(id, [...named.map((one) => record(one)), record('w00', 3, 'Finance')].slice(1));
    expect(await finish(id, proofOf(named))).toMatchObject({ records: 41, vanished: 40 });
    await carryOut();
    expect(await accounts()).toEqual(['1 disabled', '59 enabled']);
    expect(await ask('query ($id: ID!) { import(id: $id) { status finishedAt } }', { id })).toEqual({
      import: { status: 'WAITS_FOR_APPROVAL', finishedAt: null },
    });
    const { batchChange } = await ask<{ batchChange: { plan: { digest: string; changes: { target: string; kind: string; people: number }[] } } }>(
      'query ($id: ID!) { batchChange(id: $id) { plan { digest changes { target kind people isOver } } } }',
      { id },
      operator,
    );
    expect(batchChange.plan.changes[0]).toEqual({ target: '*', kind: 'DISABLE', people: 40, isOver: true });
    expect(await cases('CHANGE_BUDGET')).toHaveLength(1);
    // A person who is named again, in the same version, has not vanished.
    expect(await send(null, [record('w30')])).toEqual({ UNCHANGED: 1 });
    const rest = await ask<{ batchChange: { people: number; plan: { digest: string } } }>(
      'query ($id: ID!) { batchChange(id: $id) { people plan { digest } } }',
      { id },
      operator,
    );
    expect(rest.batchChange.people).toBe(40);
    await ask('mutation ($id: ID!) { discardBatchChange(id: $id, reason: "cut short") { status } }', { id }, operator);
    await carryOut();
    expect(await accounts()).toEqual(['1 disabled', '59 enabled']);
  });

  test('that gives everybody a new version and says nothing new is two events of the audit, no item and no decision; what is news in it counts', async () => {
    api.now = later(api.now, 3);
    const counts = async () =>
      (
        await api.database.execute(
          `select (select count(*)::int from audit_event) as events, (select count(*)::int from batch_item) as items, (select sum(revision)::int from identity) as decisions,
             (select count(*)::int from outbox) as outbox`,
        )
      )[0];
    const known = await api.database.execute('select external_id, version, facts from source_record order by external_id');
    const night = (version: number, department?: string) =>
      known.map(({ external_id, facts }) => {
        const said = record(String(external_id), version);
        return { ...said, attributes: { ...(facts as object), ...(department !== undefined && external_id === 'w05' ? { department } : {}) } };
      });
    const before = await counts();
    const id = await begin();
    expect(await send(id, night(11))).toEqual({ UNCHANGED: people });
    // The same once more changes nothing either.
    expect(await send(id, night(11))).toEqual({ UNCHANGED: people });
    // Nothing of it counts before it is finished.
    expect(await api.database.execute('select count(*)::int as count from source_record where version = ?', ['11'])).toEqual([{ count: 0 }]);
    expect(await finish(id, proofOf(everyone))).toMatchObject({ records: 0, vanished: 0 });
    await carryOut();
    // `import.begun`, `import.finished`, and those of the batch change that has nothing in it.
    const events = await api.database.execute(`select action, reason from audit_event where subject_id = ? order by position`, [id]);
    expect(events.map(({ action }) => action)).toEqual(['import.begun', 'import.finished', 'wave.finished']);
    expect(events[1]?.['reason']).toMatchObject({ named: people, repeated: people, records: 0, isComplete: true });
    expect(await counts()).toEqual({ ...before, events: Number(before?.['events']) + 3 });
    expect(await api.database.execute('select distinct version from source_record')).toEqual([{ version: '11' }]);
    expect((await api.store.read((tx) => tx.audit.verify())).problems).toEqual([]);

    // In batches without an import, too; and the audit contains the change of the one person who changed.
    expect(await send(null, night(12, 'Legal'))).toEqual({ UNCHANGED: people - 1, UPDATED: 1 });
    const taken = await api.database.execute(
      `select reason->>'version' as version from audit_event where action = 'record.taken' and reason->>'version' in ('11', '12')`,
    );
    expect(taken).toEqual([{ version: '12' }]);
    const next = await begin();
    expect(await send(next, night(13))).toEqual({ UNCHANGED: people - 1, STAGED: 1 });
    expect(await finish(next, null)).toMatchObject({ records: 1 });
    await carryOut();
    expect(await api.database.execute(`select version, facts->>'department' as department from source_record where external_id = 'w05'`)).toMatchObject([
      { version: '13' },
    ]);
  });

  test('belongs to its source, of which only one is open at a time', async () => {
    const [first, second] = [await begin(), await begin()];
    const { errors } = await api.graphql(finishing, { token: hr, variables: { id: first, complete: null } });
    expect(errors[0]?.extensions.code).toBe('INPUT_INVALID');
    const badges = await api.serviceToken('source:badges');
    for (const query of ['mutation ($id: ID!) { finishImport(id: $id) { records } }', 'mutation { startImport(source: "hr") { id } }'])
      expect((await api.graphql(query, { token: badges, variables: { id: second } })).errors[0]?.extensions.code).toMatch(/NOT_FOUND|FORBIDDEN/);
    expect(await ask('query ($id: ID!) { import(id: $id) { id } }', { id: second }, badges)).toEqual({ import: null });
    expect(await refusal(second, { count: 0, digest: createHash('sha256').update('').digest('hex') })).toContain(
      'an import without records cannot be complete',
    );
    const own = await ask<{ startImport: { id: string } }>('mutation { startImport(source: "badges") { id } }', {}, badges);
    const answer = await api.graphql(finishing, { token: badges, variables: { id: own.startImport.id, complete: proofOf([]) } });
    expect(answer.errors[0]?.message).toContain('is not authoritative in tenure.yaml');
  });
});
