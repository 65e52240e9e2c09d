import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, type TestApi } from './api.ts';

let api: TestApi;
let operator: string;

beforeAll(async () => {
  api = await createTestApi();
  operator = await api.serviceToken('operator');
  for (let index = 10; index < 35; index += 1) {
    await api.record({
      externalId: `w${index}`,
      facts: {
        displayName: `Worker ${index}`,
        employeeNumber: `w${index}`,
        department: index % 5 === 0 ? 'Finance' : 'Sales',
        endDate: '2026-09-30T22:00:00.000Z',
      },
    });
  }
});
afterAll(() => api.stop());

describe('identities', () => {
  test('come in pages that together are everybody, once', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 4; page += 1) {
      const { data, errors } = await api.graphql(
        'query ($after: String) { identities(first: 10, after: $after) { totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } } }',
        { token: operator, variables: { after } },
      );
      expect(errors).toEqual([]);
      const { identities } = data as unknown as {
        identities: {
          totalCount: number;
          edges: { cursor: string; node: { id: string } }[];
          pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
        };
      };
      expect(identities.totalCount).toBe(25);
      expect(identities.pageInfo.hasPreviousPage).toBe(page > 0);
      seen.push(...identities.edges.map(({ node }) => node.id));
      after = identities.pageInfo.endCursor;
      if (!identities.pageInfo.hasNextPage) break;
    }
    expect(seen).toHaveLength(25);
    expect(new Set(seen).size).toBe(25);
  });

  test('are found by filter and search', async () => {
    const { data } = await api.graphql(
      '{ finance: identities(filter: { grant: "finance" }) { totalCount } one: identities(search: "worker 17") { edges { node { userName displayName } } } none: identities(filter: { states: [LEFT] }) { totalCount } }',
      { token: operator },
    );
    expect(data).toMatchObject({ finance: { totalCount: 5 }, one: { edges: [{ node: { displayName: 'Worker 17' } }] }, none: { totalCount: 0 } });
  });

  test('say a cursor is not theirs, and that a page has at most 100', async () => {
    const wrong = await api.graphql('{ identities(after: "bm9wZQ") { totalCount } }', { token: operator });
    expect(wrong.errors[0]?.extensions.code).toBe('INPUT_INVALID');
    const long = await api.graphql('{ identities(first: 101) { totalCount } }', { token: operator });
    expect(long.errors[0]?.extensions.code).toBe('INPUT_INVALID');
  });
});

