import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Activities, createActivities } from '@tenure/activities';
import { createEngine, type Engine } from '@tenure/engine/decide';
import { terminate } from '@tenure/engine/leavers';
import { publishPolicy, startPolicy } from '@tenure/engine/policy';
import { createTestApi, later, type TestApi } from './api.ts';

const tenureYaml = `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes: { displayName: { type: string }, employeeNumber: { type: string }, department: { type: string } }
precedence: { default: [hr, contractors] }
sources:
  hr: { authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
  contractors: { authoritative: true, mayCreate: true, userType: contractor, correlate: [{ attribute: employeeNumber }] }
identityProviders: { partner: { protocol: oidc, issuer: "https://login.contoso.example", clientId: tenure, mayLink: [privileged], attributes: { displayName: claims.name } } }
targets: { crm: { kind: scim, url: http://127.0.0.1:9/scim, token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } } }
`;
const accessYaml = `
entitlements:
  crm.user: { target: crm, value: users }
  crm.finance: { target: crm, value: finance }
  tenure.operator: { target: tenure, value: operator }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
  - { name: finance, when: 'identity.department == "Finance"', entitlements: [crm.finance] }
  - { name: operators, when: 'identity.department == "Operator"', entitlements: [tenure.operator] }
lifecycle: [{ name: all, end: { grace: P30D, then: delete } }]
budget: { urgentEnds: 3, limits: { create: { count: 100 }, disable: { count: 9 }, enable: { count: 2 } } }
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
  api.now = later(api.now, 2);
  await api.database.execute(
    'truncate identity, source_record, account, operation, operation_attempt, access_grant, wave, wave_member, batch_item, import_seen, budget_use, urgent_end, case_file, case_comment, outbox cascade',
  );
  await aNightLater();
  round += 1;
});

/** Moves the clock past the window of the change budget. Tokens end with the time. */
async function aNightLater(): Promise<void> {
  api.now = later(api.now, 2);
  for (const role of ['source:hr', 'source:contractors', 'operator', 'auditor']) tokens[role] = await api.serviceToken(role);
}
const many = (count: number, letter = 'w'): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${round}-${String(index).padStart(2, '0')}`);
const record = (externalId: string, version = 1, more: { status?: string; department?: string; name?: string } = {}) => ({
  externalId,
  version: String(version),
  status: more.status ?? 'ACTIVE',
  attributes: { displayName: more.name ?? `Person ${externalId}`, employeeNumber: externalId, department: more.department ?? 'Sales' },
});
const ended = (externalId: string, version = 2) => record(externalId, version, { status: 'ENDED' });

async function ask<T>(query: string, variables: object = {}, token = tokens['operator'] ?? ''): Promise<T> {
  const { data, errors } = await api.graphql(query, { token, variables });
  expect(errors).toEqual([]);
  return data as unknown as T;
}
async function refusal(query: string, variables: object, token = tokens['operator'] ?? ''): Promise<{ code: string; message: string }> {
  const { errors } = await api.graphql(query, { token, variables });
  return { code: errors[0]?.extensions.code ?? '', message: errors[0]?.message ?? '' };
}

type Result = Readonly<Record<'externalId' | 'outcome' | 'message', string>>;
async function send(records: readonly object[], importId: string | null = null, source = 'hr'): Promise<readonly Result[]> {
  const mutation = 'mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { results { externalId outcome message } } }';
  return (await ask<{ recordFacts: { results: Result[] } }>(mutation, { input: { source, importId, records } }, tokens[`source:${source}`])).recordFacts
    .results;
}
/** An import of these records; with proof that it is complete, everybody else has vanished. */
async function imported(records: readonly ReturnType<typeof record>[], isComplete = false): Promise<string> {
  const { startImport } = await ask<{ startImport: { id: string } }>('mutation { startImport(source: "hr") { id } }', {}, tokens['source:hr']);
  await send(records, startImport.id);
  const digest = createHash('sha256')
    .update(
      records
        .map(({ externalId }) => externalId)
        .toSorted()
        .join('\n'),
    )
    .digest('hex');
  const complete = isComplete ? { count: records.length, digest } : null;
  await ask(
    'mutation ($id: ID!, $complete: FeedProofInput) { finishImport(id: $id, complete: $complete) { vanished } }',
    { id: startImport.id, complete },
    tokens['source:hr'],
  );
  await carryOut();
  return startImport.id;
}

