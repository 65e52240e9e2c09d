import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accessYaml, createTestApi, later, type TestApi } from './api.ts';

/** Budget of people whom one caller may end at once, and the second person beyond it. */
let api: TestApi;
const limit = 3;

beforeAll(async () => {
  api = await createTestApi({ accessYaml: `${accessYaml}budget: { urgentEnds: ${limit} }\n` });
});
afterAll(() => api?.stop());

interface Ended {
  readonly identityId: string;
  readonly outcome: string;
  readonly caseId: string | null;
}

async function ask<T>(query: string, token: string, variables: object): Promise<T> {
  const { data, errors } = await api.graphql(query, { token, variables });
  expect(errors).toEqual([]);
  return Object.values(data ?? {})[0] as T;
}
const endNow = (token: string, ids: readonly string[]) =>
  ask<readonly Ended[]>('mutation ($ids: [ID!]!) { terminateNow(identityIds: $ids, reason: "Badge stolen, says Ann") { identityId outcome caseId } }', token, {
    ids,
  });
const outcomes = (ended: readonly Ended[]): readonly string[] => ended.map(({ outcome }) => outcome);
const codeOf = async (query: string, token: string, variables: object): Promise<string | undefined> =>
  (await api.graphql(query, { token, variables })).errors[0]?.extensions.code;
const stateOf = async (id: string) => (await api.store.read((tx) => tx.identities.get(id)))?.state;
const many = async (count: number): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) ids.push((await api.person('Sales')).id);
  return ids;
};

interface ShownCase {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly deadline: string | null;
  readonly evidence: { readonly digest: string; readonly people: number };
  readonly people: readonly { readonly id: string }[];
  readonly actions: readonly { readonly mutation: string; readonly with: object }[];
}
const caseAs = (token: string, id: string) =>
  ask<ShownCase>('query ($id: ID!) { case(id: $id) { id kind status deadline evidence people { id } actions { mutation with } } }', token, { id });
const approve = 'mutation ($caseId: ID!, $digest: String!) { approveUrgentEnds(caseId: $caseId, digest: $digest, reason: "seen") { identityId outcome } }';

