import { exampleCase } from '@tenure/domain/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, type TestApi } from './api.ts';

let api: TestApi;
let auditor: string;
let source: string;
let ada: string;

interface Node {
  readonly id: string;
  readonly action: string;
  readonly at: string;
  readonly sentence: string;
  readonly actor: { readonly kind: string; readonly id: string; readonly name: string };
  readonly identity: { readonly id: string; readonly displayName: string } | null;
}
interface Page {
  readonly totalCount: number;
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const query = `query ($filter: AuditEventFilter, $first: Int!, $after: String) { auditEvents(filter: $filter, first: $first, after: $after) {
  totalCount edges { cursor node { id action at sentence actor { kind id name } identity { id displayName } } } pageInfo { hasNextPage endCursor } } }`;

async function page(filter: object | null, first = 100, after: string | null = null): Promise<Page> {
  const { data, errors } = await api.graphql(query, { token: auditor, variables: { filter, first, after } });
  expect(errors).toEqual([]);
  return (data as unknown as { auditEvents: Page }).auditEvents;
}
const nodes = async (filter: object | null): Promise<readonly Node[]> => (await page(filter)).edges.map(({ node }) => node);

beforeAll(async () => {
  api = await createTestApi();
  api.now = '2026-03-01T08:00:00.000Z';
  auditor = await api.serviceToken('auditor');
  source = await api.serviceToken('source:hr');
  // Several records of one person, and of others, at one and the same instant: each is a transaction of its own.
  api.now = '2026-03-01T09:00:00.000Z';
  ada = (await api.record({ externalId: '7', version: '1', status: 'active', facts: { displayName: 'Ada Lovelace', employeeNumber: '7' } })).identityId ?? '';
  for (let version = 2; version <= 12; version += 1)
    await api.record({
      externalId: '7',
      version: String(version),
      status: version % 2 === 0 ? 'ended' : 'active',
      facts: { displayName: 'Ada Lovelace', employeeNumber: '7' },
    });
  for (let person = 20; person < 24; person += 1)
    await api.record({
      externalId: String(person),
      version: '1',
      status: 'active',
      facts: { displayName: `Person ${person}`, employeeNumber: String(person) },
    });
  api.now = '2026-03-01T10:00:00.000Z';
  await api.graphql('mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { problems } }', {
    token: source,
    variables: { input: { source: 'hr', records: [{ externalId: '30', version: '1', status: 'ACTIVE', attributes: { displayName: 'Grace Hopper' } }] } },
  });
});
afterAll(() => api.stop());

describe('auditEvents', () => {
  test('within one instant every cause comes before its effect, over transactions and chains', async () => {
    const inOrder: readonly Node[] = (await nodes({ identityId: ada })).toReversed();
    expect(new Set(inOrder.map(({ at }) => at)).size).toBe(1);
    const versions = inOrder.flatMap(({ action, sentence }) => (action === 'record.taken' ? [Number(/version (\d+)/.exec(sentence)?.[1])] : []));
    expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const told = inOrder.map(({ action }) => action).filter((action) => ['record.taken', 'identity.created', 'identity.stateChanged'].includes(action));
    expect(told.slice(0, 5)).toEqual(['record.taken', 'identity.created', 'identity.stateChanged', 'record.taken', 'identity.stateChanged']);
    const timeline = await api.graphql(`{ identity(id: "${ada}") { timeline(first: 100) { id } } }`, { token: auditor });
    expect((timeline.data as unknown as { identity: { timeline: { id: string }[] } }).identity.timeline.map(({ id }) => id)).toEqual(
      inOrder.toReversed().map(({ id }) => id),
    );
  });

  test('pages of two hold every event once, in the same order, while others are written', async () => {
    const whole = await nodes(null);
    const seen: string[] = [];
    let after: string | null = null;
    for (let number = 0; ; number += 1) {
      const { edges, pageInfo }: Page = await page(null, 2, after);
      seen.push(...edges.map(({ node }) => node.id));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
      if (number === 3) {
        api.now = '2026-03-01T11:00:00.000Z';
        await api.record({ externalId: '40', version: '1', status: 'active', facts: { displayName: 'Late' } });
      }
    }
    expect(seen).toEqual(whole.map(({ id }) => id));
    expect((await page({ identityId: ada }, 2)).totalCount).toBe(whole.filter(({ identity }) => identity?.id === ada).length);
  });

  test('a time range takes its beginning in and leaves its end out', async () => {
    const day = await page({ from: '2026-03-01T09:00:00.000Z', until: '2026-03-01T10:00:00.000Z' });
    expect(new Set(day.edges.map(({ node }) => node.at))).toEqual(new Set(['2026-03-01T09:00:00.000Z']));
    expect(day.totalCount).toBe(day.edges.length);
    const { errors } = await api.graphql(query, {
      token: auditor,
      variables: { first: 1, filter: { from: '2026-03-01T09:00:00Z', until: '2026-03-01T09:00:00Z' } },
    });
    expect(errors[0]).toMatchObject({ message: 'filter.until must be later than filter.from', extensions: { code: 'INPUT_INVALID' } });
  });

  test('who did it is a filter, and has a name', async () => {
    const [made] = await nodes({ action: 'record.taken', from: '2026-03-01T10:00:00.000Z', until: '2026-03-01T10:00:00.001Z' });
    expect(made?.actor).toMatchObject({ kind: 'SERVICE', name: expect.stringMatching(/^service token "/) });
    const byToken = await nodes({ actorKind: 'SERVICE', actorId: made?.actor.id });
    expect(byToken.length).toBeGreaterThan(1);
    expect(new Set(byToken.map(({ actor }) => actor.id))).toEqual(new Set([made?.actor.id]));
    // A command acts under its own name, which is no id.
    const command = { actor: { kind: 'service', id: 'npm run token' }, correlationId: 'test', now: api.now } as const;
    await api.store.transaction(command, async (tx) => {
      tx.audit.record({
        action: 'serviceToken.created',
        subjectKind: 'serviceToken',
        subjectId: '',
        identityId: null,
        reason: { name: 'hr', roles: ['source'], expiresAt: api.now },
      });
    });
    expect((await nodes({ actorKind: 'SERVICE', actorId: 'npm run token' }))[0]?.actor.name).toBe('npm run token');
    const { errors } = await api.graphql(query, { token: auditor, variables: { first: 1, filter: { actorKind: 'SOURCE', actorId: 'hrr' } } });
    expect(errors[0]?.message).toBe('filter.actorId: there is no source or identity provider "hrr" (did you mean hr?); there is hr, payroll, partner');
  });

  test('the person is an object, and sentences name people and records instead of ids', async () => {
    const events = [...(await nodes(null)), ...(await nodes({ identityId: ada }))];
    expect(events.find(({ action, identity }) => action === 'identity.created' && identity?.id === ada)).toMatchObject({
      identity: { id: ada, displayName: 'Ada Lovelace' },
      sentence: 'Became known through hr, by record 7 of hr.',
    });
    expect(events.map(({ sentence }) => sentence).filter((sentence) => /[0-9a-f]{8}-[0-9a-f]{4}-/.test(sentence))).toEqual([]);
  });
});

describe('a filter by a name that does not exist is an error that names the argument and what there is', () => {
  test.each([
    ['cases(filter: { target: "crmm" }) { totalCount }', 'filter.target: there is no target "crmm" (did you mean crm?); there is crm, tenure'],
    [
      'identities(filter: { grant: "finanze" }) { totalCount }',
      expect.stringMatching(/^filter\.grant: there is no role or entitlement "finanze" \(did you mean finance\?\); there is finance, crm\.user, /),
    ],
    ['findings(filter: { target: "crmm" }) { totalCount }', 'filter.target: there is no target "crmm" (did you mean crm?); there is crm'],
    ['ignoredFindings(filter: { target: "crmm" }) { edges { cursor } }', 'filter.target: there is no target "crmm" (did you mean crm?); there is crm'],
    ['quarantinedAccounts(filter: { target: "crmm" }) { edges { cursor } }', 'filter.target: there is no target "crmm" (did you mean crm?); there is crm'],
    ['reconciliationRuns(filter: { target: "crmm" }) { edges { cursor } }', 'filter.target: there is no target "crmm" (did you mean crm?); there is crm'],
    ['separationViolations(rule: "x") { totalCount }', 'rule: there is no separation-of-duties rule "x"; none exists'],
    ['separationExceptions(rule: "x") { edges { cursor } }', 'rule: there is no separation-of-duties rule "x"; none exists'],
    [
      'auditEvents(filter: { action: "grant.givn" }) { totalCount }',
      expect.stringMatching(/^filter\.action: there is no action "grant\.givn" \(did you mean grant\.given\?\); there is access\.refused, /),
    ],
    ['batchChanges(status: WAITS) { edges { cursor } }', expect.stringContaining('WAITS_FOR_APPROVAL')],
    ['cases(filter: { kind: TRANSFERS }) { totalCount }', expect.stringContaining('TRANSFER')],
    ['identities(filter: { states: [GONE] }) { totalCount }', expect.stringContaining('LEFT')],
    ['identities(filter: { userTypes: [GUEST] }) { totalCount }', expect.stringContaining('PARTNER')],
  ])('%s', async (field, message) => {
    const token = await api.serviceToken('admin');
    const { errors } = await api.graphql(`{ ${field} }`, { token });
    expect(errors[0]?.message).toEqual(message);
  });

  test('no string argument of a filter is left out of this list', async () => {
    const { data } = await api.graphql('{ __schema { types { name inputFields { name type { name } } } } }', { token: auditor });
    const types = (data as unknown as { __schema: { types: { name: string; inputFields: { name: string; type: { name: string | null } }[] | null }[] } })
      .__schema.types;
    const strings = types
      .filter(({ name }) => name.endsWith('Filter'))
      .flatMap(({ name, inputFields }) => (inputFields ?? []).filter(({ type }) => type.name === 'String').map((field) => `${name}.${field.name}`));
    // Ids and texts to look for are no names.
    expect(strings.sort()).toEqual(
      [
        'AuditEventFilter.action',
        'AuditEventFilter.actorId',
        'AuditEventFilter.correlationId',
        'AuditEventFilter.subjectId',
        'CaseFilter.target',
        'CaseFilter.text',
        'FindingFilter.target',
        'IdentityFilter.grant',
        'IgnoredFindingsFilter.target',
        'QuarantinedAccountFilter.target',
        'ReconciliationRunFilter.target',
      ].sort(),
    );
  });

  test('cases of a target that has left tenure.yaml are still found', async () => {
    await api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }, async (tx) => {
      await tx.cases.open({ ...exampleCase('not-visible'), key: 'x', identityId: null, target: 'gone', operationId: null }, api.now);
    });
    const { errors, data } = await api.graphql('{ cases(filter: { target: "gone" }) { totalCount } }', { token: await api.serviceToken('admin') });
    expect({ errors, data }).toEqual({ errors: [], data: { cases: { totalCount: 1 } } });
  });
});