interface Batch {
  readonly id: string;
  readonly status: string;
  readonly people: number;
  readonly finishedAt: string | null;
  readonly policyVersion: number | null;
  readonly plan: {
    readonly digest: string;
    readonly people: number;
    readonly changes: readonly { target: string; kind: string; people: number; isOver: boolean }[];
  };
  readonly tally: Readonly<Record<'pending' | 'carriedOut' | 'obsolete' | 'discarded', number>>;
  readonly undoes: { readonly batchChangeId: string; readonly requestedBy: string; readonly reason: string } | null;
  readonly undoneBy: readonly { readonly id: string; readonly status: string }[];
}
const fields = `id status people finishedAt policyVersion plan { digest people changes { target kind people isOver } } tally { pending carriedOut obsolete discarded }
  undoes { batchChangeId requestedBy reason } undoneBy { id status }`;
const batchOf = async (id: string): Promise<Batch> =>
  (await ask<{ batchChange: Batch }>(`query ($id: ID!) { batchChange(id: $id) { ${fields} } }`, { id })).batchChange;
const undoing = `mutation ($id: ID!) { undoBatchChange(id: $id, reason: "the export was wrong") { ${fields} } }`;
const undo = async (id: string, token?: string): Promise<Batch> => (await ask<{ undoBatchChange: Batch }>(undoing, { id }, token)).undoBatchChange;
const approving = `mutation ($id: ID!, $digest: String!, $part: BatchChangePartInput) { approveBatchChange(id: $id, digest: $digest, reason: "checked", part: $part) { ${fields} approval { scheduled scheduledIn obsolete remaining } } }`;
type Approval = Readonly<Record<'scheduled' | 'obsolete' | 'remaining', number>> & { readonly scheduledIn: string | null };
const approve = async ({ id, plan: { digest } }: Batch, part: object | null = null, token?: string): Promise<Batch & { approval: Approval }> =>
  (await ask<{ approveBatchChange: Batch & { approval: Approval } }>(approving, { id, digest, part }, token)).approveBatchChange;
const changesOf = ({ plan }: Batch): readonly string[] =>
  plan.changes.map(({ target, kind, people, isOver }) => `${target} ${kind} ${people}${isOver ? ' over' : ''}`);
const reasonsOf = async (id: string): Promise<Record<string, number>> => {
  const rows = await api.database.execute(`select reason, count(*)::int as count from batch_item where batch_id = ? and result = 'fell-away' group by 1`, [id]);
  return Object.fromEntries(rows.map(({ reason, count }) => [String(reason), Number(count)]));
};

const worker = (engine: Engine = api.engine, alive: (progress?: unknown) => void = () => undefined): Activities =>
  createActivities({ store: api.store, engine, connectors: {}, clock: () => api.now, alive });
const act = (correlationId: string) => ({ actor: { kind: 'system', id: 'test' }, correlationId, now: api.now }) as const;
/** Carries out the batches of which Temporal would be signalled, as the worker does. */
async function carryOut(activities = worker()): Promise<void> {
  for (;;) {
    const wave = await api.store.transaction(act('c'), async (tx) => {
      const [one] = await tx.batchRuns.waiting(1);
      if (one !== undefined) await tx.batchRuns.started(one.id, api.now);
      return one;
    });
    if (wave === undefined) return;
    await carryOutOne(wave.id, activities);
  }
}
async function carryOutOne(waveId: string, activities = worker()): Promise<void> {
  for (let again = true; again; ) {
    for (let after: string | null = null; ; ) {
      const { upTo } = await activities.planWave({ waveId, correlationId: 'c', after });
      if (upTo === null) break;
      after = upTo;
    }
    ({ again } = await activities.finishWave({ waveId, correlationId: 'c' }));
  }
}
/** Undoes a batch change and carries that out. @returns the finished undo */
async function undone(id: string): Promise<Batch> {
  const batch = await undo(id);
  await approve(batch);
  await carryOut();
  return batchOf(batch.id);
}

