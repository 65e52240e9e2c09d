import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { approverResolver } from '@tenure/engine/approvers';
import { advanceRequest, openRequest } from '@tenure/engine/requests';
import type { CaseKind, CaseOf, Transaction } from '@tenure/store';
import { decodeJwt } from 'jose';
import { createTestApi, later, type TestApi } from './api.ts';
import { recordsAccessYaml, recordsTenureYaml } from './records-files.ts';
import { decideIdentity } from '@tenure/engine/decide';
import { takeRecord } from '@tenure/engine/intake';
import { currentPolicy, putInForce } from '@tenure/engine/policy';

let api: TestApi;
let hr: string;
let operator: string;
let count = 0;
const start = '2026-03-01T12:00:00.000Z';

beforeAll(async () => {
  api = await createTestApi({ tenureYaml: recordsTenureYaml, accessYaml: recordsAccessYaml });
});
beforeEach(async () => {
  api.now = start;
  count += 1;
  hr = await api.serviceToken('source:hr');
  operator = await api.serviceToken('operator', 'auditor');
});
afterAll(() => api.stop());

interface Result {
  readonly externalId: string;
  readonly outcome: string;
  readonly identityId: string | null;
  readonly message: string;
}
type Sent = Readonly<Record<string, unknown>>;

/** Sends records as a source does. */
async function send(...records: readonly Sent[]): Promise<{ readonly results: readonly Result[]; readonly problems: number }> {
  const { data, errors } = await api.graphql(
    'mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { problems results { externalId outcome identityId message } } }',
    { token: hr, variables: { input: { source: 'hr', records } } },
  );
  expect(errors).toEqual([]);
  return (data as unknown as { recordFacts: { results: readonly Result[]; problems: number } }).recordFacts;
}
async function sent(record: Sent): Promise<Result> {
  const [result] = (await send(record)).results;
  if (result === undefined) throw new Error('every record has a result');
  return result;
}
/** A record of a person of this test. */
const say = (version: string, status: 'ACTIVE' | 'ENDED' | null, attributes: Sent, more: Sent = {}): Sent => ({
  externalId: `w${count}`,
  version,
  ...(status === null ? {} : { status }),
  attributes,
  ...more,
});
const number = (suffix = ''): string => `n${count}${suffix}`;

const person = async (id: string | null) => {
  const found = await api.store.read((tx) => tx.identities.get(id ?? ''));
  if (found === null) throw new Error('there is no such person');
  return found;
};
const said = async (id: string | null, name: string): Promise<unknown> => (await person(id)).attributes[name]?.value;
const held = async (id: string | null): Promise<readonly string[]> =>
  (await api.store.read((tx) => tx.access.currentGrants([id ?? ''])))
    .filter(({ validFrom }) => validFrom <= api.now)
    .map(({ name }) => name)
    .sort();
const openCases = async <K extends CaseKind>(kind: K): Promise<readonly CaseOf<K>[]> =>
  api.store.read((tx) => tx.cases.page({ status: 'open', kind }, 100, null)).then((cases) => [...cases]);
const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
  api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }, work);
/** Decides that a record is of a new person, as an operator does in its case. */
async function decideNew(externalId: string): Promise<void> {
  const [known] = await act((tx) => tx.records.lock([{ source: 'hr', externalId }]));
  const asked = (await openCases('ambiguous-record')).find(({ evidence }) => evidence.recordId === known?.id);
  const { errors } = await api.graphql('mutation ($id: ID!) { decideRecord(caseId: $id, newPerson: true, version: "1", reason: "Another one") { status } }', {
    token: operator,
    variables: { id: asked?.id },
  });
  expect(errors).toEqual([]);
}
/** Lets time pass to an instant at which an identity lifecycle wakes up. */
async function wakeUp(id: string | null, at: string): Promise<string> {
  api.now = at;
  return (await act((tx) => decideIdentity(tx, api.engine, id ?? '', 'timer'))).state;
}

