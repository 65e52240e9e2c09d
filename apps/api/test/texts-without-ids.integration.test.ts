import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { exampleCase } from '@tenure/domain/testing';
import { advanceRequest, takeAnswer } from '@tenure/engine/requests';
import type { Transaction } from '@tenure/store';
import { accessYaml, createTestApi, type TestApi } from './api.ts';

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
/** Pattern of fields that are ids by their name, or data for programs. */
const isId = /^(id|.*Id|.*Ids|examples|nativeId|jws|digest|policyDigest|reason|evidence|with|personal|cursor|document|url)$/;

let api: TestApi;
let operator: { id: string; token: string };
let person: string;

beforeAll(async () => {
  api = await createTestApi({
    accessYaml: `${accessYaml}
relations:
  manager: { attribute: manager, by: employeeNumber }
requestable:
  - { name: finance, roles: [finance], maximumDuration: P30D, stages: [{ name: boss, approvers: [manager], deadline: P3D }] }
`,
  });
  operator = await api.person('Operator');
  const boss = (await api.record({ externalId: 'boss', facts: { displayName: 'Bo Boss', employeeNumber: 'boss' } })).identityId ?? '';
  person =
    (await api.record({ externalId: 'sal', facts: { displayName: 'Sal', employeeNumber: 'sal', department: 'Sales', manager: 'boss' } })).identityId ?? '';
  const transaction = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
    api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }, work);
  const session = async (id: string): Promise<string> =>
    (await transaction((tx) => tx.sessions.open(id, 'partner', api.now, new Date(Date.parse(api.now) + 36_000_000).toISOString()))).token;
  const asSal = await session(person);
  const act = async (token: string, query: string, variables: object = {}): Promise<Record<string, never>> => {
    const { data, errors } = await api.graphql(query, { token, variables });
    expect(errors).toEqual([]);
    return data as Record<string, never>;
  };
  // Each of these events is stored with the id of a person.
  await act(
    operator.token,
    'mutation ($id: ID!, $until: Instant!) { suspendProvisioning(input: { identityId: $id, until: $until, reason: "moves house" }) { id } }',
    {
      id: person,
      until: new Date(Date.parse(api.now) + 3_600_000).toISOString(),
    },
  );
  const asked = await act(asSal, 'mutation { requestAccess(input: { items: [{ kind: ROLE, name: "finance" }], justification: "year end" }) { items { id } } }');
  const [{ id: itemId }] = (asked as unknown as { requestAccess: { items: [{ id: string }] } }).requestAccess.items;
  const { requestId } = await transaction(async (tx) => (await tx.requests.item(itemId)) ?? { requestId: '' });
  // As the workflow of the request does.
  await transaction((tx) => advanceRequest(tx, api.engine, requestId));
  const answer = {
    id: randomUUID(),
    itemId,
    requestId,
    stage: null,
    givenBy: boss,
    approves: true,
    comment: '',
    givenAt: api.now,
    outcome: null,
    judgedAt: null,
  };
  await transaction((tx) => tx.requests.addAnswer(answer));
  expect((await transaction((tx) => takeAnswer(tx, api.engine, answer.id))).outcome).toBe('counted');
  await transaction(async (tx) => {
    await tx.cases.open({ ...exampleCase('transfer'), key: 'transfer/x', identityId: person, target: null, operationId: null }, api.now);
  });
  const found = await act(operator.token, '{ cases(filter: { kind: TRANSFER }) { edges { node { id } } } }');
  const [{ node }] = (found as unknown as { cases: { edges: [{ node: { id: string } }] } }).cases.edges;
  for (const call of ['claimCase(id: $id)', 'resolveCase(id: $id, resolution: "done")'])
    await act(operator.token, `mutation ($id: ID!) { ${call} { id } }`, { id: node.id });
  await act(operator.token, 'mutation ($id: ID!) { terminateNow(identityIds: [$id], reason: "left") { outcome } }', { id: person });
});
afterAll(() => api.stop());

/** Every text in an answer with the path that leads to it, except ids by name. */
function texts(value: unknown, path = ''): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((one, index) => texts(one, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => (isId.test(name) ? [] : texts(one, path === '' ? name : `${path}.${name}`)));
}

describe('no text that people read names people or records by their ids', () => {
  test.each([
    [
      'a person',
      `query ($id: ID!) { identity(id: $id) { displayName lifecycle { why } grants(includeEnded: true) { title endReason origins { sentence } } operations { lastError { message } }
        timeline(first: 100) { action sentence } sponsorship { why sponsorName } suspensions { suspendedBy } cases { subjectName closedBy resolution owner { displayName } claimedBy { displayName } } } }`,
    ],
    ['the audit', '{ auditEvents(first: 100) { edges { node { action sentence actor { name } identity { displayName } } } } }'],
    ['open holds', '{ suspensions { suspendedBy } }'],
    ['cases', '{ cases { edges { node { closedBy resolution subjectName comments { by { name } } } } } }'],
    ['access at an instant', 'query ($id: ID!, $now: Instant!) { accessAt(identityId: $id, instant: $now) { why grants { title origins { sentence } } } }'],
    ['what would be', 'query ($id: ID!) { simulateAccess(identityId: $id) { why gained { title origins { sentence } } lost { title origins { sentence } } } }'],
    ['what will be', 'query ($id: ID!) { identity(id: $id) { forecast { why gained lost } } }'],
    ['a certificate', 'query ($id: ID!) { leaverCertificate(identityId: $id) { why targets { title } } }'],
    [
      'the plan of a policy',
      `query ($files: [PolicyFileInput!]!) { previewPolicy(files: $files) { gains { examples examplePeople { displayName } } losses { examples examplePeople { displayName } }
        lifecycleChanges { examples examplePeople { displayName } } separations { examplePeople { displayName } } } }`,
    ],
  ])('%s', async (_title, query) => {
    const files = [{ name: 'access.yaml', content: accessYaml.replace('identity.department == "Operator"', 'identity.department == "Nobody"') }];
    const all = { id: person, now: api.now, files };
    const variables = Object.fromEntries(Object.entries(all).filter(([name]) => query.includes(`$${name}`)));
    const { data, errors } = await api.graphql(query, { token: await api.serviceToken('admin', 'auditor'), variables });
    expect(errors).toEqual([]);
    const found = texts(data);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(([, text]) => uuid.test(text))).toEqual([]);
  });

  test('whom they are about is named', async () => {
    const token = await api.serviceToken('admin');
    const { data } = await api.graphql(
      'query ($id: ID!) { identity(id: $id) { timeline(first: 100) { sentence } cases { closedBy } } suspensions { suspendedBy } }',
      {
        token,
        variables: { id: person },
      },
    );
    const { identity, suspensions } = data as unknown as {
      identity: { timeline: { sentence: string }[]; cases: { closedBy: string }[] };
      suspensions: { suspendedBy: string }[];
    };
    const sentences = identity.timeline.map(({ sentence }) => sentence);
    expect(sentences).toEqual(
      expect.arrayContaining([expect.stringMatching(/^Bo Boss was asked to approve finance/), expect.stringMatching(/^Bo Boss approved finance/)]),
    );
    const [by] = suspensions;
    expect(by?.suspendedBy).not.toMatch(/person|service/);
    expect(identity.cases.map(({ closedBy }) => closedBy)).toEqual([by?.suspendedBy]);
    expect(sentences).toContainEqual(`${by?.suspendedBy} claimed a case (transfer).`);
  });
});
