import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, type TestApi } from './api.ts';

let api: TestApi;
let hr: string;
let auditor: string;

interface Result {
  readonly externalId: string;
  readonly outcome: string;
  readonly identityId: string | null;
  readonly message: string;
}

beforeAll(async () => {
  api = await createTestApi();
  hr = await api.serviceToken('source:hr');
  auditor = await api.serviceToken('auditor');
});
afterAll(() => api.stop());

const mutation = 'mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { problems results { externalId outcome identityId message } } }';

async function send(records: readonly object[], source = 'hr', token = hr): Promise<{ results: readonly Result[]; problems: number }> {
  const { data, errors } = await api.graphql(mutation, { token, variables: { input: { source, records } } });
  expect(errors).toEqual([]);
  return (data as unknown as { recordFacts: { results: readonly Result[]; problems: number } }).recordFacts;
}

const outcomes = (all: { results: readonly Result[] }): readonly string[] => all.results.map(({ outcome }) => outcome);

describe('recordFacts', () => {
  test('hires, changes and ends; the same again changes nothing, and an older version is left aside', async () => {
    const record = (version: string, department: string) => ({
      externalId: 'w1',
      version,
      status: 'ACTIVE',
      attributes: { displayName: 'Ann', employeeNumber: 'w1', department },
    });
    const created = await send([record('1', 'Finance')]);
    expect(outcomes(created)).toEqual(['CREATED']);
    const counted = async (): Promise<unknown> =>
      (await api.database.execute('select (select count(*) from audit_event) as events, (select count(*) from outbox) as wakes'))[0];
    const before = await counted();
    expect(outcomes(await send([record('1', 'Finance')]))).toEqual(['UNCHANGED']);
    expect(await counted()).toEqual(before);
    expect(outcomes(await send([record('10', 'Sales')]))).toEqual(['UPDATED']);
    expect(outcomes(await send([record('9', 'Finance')]))).toEqual(['STALE']);
    const ended = await send([{ ...record('11', 'Sales'), status: 'ENDED' }]);
    expect(outcomes(ended)).toEqual(['UPDATED']);
    expect(ended.results[0]?.identityId).toBe(created.results[0]?.identityId);
    const { data } = await api.graphql('query ($id: ID) { identity(id: $id) { state grants { name } accounts { desired { state } } } }', {
      token: auditor,
      variables: { id: created.results[0]?.identityId },
    });
    expect(data).toEqual({ identity: { state: 'LEAVING', grants: [], accounts: [{ desired: { state: 'DISABLED' } }] } });
    expect(await api.database.execute('select urgent from outbox order by id desc limit 1')).toEqual([{ urgent: true }]);
  });

  test('a source was heard of when it sends, also when it only repeats itself or begins an import', async () => {
    const record = { externalId: 'heard', version: '1', status: 'ACTIVE', attributes: { displayName: 'Ann', employeeNumber: 'heard' } };
    const forget = () => api.database.execute('delete from source_contact');
    const silence = async () => (await api.store.pulse(api.now)).sources;
    await send([record]);
    expect(await silence()).toEqual([{ source: 'hr', age: 0 }]);
    await forget();
    expect(await silence()).toEqual([]);
    expect(outcomes(await send([record]))).toEqual(['UNCHANGED']);
    expect(await silence()).toEqual([{ source: 'hr', age: 0 }]);
    await forget();
    const { errors } = await api.graphql('mutation { startImport(source: "hr") { id } }', { token: hr });
    expect([errors, await silence()]).toEqual([[], [{ source: 'hr', age: 0 }]]);
  });

  test('answers each record by itself: what is wrong with one keeps none of the others', async () => {
    const good = (externalId: string) => ({ externalId, version: '1', status: 'ACTIVE', attributes: { displayName: externalId, employeeNumber: externalId } });
    const all = await send([
      good('g1'),
      { ...good('g2'), attributes: { departmnt: 'Finance' } },
      { ...good('g3'), attributes: { endDate: 'next spring', skills: ['a', 1] } },
      { ...good('g4'), version: '1.5' },
      { ...good('g5'), attributes: [] },
      { ...good('g6'), endedAt: '2026-05-01' },
      { ...good('g7'), status: 'ENDED', endedAt: 'tomorrow' },
      good(''),
      good('g9'),
    ]);
    expect(outcomes(all)).toEqual(['CREATED', 'INVALID', 'INVALID', 'INVALID', 'INVALID', 'INVALID', 'INVALID', 'INVALID', 'CREATED']);
    expect(all.problems).toBe(7);
    const messages = all.results.map(({ message }) => message);
    expect(messages[1]).toBe('departmnt: there is no such attribute (did you mean department?)');
    expect(messages[2]).toBe('endDate: must be an instant with a zone (RFC 3339); skills: must be a list of texts');
    expect(messages[3]).toContain('version must be digits');
    expect(messages[4]).toBe('attributes must be an object');
    expect(messages[5]).toContain('ENDED only');
    expect(messages[6]).toContain('endedAt must be');
    expect(messages[7]).toContain('externalId');
  });

  test('a day stays a day, and is over at its end where the configuration says the day is', async () => {
    const all = await send([
      { externalId: 'd1', version: '1', status: 'ENDED', endedAt: '2026-03-31', attributes: { displayName: 'Dora', employeeNumber: 'd1' } },
    ]);
    const { data } = await api.graphql('query ($id: ID) { identity(id: $id) { state lifecycle { next { at state } } records { endedAt endedOn } } }', {
      token: auditor,
      variables: { id: all.results[0]?.identityId },
    });
    expect(data).toEqual({
      identity: {
        state: 'ACTIVE',
        lifecycle: { next: { at: '2026-03-31T22:00:00.000Z', state: 'LEAVING' } },
        records: [{ endedAt: null, endedOn: '2026-03-31' }],
      },
    });
  });

  test('a source that may not create people says so; one that matches several opens a case and guesses nothing', async () => {
    const payroll = await api.serviceToken('source:payroll');
    const unknown = await send([{ externalId: 'p1', version: '1', attributes: { employeeNumber: 'nobody' } }], 'payroll', payroll);
    expect(outcomes(unknown)).toEqual(['REFUSED']);
    for (const externalId of ['twin-a', 'twin-b'])
      await send([{ externalId, version: '1', status: 'ACTIVE', attributes: { employeeNumber: `${externalId}` } }]);
    await send([{ externalId: 'twin-b', version: '2', status: 'ACTIVE', attributes: { employeeNumber: 'twin-a' } }]);
    const doubtful = await send([{ externalId: 'p2', version: '1', attributes: { employeeNumber: 'twin-a' } }], 'payroll', payroll);
    expect(outcomes(doubtful)).toEqual(['AMBIGUOUS']);
    const { data } = await api.graphql(
      '{ cases(filter: { kind: AMBIGUOUS_RECORD, status: OPEN }) { totalCount edges { node { evidence identity { id } workflow { id } } } } }',
      { token: auditor },
    );
    expect(data).toMatchObject({
      cases: { totalCount: 1, edges: [{ node: { evidence: { by: 'employeeNumber', source: 'payroll' }, identity: null, workflow: null } }] },
    });
  });

  test('takes at most 500 records, and source names that are no sources are none', async () => {
    const many = Array.from({ length: 501 }, (_, index) => ({ externalId: `m${index}`, version: '1', attributes: {} }));
    const { errors } = await api.graphql(mutation, { token: hr, variables: { input: { source: 'hr', records: many } } });
    expect(errors[0]?.extensions.code).toBe('INPUT_INVALID');
    const odd = await api.serviceToken('source:constructor');
    expect((await api.graphql(mutation, { token: odd, variables: { input: { source: 'constructor', records: [] } } })).errors[0]?.extensions.code).toBe(
      'INPUT_INVALID',
    );
  });

  test("says who did it: the token, under the request's id", async () => {
    await api.graphql(mutation, {
      token: hr,
      variables: {
        input: { source: 'hr', records: [{ externalId: 'x1', version: '1', status: 'ACTIVE', attributes: { displayName: 'Xaver', employeeNumber: 'x1' } }] },
      },
      headers: { 'x-request-id': 'hr-run-7' },
    });
    const { data } = await api.graphql(
      '{ auditEvents(filter: { correlationId: "hr-run-7", action: "identity.created" }) { edges { node { actor { kind } sentence } } } }',
      { token: auditor },
    );
    expect(data).toEqual({
      auditEvents: {
        edges: [{ node: { actor: { kind: 'SERVICE' }, sentence: 'Became known through hr, by record x1 of hr.' } }],
      },
    });
  });
});