describe('a record without a status', () => {
  test('after ENDED does not let the person in again: the last status stays until another one is said', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { displayName: 'Bob', employeeNumber: number(), department: 'Finance' }));
    await send(say('2', 'ENDED', { displayName: 'Bob', employeeNumber: number() }));
    const again = await send(say('3', null, { displayName: 'Bob', employeeNumber: number(), department: 'Finance' }));
    expect(again).toMatchObject({ problems: 0, results: [{ outcome: 'UNCHANGED' }] });
    expect((await person(identityId)).state).toBe('leaving');
    expect(await held(identityId)).toEqual([]);
    await send(say('4', 'ACTIVE', { displayName: 'Bob', employeeNumber: number(), department: 'Finance' }));
    expect((await person(identityId)).state).toBe('active');
  });

  test('keeps the end that was said, also one that lies ahead, and one of somebody who had begun as active leaves them so', async () => {
    const { identityId } = await sent(say('1', 'ENDED', { employeeNumber: number() }, { endedAt: '2026-03-31' }));
    await send(say('2', null, { employeeNumber: number(), department: 'Finance' }));
    expect((await person(identityId)).lifecycle?.next).toEqual({ at: '2026-03-31T22:00:00.000Z', state: 'leaving' });
    const active = await sent({ ...say('1', 'ACTIVE', { employeeNumber: number('b') }), externalId: `v${count}` });
    await send({ ...say('2', null, { employeeNumber: number('b') }), externalId: `v${count}` });
    expect((await person(active.identityId)).state).toBe('active');
  });

  test('ENDED once more keeps the end that has come: nobody who has left is leaving again', async () => {
    const { identityId } = await sent(say('1', 'ENDED', { employeeNumber: number() }));
    expect(await wakeUp(identityId, later(start, 24 * 31))).toBe('left');
    hr = await api.serviceToken('source:hr');
    await send(say('2', 'ENDED', { employeeNumber: number() }));
    expect((await person(identityId)).state).toBe('left');
  });

  test('of somebody who vanished from a feed and is named again goes on as it was said before', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { employeeNumber: number() }));
    const vanished = { source: 'hr', externalId: `w${count}`, version: '1', facts: { employeeNumber: number() }, endedAt: null, hasVanished: true };
    await act((tx) => takeRecord(tx, api.engine, { ...vanished, status: 'ended' }));
    expect((await person(identityId)).state).toBe('leaving');
    expect(await sent(say('1', null, { employeeNumber: number() }))).toMatchObject({ outcome: 'UPDATED' });
    expect((await person(identityId)).state).toBe('active');
  });
});

describe('an ENDED record that carries only its key', () => {
  test('leaves name, manager and zone known: the certificate names the person, and the manager is told', async () => {
    const boss = await sent({ ...say('1', 'ACTIVE', { displayName: 'Mia', employeeNumber: number('boss') }), externalId: `boss${count}` });
    const known = { displayName: 'Bob Fox', manager: number('boss'), timeZone: 'Asia/Tokyo', department: 'Finance' };
    const { identityId } = await sent(say('1', 'ACTIVE', { employeeNumber: number(), ...known }));
    await send(say('2', 'ENDED', { employeeNumber: number() }));
    const { attributes, state, timeZone } = await person(identityId);
    expect(state).toBe('leaving');
    expect(timeZone).toBe('Asia/Tokyo');
    for (const [name, value] of Object.entries(known)) expect(attributes[name]?.value).toBe(value);
    const answer = await api.graphql('query ($id: ID!) { leaverCertificate(identityId: $id) { jws } }', { token: operator, variables: { id: identityId } });
    const { jws } = (answer.data as unknown as { leaverCertificate: { jws: string } }).leaverCertificate;
    expect(decodeJwt(jws)).toMatchObject({ displayName: 'Bob Fox' });
    const told = await act(async (tx) =>
      approverResolver(tx, api.engine, await currentPolicy(tx, api.engine)).resolve([{ kind: 'manager' }], { identityId: identityId ?? '', requestedBy: '' }),
    );
    expect(told.map(({ approverId }) => approverId)).toEqual([boss.identityId]);
    const [notice] = await api.database.execute(`select recipient from notice where kind = 'person-ended' and about->>'identityId' = ?`, [identityId]);
    expect(notice).toEqual({ recipient: `manager/${identityId}` });
  });

  test('takes what it does say, and "none" as well; ACTIVE again says all of it anew', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { employeeNumber: number(), displayName: 'Bob', department: 'Finance' }));
    await send(say('2', 'ENDED', { employeeNumber: number(), department: null }));
    expect([await said(identityId, 'displayName'), await said(identityId, 'department')]).toEqual(['Bob', undefined]);
    await send(say('3', 'ACTIVE', { employeeNumber: number() }));
    expect(await said(identityId, 'displayName')).toBeUndefined();
  });
});

