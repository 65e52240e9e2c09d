import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestApi, type TestApi } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api?.stop());

async function ask<T>(query: string, token: string, variables: object): Promise<T> {
  const { data, errors } = await api.graphql(query, { token, variables });
  expect(errors).toEqual([]);
  return Object.values(data ?? {})[0] as T;
}
const codeOf = async (query: string, token: string, variables: object): Promise<string | undefined> =>
  (await api.graphql(query, { token, variables })).errors[0]?.extensions.code;

const plan = `query ($input: RepairInput!) { planRepair(input: $input) { digest people { identityId before after gained lost sessionsEnded
  accounts { target accountId before after fromIdentityId toIdentityId operations { kind entitlement } } violations { rule names withheld } }
  moved { kind count } loginsEnded loginsToConfirm itemsEnded secondPerson forGood } }`;
const merge =
  'mutation ($input: MergeIdentitiesInput!, $digest: String!) { mergeIdentities(input: $input, digest: $digest, reason: "one person") { id status kind identityId otherId requestedBy { kind } plan { digest } } }';
const identity = `query ($id: ID!) { identity(id: $id) { id state mergedInto { id } mergedIdentities { id } releasedUserNames { userName } timeline(first: 100) { action sentence } } }`;

interface Shown {
  readonly mergedInto: { readonly id: string } | null;
  readonly mergedIdentities: readonly { readonly id: string }[];
  readonly timeline: readonly { readonly action: string; readonly sentence: string }[];
}

test('a merge is planned, carried out by its digest, shown at both identities, and undone', async () => {
  const admin = await api.serviceToken('admin');
  const [one, other] = [await api.person('Finance'), await api.person('Sales')];
  const input = { fromIdentityId: one.id, intoIdentityId: other.id };
  const planned = await ask<{ digest: string; people: object[]; moved: object[]; secondPerson: string[] }>(plan, admin, { input: { mergeIdentities: input } });
  expect(planned.people).toHaveLength(2);
  expect(planned.people).toContainEqual(expect.objectContaining({ identityId: one.id, before: 'ACTIVE', after: 'LEAVING', sessionsEnded: 1 }));
  expect(planned.moved).toContainEqual({ kind: 'records', count: 1 });
  expect(planned.secondPerson).toEqual([]);
  expect(await codeOf(merge, admin, { input, digest: 'other' })).toBe('INPUT_INVALID');
  expect(await codeOf(plan, admin, { input: {} })).toBe('INPUT_INVALID');
  const done = await ask<{ id: string }>(merge, admin, { input, digest: planned.digest });
  expect(done).toMatchObject({
    status: 'DONE',
    kind: 'MERGE_IDENTITIES',
    identityId: one.id,
    otherId: other.id,
    requestedBy: { kind: 'SERVICE' },
    plan: { digest: planned.digest },
  });

  const [from, into] = [await ask<Shown>(identity, admin, { id: one.id }), await ask<Shown>(identity, admin, { id: other.id })];
  expect(from.mergedInto).toEqual({ id: other.id });
  expect(into.mergedIdentities).toEqual([{ id: one.id }]);
  const created = into.timeline.filter(({ action }) => action === 'identity.created');
  expect(created).toHaveLength(2);
  expect(into.timeline.map(({ sentence }) => sentence)).toContainEqual(expect.stringContaining('was merged into'));
  const events = await ask<{ totalCount: number }>(
    'query ($id: ID!) { auditEvents(filter: { identityId: $id, action: "identity.created" }) { totalCount } }',
    admin,
    { id: other.id },
  );
  expect(events.totalCount).toBe(2);
  expect((await api.graphql('{ me { id } }', { token: one.token })).status).toBe(401);

  const undo = await ask<{ digest: string; forGood: string[] }>(plan, admin, { input: { undoRepair: done.id } });
  expect(undo.forGood).toEqual(['SESSIONS']);
  await ask('mutation ($id: ID!, $digest: String!) { undoRepair(id: $id, digest: $digest, reason: "two people after all") { id } }', admin, {
    id: done.id,
    digest: undo.digest,
  });
  expect(await ask<Shown>(identity, admin, { id: one.id })).toMatchObject({ mergedInto: null, state: 'ACTIVE' });
  const repairs = await ask<{ totalCount: number; edges: { node: { kind: string; status: string } }[] }>(
    'query ($id: ID!) { repairs(identityId: $id) { totalCount edges { node { kind status undoneBy { kind name } } } } }',
    await api.serviceToken('auditor'),
    { id: other.id },
  );
  expect(repairs.totalCount).toBe(2);
  expect(repairs.edges.map(({ node }) => `${node.kind} ${node.status}`).toSorted()).toEqual(['MERGE_IDENTITIES UNDONE', 'UNDO DONE']);
});

test('one that concerns somebody with rights in Tenure waits in the inbox for a second administrator', async () => {
  const [first, second] = [await api.person('Admin'), await api.person('Admin')];
  const [one, other] = [await api.person('Sales'), await api.person('Operator')];
  const input = { fromIdentityId: one.id, intoIdentityId: other.id };
  const { digest, secondPerson } = await ask<{ digest: string; secondPerson: string[] }>(plan, first.token, { input: { mergeIdentities: input } });
  expect(secondPerson).toEqual(['PRIVILEGED']);
  const { id, ...waits } = await ask<{ id: string }>(merge, first.token, { input, digest });
  expect(waits).toMatchObject({ status: 'WAITING' });
  const [found] = (
    await ask<{ edges: { node: { kind: string; evidence: object; actions: { mutation: string }[] } }[] }>(
      '{ cases(filter: { kinds: [REPAIR_APPROVAL] }) { edges { node { kind evidence actions { mutation } } } } }',
      second.token,
      {},
    )
  ).edges;
  expect(found?.node.evidence).toMatchObject({ repairId: id, repair: 'merge-identities', requestedBy: first.id, why: ['privileged'] });
  expect(found?.node.actions.map(({ mutation }) => mutation)).toEqual(expect.arrayContaining(['approveRepair', 'discardRepair']));
  const approve = 'mutation ($id: ID!, $digest: String!) { approveRepair(id: $id, digest: $digest, reason: "seen") { status decidedBy { id } } }';
  for (const token of [first.token, await api.serviceToken('admin')]) expect(await codeOf(approve, token, { id, digest })).toBe('FORBIDDEN');
  expect(await ask(approve, second.token, { id, digest })).toEqual({ status: 'DONE', decidedBy: { id: second.id } });
  expect(await codeOf(approve, second.token, { id, digest })).toBe('INPUT_INVALID');
});