describe('urgent ends', () => {
  test('are carried out at once up to the budget of the caller; what is beyond waits for a second person in one case, and is then carried out', async () => {
    const [first, second] = [await api.person('Operator'), await api.person('Operator')];
    const ids = await many(5);
    const ended = await endNow(first.token, ids);
    expect(outcomes(ended)).toEqual(['TERMINATED', 'TERMINATED', 'TERMINATED', 'WAITS_FOR_APPROVAL', 'WAITS_FOR_APPROVAL']);
    expect(await Promise.all(ids.map(stateOf))).toEqual(['leaving', 'leaving', 'leaving', 'active', 'active']);
    const caseId = ended[4]?.caseId ?? '';
    expect(ended.map((one) => one.caseId)).toEqual([null, null, null, caseId, caseId]);

    // More of the same caller joins the case; another caller has a budget of their own.
    const [more = '', others = ''] = await many(2);
    expect(await endNow(first.token, [more])).toMatchObject([{ outcome: 'WAITS_FOR_APPROVAL', caseId }]);
    expect(outcomes(await endNow(second.token, [others]))).toEqual(['TERMINATED']);

    const own = await caseAs(first.token, caseId);
    expect(own.actions.map(({ mutation }) => mutation)).not.toContain('approveUrgentEnds');
    const seen = await caseAs(second.token, caseId);
    expect(seen).toMatchObject({ kind: 'URGENT_ENDS', status: 'OPEN', evidence: { people: 3 } });
    expect(seen.people.map(({ id }) => id)).toEqual([ids[3], ids[4], more]);
    expect(seen.actions[0]).toEqual({ mutation: 'approveUrgentEnds', with: { caseId, digest: seen.evidence.digest } });

    const said = { caseId, digest: seen.evidence.digest };
    // Neither the requester nor a token is a second person, and nobody approves people whom they were not shown.
    expect(await codeOf(approve, first.token, said)).toBe('FORBIDDEN');
    expect(await codeOf(approve, await api.serviceToken('operator'), said)).toBe('FORBIDDEN');
    expect(await codeOf(approve, second.token, { ...said, digest: 'other' })).toBe('INPUT_INVALID');
    expect(await stateOf(more)).toBe('active');
    await api.database.execute('delete from outbox');
    const done = await ask<readonly Ended[]>(approve, second.token, said);
    expect(outcomes(done)).toEqual(['TERMINATED', 'TERMINATED', 'TERMINATED']);
    expect(await Promise.all([...ids, more].map(stateOf))).toEqual(Array(6).fill('leaving'));
    expect(await api.database.execute('select 1 from outbox where urgent')).toHaveLength(3);
    expect(await caseAs(second.token, caseId)).toMatchObject({ status: 'CLOSED', actions: [] });
    expect(await codeOf(approve, second.token, said)).toBe('CASE_CLOSED');
    // The request, its reason and its case are kept in the audit, with the key of each of the people.
    expect(await api.database.execute(`select 1 from audit_event where action = 'identity.terminationAsked' and identity_id = ?`, [more])).toHaveLength(1);
    expect(JSON.stringify(await api.database.execute('select * from audit_event'))).not.toContain('says Ann');
  });

  test('are counted over an hour, and those whom the caller had ended before cost nothing', async () => {
    const { token } = await api.person('Operator');
    const [one = '', two = '', three = '', four = ''] = await many(4);
    expect(outcomes(await endNow(token, [one, two, three]))).toEqual(['TERMINATED', 'TERMINATED', 'TERMINATED']);
    expect(outcomes(await endNow(token, [one, '00000000-0000-4000-8000-000000000000']))).toEqual(['ALREADY_TERMINATED', 'NOT_FOUND']);
    const before = api.now;
    api.now = new Date(Date.parse(before) + 3_600_000 - 1).toISOString();
    const { token: again } = await sessionOf(token);
    expect(outcomes(await endNow(again, [four]))).toEqual(['WAITS_FOR_APPROVAL']);
    api.now = later(before, 1);
    expect(outcomes(await endNow(again, [four]))).toEqual(['TERMINATED']);
    api.now = before;
  });

  test('of tokens are those of the person or the tree that made them: making more tokens makes no more ends', async () => {
    const root = await api.serviceToken('admin');
    const made = async (token: string): Promise<string> =>
      (
        await ask<{ token: string }>(
          'mutation ($at: Instant!) { createServiceToken(input: { name: "t", roles: ["admin"], expiresAt: $at }) { token } }',
          token,
          {
            at: later(api.now, 24),
          },
        )
      ).token;
    const child = await made(root);
    const grandchild = await made(child);
    const ids = await many(4);
    const used: string[] = [];
    for (const [index, token] of [root, child, grandchild, await made(root)].entries()) used.push(...outcomes(await endNow(token, [ids[index] ?? ''])));
    expect(used).toEqual(['TERMINATED', 'TERMINATED', 'TERMINATED', 'WAITS_FOR_APPROVAL']);

    const { token } = await api.person('Admin');
    const year = await made(token);
    const [one = '', ...others] = await many(4);
    await endNow(token, others);
    expect(outcomes(await endNow(year, [one]))).toEqual(['WAITS_FOR_APPROVAL']);
  });

  test('that are discarded never come, and the reason stays with the case', async () => {
    const { token } = await api.person('Operator');
    const ids = await many(4);
    const caseId = (await endNow(token, ids))[3]?.caseId ?? '';
    expect(await ask('mutation ($caseId: ID!) { discardUrgentEnds(caseId: $caseId, reason: "a wrong list") }', token, { caseId })).toBe(true);
    expect(await stateOf(ids[3] ?? '')).toBe('active');
    expect(await ask('query ($id: ID!) { case(id: $id) { status resolution comments { text } } }', token, { id: caseId })).toEqual({
      status: 'CLOSED',
      resolution: 'DISCARDED',
      comments: [{ text: 'a wrong list' }],
    });
  });

  test('are not passed by an end that comes in a minute, nor by correcting records', async () => {
    const { token } = await api.person('Operator');
    const [one = '', two = '', three = '', four = ''] = await many(4);
    const endAt = 'mutation ($ids: [ID!]!, $at: Instant!) { terminate(identityIds: $ids, at: $at, reason: "test") { outcome } }';
    expect(await codeOf(endAt, token, { ids: [one, two, three, four], at: later(api.now, 1) })).toBe('INPUT_INVALID');
    expect(await ask(endAt, token, { ids: [one, two], at: later(api.now, 1) })).toEqual([{ outcome: 'SCHEDULED' }, { outcome: 'SCHEDULED' }]);
    // An end a day ahead leaves time to withdraw it.
    expect(await ask(endAt, token, { ids: [three, four], at: later(api.now, 24) })).toEqual([{ outcome: 'SCHEDULED' }, { outcome: 'SCHEDULED' }]);
    const [five = '', six = ''] = await many(2);
    const correct = 'mutation ($id: ID!) { correctRecord(input: { recordId: $id, version: "1", status: ENDED, reason: "test" }) { id } }';
    const recordOf = async (id: string) => (await api.database.execute('select id from source_record where identity_id = ?', [id]))[0]?.['id'];
    expect(await codeOf(correct, token, { id: await recordOf(five) })).toBeUndefined();
    expect(await codeOf(correct, token, { id: await recordOf(six) })).toBe('INPUT_INVALID');
    expect(await Promise.all([five, six].map(stateOf))).toEqual(['leaving', 'active']);
  });
});