describe('a version', () => {
  test('that comes again with other content is an error that is reported, and nothing changes', async () => {
    const { identityId } = await sent(say('20261129', 'ACTIVE', { employeeNumber: number(), department: 'Finance' }));
    const again = await send(say('20261129', 'ENDED', { employeeNumber: number(), department: 'Finance' }));
    expect(again).toMatchObject({ problems: 1, results: [{ outcome: 'CONFLICT', identityId, message: expect.stringContaining('other content') }] });
    expect((await person(identityId)).state).toBe('active');
    for (const attributes of [
      { employeeNumber: number(), department: 'Sales' },
      { employeeNumber: number() },
      { employeeNumber: number(), department: 'Finance', displayName: 'B' },
    ])
      expect(await sent(say('20261129', 'ACTIVE', attributes))).toMatchObject({ outcome: 'CONFLICT' });
    expect(await sent(say('20261129', 'ACTIVE', { employeeNumber: ` ${number()}`, department: 'Finance' }))).toMatchObject({ outcome: 'UNCHANGED' });
    const events = await api.store.read((tx) => tx.audit.ofIdentity(identityId ?? '', 20));
    expect(events.filter(({ action }) => action === 'record.conflict')).toHaveLength(4);
  });

  test('with other content is one in an import and within one batch, too', async () => {
    await sent(say('1', 'ACTIVE', { employeeNumber: number() }));
    const begun = await api.graphql('mutation { startImport(source: "hr") { id } }', { token: hr });
    const { id: importId } = (begun.data as unknown as { startImport: { id: string } }).startImport;
    const records = [say('1', 'ENDED', { employeeNumber: number() })];
    const { data } = await api.graphql('mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { results { outcome } } }', {
      token: hr,
      variables: { input: { source: 'hr', importId, records } },
    });
    expect(data).toEqual({ recordFacts: { results: [{ outcome: 'CONFLICT' }] } });
    const twice = await send(say('2', 'ACTIVE', { employeeNumber: number() }), say('2', 'ENDED', { employeeNumber: number() }));
    expect(twice.results.map(({ outcome }) => outcome)).toEqual(['UNCHANGED', 'CONFLICT']);
  });

  test('of a record whose person is not known yet does not change under the eyes of who decides', async () => {
    await sent({ ...say('1', 'ACTIVE', { employeeNumber: number() }), externalId: `old${count}` });
    expect(await sent(say('5', 'ACTIVE', { employeeNumber: number(), displayName: 'Seen' }))).toMatchObject({ outcome: 'AMBIGUOUS' });
    expect(await sent(say('5', 'ACTIVE', { employeeNumber: number(), displayName: 'Other' }))).toMatchObject({ outcome: 'CONFLICT' });
    expect(await sent(say('4', 'ACTIVE', { employeeNumber: number(), displayName: 'Older' }))).toMatchObject({ outcome: 'STALE' });
    expect(await sent(say('5', 'ACTIVE', { employeeNumber: number(), displayName: 'Seen' }))).toMatchObject({ outcome: 'AMBIGUOUS' });
  });
});