const idOf = async (externalId: string): Promise<string> =>
  String((await api.database.execute('select identity_id from source_record where external_id = ?', [externalId]))[0]?.['identity_id']);
/** Expected content of the targets: name, state and memberships of each account, and the record that it rests on. */
const desired = () =>
  api.database.execute(
    `select r.external_id, r.facts->>'displayName' as record, r.status, i.state, a.desired->>'state' as account, a.desired->'attributes'->>'displayName' as name,
       a.desired->'entitlements' as entitlements from source_record r join identity i on i.id = r.identity_id join account a on a.identity_id = i.id where r.source = 'hr' order by 1`,
  );

describe('a wrong import', () => {
  test('that renames 30 people and ends 3 is undone: records and accounts are as before, and the undo can be undone', async () => {
    const staff = many(40);
    await imported(staff.map((one) => record(one)));
    await aNightLater();
    const before = await desired();
    const wrong = [
      ...staff.slice(0, 30).map((one) => record(one, 2, { name: 'Wrong', department: 'Finance' })),
      ...staff.slice(30, 33).map((one) => ended(one)),
    ];
    const id = await imported(wrong);
    const after = await desired();
    expect(after).not.toEqual(before);

    const batch = await undo(id);
    expect(batch).toMatchObject({
      status: 'WAITS_FOR_APPROVAL',
      people: 33,
      plan: { people: 33 },
      undoes: { batchChangeId: id, requestedBy: 'service token "operator"', reason: 'the export was wrong' },
      tally: { pending: 33, carriedOut: 0, obsolete: 0 },
    });
    // Those who would come back are counted, and are over the budget here.
    expect(changesOf(batch)).toEqual(expect.arrayContaining(['* ENABLE 3 over', 'crm ENABLE 3 over', 'crm LOSE 30']));
    expect(await desired()).toEqual(after);
    expect((await batchOf(id)).undoneBy).toEqual([{ id: batch.id, status: 'WAITS_FOR_APPROVAL' }]);
    await approve(batch);
    await carryOut();
    expect(await desired()).toEqual(before);
    expect(await batchOf(batch.id)).toMatchObject({ status: 'APPROVED', finishedAt: api.now, tally: { pending: 0, carriedOut: 33 } });

    const again = await undone(batch.id);
    expect(again).toMatchObject({ tally: { carriedOut: 33 }, undoes: { batchChangeId: batch.id } });
    expect(await desired()).toEqual(after);
    // What the source stated last is in force, as its own word.
    expect(await api.database.execute('select count(*)::int as count from source_record where said is not null')).toEqual([{ count: 0 }]);
    expect((await send(wrong)).every(({ outcome, message }) => outcome === 'UNCHANGED' && message === 'this version is recorded already')).toBe(true);
  });

  test('is undone where nothing newer states otherwise: a newer record, an end by HR and an end by an operator stay', async () => {
    const staff = many(12);
    await imported(staff.map((one) => record(one)));
    await aNightLater();
    const [renamed = '', leftLater = '', endedTwice = '', terminated = ''] = staff;
    const id = await imported([
      ...[renamed, leftLater].map((one) => record(one, 2, { name: 'Wrong' })),
      ended(endedTwice),
      ended(terminated),
      ...staff.slice(4, 8).map((one) => ended(one)),
    ]);
    await aNightLater();
    await send([record(renamed, 3, { name: 'Married' }), ended(leftLater, 3), record(endedTwice, 3, { status: 'ENDED', department: 'Finance' })]);
    await api.store.transaction(act('by hand'), async (tx) => terminate(tx, api.engine, await idOf(terminated), 'has really left'));
    const batch = await undo(id);
    expect(batch).toMatchObject({ people: 4, tally: { pending: 4, obsolete: 4 } });
    expect(await reasonsOf(batch.id)).toEqual({ newer: 4 });
    expect(changesOf(batch)).toContain('* ENABLE 4 over');
    await approve(batch);
    await carryOut();
    const states = Object.fromEntries((await desired()).map(({ external_id, state, record: name }) => [external_id, `${state} ${name}`]));
    expect([renamed, leftLater, endedTwice, terminated, staff[4], staff[7]].map((one) => states[one ?? ''])).toEqual([
      'active Married',
      `leaving Person ${leftLater}`,
      `leaving Person ${endedTwice}`,
      `leaving Person ${terminated}`,
      `active Person ${staff[4]}`,
      `active Person ${staff[7]}`,
    ]);
  });

  test('an end that another source has stated since keeps an end from being taken back, and no name from coming back', async () => {
    const [left = '', renamed = '', other = ''] = many(3);
    await imported([left, renamed, other].map((one) => record(one)));
    await send(
      [left, renamed].map((one) => record(`c-${one}`)).map((one) => ({ ...one, attributes: { employeeNumber: one.externalId.slice(2) } })),
      null,
      'contractors',
    );
    await aNightLater();
    const id = await imported([ended(left), record(renamed, 2, { name: 'Wrong' }), ended(other)]);
    await send(
      [left, renamed].map((one) => ({ ...ended(`c-${one}`), attributes: {} })),
      null,
      'contractors',
    );
    const batch = await undone(id);
    expect(batch.tally).toMatchObject({ carriedOut: 2, obsolete: 1 });
    const records = await api.database.execute(`select external_id, status, facts->>'displayName' as name from source_record where source = 'hr' order by 1`);
    expect(records).toEqual([
      { external_id: left, status: 'ended', name: `Person ${left}` },
      { external_id: renamed, status: 'active', name: `Person ${renamed}` },
      { external_id: other, status: 'active', name: `Person ${other}` },
    ]);
  });

  test('what becomes newer while the undo waits, and after its approval, stays', async () => {
    const staff = many(12);
    await imported(staff.map((one) => record(one)));
    await aNightLater();
    const id = await imported(staff.slice(0, 6).map((one) => ended(one)));
    const batch = await undo(id);
    await aNightLater();
    await send([record(staff[0] ?? '', 3, { status: 'ENDED', department: 'Finance' })]);
    expect((await approve(batch)).approval).toMatchObject({ scheduled: 5, obsolete: 1 });
    await send([record(staff[1] ?? '', 3, { status: 'ENDED', department: 'Finance' })]);
    await carryOut();
    expect(await reasonsOf(batch.id)).toEqual({ newer: 2 });
    expect((await desired()).filter(({ state }) => state === 'leaving').map(({ external_id }) => external_id)).toEqual(staff.slice(0, 2));
  });

  test('a plan that would do more by now is shown again', async () => {
    const staff = many(12);
    await imported(staff.map((one) => record(one)));
    await aNightLater();
    const id = await imported(staff.slice(0, 4).map((one) => record(one, 2, { name: 'Wrong' })));
    const batch = await undo(id);
    expect(batch.plan).toMatchObject({ people: 4, changes: [] });
    // The undo of the rename restores the department too: it took nothing away before, and does now.
    await publish(policyWith({ when: 'identity.department == "Sales" && identity.displayName == "Wrong"' }));
    await carryOut();
    expect(await refusal(approving, { id: batch.id, digest: batch.plan.digest })).toMatchObject({ code: 'BATCH_PLAN_CHANGED' });
    const renewed = await batchOf(batch.id);
    expect(changesOf(renewed)).toEqual(['* LOSE 4', 'crm LOSE 4']);
    await approve(renewed);
    await carryOut();
    await publish(api.engine);
    await carryOut();
  });

  test('sent again: the same versions stay undone, and say so; newer ones are taken, whatever they contain', async () => {
    const staff = many(6);
    await imported(staff.map((one) => record(one)));
    await aNightLater();
    const wrong = (version: number) => staff.slice(0, 4).map((one) => record(one, version, { name: 'Wrong' }));
    const id = await imported(wrong(2));
    const batch = await undone(id);
    const restored = await desired();
    const answers = await send(wrong(2));
    expect(new Set(answers.map(({ outcome, message }) => `${outcome}: ${message}`))).toEqual(
      new Set([`UNCHANGED: this version is not in force: the batch change ${batch.id} has undone it; a newer version counts again`]),
    );
    expect((await imported(wrong(2))).length).toBeGreaterThan(0);
    expect(await desired()).toEqual(restored);
    expect((await send(wrong(3))).map(({ outcome }) => outcome)).toEqual(['UPDATED', 'UPDATED', 'UPDATED', 'UPDATED']);
    expect((await desired()).filter(({ name }) => name === 'Wrong').length).toBe(4);
    // And it can be undone no more: something newer is in force.
    expect((await refusal(undoing, { id })).message).toContain('nothing of the batch change is left to undo (4 newer)');
  });

  test('a newer version with the same content does not keep it from being undone, and the next version counts', async () => {
    const staff = many(6);
    await imported(staff.map((one) => record(one)));
    await aNightLater();
    const before = await desired();
    const wrong = (version: number) => staff.map((one) => record(one, version, { name: 'Wrong' }));
    const id = await imported(wrong(2));
    await imported(wrong(3));
    await undone(id);
    expect(await desired()).toEqual(before);
    expect((await send(wrong(3)))[0]).toMatchObject({ outcome: 'UNCHANGED', message: expect.stringContaining('has undone it') });
    expect((await send(wrong(2)))[0]?.outcome).toBe('STALE');
    expect((await send(staff.map((one) => record(one, 4, { name: 'Right' }))))[0]?.outcome).toBe('UPDATED');
  });

  test('that vanished people is undone, and a complete import without them is evaluated again', async () => {
    const staff = many(12);
    await imported(staff.map((one) => record(one)));
    await aNightLater();
    const before = await desired();
    const named = staff.slice(2).map((one) => record(one));
    const id = await imported(named, true);
    expect((await desired()).filter(({ state }) => state === 'leaving').length).toBe(2);
    await undone(id);
    expect(await desired()).toEqual(before);
    await aNightLater();
    await imported(named, true);
    expect((await desired()).filter(({ state }) => state === 'leaving').length).toBe(2);
  });

  test('in a record that an operator had corrected, the correction comes back', async () => {
    const [one = ''] = many(1);
    await imported([record(one)]);
    const [row] = await api.database.execute('select id, version from source_record where external_id = ?', [one]);
    const input = { recordId: row?.['id'], version: '1', reason: 'a typing error', attributes: { displayName: 'Corrected' } };
    await ask('mutation ($input: CorrectRecordInput!) { correctRecord(input: $input) { id } }', { input });
    const before = await desired();
    const id = await imported([record(one, 2, { name: 'Wrong' })]);
    await undone(id);
    expect(await desired()).toEqual(before);
  });

  test('somebody whose facts are no longer in the audit, since their key is gone, is left out', async () => {
    const staff = many(4);
    await imported(staff.map((one) => record(one)));
    const id = await imported(staff.map((one) => record(one, 2, { name: 'Wrong' })));
    await api.database.execute('delete from person_key where identity_id = ?', [await idOf(staff[0] ?? '')]);
    const batch = await undone(id);
    expect(batch.tally).toMatchObject({ carriedOut: 3, obsolete: 1 });
    expect(await reasonsOf(batch.id)).toEqual({ 'content-unknown': 1 });
  });

  test('a record whose person somebody has decided comes back with what it contained then', async () => {
    const [first = '', second = ''] = many(2);
    await imported([record(first)]);
    await imported([ended(first)]);
    // The same number as somebody who has left: a person decides whose it is.
    const again = { ...record(second), attributes: { displayName: 'Back again', employeeNumber: first, department: 'Sales' } };
    const ambiguous = await imported([again]);
    const [{ id: recordId } = { id: null }] = await api.database.execute('select id from source_record where external_id = ?', [second]);
    const [{ id: caseId } = { id: null }] = await api.database.execute('select id from case_file where key = ?', [`ambiguous-record/${recordId}`]);
    const before = await undone(ambiguous);
    expect(before.tally).toMatchObject({ carriedOut: 1 });
    expect(await api.database.execute('select status from case_file where id = ?', [caseId])).toEqual([{ status: 'closed' }]);

    const newer = { ...again, version: '2' };
    const waits = await imported([newer]);
    const [{ id: openCase } = { id: null }] = await api.database.execute(`select id from case_file where key = ? and status = 'open'`, [
      `ambiguous-record/${recordId}`,
    ]);
    const person = await idOf(first);
    const deciding =
      'mutation ($caseId: ID!, $person: ID!) { decideRecord(caseId: $caseId, version: "2", identityId: $person, reason: "the same person") { id } }';
    await ask(deciding, { caseId: openCase, person });
    expect((await refusal(undoing, { id: waits })).message).toContain('(1 newer)');
    const id = await imported([{ ...newer, version: '3', attributes: { ...again.attributes, displayName: 'Wrong' } }]);
    await undone(id);
    expect(await api.database.execute(`select facts->>'displayName' as name from source_record where id = ?`, [recordId])).toEqual([{ name: 'Back again' }]);
  });

  test('killed in the middle, its undo goes on where it stopped', async () => {
    const staff = many(60);
    await imported(staff.map((one) => record(one)));
    await aNightLater();
    const before = await desired();
    const id = await imported(staff.map((one) => record(one, 2, { name: 'Wrong' })));
    const batch = await undo(id);
    await approve(batch);
    const killed = worker(api.engine, () => {
      throw new Error('killed');
    });
    await expect(carryOutOne(batch.id, killed)).rejects.toThrow('killed');
    await carryOutOne(batch.id);
    await carryOutOne(batch.id);
    expect(await desired()).toEqual(before);
    expect(await batchOf(batch.id)).toMatchObject({ tally: { carriedOut: 60, pending: 0 } });
  });
});