describe('one identity', () => {
  const query = `query ($userName: String) { identity(userName: $userName) {
    id userName userType state displayName nextWakeUp revision policyVersion
    lifecycle { state why rule next { at state } }
    attributes { name title value source recordedAt }
    grants { kind name title target targetTitle validUntil origins { kind name sentence policyVersion viaRole sources } }
    accounts { target targetTitle isConfirmed desired { state entitlements } observed { enabled } }
    operations { kind status attemptCount attempts { at } reason change }
    records { source externalId version status }
    timeline { action sentence actor { kind id } correlationId }
    sessionCount cases { id } workflow { id url }
  } }`;

  test('answers what it holds, why, until when, and what follows', async () => {
    const found = await api.graphql('{ identities(search: "w10") { edges { node { userName } } } }', { token: operator });
    const { userName } = (found.data as unknown as { identities: { edges: { node: { userName: string } }[] } }).identities.edges[0]?.node ?? { userName: '' };
    const { data, errors } = await api.graphql(query, { token: operator, variables: { userName } });
    expect(errors).toEqual([]);
    const { identity } = data as unknown as { identity: Record<string, never> & { id: string; timeline: { sentence: string }[] } };
    expect(identity).toMatchObject({
      userType: 'EMPLOYEE',
      state: 'ACTIVE',
      displayName: 'Worker 10',
      nextWakeUp: '2026-09-30T22:00:00.000Z',
      policyVersion: 1,
      workflow: { id: `identity/${identity.id}`, url: `http://localhost:8233/namespaces/default/workflows/identity%2F${identity.id}` },
      accounts: [{ target: 'crm', targetTitle: 'CRM', isConfirmed: false, desired: { state: 'ENABLED', entitlements: ['finance', 'users'] }, observed: null }],
      records: [{ source: 'hr', externalId: 'w10', version: '1', status: 'ACTIVE' }],
      sessionCount: 0,
      cases: [],
    });
    expect(identity['attributes']).toContainEqual({ name: 'displayName', title: 'Name', value: 'Worker 10', source: 'hr', recordedAt: api.now });
    expect(identity['grants']).toContainEqual({
      kind: 'ENTITLEMENT',
      name: 'crm.finance',
      title: 'Finance group',
      target: 'crm',
      targetTitle: 'CRM',
      validUntil: '2026-09-30T22:00:00.000Z',
      origins: [
        {
          kind: 'RULE',
          name: 'finance',
          sentence: 'Because department is Finance (rule finance), as part of the role Finance clerk, according to Human resources',
          policyVersion: 1,
          viaRole: 'finance',
          sources: ['hr'],
        },
      ],
    });
    const sentences = identity.timeline.map(({ sentence }) => sentence).join('\n');
    expect(sentences).toContain(
      'Was granted entitlement crm.finance until 2026-09-30T22:00:00.000Z: rule finance by role finance of policy version 1, from record ',
    );
    expect(sentences).toContain('Became known through hr');
    expect(sentences).not.toMatch(/something unknown|undefined|Worker 10/);
  });

  test('is null when nobody has that name, and needs exactly one way to find it', async () => {
    expect((await api.graphql('{ identity(userName: "nobody") { id } }', { token: operator })).data).toEqual({ identity: null });
    expect((await api.graphql('{ identity { id } }', { token: operator })).errors[0]?.extensions.code).toBe('INPUT_INVALID');
    expect((await api.graphql('{ identity(id: "1; drop table identity") { id } }', { token: operator })).errors[0]?.extensions.code).toBe('INPUT_INVALID');
  });
});

describe('audit, policy and cases', () => {
  test('auditors read events in pages, with their personal values', async () => {
    const auditor = await api.serviceToken('auditor');
    const first = await api.graphql(
      '{ auditEvents(first: 5, filter: { action: "record.taken" }) { edges { node { id sentence personal } } pageInfo { hasNextPage endCursor } } }',
      { token: auditor },
    );
    const page = (
      first.data as unknown as {
        auditEvents: { edges: { node: { id: string; personal: { facts: object } } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
      }
    ).auditEvents;
    expect(page.edges[0]?.node.personal.facts).toHaveProperty('displayName');
    expect(page.pageInfo.hasNextPage).toBe(true);
    const second = await api.graphql(
      'query ($after: String) { auditEvents(first: 5, after: $after, filter: { action: "record.taken" }) { edges { node { id } } } }',
      { token: auditor, variables: { after: page.pageInfo.endCursor } },
    );
    const ids = (second.data as unknown as { auditEvents: { edges: { node: { id: string } }[] } }).auditEvents.edges.map(({ node }) => node.id);
    expect(ids).toHaveLength(5);
    expect(page.edges.some(({ node }) => ids.includes(node.id))).toBe(false);
  });

  test('a policy version is the document that decisions named', async () => {
    const auditor = await api.serviceToken('auditor');
    const { data } = await api.graphql('{ policyVersion(version: 1) { version document } none: policyVersion(version: 99) { version } }', { token: auditor });
    expect(data).toMatchObject({ policyVersion: { version: 1, document: { roles: { finance: { title: 'Finance clerk' } } } }, none: null });
  });

  test('there are no cases while nobody has to look', async () => {
    const { data } = await api.graphql(
      '{ cases(filter: { status: OPEN }) { totalCount edges { node { kind evidence identity { id } } } } case(id: "00000000-0000-4000-8000-000000000000") { id } }',
      { token: operator },
    );
    expect(data).toMatchObject({ cases: { totalCount: 0, edges: [] }, case: null });
  });
});