describe('a record that an operator puts right', () => {
  const recordOf = async (externalId = `w${count}`) => {
    const [record] = await act((tx) => tx.records.lock([{ source: 'hr', externalId }]));
    if (record === undefined) throw new Error('there is no such record');
    return record;
  };
  const correct = async (input: Sent, token = operator) => {
    const { id: recordId, version } = await recordOf();
    return api.graphql('mutation ($input: CorrectRecordInput!) { correctRecord(input: $input) { version status facts sourceContent } }', {
      token,
      variables: { input: { recordId, version, reason: 'HR asked for it', ...input } },
    });
  };
  const withdraw = async (externalId = `w${count}`, token = operator) => {
    const { id, version } = await recordOf(externalId);
    return api.graphql(
      'mutation ($id: ID!, $version: String!) { withdrawRecord(id: $id, version: $version, reason: "Never worked here") { status withdrawnAt sourceContent } }',
      { token, variables: { id, version } },
    );
  };

  test('an absurd version does not freeze a person: the record gets another one, and what comes later counts again', async () => {
    const { identityId } = await sent(say('999999999999', 'ACTIVE', { employeeNumber: number(), department: 'Finance' }));
    expect(await sent(say('20261130', 'ENDED', { employeeNumber: number() }))).toMatchObject({ outcome: 'STALE' });
    const { data, errors } = await correct({ newVersion: '20261129' });
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ correctRecord: { version: '20261129', status: 'ACTIVE', sourceContent: { version: '999999999999' } } });
    // The same record again is known, with other content it is still a mistake, and an older one is ignored.
    expect(await sent(say('999999999999', 'ACTIVE', { employeeNumber: number(), department: 'Finance' }))).toMatchObject({ outcome: 'UNCHANGED' });
    expect(await sent(say('999999999999', 'ENDED', { employeeNumber: number() }))).toMatchObject({ outcome: 'CONFLICT' });
    expect(await sent(say('20261128', 'ENDED', { employeeNumber: number() }))).toMatchObject({ outcome: 'STALE' });
    expect(await sent(say('20261130', 'ENDED', { employeeNumber: number() }))).toMatchObject({ outcome: 'UPDATED' });
    expect((await person(identityId)).state).toBe('leaving');
    const events = await api.store.read((tx) => tx.audit.ofIdentity(identityId ?? '', 30));
    expect(events.find(({ action }) => action === 'record.corrected')).toMatchObject({
      reason: { of: '999999999999', version: '20261129' },
      personal: { reason: 'HR asked for it' },
    });
  });

  test('wrong content counts as it is right until the source says something newer', async () => {
    const { identityId } = await sent(say('5', 'ENDED', { employeeNumber: number(), department: 'Sales' }));
    await correct({ status: 'ACTIVE', attributes: { department: 'Finance' } });
    expect((await person(identityId)).state).toBe('active');
    expect(await held(identityId)).toEqual(['crm.finance', 'crm.user']);
    expect(await sent(say('5', 'ENDED', { employeeNumber: number(), department: 'Sales' }))).toMatchObject({ outcome: 'UNCHANGED' });
    expect(await held(identityId)).toEqual(['crm.finance', 'crm.user']);
    expect(await sent(say('6', 'ENDED', { employeeNumber: number() }))).toMatchObject({ outcome: 'UPDATED' });
    expect((await person(identityId)).state).toBe('leaving');
  });

  test('one that was never true is withdrawn: its relationship ends, it says nothing, and anything newly said counts, in any version', async () => {
    const { identityId } = await sent({ ...say('1', 'ACTIVE', { personId: `P${count}`, displayName: 'Bob' }), externalId: `real${count}` });
    await sent(say('999', 'ACTIVE', { personId: `P${count}`, department: 'Finance' }));
    expect(await held(identityId)).toContain('crm.finance');
    expect((await withdraw()).data).toMatchObject({
      withdrawRecord: { status: 'ENDED', withdrawnAt: api.now, sourceContent: { version: '999', status: 'active' } },
    });
    expect([(await person(identityId)).state, await held(identityId)]).toEqual(['active', ['crm.user']]);
    expect(await sent(say('999', 'ACTIVE', { personId: `P${count}`, department: 'Finance' }))).toMatchObject({ outcome: 'UNCHANGED' });
    expect(await held(identityId)).toEqual(['crm.user']);
    // The same person, whatever their record contains by now.
    expect(await sent(say('2', null, { department: 'Finance' }))).toMatchObject({ outcome: 'UPDATED', identityId });
    expect(await held(identityId)).toEqual(['crm.finance', 'crm.user']);
  });

  test('who is known by a withdrawn record alone ends, and is still somebody', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { employeeNumber: number(), displayName: 'Bob' }));
    await withdraw();
    expect([(await person(identityId)).state, await said(identityId, 'displayName')]).toEqual(['leaving', 'Bob']);
  });

  test('one whose person nobody knows takes its case with it', async () => {
    await sent({ ...say('1', 'ACTIVE', { employeeNumber: number() }), externalId: `old${count}` });
    await sent(say('1', 'ACTIVE', { employeeNumber: number() }));
    const { id } = await recordOf();
    expect((await openCases('ambiguous-record')).map(({ evidence }) => evidence.recordId)).toContain(id);
    await withdraw();
    expect((await openCases('ambiguous-record')).map(({ evidence }) => evidence.recordId)).not.toContain(id);
  });

  test('nobody corrects their own, an auditor none, an operator none of an administrator, and only what was looked at', async () => {
    const admin = await sent(say('1', 'ACTIVE', { employeeNumber: number(), department: 'Admin' }));
    const { token } = await act((tx) => tx.sessions.open(admin.identityId ?? '', 'none', api.now, later(api.now, 8)));
    const codes = [await correct({ status: 'ENDED' }, token), await correct({ status: 'ENDED' }), await withdraw(undefined, await api.serviceToken('auditor'))];
    expect(codes.map(({ errors }) => errors[0]?.extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
    expect((await correct({ version: '7' }, await api.serviceToken('admin'))).errors[0]?.extensions.code).toBe('INPUT_INVALID');
    expect((await correct({ newVersion: 'x' }, await api.serviceToken('admin'))).errors[0]?.extensions.code).toBe('INPUT_INVALID');
    expect((await correct({ attributes: { departmnt: 'x' } }, await api.serviceToken('admin'))).errors[0]?.extensions.code).toBe('INPUT_INVALID');
    // Nobody can end the last administrator either.
    expect((await correct({ status: 'ENDED' }, await api.serviceToken('admin'))).errors[0]?.extensions.code).toBe('FORBIDDEN');
    await api.person('Admin');
    expect((await correct({ status: 'ENDED' }, await api.serviceToken('admin'))).errors).toEqual([]);
  });
});

