import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Activities, createActivities } from '@tenure/activities';
import { createEngine, type Engine } from '@tenure/engine/decide';
import type { Store, Transaction } from '@tenure/store';
import { createTestApi, later, type TestApi } from './api.ts';
import { takeRecord } from '@tenure/engine/intake';
import { publishPolicy } from '@tenure/engine/policy';

const tenureYaml = `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes: { displayName: { type: string }, employeeNumber: { type: string }, department: { type: string } }
precedence: { default: [hr, contractors] }
sources:
  hr: { authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
  contractors: { authoritative: true, mayCreate: true, userType: contractor, correlate: [{ attribute: employeeNumber }] }
targets: { crm: { kind: scim, url: http://127.0.0.1:9/scim, token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } } }
`;
const accessYaml = `
entitlements: { crm.user: { target: crm, value: users }, crm.finance: { target: crm, value: finance } }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
  - { name: finance, when: 'identity.department == "Finance"', entitlements: [crm.finance] }
lifecycle: [{ name: all, end: { grace: P30D, then: delete } }]
budget: { limits: { create: { count: 100 }, disable: { count: 2 }, lose: { count: 2 } } }
`;

let api: TestApi;
const tokens: Record<string, string> = {};
/** Counter of tests: people of each test have ids of their own. */
let round = 0;

beforeAll(async () => {
  api = await createTestApi({ tenureYaml, accessYaml });
});
afterAll(() => api.stop());
beforeEach(async () => {
  // A window of the budget later, and without anybody of the test before.
  api.now = later(api.now, 2);
  await api.database.execute(
    'truncate identity, source_record, account, operation, operation_attempt, access_grant, wave, wave_member, batch_item, import_seen, budget_use, case_file, case_comment, outbox cascade',
  );
  // Tokens are of people, and went with them.
  for (const role of ['source:hr', 'source:contractors', 'operator']) tokens[role] = await api.serviceToken(role);
  round += 1;
});