describe('a batch that created people', () => {
  test('is undone by withdrawing their records; beyond the urgent ends of the requester by a second person, with a session', async () => {
    const staff = many(5);
    const id = await imported(staff.map((one) => record(one)));
    const batch = await undo(id);
    expect(changesOf(batch)).toContain('* DISABLE 5');
    const variables = { id: batch.id, digest: batch.plan.digest, part: null };
    expect(await refusal(approving, variables)).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('terminate 5 people, and your budget has 3 left'),
    });
    const two = { identityIds: await Promise.all(staff.slice(0, 2).map(idOf)) };
    expect((await approve(batch, two)).approval).toMatchObject({ scheduled: 2, remaining: 3 });
    expect(await refusal(approving, { ...variables, digest: (await batchOf(batch.id)).plan.digest })).toMatchObject({ code: 'FORBIDDEN' });
    const colleague = await api.person('Operator');
    expect((await approve(await batchOf(batch.id), null, colleague.token)).approval).toMatchObject({ scheduled: 3, remaining: 0 });
    await carryOut();
    expect((await desired()).filter(({ external_id }) => staff.includes(String(external_id))).map(({ state, account }) => `${state} ${account}`)).toEqual(
      staff.map(() => 'leaving disabled'),
    );
    // Sent again in the same version it stays withdrawn; anything newer creates the relationship again.
    expect((await send([record(staff[0] ?? '')]))[0]).toMatchObject({ outcome: 'UNCHANGED', message: expect.stringContaining('has undone it') });
    expect((await send([record(staff[0] ?? '', 2)]))[0]?.outcome).toBe('UPDATED');
  });

  test('and the undo of that brings them back', async () => {
    const staff = many(3);
    const id = await imported(staff.map((one) => record(one)));
    const before = await desired();
    const batch = await undone(id);
    expect((await desired()).map(({ state }) => state)).toEqual(staff.map(() => 'leaving'));
    const again = await undo(batch.id);
    expect(changesOf(again)).toContain('* ENABLE 3 over');
    await approve(again);
    await carryOut();
    expect(await desired()).toEqual(before);
  });

  test('leaves out the requester’s own record, and, unless by an administrator, those of people with rights in Tenure', async () => {
    const self = await api.person('Operator');
    const [external] = await api.database.execute(`select external_id from source_record where source = 'hr' and identity_id = ?`, [self.id]);
    const mine = String(external?.['external_id']);
    const [other = '', clerk = ''] = many(2);
    await imported([record(other, 1, { department: 'Operator' }), record(clerk)]);
    const id = await imported([
      record(mine, 1_000, { department: 'Operator', name: 'Wrong' }),
      record(other, 2, { department: 'Operator', name: 'Wrong' }),
      record(clerk, 2, { name: 'Wrong' }),
    ]);
    const batch = await undo(id, self.token);
    expect(batch).toMatchObject({ people: 1, tally: { pending: 1, obsolete: 2 } });
    expect(await reasonsOf(batch.id)).toEqual({ 'not-permitted': 2 });
  });
});