describe('a number that may be used again', () => {
  const other = (version: string, status: 'ACTIVE' | 'ENDED' | null, attributes: Sent): Sent => ({
    ...say(version, status, attributes),
    externalId: `other${count}`,
  });
  const questionOf = async (record: Sent): Promise<unknown> => {
    expect(await sent(record)).toMatchObject({ outcome: 'AMBIGUOUS', identityId: null });
    const [known] = await act((tx) => tx.records.lock([{ source: 'hr', externalId: String(record['externalId']) }]));
    return (await openCases('ambiguous-record')).find(({ evidence }) => evidence.recordId === known?.id)?.evidence.why;
  };

  test('of one who left is a question, and nobody inherits an account', async () => {
    const leaver = await sent(say('1', 'ACTIVE', { employeeNumber: number() }));
    await send(say('2', 'ENDED', { employeeNumber: number() }));
    expect(await questionOf(other('1', 'ACTIVE', { employeeNumber: number(), department: 'Finance' }))).toBe('ended');
    expect([(await person(leaver.identityId)).state, await held(leaver.identityId)]).toEqual(['leaving', []]);
  });

  test('of one who is active is a question where the same source has both', async () => {
    await sent(say('1', 'ACTIVE', { employeeNumber: number() }));
    expect(await questionOf(other('1', 'ACTIVE', { employeeNumber: number() }))).toBe('another-record');
  });

  test('with another personId before it or after it in the list of keys is a question', async () => {
    await sent(say('1', 'ACTIVE', { employeeNumber: number(), personId: `A${count}` }));
    expect(await questionOf(other('1', 'ACTIVE', { employeeNumber: number(), personId: `B${count}` }))).toBe('contradicted');
  });

  test('that the person gave up in favour of another is a question, though they are active', async () => {
    await sent(say('1', 'ACTIVE', { employeeNumber: number(), personId: `A${count}` }));
    await send(say('2', 'ENDED', { employeeNumber: number(), personId: `A${count}` }));
    await sent({ ...say('1', 'ACTIVE', { employeeNumber: number('new'), personId: `A${count}` }), externalId: `second${count}` });
    const badge = { source: 'badges', externalId: `b${count}`, version: '1', facts: { employeeNumber: number() }, status: null, endedAt: null } as const;
    expect(await act((tx) => takeRecord(tx, api.engine, badge))).toMatchObject({ outcome: 'ambiguous' });
  });

  test('links where nothing speaks against it: another source speaks of the only one who has it now, whoever had it before', async () => {
    await sent(say('1', 'ENDED', { employeeNumber: number() }));
    const heir = other('1', 'ACTIVE', { employeeNumber: number() });
    expect(await sent(heir)).toMatchObject({ outcome: 'AMBIGUOUS' });
    await decideNew(`other${count}`);
    const [known] = await act((tx) => tx.records.lock([{ source: 'hr', externalId: `other${count}` }]));
    const badge = { source: 'badges', externalId: `b${count}`, version: '1', facts: { employeeNumber: number() }, status: null, endedAt: null } as const;
    expect(await act((tx) => takeRecord(tx, api.engine, badge))).toMatchObject({
      outcome: 'updated',
      identityId: known?.identityId,
      linkedBy: 'employeeNumber',
    });
  });
});

describe('a key for life', () => {
  const second = (version: string, status: 'ACTIVE' | 'ENDED' | null, attributes: Sent): Sent => ({
    ...say(version, status, attributes),
    externalId: `second${count}`,
  });

  test('links a rehire after the end, and a parallel contract, and asks nobody', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { personId: `P${count}`, employeeNumber: number() }));
    expect(await sent(second('1', 'ACTIVE', { personId: `P${count}`, employeeNumber: number('b') }))).toMatchObject({ outcome: 'UPDATED', identityId });
    await send(say('2', 'ENDED', { personId: `P${count}` }), second('2', 'ENDED', { personId: `P${count}` }));
    expect((await person(identityId)).state).toBe('leaving');
    const back = { ...say('1', 'ACTIVE', { personId: `p${count}`, employeeNumber: number('c') }), externalId: `third${count}` };
    expect(await sent(back)).toMatchObject({ outcome: 'UPDATED', identityId });
    expect((await person(identityId)).state).toBe('active');
  });

  test('decides over a number, wherever it stands in the list', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { personId: `P${count}`, employeeNumber: number() }));
    await sent({ ...say('1', 'ACTIVE', { personId: `Q${count}`, employeeNumber: number('q') }), externalId: `q${count}` });
    expect(await sent(second('1', 'ACTIVE', { personId: `P${count}`, employeeNumber: number('q') }))).toMatchObject({ identityId });
  });

  test('a known externalId stays with its person, whatever keys it says later', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { personId: `P${count}`, employeeNumber: number() }));
    await sent(second('1', 'ACTIVE', { personId: `Q${count}`, employeeNumber: number('b') }));
    expect(await sent(say('2', 'ACTIVE', { personId: `Q${count}`, employeeNumber: number('b') }))).toMatchObject({ outcome: 'UPDATED', identityId });
  });
});