/** Moves the clock past the window of the change budget: batches of the night before no longer count. */
async function aNightLater(): Promise<void> {
  api.now = later(api.now, 2);
  for (const role of ['source:hr', 'operator']) tokens[role] = await api.serviceToken(role);
}
const many = (count: number, letter = 'w'): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${round}-${String(index).padStart(2, '0')}`);
const record = (externalId: string, version = 1, more: { status?: string; department?: string; number?: string } = {}) => ({
  externalId,
  version: String(version),
  status: more.status ?? 'ACTIVE',
  attributes: { displayName: `Person ${externalId}`, employeeNumber: more.number ?? externalId, department: more.department ?? 'Sales' },
});
const ended = (externalId: string, version = 2) => record(externalId, version, { status: 'ENDED' });
const proofOf = (ids: readonly string[]) => ({ count: ids.length, digest: createHash('sha256').update(ids.toSorted().join('\n')).digest('hex') });

async function ask<T>(query: string, variables: object = {}, role = 'operator'): Promise<T> {
  const { data, errors } = await api.graphql(query, { token: tokens[role] ?? '', variables });
  expect(errors).toEqual([]);
  return data as unknown as T;
}
async function codeOf(query: string, variables: object): Promise<string | undefined> {
  return (await api.graphql(query, { token: tokens['operator'] ?? '', variables })).errors[0]?.extensions.code;
}

async function send(records: readonly object[], { importId = null as string | null, source = 'hr' } = {}): Promise<Record<string, number>> {
  const mutation = 'mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { results { outcome } } }';
  const { recordFacts } = await ask<{ recordFacts: { results: { outcome: string }[] } }>(
    mutation,
    { input: { source, importId, records } },
    `source:${source}`,
  );
  return Object.fromEntries([...Map.groupBy(recordFacts.results, ({ outcome }) => outcome)].map(([outcome, some]) => [outcome, some.length]));
}
const begin = async (): Promise<string> =>
  (await ask<{ startImport: { id: string } }>('mutation { startImport(source: "hr") { id } }', {}, 'source:hr')).startImport.id;
const finish = (id: string, named: readonly string[] | null) =>
  ask(
    'mutation ($id: ID!, $complete: FeedProofInput) { finishImport(id: $id, complete: $complete) { records vanished } }',
    { id, complete: named && proofOf(named) },
    'source:hr',
  );
/** An import of these records; complete with the people whom it names besides. */
async function imported(records: readonly { externalId: string }[], isComplete = false): Promise<string> {
  const id = await begin();
  await send(records, { importId: id });
  await finish(id, isComplete ? records.map(({ externalId }) => externalId) : null);
  await carryOut();
  return id;
}

interface Batch {
  readonly id: string;
  readonly status: string;
  readonly people: number;
  readonly plan: { readonly digest: string; readonly people: number };
  readonly problem: string | null;
  readonly decisionReason: string | null;
  readonly finishedAt: string | null;
  readonly tally: { pending: number; carriedOut: number; obsolete: number; discarded: number };
  readonly approval: { scheduled: number; scheduledIn: string | null; obsolete: number; approvedBefore: number; left: number } | null;
}
const fields = `id status people plan { digest people } problem decisionReason finishedAt tally { pending carriedOut obsolete discarded }
  approval { scheduled scheduledIn obsolete approvedBefore remaining }`;
const batchOf = async (id: string): Promise<Batch> =>
  (await ask<{ batchChange: Batch }>(`query ($id: ID!) { batchChange(id: $id) { ${fields} } }`, { id })).batchChange;
const waiting = async (): Promise<readonly Batch[]> =>
  (
    await ask<{ batchChanges: { edges: { node: Batch }[] } }>(`{ batchChanges(status: WAITS_FOR_APPROVAL) { edges { node { ${fields} } } } }`)
  ).batchChanges.edges.map(({ node }) => node);
const releasing = `mutation ($id: ID!, $digest: String!, $part: BatchChangePartInput) { approveBatchChange(id: $id, digest: $digest, reason: "checked", part: $part) { ${fields} } }`;
const release = async ({ id, plan: { digest } }: Batch, part: object | null = null): Promise<Batch> =>
  (await ask<{ approveBatchChange: Batch }>(releasing, { id, digest, part })).approveBatchChange;
const discarding = 'mutation ($id: ID!) { discardBatchChange(id: $id, reason: "cut short") { status } }';
const openCases = async (): Promise<number> =>
  (await ask<{ cases: { totalCount: number } }>('{ cases(filter: { kind: CHANGE_BUDGET, status: OPEN }) { totalCount } }')).cases.totalCount;

const worker = (engine: Engine = api.engine, alive: (progress?: unknown) => void = () => undefined, store = api.store): Activities =>
  createActivities({ store, engine, connectors: {}, clock: () => api.now, alive });

/** A store that fails for every query of a record or a person of this id, as with an unforeseen defect. */
function failingAt(id: string): Store {
  const unless = async <T>(isAsked: boolean, work: () => Promise<T>): Promise<T> => {
    if (isAsked) throw new Error('what nobody has thought of');
    return work();
  };
  const failing = (tx: Transaction): Transaction => ({
    ...tx,
    records: {
      ...tx.records,
      lock: (keys) =>
        unless(
          keys.some(({ externalId }) => externalId === id),
          () => tx.records.lock(keys),
        ),
    },
    people: { ...tx.people, lock: (ids) => unless(ids.includes(id), () => tx.people.lock(ids)) },
  });
  const transaction: Store['transaction'] = (by, work) => api.store.transaction(by, (tx) => work(failing(tx)));
  return Object.assign(Object.create(api.store) as Store, { transaction });
}

/** Carries out the batches as the worker does: those that Temporal would be signalled of. */
async function carryOut(activities = worker()): Promise<void> {
  for (;;) {
    const wave = await api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'c', now: api.now }, async (tx) => {
      const [one] = await tx.batchRuns.waiting(1);
      if (one !== undefined) await tx.batchRuns.started(one.id, api.now);
      return one;
    });
    if (wave === undefined) return;
    await carryOutOne(wave.id, activities);
  }
}
async function carryOutOne(waveId: string, activities = worker()): Promise<void> {
  const named = { waveId, correlationId: 'c' };
  for (let again = true; again; ) {
    for (let after: string | null = null; ; ) {
      const { upTo } = await activities.planWave({ ...named, after });
      if (upTo === null) break;
      after = upTo;
    }
    ({ again } = await activities.finishWave(named));
  }
}

const idOf = async (externalId: string): Promise<string> =>
  String((await api.database.execute('select identity_id from source_record where external_id = ?', [externalId]))[0]?.['identity_id']);
/** External ids of everybody whose account is to be closed. */
const closed = async (): Promise<readonly string[]> =>
  (
    await api.database.execute(
      `select distinct r.external_id from account a join source_record r on r.identity_id = a.identity_id where a.desired->>'state' <> 'enabled' order by 1`,
    )
  ).map(({ external_id }) => String(external_id));
const open = async (): Promise<number> =>
  Number((await api.database.execute(`select count(*) from account where desired->>'state' = 'enabled'`))[0]?.['count']);
/** Batches that were approved and are not finished, though nobody has work to do for them. */
const stranded = async (): Promise<readonly unknown[]> =>
  api.database.execute(
    `select id from wave w where standing = 'free' and (finished_at is null or exists (select 1 from batch_item i where i.batch_id = w.id and i.result = 'pending'))`,
  );

describe('a held import', () => {
  test('of 8 hires and 3 ends: the 3 are released, and three have ended', async () => {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    const id = await imported([...many(8, 'h').map((one) => record(one)), ...staff.slice(0, 3).map((one) => ended(one))]);
    const leavers = await Promise.all(staff.slice(0, 3).map(idOf));
    const answer = await release(await batchOf(id), { identityIds: leavers });
    expect(answer).toMatchObject({ status: 'WAITS_FOR_APPROVAL', people: 8, approval: { scheduled: 3, obsolete: 0, approvedBefore: 0, remaining: 8 } });
    await carryOut();
    expect(await closed()).toEqual(staff.slice(0, 3));
    const part = await batchOf(answer.approval?.scheduledIn ?? '');
    expect(part).toMatchObject({ status: 'APPROVED', finishedAt: api.now, tally: { pending: 0, carriedOut: 3, obsolete: 0, discarded: 0 } });
    expect((await release(await batchOf(id))).approval).toMatchObject({ scheduled: 8, approvedBefore: 3, remaining: 0 });
    await carryOut();
    expect(await open()).toBe(25);
    expect(await stranded()).toEqual([]);
  });

  test('night 1 is cut short, night 2 is complete and has a new version of one of the 45: releasing night 1 does what is left of it', async () => {
    const staff = many(60);
    await imported(staff.map((one) => record(one)));
    // Night 1 names 15 of 60 and states that the others have left. Without its proof they would be explicit ends by HR.
    const night1 = await imported(staff.slice(15).map((one) => ended(one)));
    const seen = await batchOf(night1);
    expect(seen).toMatchObject({ status: 'WAITS_FOR_APPROVAL', people: 45 });
    await imported([...staff.slice(0, 59).map((one) => record(one)), record(staff[59] ?? '', 3, { department: 'Finance' })], true);
    expect(await batchOf(night1)).toMatchObject({ status: 'WAITS_FOR_APPROVAL', people: 44, tally: { pending: 44, obsolete: 1 } });
    // With the digest of the plan before: it does less than was shown.
    const answer = await release(seen);
    expect(answer).toMatchObject({ status: 'APPROVED', approval: { scheduled: 44, scheduledIn: night1, obsolete: 1, remaining: 0 } });
    await carryOut();
    expect(await closed()).toEqual(staff.slice(15, 59));
    expect(await batchOf(night1)).toMatchObject({ finishedAt: api.now, tally: { pending: 0, carriedOut: 44, obsolete: 1 } });
    expect(await stranded()).toEqual([]);
  });

  test('night 2 names, in the same versions, all whom night 1 calls vanished: nobody ends, and night 1 is closed', async () => {
    const staff = many(60);
    await imported(staff.map((one) => record(one)));
    const night1 = await imported(
      staff.slice(0, 24).map((one) => record(one)),
      true,
    );
    const seen = await batchOf(night1);
    expect(seen).toMatchObject({ status: 'WAITS_FOR_APPROVAL', people: 36 });
    expect(await openCases()).toBe(1);
    await imported(
      staff.map((one) => record(one)),
      true,
    );
    const after = await batchOf(night1);
    expect(after).toMatchObject({ status: 'DISCARDED', finishedAt: api.now, tally: { pending: 0, carriedOut: 0, obsolete: 36, discarded: 0 } });
    expect(after.decisionReason).toContain('newer records');
    expect(await openCases()).toBe(0);
    expect(await codeOf(releasing, { id: night1, digest: seen.plan.digest })).toBe('CASE_CLOSED');
    await carryOut();
    expect(await closed()).toEqual([]);
    const { batchChange } = await ask<{ batchChange: { items: { edges: { node: { reason: string; hasVanished: boolean } }[] } } }>(
      'query ($id: ID!) { batchChange(id: $id) { items(first: 100, results: [OBSOLETE]) { edges { node { reason hasVanished } } } } }',
      { id: night1 },
    );
    expect(new Set(batchChange.items.edges.map(({ node }) => `${node.reason} ${node.hasVanished}`))).toEqual(new Set(['REAPPEARED true']));
  });

  test.each<[string, (ids: readonly string[]) => Promise<unknown>]>([
    ['an import without proof', (ids) => imported(ids.map((one) => record(one)))],
    [
      'an import that is begun and never finished',
      async (ids) =>
        send(
          ids.map((one) => record(one)),
          { importId: await begin() },
        ),
    ],
    [
      'an import whose records of them are wrong',
      async (ids) =>
        send(
          ids.map((one) => ({ ...record(one), attributes: { nothing: 'known' } })),
          { importId: await begin() },
        ),
    ],
    ['records by themselves', (ids) => send(ids.map((one) => record(one)))],
    [
      'a batch that itself is held',
      (ids) =>
        send([
          ...ids.map((one) => record(one)),
          ...many(20)
            .slice(0, 3)
            .map((one) => ended(one, 5)),
        ]),
    ],
  ])('whoever is named again by %s has not vanished', async (_, name) => {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    const night1 = await imported(
      staff.slice(0, 10).map((one) => record(one)),
      true,
    );
    await name(staff.slice(10));
    expect((await batchOf(night1)).tally).toMatchObject({ carriedOut: 0, obsolete: 10 });
    for (const { id } of await waiting()) await ask(discarding, { id });
    await carryOut();
    expect(await closed()).toEqual([]);
  });

  test('an end for want of being named falls away also when it is approved already and the worker has not come to it', async () => {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    const night1 = await imported(
      staff.slice(0, 10).map((one) => record(one)),
      true,
    );
    await release(await batchOf(night1));
    const id = await begin();
    await send(
      staff.map((one) => record(one)),
      { importId: id },
    );
    await carryOut();
    await finish(id, staff);
    await carryOut();
    expect(await closed()).toEqual([]);
    expect(await batchOf(night1)).toMatchObject({ status: 'APPROVED', finishedAt: api.now, tally: { pending: 0, obsolete: 10 } });
  });

  test('whoever was ended for want of being named and is named by an import that is still open comes back with it', async () => {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    const night1 = await imported(
      staff.slice(0, 10).map((one) => record(one)),
      true,
    );
    await release(await batchOf(night1));
    const id = await begin();
    await carryOut();
    expect(await closed()).toHaveLength(10);
    await send(
      staff.map((one) => record(one)),
      { importId: id },
    );
    await finish(id, staff);
    await carryOut();
    expect(await closed()).toEqual([]);
  });

  test('what waits about people whom a newer complete import does not name gives way to it: no hire comes back by a release of the older one', async () => {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    const hires = many(8, 'h');
    const night1 = await imported([
      ...hires.map((one) => record(one)),
      ...staff.slice(0, 3).map((one) => ended(one)),
      record(staff[19] ?? '', 2, { department: 'Finance' }),
    ]);
    await aNightLater();
    const id = await imported(
      staff.slice(0, 19).map((one) => record(one)),
      true,
    );
    expect(await closed()).toEqual([staff[19]]);
    expect((await batchOf(id)).tally).toEqual({ pending: 0, carriedOut: 1, obsolete: 8, discarded: 0 });
    const answer = await release(await batchOf(night1));
    expect(answer.approval).toMatchObject({ scheduled: 3, obsolete: 9, remaining: 0 });
    await carryOut();
    expect(await closed()).toEqual([...staff.slice(0, 3), staff[19]]);
    expect(await api.database.execute('select count(*)::int as count from identity')).toEqual([{ count: 20 }]);
    expect(await stranded()).toEqual([]);
  });

  test('nor does it when the older one was approved before and is carried out after it', async () => {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    const night1 = await imported([...staff.slice(0, 4).map((one) => ended(one)), record(staff[19] ?? '', 2, { department: 'Finance' })]);
    await release(await batchOf(night1));
    await aNightLater();
    const id = await begin();
    await send(
      staff.slice(0, 19).map((one) => record(one)),
      { importId: id },
    );
    await finish(id, staff.slice(0, 19));
    await carryOutOne(id);
    await carryOut();
    expect(await closed()).toEqual([...staff.slice(0, 4), staff[19]]);
    expect((await batchOf(night1)).tally).toMatchObject({ pending: 0, carriedOut: 4, obsolete: 1 });
  });

  test('is not carried out when the worker that has held it dies before it could say so', async () => {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    const id = await begin();
    await send(
      staff.slice(0, 5).map((one) => ended(one)),
      { importId: id },
    );
    await finish(id, null);
    await worker().planWave({ waveId: id, correlationId: 'c', after: null });
    expect((await batchOf(id)).status).toBe('WAITS_FOR_APPROVAL');
    // Temporal has not received the result, and gives the same to another worker.
    await carryOutOne(id);
    expect(await closed()).toEqual([]);
    expect(await batchOf(id)).toMatchObject({ status: 'WAITS_FOR_APPROVAL', tally: { pending: 5 } });
  });

  test('released in the moment after it was held, it is carried out by the run that has held it', async () => {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    const id = await begin();
    await send(
      staff.slice(0, 8).map((one) => ended(one)),
      { importId: id },
    );
    await finish(id, null);
    const [activities, named] = [worker(), { waveId: id, correlationId: 'c' }];
    await activities.planWave({ ...named, after: null });
    await release(await batchOf(id));
    expect(await activities.finishWave(named)).toEqual({ again: true });
    expect((await batchOf(id)).finishedAt).toBeNull();
    await activities.planWave({ ...named, after: null });
    expect(await activities.finishWave(named)).toEqual({ again: false });
    expect(await closed()).toEqual(staff.slice(0, 8));
    expect(await batchOf(id)).toMatchObject({ finishedAt: api.now, tally: { pending: 0, carriedOut: 8 } });
  });

  test('a newer version waits: an import with an older one does not take its place, and says so', async () => {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    const night1 = await imported(staff.slice(0, 5).map((one) => ended(one, 5)));
    const id = await begin();
    expect(await send([record(staff[0] ?? '', 3, { department: 'Finance' }), ...staff.slice(1).map((one) => record(one))], { importId: id })).toEqual({
      STALE: 1,
      UNCHANGED: 19,
    });
    await finish(id, staff);
    await carryOut();
    expect((await batchOf(night1)).tally.pending).toBe(5);
  });
});

describe('records over the budget', () => {
  test('beside them, a newer version that says nothing new is stored, and a conflict is audited', async () => {
    const staff = many(10);
    await imported(staff.map((one) => record(one)));
    const [again = '', twice = '', ...others] = staff;
    const sent = [record(again, 3), record(twice, 1, { department: 'Finance' }), ...others.slice(0, 5).map((one) => ended(one))];
    expect(await send(sent)).toEqual({ UNCHANGED: 1, CONFLICT: 1, WAITS_FOR_APPROVAL: 5 });
    expect(await api.database.execute('select version from source_record where external_id = ?', [again])).toEqual([{ version: '3' }]);
    expect(await send([ended(again, 2)])).toEqual({ STALE: 1 });
    const conflicts = `select count(*)::int as count from audit_event e join source_record r on r.id::text = e.subject_id where e.action = 'record.conflict' and r.external_id = ?`;
    expect(await api.database.execute(conflicts, [twice])).toEqual([{ count: 1 }]);
    expect((await waiting()).map(({ people }) => people)).toEqual([5]);
  });
});

describe('an approval', () => {
  /** Five ends and two movers that wait for approval. */
  async function held(): Promise<{ readonly staff: readonly string[]; readonly batch: Batch }> {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    await send([...staff.slice(0, 5).map((one) => ended(one)), ...staff.slice(5, 7).map((one) => record(one, 2, { department: 'Finance' }))]);
    const [batch] = await waiting();
    if (batch === undefined) throw new Error('nothing waits');
    return { staff, batch };
  }

  test('of the same part twice schedules it once, and the second says so', async () => {
    const { staff, batch } = await held();
    const part = { identityIds: [await idOf(staff[0] ?? ''), await idOf(staff[1] ?? '')] };
    expect((await release(batch, part)).approval).toMatchObject({ scheduled: 2, approvedBefore: 0, remaining: 5 });
    expect((await release(batch, part)).approval).toEqual({ scheduled: 0, scheduledIn: null, obsolete: 0, approvedBefore: 2, remaining: 5 });
    await carryOut();
    expect(await closed()).toEqual(staff.slice(0, 2));
    expect((await release(batch, part)).approval).toMatchObject({ scheduled: 0, approvedBefore: 2 });
  });

  test('by kinds that overlap takes each item once; the last of it is the batch itself', async () => {
    const { staff, batch } = await held();
    const first = await release(batch, { kinds: ['GAIN'] });
    expect(first.approval).toMatchObject({ scheduled: 2, remaining: 5 });
    const second = await release(batch, { kinds: ['GAIN', 'DISABLE'] });
    expect(second).toMatchObject({ status: 'APPROVED', approval: { scheduled: 5, scheduledIn: batch.id, approvedBefore: 2, remaining: 0 } });
    await carryOut();
    expect(await closed()).toEqual(staff.slice(0, 5));
    expect(await stranded()).toEqual([]);
  });

  test('two at once: one of them carries it out, the other hears that it is decided', async () => {
    const { staff, batch } = await held();
    const variables = { id: batch.id, digest: batch.plan.digest };
    const answers = await Promise.all([1, 2, 3].map(() => api.graphql(releasing, { token: tokens['operator'] ?? '', variables })));
    const codes = answers.map(({ errors }) => errors[0]?.extensions.code);
    expect(codes.filter((code) => code === undefined)).toHaveLength(1);
    expect(codes.filter((code) => code === 'CASE_CLOSED')).toHaveLength(2);
    await carryOut();
    expect(await closed()).toEqual(staff.slice(0, 5));
    const [doubled] = await api.database.execute(`select count(*)::int as count from audit_event where action = 'wave.released' and subject_id = ?`, [
      batch.id,
    ]);
    expect(doubled).toEqual({ count: 1 });
  });

  test('and overlapping parts at once take each item once', async () => {
    const { staff, batch } = await held();
    const ids = await Promise.all(staff.slice(0, 5).map(idOf));
    const parts = [ids.slice(0, 3), ids.slice(2), ids.slice(1, 4)];
    const answers = await Promise.all(parts.map((identityIds) => release(batch, { identityIds })));
    expect(answers.reduce((sum, { approval }) => sum + (approval?.scheduled ?? 0), 0)).toBe(5);
    await carryOut();
    expect(await closed()).toEqual(staff.slice(0, 5));
    expect((await batchOf(batch.id)).tally).toMatchObject({ pending: 2 });
  });

  test('and a discard at once: whichever comes first holds, for every item', async () => {
    const { staff, batch } = await held();
    const [released, discarded] = await Promise.all([
      api.graphql(releasing, { token: tokens['operator'] ?? '', variables: { id: batch.id, digest: batch.plan.digest } }),
      api.graphql(discarding, { token: tokens['operator'] ?? '', variables: { id: batch.id } }),
    ]);
    const isReleased = released.errors.length === 0;
    expect([released.errors.length, discarded.errors.length].sort()).toEqual([0, 1]);
    await carryOut();
    expect(await closed()).toEqual(isReleased ? staff.slice(0, 5) : []);
    expect((await batchOf(batch.id)).tally).toEqual({ pending: 0, carriedOut: isReleased ? 7 : 0, obsolete: 0, discarded: isReleased ? 0 : 7 });
  });

  test('what was approved in part stays approved when the rest is discarded', async () => {
    const { staff, batch } = await held();
    await release(batch, { identityIds: [await idOf(staff[0] ?? '')] });
    await ask(discarding, { id: batch.id });
    await carryOut();
    expect(await closed()).toEqual(staff.slice(0, 1));
    expect((await batchOf(batch.id)).tally).toMatchObject({ discarded: 6 });
  });

  test('counts what newer records have replaced, and never says HELD of what is closed', async () => {
    const { staff, batch } = await held();
    await send(staff.slice(0, 2).map((one) => record(one, 3)));
    const answer = await release(batch, { identityIds: await Promise.all(staff.slice(0, 3).map(idOf)) });
    expect(answer.approval).toMatchObject({ scheduled: 1, obsolete: 2, remaining: 4 });
    await send(staff.slice(3, 7).map((one) => record(one, 4)));
    expect(await batchOf(batch.id)).toMatchObject({ status: 'DISCARDED', finishedAt: api.now });
    expect(await codeOf(releasing, { id: batch.id, digest: batch.plan.digest })).toBe('CASE_CLOSED');
    expect(await openCases()).toBe(0);
    await carryOut();
    expect(await closed()).toEqual(staff.slice(2, 3));
  });

  test('by an older digest is refused as soon as something was added', async () => {
    const { staff, batch } = await held();
    await send([ended(staff[9] ?? '')]);
    expect(await codeOf(releasing, { id: batch.id, digest: batch.plan.digest })).toBe('BATCH_PLAN_CHANGED');
    expect((await release(await batchOf(batch.id))).approval).toMatchObject({ scheduled: 8, remaining: 0 });
  });

  test('of what is in force already schedules nothing, and closes it', async () => {
    const { staff, batch } = await held();
    // By a way that signals no batch: the same records, taken one after the other as an operator's tool would.
    const context = { actor: { kind: 'system', id: 'tool' }, correlationId: 'tool', now: api.now } as const;
    for (const one of staff.slice(0, 7)) {
      const facts = { displayName: one, employeeNumber: one, department: 'Sales' };
      await api.store.transaction(context, (tx) =>
        takeRecord(tx, api.engine, { source: 'hr', externalId: one, version: '9', facts, status: 'active', endedAt: null }),
      );
    }
    expect(await release(batch)).toMatchObject({ status: 'DISCARDED', approval: { scheduled: 0, scheduledIn: null, obsolete: 7, remaining: 0 } });
    await carryOut();
    expect(await closed()).toEqual([]);
  });

  test('of a person who waits in two batches carries out each of them by itself', async () => {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    const both = staff.slice(0, 4);
    await send(
      both.map((one) => record(`x-${one}`, 1, { number: one })),
      { source: 'contractors' },
    );
    await send(both.map((one) => ended(one)));
    expect(await waiting()).toEqual([]);
    await send(
      both.map((one) => record(`x-${one}`, 2, { number: one, status: 'ENDED' })),
      { source: 'contractors' },
    );
    const [first] = await waiting();
    await send(both.map((one) => record(one, 3, { department: 'Finance' })));
    expect((await release(await batchOf(first?.id ?? ''))).approval).toMatchObject({ scheduled: 4 });
    await carryOut();
    expect(await closed()).toEqual([]);
    expect(await stranded()).toEqual([]);
  });

  test('keeps what was before and after with each item, by names and states, and nothing of the record itself', async () => {
    const { staff, batch } = await held();
    await release(batch);
    await carryOut();
    const state = 'state grants { name } accounts { target state } record { version status }';
    const { batchChange } = await ask<{ batchChange: { items: { edges: { node: Record<string, unknown> }[] } } }>(
      `query ($id: ID!) { batchChange(id: $id) { items(first: 7) { edges { node { externalId result before { ${state} } after { ${state} } } } } } }`,
      { id: batch.id },
    );
    const items = batchChange.items.edges.map(({ node }) => node);
    expect(items[0]).toEqual({
      externalId: staff[0],
      result: 'CARRIED_OUT',
      before: { state: 'ACTIVE', grants: [{ name: 'crm.user' }], accounts: [{ target: 'crm', state: 'ENABLED' }], record: { version: '1', status: 'ACTIVE' } },
      after: { state: 'LEAVING', grants: [], accounts: [{ target: 'crm', state: 'DISABLED' }], record: { version: '2', status: 'ENDED' } },
    });
    expect(items[6]).toMatchObject({ before: { grants: [{ name: 'crm.user' }] }, after: { grants: [{ name: 'crm.finance' }, { name: 'crm.user' }] } });
    expect(JSON.stringify(await api.database.execute('select record, before, after, changes from batch_item'))).not.toContain('Person');
  });
});

describe('a batch that cannot be carried out waits for a person, with its reason', () => {
  const without = (source: string): Engine => {
    const { [source]: _gone, ...sources } = api.configuration.sources;
    return createEngine({ configuration: { ...api.configuration, sources } });
  };

  test.each(['before it is judged', 'after it was released'])('its source is removed from tenure.yaml %s', async (when) => {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    const id = await begin();
    await send(
      staff.slice(0, 5).map((one) => ended(one)),
      { importId: id },
    );
    await finish(id, null);
    if (when === 'after it was released') {
      await carryOut();
      await release(await batchOf(id));
    }
    await carryOut(worker(without('hr')));
    const batch = await batchOf(id);
    expect(batch).toMatchObject({ status: 'WAITS_FOR_APPROVAL', problem: 'SOURCE_REMOVED', tally: { pending: 5 } });
    expect(await openCases()).toBe(1);
    expect(await closed()).toEqual([]);
    // It is back: the changes are shown, and then they happen.
    const shown = when === 'after it was released' ? batch : await batchOf(id);
    if (when === 'before it is judged') expect(await codeOf(releasing, { id, digest: shown.plan.digest })).toBe('BATCH_PLAN_CHANGED');
    expect(await release(await batchOf(id))).toMatchObject({ status: 'APPROVED', problem: null, approval: { scheduled: 5 } });
    await carryOut();
    expect(await closed()).toEqual(staff.slice(0, 5));
  });

  test('the API does not release what its source is missing for, and lets it be discarded', async () => {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    await send(staff.slice(0, 5).map((one) => ended(one)));
    const [batch] = await waiting();
    const { approveBatch } = await import('@tenure/engine/batches');
    const context = { actor: { kind: 'service', id: 'operator' }, correlationId: 'c', now: api.now } as const;
    const act = approveBatch({ store: api.store, engine: without('hr') }, context, batch?.id ?? '', {
      digest: batch?.plan.digest ?? '',
      reason: 'x',
      part: {},
    });
    await expect(act).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(await ask(discarding, { id: batch?.id })).toEqual({ discardBatchChange: { status: 'DISCARDED' } });
  });

  test('a record that fails again and again does not keep the others, nor is it tried for ever', async () => {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    await send(staff.slice(0, 5).map((one) => ended(one)));
    const [batch] = await waiting();
    const id = batch?.id ?? '';
    await release(await batchOf(id));
    const failing = worker(api.engine, undefined, failingAt(staff[2] ?? ''));
    for (let attempt = 1; attempt < 5; attempt += 1)
      await expect(failing.planWave({ waveId: id, correlationId: 'c', after: null })).rejects.toThrow('what nobody');
    expect(await closed()).toEqual([staff[0], staff[1], staff[3], staff[4]]);
    await carryOutOne(id, failing);
    expect(await batchOf(id)).toMatchObject({ status: 'WAITS_FOR_APPROVAL', problem: 'NOT_TAKEN', people: 1, tally: { pending: 1, carriedOut: 4 } });
    expect(await openCases()).toBe(1);
    expect((await release(await batchOf(id))).approval).toMatchObject({ scheduled: 1, remaining: 0 });
    await carryOut();
    expect(await closed()).toEqual(staff.slice(0, 5));
    expect((await batchOf(id)).tally).toMatchObject({ pending: 0, carriedOut: 5 });
  });

  test('nor is it when an import is judged: what can be carried out is, and it waits for a person', async () => {
    const staff = many(20);
    const id = await begin();
    await send(
      staff.map((one) => record(one)),
      { importId: id },
    );
    await finish(id, null);
    const failing = worker(api.engine, undefined, failingAt(staff[2] ?? ''));
    for (let attempt = 1; attempt < 5; attempt += 1)
      await expect(failing.planWave({ waveId: id, correlationId: 'c', after: null })).rejects.toThrow('what nobody');
    expect(await open()).toBe(0);
    await carryOutOne(id, failing);
    expect(await open()).toBe(19);
    expect(await batchOf(id)).toMatchObject({ status: 'WAITS_FOR_APPROVAL', problem: 'NOT_TAKEN', tally: { pending: 1, carriedOut: 19 } });
    expect(await openCases()).toBe(1);
  });

  test('killed in the middle of its items, it goes on where it stopped', async () => {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    await send(staff.slice(0, 5).map((one) => ended(one)));
    const [batch] = await waiting();
    await release(await batchOf(batch?.id ?? ''));
    let calls = 0;
    const dying = worker(api.engine, () => {
      calls += 1;
      if (calls === 2) throw new Error('killed');
    });
    await expect(carryOut(dying)).rejects.toThrow('killed');
    expect(await closed()).toHaveLength(5);
    expect(await stranded()).toHaveLength(1);
    await carryOutOne(batch?.id ?? '');
    expect(await stranded()).toEqual([]);
    const repeated = await api.database.execute(
      `select r.external_id from audit_event e join source_record r on r.id::text = e.subject_id where e.action = 'record.taken' and e.reason->>'version' = '2' group by 1 having count(*) > 1`,
    );
    expect(repeated).toEqual([]);
  });
});

describe('a policy version', () => {
  const policyWithout = (...names: readonly string[]): Engine => {
    const { policy } = api.configuration;
    return createEngine({
      configuration: { ...api.configuration, policy: { ...policy, birthright: policy.birthright.filter(({ name }) => !names.includes(name)) } },
    });
  };
  const publish = (engine: Engine) =>
    api.store.transaction({ actor: { kind: 'system', id: 'tool' }, correlationId: 'c', now: api.now }, (tx) => publishPolicy(tx, engine));

  beforeEach(async () => {
    await publish(api.engine);
    await carryOut();
  });
  afterAll(() => publish(api.engine));

  test('that is released is finished when everybody was brought to it, and keeps what was before and after', async () => {
    await imported(many(20).map((one) => record(one)));
    const { waitsIn } = await publish(policyWithout('everybody'));
    const batch = await batchOf(waitsIn ?? '');
    expect(batch).toMatchObject({ status: 'WAITS_FOR_APPROVAL', people: 20, tally: { pending: 20 } });
    expect(await release(batch)).toMatchObject({ status: 'APPROVED', finishedAt: null, approval: { scheduled: 20, scheduledIn: batch.id, remaining: 0 } });
    await carryOut();
    expect(await batchOf(batch.id)).toMatchObject({ finishedAt: api.now, tally: { pending: 0, carriedOut: 20, obsolete: 0 } });
    const { batchChange } = await ask<{ batchChange: { items: { edges: { node: Record<string, unknown> }[] } } }>(
      'query ($id: ID!) { batchChange(id: $id) { items(first: 1) { edges { node { externalId result before { grants { name } } after { grants { name } } } } } } }',
      { id: batch.id },
    );
    expect(batchChange.items.edges[0]?.node).toEqual({
      externalId: null,
      result: 'CARRIED_OUT',
      before: { grants: [{ name: 'crm.user' }] },
      after: { grants: [] },
    });
  });

  test('within the budget is a batch with items too', async () => {
    await imported([
      record(many(20)[0] ?? '', 1, { department: 'Finance' }),
      ...many(20)
        .slice(1)
        .map((one) => record(one)),
    ]);
    expect(await publish(policyWithout('finance'))).toMatchObject({ added: true, waitsIn: null });
    const [wave] = await api.database.execute(`select id from wave where trigger = 'policy' and finished_at is null`);
    expect((await batchOf(String(wave?.['id']))).tally).toMatchObject({ pending: 1 });
    await carryOut();
    expect(await batchOf(String(wave?.['id']))).toMatchObject({ status: 'APPROVED', finishedAt: api.now, tally: { pending: 0, carriedOut: 1 } });
  });

  test('is carried to everybody else where somebody cannot be decided, whose own life goes on trying', async () => {
    const staff = many(20);
    await imported(staff.map((one) => record(one)));
    const { waitsIn } = await publish(policyWithout('everybody'));
    await release(await batchOf(waitsIn ?? ''));
    const odd = await idOf(staff[4] ?? '');
    await api.database.execute('delete from outbox');
    await carryOut(worker(api.engine, undefined, failingAt(odd)));
    expect(await batchOf(waitsIn ?? '')).toMatchObject({ finishedAt: api.now, tally: { pending: 0, carriedOut: 19, obsolete: 1 } });
    expect(await api.database.execute(`select identity_id from outbox where trigger = 'policy'`)).toEqual([{ identity_id: odd }]);
  });

  test('that waits is closed when another one comes into force: released later it would bring back what that one has changed', async () => {
    await imported([
      record(many(20)[0] ?? '', 1, { department: 'Finance' }),
      ...many(20)
        .slice(1)
        .map((one) => record(one)),
    ]);
    const { waitsIn } = await publish(policyWithout('everybody'));
    const batch = await batchOf(waitsIn ?? '');
    expect(await publish(policyWithout('finance'))).toMatchObject({ added: true, waitsIn: null });
    expect(await batchOf(batch.id)).toMatchObject({
      status: 'DISCARDED',
      decisionReason: 'another policy took its place',
      tally: { pending: 0, obsolete: 20 },
    });
    expect(await codeOf(releasing, { id: batch.id, digest: batch.plan.digest })).toBe('CASE_CLOSED');
    expect(await openCases()).toBe(0);
  });

  test('released while another one is applied: one of them is in force in the end, and nothing waits or is stranded', async () => {
    await imported([
      record(many(20)[0] ?? '', 1, { department: 'Finance' }),
      ...many(20)
        .slice(1)
        .map((one) => record(one)),
    ]);
    const { waitsIn } = await publish(policyWithout('everybody'));
    const batch = await batchOf(waitsIn ?? '');
    const both = await Promise.allSettled([
      api.graphql(releasing, { token: tokens['operator'] ?? '', variables: { id: batch.id, digest: batch.plan.digest } }),
      publish(policyWithout('finance')),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    await carryOut();
    expect((await batchOf(batch.id)).status).not.toBe('WAITS_FOR_APPROVAL');
    expect(await stranded()).toEqual([]);
    const [{ versions: inForce } = { versions: null }] = await api.database.execute(
      'select count(distinct policy_version)::int as versions from identity where policy_version = (select max(version) from policy_version)',
    );
    expect(inForce).toBe(1);
  });
});