describe('an undo is refused', () => {
  test('of a batch that waits, that is being carried out, of which nothing was carried out, or that does not exist', async () => {
    const staff = many(12);
    await imported(staff.map((one) => record(one)));
    await aNightLater();
    const id = await imported(staff.slice(0, 11).map((one) => ended(one)));
    expect(await refusal(undoing, { id })).toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining('waits for approval: discard it') });
    const two = { identityIds: await Promise.all(staff.slice(0, 2).map(idOf)) };
    const { scheduledIn } = (await approve(await batchOf(id), two)).approval;
    expect((await refusal(undoing, { id: scheduledIn })).message).toContain('is being carried out');
    await carryOut();
    // The part that was carried out is undone by its own id, and, once the rest is discarded, by the id of the whole.
    const part = await undo(scheduledIn ?? '');
    expect(part).toMatchObject({ people: 2 });
    await ask('mutation ($id: ID!) { discardBatchChange(id: $id, reason: "looked") { id } }', { id: part.id });
    await ask('mutation ($id: ID!) { discardBatchChange(id: $id, reason: "cut short") { id } }', { id });
    expect((await undone(id)).tally).toMatchObject({ carriedOut: 2 });
    expect((await desired()).every(({ state }) => state === 'active')).toBe(true);
    await aNightLater();
    const other = await imported(staff.slice(0, 11).map((one) => ended(one, 9)));
    await ask('mutation ($id: ID!) { discardBatchChange(id: $id, reason: "cut short") { id } }', { id: other });
    expect((await refusal(undoing, { id: other })).message).toContain('nothing of the batch change was carried out');
    expect(await refusal(undoing, { id: '00000000-0000-4000-8000-000000000000' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal(undoing, { id }, tokens['auditor'])).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('when its items were deleted, with the date', async () => {
    const staff = many(3);
    const id = await imported(staff.map((one) => record(one)));
    await api.database.execute('delete from batch_item where batch_id = ?', [id]);
    await api.database.execute(`update wave set finished_at = finished_at - interval '401 days' where id = ?`, [id]);
    expect(await refusal(undoing, { id })).toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(/were deleted after \d{4}-\d{2}-\d{2}T.*retention\.batchItems/),
    });
  });

  test('when another one waits or is being carried out: of two at once, one wins', async () => {
    const staff = many(12);
    await imported(staff.map((one) => record(one)));
    await aNightLater();
    const id = await imported(staff.slice(0, 3).map((one) => record(one, 2, { name: 'Wrong' })));
    const both = await Promise.all([1, 2].map(() => api.graphql(undoing, { token: tokens['operator'] ?? '', variables: { id } })));
    expect(both.map(({ errors }) => errors[0]?.extensions.code ?? 'planned').toSorted()).toEqual(['INPUT_INVALID', 'planned']);
    const [{ id: planned = '' } = {}] = (await batchOf(id)).undoneBy;
    expect(await api.database.execute(`select count(*)::int as count from wave where origin is not null`)).toEqual([{ count: 1 }]);
    await approve(await batchOf(planned));
    expect((await refusal(undoing, { id })).message).toContain(`the undo ${planned} of this batch change waits for approval or is being carried out`);
    await carryOut();
    expect((await refusal(undoing, { id })).message).toContain('nothing of the batch change is left to undo (3 newer)');
  });
});