describe('keys as they are typed', () => {
  test.each([
    ['with a space behind', (key: string) => `${key} `],
    ['with a no-break space behind', (key: string) => `${key}\u00a0`],
    ['put together from other letters', (key: string) => key.normalize('NFD')],
    ['with a tabulator and a line break', (key: string) => `\t${key}\r\n`],
    ['with an ideographic space', (key: string) => `\u3000${key}`],
  ])('%s are the same person, as an externalId and as a key', async (_, change) => {
    const [externalId, personId] = [`M\u00dc-${count}`, `N\u00dc-${count}`];
    const { identityId } = await sent({ externalId, version: '1', status: 'ACTIVE', attributes: { personId, department: 'Finance' } });
    expect(await sent({ externalId: change(externalId), version: '2', status: 'ACTIVE', attributes: { personId } })).toMatchObject({ identityId });
    expect(await sent({ externalId: `x${count}`, version: '1', status: 'ACTIVE', attributes: { personId: change(personId) } })).toMatchObject({ identityId });
  });

  test('values that rules compare are trimmed and in NFC as well', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { personId: `P${count}`, department: ' Finance\u00a0' }));
    expect(await held(identityId)).toEqual(['crm.finance', 'crm.user']);
  });

  test.each([
    ['a control character', { employeeNumber: 'a\u0007b' }],
    ['a line break', { department: 'Fi\nnance' }],
    ['a character that turns the direction round', { displayName: 'Bob\u202egnp.exe' }],
    ['a key with something that nobody sees', { employeeNumber: '37\u200b40' }],
    ['a key that is too long', { employeeNumber: 'x'.repeat(257) }],
    ['a text that is too long', { displayName: 'x'.repeat(1001) }],
  ])('%s is refused, by name and without the value', async (_, attributes) => {
    const [name = ''] = Object.keys(attributes);
    const answer = await sent(say('1', 'ACTIVE', attributes));
    expect(answer).toMatchObject({ outcome: 'INVALID', message: expect.stringContaining(`${name}: must`) });
    expect(await sent({ ...say('1', 'ACTIVE', {}), externalId: `a\u202e${count}` })).toMatchObject({ outcome: 'INVALID' });
  });

  test('a complete import is proved by the ids as they were sent, and nobody vanishes for their spaces', async () => {
    const { createHash } = await import('node:crypto');
    const ids = [`pad${count}a`, `pad${count}b`];
    await send(...ids.map((externalId) => ({ externalId, version: '1', status: 'ACTIVE', attributes: { personId: externalId } })));
    const begun = await api.graphql('mutation { startImport(source: "hr") { id } }', { token: hr });
    const { id } = (begun.data as unknown as { startImport: { id: string } }).startImport;
    // Everybody else of whom the source has sent records in these tests is named as well.
    const all = (await api.database.execute(`select external_id from source_record where source = 'hr' and identity_id is not null`)).map((row) =>
      String(row['external_id']),
    );
    const named = all.map((externalId) => (ids.includes(externalId) ? `${externalId}   ` : externalId));
    const records = named.map((externalId) => ({ externalId, version: '0', status: 'ACTIVE', attributes: {} }));
    await api.graphql('mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { problems } }', {
      token: hr,
      variables: { input: { source: 'hr', importId: id, records } },
    });
    const inBytes = named.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const complete = { count: named.length, digest: createHash('sha256').update(inBytes.join('\n')).digest('hex') };
    const { data, errors } = await api.graphql('mutation ($id: ID!, $complete: FeedProofInput) { finishImport(id: $id, complete: $complete) { vanished } }', {
      token: hr,
      variables: { id, complete },
    });
    expect([errors, data]).toEqual([[], { finishImport: { vanished: 0 } }]);
  });
});

