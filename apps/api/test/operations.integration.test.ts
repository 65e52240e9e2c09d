import { exampleCase } from '@tenure/domain/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, type TestApi } from './api.ts';

let api: TestApi;
let operator: string;

beforeAll(async () => {
  api = await createTestApi();
  operator = await api.serviceToken('operator');
});
afterAll(() => api.stop());

/** An operation that its target refused for good, with its case. */
async function refused(externalId: string): Promise<{ identityId: string; operationId: string; caseId: string }> {
  const { identityId } = await api.record({ externalId, facts: { displayName: externalId, employeeNumber: externalId } });
  const id = identityId ?? '';
  return api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }, async (tx) => {
    const [operation] = await tx.access.operationsOf([id], 1);
    if (operation === undefined) throw new Error('no operation was planned');
    const lastError = { code: 'CONNECTOR_REFUSED', message: 'value not allowed', at: api.now };
    await tx.access.updateOperation({ ...operation, status: 'failed', attempts: 1, lastError });
    const attempt = {
      id: crypto.randomUUID(),
      operationId: operation.id,
      at: api.now,
      outcome: 'failed',
      code: lastError.code,
      message: lastError.message,
    } as const;
    await tx.people.save({ attempts: [attempt] }, api.now);
    const opened = await tx.cases.open(
      {
        ...exampleCase('operation-failed', { code: lastError.code }),
        key: `operation-failed/${operation.id}`,
        identityId: id,
        target: 'crm',
        operationId: operation.id,
      },
      api.now,
    );
    return { identityId: id, operationId: operation.id, caseId: opened?.id ?? '' };
  });
}

const judge = (name: 'retryOperation' | 'abandonOperation', id: string, reason = 'Ann of IT has mended it') =>
  api.graphql(`mutation ($id: ID!, $reason: String!) { ${name}(id: $id, reason: $reason) { status attemptCount lastError { code } attempts { outcome } } }`, {
    token: operator,
    variables: { id, reason },
  });

const caseOf = async (id: string): Promise<unknown> =>
  (await api.graphql('query ($id: ID!) { case(id: $id) { status resolution closedBy } }', { token: operator, variables: { id } })).data;

for (const [name, status, action, resolution] of [
  ['retryOperation', 'PENDING', 'operation.retried', 'RETRIED'],
  ['abandonOperation', 'ABANDONED', 'operation.givenUp', 'ABANDONED'],
] as const) {
  describe(name, () => {
    test('closes the case, wakes the life and writes down who wanted it and why', async () => {
      const { identityId, operationId, caseId } = await refused(name);
      await api.database.execute('delete from outbox');
      const { data, errors } = await judge(name, operationId);
      expect(errors).toEqual([]);
      expect(data).toEqual({ [name]: { status, attemptCount: 1, lastError: { code: 'CONNECTOR_REFUSED' }, attempts: [{ outcome: 'FAILED' }] } });
      expect(await caseOf(caseId)).toMatchObject({ case: { status: 'CLOSED', resolution, closedBy: expect.stringMatching(/^service /) } });
      expect(await api.database.execute('select identity_id, trigger from outbox')).toEqual([{ identity_id: identityId, trigger: 'decision' }]);
      const timeline = await api.graphql('query ($id: ID) { identity(id: $id) { timeline(first: 10) { action sentence actor { kind } } } }', {
        token: operator,
        variables: { id: identityId },
      });
      const entries = (timeline.data as unknown as { identity: { timeline: { action: string; sentence: string }[] } }).identity.timeline;
      expect(entries).toContainEqual({
        action,
        sentence: expect.stringMatching(/^An operation that crm had refused \(\w+, CONNECTOR_REFUSED\).*Reason given: Ann of IT has mended it$/),
        actor: { kind: 'SERVICE' },
      });
      // A reason may name people: it is encrypted with the person's key.
      expect(JSON.stringify(await api.database.execute('select * from audit_event where action = ?', [action]))).not.toContain('Ann of IT');
    });

    test('says that there is nothing to decide, when somebody was quicker', async () => {
      const { operationId } = await refused(`${name}-twice`);
      const answers = await Promise.all([judge(name, operationId), judge(name, operationId)]);
      expect(answers.map(({ errors }) => errors[0]?.extensions.code ?? 'done').sort()).toEqual(['CASE_CLOSED', 'done']);
    });

    test('needs a reason', async () => {
      const { operationId, caseId } = await refused(`${name}-silent`);
      expect((await judge(name, operationId, '  ')).errors[0]?.extensions.code).toBe('INPUT_INVALID');
      expect(await caseOf(caseId)).toMatchObject({ case: { status: 'OPEN' } });
    });
  });
}