describe('who ends whom', () => {
  test('administrators are ended by administrators, and nobody ends themselves, by a token of their own neither', async () => {
    const [admin, other, operator] = [await api.person('Admin'), await api.person('Admin'), await api.person('Operator')];
    expect(outcomes(await endNow(operator.token, [admin.id, operator.id]))).toEqual(['NEEDS_ADMINISTRATOR', 'IS_YOURSELF']);
    expect(
      await ask('mutation ($ids: [ID!]!) { terminate(identityIds: $ids, at: "2026-04-01T00:00:00Z", reason: "test") { outcome } }', operator.token, {
        ids: [admin.id],
      }),
    ).toEqual([{ outcome: 'NEEDS_ADMINISTRATOR' }]);
    const { token } = await ask<{ token: string }>(
      'mutation { createServiceToken(input: { name: "t", roles: ["admin"], expiresAt: "2026-03-02T00:00:00Z" }) { token } }',
      admin.token,
      {},
    );
    expect(outcomes(await endNow(token, [admin.id]))).toEqual(['IS_YOURSELF']);
    expect(await stateOf(admin.id)).toBe('active');
    expect(outcomes(await endNow(admin.token, [other.id, operator.id]))).toEqual(['TERMINATED', 'TERMINATED']);
    const refused = await api.database.execute(
      `select reason->>'why' as why from audit_event where action = 'identity.terminationRefused' and identity_id = ?`,
      [admin.id],
    );
    // All at one instant, which determines no order.
    expect(refused.map(({ why }) => why).sort()).toEqual(['is-yourself', 'needs-administrator', 'needs-administrator']);
  });

  test('the last administrator stays, also when two end each other at the same moment, and when the other one ends tomorrow', async () => {
    const own = await createTestApi();
    try {
      const terminate = async (token: string, id: string): Promise<string> => {
        const { data } = await own.graphql('mutation ($id: ID!) { terminateNow(identityIds: [$id], reason: "test") { outcome } }', {
          token,
          variables: { id },
        });
        return (data as unknown as { terminateNow: { outcome: string }[] } | null)?.terminateNow[0]?.outcome ?? 'UNAUTHENTICATED';
      };
      const [one, two, machine] = [await own.person('Admin'), await own.person('Admin'), await own.serviceToken('admin')];
      const [a, b] = await Promise.all([terminate(one.token, two.id), terminate(two.token, one.id)]);
      const living = await own.database.execute(`select id from identity where state = 'active' and id = any(array[?, ?]::uuid[])`, [one.id, two.id]);
      expect({ living: living.length, ended: [a, b].filter((outcome) => outcome === 'TERMINATED').length }).toEqual({ living: 1, ended: 1 });
      const last = String(living[0]?.['id']);
      expect(await terminate(machine, last)).toBe('LAST_ADMINISTRATOR');

      const third = await own.person('Admin');
      const tomorrow = 'mutation ($id: ID!) { terminate(identityIds: [$id], on: "2026-03-02", reason: "test") { outcome } }';
      expect((await own.graphql(tomorrow, { token: machine, variables: { id: last } })).data).toEqual({ terminate: [{ outcome: 'SCHEDULED' }] });
      expect(await terminate(machine, third.id)).toBe('LAST_ADMINISTRATOR');
    } finally {
      await own.stop();
    }
  });
});

/** A new session of the same person. */
async function sessionOf(token: string): Promise<{ token: string }> {
  const { id } = await ask<{ id: string }>('{ me { id } }', token, {});
  return api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }, (tx) =>
    tx.sessions.open(id, 'partner', api.now, later(api.now, 8)),
  );
}