describe('what was asked for', () => {
  const ask = (id: string | null, name = 'crm.archive') => {
    const items = [{ kind: 'entitlement', name, duration: null } as const];
    return act((tx) => openRequest(tx, api.engine, { identityId: id ?? '', requestedBy: id ?? '', justification: 'test', items }));
  };
  const statusOf = async (requestId: string): Promise<unknown> => (await api.store.read((tx) => tx.requests.whole([requestId])))[0]?.items[0];

  test('ends with the person’s time: who is hired again within the grace asks anew', async () => {
    const dates = { startDate: '2026-01-01' };
    const { identityId } = await sent(say('1', 'ACTIVE', { personId: `P${count}`, ...dates }));
    const { requestId } = await ask(identityId);
    expect(await held(identityId)).toEqual(['crm.archive', 'crm.user']);
    await send(say('2', 'ENDED', { personId: `P${count}` }));
    expect(await statusOf(requestId)).toMatchObject({ status: 'ended', reason: 'leaving' });
    api.now = later(start, 24 * 5);
    hr = await api.serviceToken('source:hr');
    await sent({ ...say('1', 'ACTIVE', { personId: `P${count}`, startDate: '2026-03-06' }), externalId: `again${count}` });
    expect([(await person(identityId)).state, await held(identityId)]).toEqual(['active', ['crm.user']]);
  });

  test('nor does it come back where the same record begins anew', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { personId: `P${count}`, startDate: '2026-01-01' }));
    await ask(identityId);
    await send(say('2', 'ENDED', { personId: `P${count}` }));
    api.now = later(start, 24 * 5);
    hr = await api.serviceToken('source:hr');
    await send(say('3', 'ACTIVE', { personId: `P${count}`, startDate: '2026-03-06' }));
    expect(await held(identityId)).toEqual(['crm.user']);
  });

  test('comes back where the record that said the end is corrected', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { personId: `P${count}`, startDate: '2026-01-01' }));
    const { requestId } = await ask(identityId);
    await send(say('2', 'ENDED', { personId: `P${count}` }));
    await send(say('3', 'ACTIVE', { personId: `P${count}`, startDate: '2026-01-01' }));
    expect(await held(identityId)).toEqual(['crm.archive', 'crm.user']);
    expect(await statusOf(requestId)).toMatchObject({ status: 'approved', reason: null, endedAt: null });
    const events = await api.store.read((tx) => tx.audit.ofIdentity(identityId ?? '', 30));
    expect(events.map(({ action }) => action)).toEqual(expect.arrayContaining(['request.ended', 'request.restored']));
  });

  test('and where an operator’s end is lifted; once the grace was over only where the record says that they had begun before', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { personId: `P${count}` }));
    await ask(identityId);
    const variables = { ids: [identityId] };
    await api.graphql('mutation ($ids: [ID!]!) { terminateNow(identityIds: $ids, reason: "test") { outcome } }', { token: operator, variables });
    await api.graphql('mutation ($id: ID!) { withdrawTermination(identityId: $id, reason: "test") { outcome } }', {
      token: operator,
      variables: { id: identityId },
    });
    expect(await held(identityId)).toEqual(['crm.archive', 'crm.user']);
    await send(say('2', 'ENDED', { personId: `P${count}` }));
    expect(await wakeUp(identityId, later(start, 24 * 31))).toBe('left');
    hr = await api.serviceToken('source:hr');
    await send(say('3', 'ACTIVE', { personId: `P${count}` }));
    expect(await held(identityId)).toEqual(['crm.user']);
    await send(say('4', 'ACTIVE', { personId: `P${count}`, startDate: '2026-01-01' }));
    expect(await held(identityId)).toEqual(['crm.archive', 'crm.user']);
  });

  test('and is open still is closed once the person has left, or policy offers it no more', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { personId: `P${count}` }));
    const { requestId, isOpen } = await ask(identityId, 'crm.sales');
    expect(isOpen).toBe(true);
    await send(say('2', 'ENDED', { personId: `P${count}` }));
    const woken = await api.database.execute('select 1 from outbox where request_id = ?', [requestId]);
    expect(woken.length).toBeGreaterThan(0);
    expect(await act((tx) => advanceRequest(tx, api.engine, requestId))).toMatchObject({ isOpen: false, denied: 1 });
    expect(await statusOf(requestId)).toMatchObject({ status: 'denied', reason: 'not-active' });

    const other = await sent({ ...say('1', 'ACTIVE', { personId: `Q${count}` }), externalId: `q${count}` });
    const asked = await ask(other.identityId, 'crm.sales');
    const document = api.configuration.policy;
    await api.database.execute('delete from outbox');
    const withdrawn = { ...document, requestable: (document.requestable ?? []).filter(({ name }) => name !== 'approved') };
    await act((tx) => putInForce(tx, withdrawn, `without ${count}`));
    expect(await api.database.execute('select 1 from outbox where request_id = ?', [asked.requestId])).toHaveLength(1);
    expect(await act((tx) => advanceRequest(tx, api.engine, asked.requestId))).toMatchObject({ isOpen: false });
    expect(await statusOf(asked.requestId)).toMatchObject({ status: 'denied', reason: 'not-offered' });
    await act((tx) => putInForce(tx, document, `with ${count}`));
  });
});

describe('the last day', () => {
  test('ends at midnight of the zone that another source says', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { employeeNumber: number(), endDate: '2026-03-20' }));
    const zone = {
      source: 'badges',
      externalId: `b${count}`,
      version: '1',
      facts: { employeeNumber: number(), timeZone: 'America/Los_Angeles' },
      status: null,
      endedAt: null,
    } as const;
    await act((tx) => takeRecord(tx, api.engine, zone));
    expect((await person(identityId)).lifecycle?.next).toEqual({ at: '2026-03-21T07:00:00.000Z', state: 'leaving' });
  });
});

describe('two parallel contracts', () => {
  test.each([
    ['the one that is primary', { primary: true }, {}],
    ['the one that ends later', { endDate: '2026-12-31' }, { endDate: '2026-06-30' }],
    ['the one that began earlier', { startDate: '2024-01-01' }, { startDate: '2025-01-01' }],
  ])('%s speaks, and not whoever was sent last', async (_, first, then) => {
    const finance = { ...say('1', 'ACTIVE', { personId: `P${count}`, department: 'Finance', ...first }), externalId: `z-finance${count}` };
    const sales = { ...say('1', 'ACTIVE', { personId: `P${count}`, department: 'Sales', ...then }), externalId: `a-sales${count}` };
    const { identityId } = await sent(finance);
    await send(sales);
    expect(await said(identityId, 'department')).toBe('Finance');
    api.now = later(start, 1);
    await send({ ...finance, version: '2' });
    expect(await said(identityId, 'department')).toBe('Finance');
    await send({ ...sales, version: '3' });
    expect(await said(identityId, 'department')).toBe('Finance');
  });
});