const policyWith = (rule: { readonly when: string }): Engine => {
  const { policy } = api.configuration;
  const added = { ...policy.birthright[0], name: `rule ${round}`, when: rule.when, entitlements: ['crm.finance'] } as (typeof policy.birthright)[number];
  return createEngine({ configuration: { ...api.configuration, policy: { ...policy, birthright: [...policy.birthright, added] } } });
};
const publish = (engine: Engine) => api.store.transaction(act('publish'), (tx) => publishPolicy(tx, engine));
const newestVersionBatch = async (): Promise<string> =>
  String((await api.database.execute('select id from wave where policy_version is not null order by policy_version desc limit 1'))[0]?.['id']);

describe('a configuration version', () => {
  test('is undone while it is in force: the one before comes back as a new version, and a restart does not publish the files again', async () => {
    await imported(many(12).map((one) => record(one)));
    await publish(api.engine);
    await carryOut();
    const before = await desired();
    const wrong = policyWith({ when: 'identity.department == "Sales"' });
    const { version } = await publish(wrong);
    await carryOut();
    const id = await newestVersionBatch();
    expect(await batchOf(id)).toMatchObject({ policyVersion: version, finishedAt: api.now });
    const batch = await undo(id);
    expect(batch).toMatchObject({ status: 'WAITS_FOR_APPROVAL', undoes: { batchChangeId: id } });
    expect(changesOf(batch)).toEqual(['* LOSE 12', 'crm LOSE 12']);
    await approve(batch);
    await carryOut();
    expect(await desired()).toEqual(before);
    expect(await batchOf(batch.id)).toMatchObject({ policyVersion: version + 1, tally: { carriedOut: 12 } });
    const start = () => api.store.transaction(act('start'), (tx) => startPolicy(tx, wrong));
    expect(await start()).toEqual({ version: version + 1, differs: true, waitsIn: null });

    // The undo of the undo: the version counts again, for a restart too.
    await undone(batch.id);
    expect(await start()).toMatchObject({ version: version + 2, differs: false });
    // And it can be undone once more, by its own id.
    await undone(id);
    expect(await desired()).toEqual(before);
    await publish(api.engine);
    await carryOut();
  });

  test('is not undone while a newer one is in force: those are undone first', async () => {
    await imported(many(12).map((one) => record(one)));
    await publish(api.engine);
    await carryOut();
    const before = await desired();
    await publish(policyWith({ when: 'identity.department == "Sales"' }));
    await carryOut();
    const first = await newestVersionBatch();
    await publish(policyWith({ when: 'identity.department == "Sales" || identity.department == "Finance"' }));
    await carryOut();
    const second = await newestVersionBatch();
    expect(await refusal(undoing, { id: first })).toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining('undo the newer versions first') });
    await undone(second);
    expect((await refusal(undoing, { id: second })).message).toContain('is in force now');
    await undone(first);
    expect(await desired()).toEqual(before);
    await publish(api.engine);
    await carryOut();
  });
});