describe('all of a target or a person', () => {
  const all = async (call: string): Promise<unknown> => {
    const { data, errors } = await api.graphql(`mutation { ${call} { count notCancelled isAll } }`, { token: operator });
    return data ?? errors[0]?.extensions.code;
  };
  const statuses = async (id: string): Promise<readonly string[]> =>
    (await api.store.read((tx) => tx.access.operationsOf([id], 20))).map(({ change, status }) => `${change.kind} ${status}`).sort();

  test('is tried again, or left undone, as one operation is', async () => {
    const [one, other] = [await refused('all-1'), await refused('all-2')];
    expect(await all(`retryOperations(target: "crm", identityId: "${one.identityId}", reason: "Mended")`)).toEqual({
      retryOperations: { count: 1, notCancelled: 0, isAll: true },
    });
    expect([await caseOf(one.caseId), await caseOf(other.caseId)]).toMatchObject([{ case: { resolution: 'RETRIED' } }, { case: { status: 'OPEN' } }]);
    expect(await all('retryOperations(target: "crm", reason: "Mended")')).toMatchObject({ retryOperations: { notCancelled: 0, isAll: true } });
    expect(await caseOf(other.caseId)).toMatchObject({ case: { status: 'CLOSED', resolution: 'RETRIED' } });
    expect(await all('retryOperations(target: "crm", reason: "Mended")')).toEqual({ retryOperations: { count: 0, notCancelled: 0, isAll: true } });
    await api.database.execute('delete from outbox');
    expect(await all(`cancelOperations(identityId: "${one.identityId}", reason: "Not needed any more")`)).toMatchObject({
      cancelOperations: { notCancelled: 0 },
    });
    expect((await statuses(one.identityId)).every((text) => text.endsWith('given-up'))).toBe(true);
    expect((await statuses(other.identityId)).every((text) => text.endsWith('pending'))).toBe(true);
    expect(await api.database.execute('select distinct identity_id from outbox')).toEqual([{ identity_id: one.identityId }]);
  });

  test('but what ends access, refused or not', async () => {
    const { identityId } = await refused('all-leaver');
    const id = identityId;
    const seen = { nativeId: 'n', userName: 'all-leaver', externalId: id, enabled: true, attributes: {}, entitlements: ['users'], memberships: [] };
    await api.database.execute('update account set observed = ?::jsonb, existed = true where identity_id = ?', [JSON.stringify(seen), id]);
    await api.record({ externalId: 'all-leaver', version: '2', status: 'ended', endedAt: api.now, facts: { employeeNumber: 'all-leaver' } });
    await api.database.execute(`update operation set status = 'failed' where identity_id = ? and kind = 'disable' and status = 'pending'`, [id]);
    expect(await all(`cancelOperations(identityId: "${id}", reason: "Let them be")`)).toMatchObject({ cancelOperations: { count: 0, isAll: true } });
    expect((await statuses(id)).filter((text) => text.startsWith('disable'))).toEqual(['disable failed']);
  });

  test.each([
    ['nothing named', 'retryOperations(reason: "x")'],
    ['no such target', 'cancelOperations(target: "constructor", reason: "x")'],
    ['no reason', 'retryOperations(target: "crm", reason: " ")'],
  ])('refuses %s', async (_, call) => expect(await all(call)).toBe('INPUT_INVALID'));
});

describe('revokeSessions', () => {
  test("ends every session of a person at once, and nobody else's", async () => {
    const [one, other] = [await api.person('Sales'), await api.person('Sales')];
    const { data } = await api.graphql('mutation ($id: ID!) { revokeSessions(identityId: $id, reason: "laptop stolen") { count } }', {
      token: operator,
      variables: { id: one.id },
    });
    expect(data).toEqual({ revokeSessions: { count: 1 } });
    expect((await api.graphql('{ me { id } }', { token: one.token })).status).toBe(401);
    expect((await api.graphql('{ me { id } }', { token: other.token })).errors).toEqual([]);
  });
});