describe('an end before the start', () => {
  test('of somebody who has begun is a question, and they go on until it is answered', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { employeeNumber: number(), startDate: '2026-01-01' }));
    await send(say('2', 'ACTIVE', { employeeNumber: number(), startDate: '2026-01-01', endDate: '2025-12-31' }));
    expect((await person(identityId)).state).toBe('active');
    const ours = async () => (await openCases('end-before-start')).filter((one) => one.identityId === identityId);
    expect(await ours()).toMatchObject([{ evidence: { endsAt: null } }]);
    const [asked] = await ours();
    const shown = await api.graphql('query ($id: ID!) { case(id: $id) { actions { mutation } } }', { token: operator, variables: { id: asked?.id } });
    expect(shown.data).toMatchObject({ case: { actions: expect.arrayContaining([{ mutation: 'correctRecord' }, { mutation: 'resolveCase' }]) } });
    await send(say('3', 'ACTIVE', { employeeNumber: number(), startDate: '2026-01-01', endDate: '2026-12-31' }));
    expect([await ours(), (await person(identityId)).lifecycle?.next?.state]).toEqual([[], 'leaving']);
  });

  test('that is reported of somebody who has begun closes them with their whole grace, and asks', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { employeeNumber: number(), startDate: '2026-01-01' }));
    await send(say('2', 'ENDED', { employeeNumber: number(), startDate: '2026-01-01' }, { endedAt: '2025-06-30' }));
    expect(await person(identityId)).toMatchObject({ state: 'leaving', lifecycle: { since: start, accounts: 'disabled' } });
    expect((await openCases('end-before-start')).some((one) => one.identityId === identityId)).toBe(true);
  });

  test('of somebody who has not begun calls the hire off, as before', async () => {
    const { identityId } = await sent(say('1', 'ACTIVE', { employeeNumber: number(), startDate: '2026-05-01' }));
    await send(say('2', 'ENDED', { employeeNumber: number() }));
    expect(await person(identityId)).toMatchObject({ state: 'left', lifecycle: { accounts: 'absent-unless-used' } });
    expect((await openCases('end-before-start')).some((one) => one.identityId === identityId)).toBe(false);
  });
});

describe('a sponsor who is required', () => {
  const contractor = (sponsor: unknown) =>
    sent(say('1', 'ACTIVE', { employeeNumber: number(), kind: 'contractor', ...(sponsor === undefined ? {} : { sponsor }) }));
  const staff = (suffix: string, version: string, status: 'ACTIVE' | 'ENDED', more: Sent = {}) =>
    sent({ ...say(version, status, { employeeNumber: number(suffix), ...more }), externalId: `${suffix}${count}` });
  /** Runs the decisions that are pending in the outbox. */
  const settle = async (id: string | null): Promise<readonly string[]> => {
    const waiting = await api.database.execute('select 1 from outbox where identity_id = ? and request_id is null', [id]);
    if (waiting.length > 0) await act((tx) => decideIdentity(tx, api.engine, id ?? '', 'decision'));
    await api.database.execute('delete from outbox');
    return held(id);
  };

  test.each([
    ['a blank', '  '],
    ['something that nobody sees', '\u200b'],
    ['a number that is nobody’s', 'nobody-at-all'],
    ['nothing', undefined],
    ['themselves', 'self'],
  ])('is not there by %s: everything is held', async (_, sponsor) => {
    const { identityId } = await contractor(sponsor === 'self' ? number() : sponsor);
    expect(await held(identityId)).toEqual([]);
    expect((await openCases('facts-missing')).find((one) => one.identityId === identityId)?.evidence).toMatchObject({ missing: ['sponsor'] });
  });

  test('is a living person: access comes when they do, and goes when they leave and nobody stands in', async () => {
    const { identityId } = await contractor(number('s'));
    expect(await held(identityId)).toEqual([]);
    await api.database.execute('delete from outbox');
    await staff('s', '1', 'ACTIVE');
    expect(await settle(identityId)).toEqual(['crm.user']);
    await staff('s', '2', 'ENDED');
    expect(await settle(identityId)).toEqual([]);
    await staff('s', '3', 'ACTIVE');
    expect(await settle(identityId)).toEqual(['crm.user']);
  });

  test('who has left is stood in for by those above them, past one who has left as well and whose end said only their key', async () => {
    await staff('top', '1', 'ACTIVE');
    await staff('boss', '1', 'ACTIVE', { manager: number('top') });
    await staff('s', '1', 'ACTIVE', { manager: number('boss') });
    const { identityId } = await contractor(number('s'));
    await staff('boss', '2', 'ENDED');
    await staff('s', '2', 'ENDED');
    expect(await settle(identityId)).toEqual(['crm.user']);
    const top = await act((tx) => tx.records.lock([{ source: 'hr', externalId: `top${count}` }]));
    expect(await api.store.read((tx) => tx.sponsorships.of(identityId ?? ''))).toMatchObject({ sponsorId: top[0]?.identityId, isLiving: true });
  });

  test('whose number was given to somebody else is the one who has it now', async () => {
    await staff('s', '1', 'ENDED');
    const heir = { source: 'hr', externalId: `heir${count}`, version: '1', facts: { employeeNumber: number('s') }, status: 'active', endedAt: null } as const;
    expect(await act((tx) => takeRecord(tx, api.engine, heir))).toMatchObject({ outcome: 'ambiguous' });
    await decideNew(`heir${count}`);
    const { identityId } = await contractor(number('s'));
    expect(await held(identityId)).toEqual(['crm.user']);
  });
});