test('an undo is in the audit, which holds, with who requested and who approved it', async () => {
  const staff = many(3);
  await imported(staff.map((one) => record(one)));
  await aNightLater();
  const id = await imported(staff.map((one) => record(one, 2, { name: 'Wrong' })));
  const batch = await undone(id);
  const { auditEvents } = await ask<{ auditEvents: { edges: { node: { action: string; sentence: string } }[] } }>(
    'query ($id: String!) { auditEvents(filter: { subjectId: $id }) { edges { node { action sentence } } } }',
    { id: batch.id },
    tokens['auditor'],
  );
  expect(auditEvents.edges.map(({ node }) => node.action).toReversed()).toEqual(['batch.undoRequested', 'wave.released', 'wave.finished']);
  expect(auditEvents.edges.at(-1)?.node.sentence).toContain(`The undo of a batch change (${id}) was requested and waits for approval: 3 items.`);
  const restored = await api.store.read(async (tx) => tx.audit.ofIdentity(await idOf(staff[0] ?? ''), 10));
  expect(restored.find(({ action }) => action === 'record.restored')).toMatchObject({
    reason: { source: 'hr', version: '2', of: '2', status: 'active', batchId: batch.id, isWithdrawn: false },
    personal: { facts: { displayName: `Person ${staff[0]}` } },
  });
  expect((await api.store.read((tx) => tx.audit.verify())).problems).toEqual([]);
});
