import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openStore, type Store } from '@tenure/store';
import { pino } from 'pino';
import { createApp } from '../server/create-app.ts';
import { type Answer, createTestApi, later, type TestApi } from './api.ts';

const accessYaml = `
entitlements:
  tenure.auditor: { title: Audits, target: tenure, value: auditor }
  tenure.operator: { title: Operates, target: tenure, value: operator }
  crm.approver: { title: Approves, target: crm, value: approvers }
birthright:
  - { name: approvers, when: 'identity.department == "Approver"', entitlements: [crm.approver] }
lifecycle:
  - { name: all, end: { grace: P30D, then: delete } }
relations:
  manager: { attribute: manager, by: employeeNumber }
requestable:
  - name: two-stages
    entitlements: [tenure.auditor]
    maximumDuration: P30D
    stages:
      - { name: manager, approvers: [manager], deadline: P3D }
      - { name: again, approvers: [manager], deadline: P3D }
  - name: two-of-a-group
    entitlements: [tenure.operator]
    maximumDuration: P30D
    stages:
      - { name: group, approvers: [{ holders: crm.approver }], quorum: 2, deadline: P3D }
`;

/** Two API processes on one database; no Temporal anywhere. */
let api: TestApi;
let other: TestApi;
let otherStore: Store;
const people: Record<string, { readonly id: string; readonly token: string }> = {};
let asker = { id: '', token: '' };
let count = 0;

beforeAll(async () => {
  api = await createTestApi({ accessYaml });
  otherStore = await openStore({ url: api.database.url, vault: api.database.vault, poolSize: 5 });
  const { engine, configuration } = api;
  const app = await createApp({ store: otherStore, engine, configuration, temporalUiUrl: null, clock: () => api.now, logger: pino({ level: 'silent' }) });
  other = { ...api, app, store: otherStore };
  for (const name of ['max', 'pia', 'tim', 'eve']) people[name] = await person(name, { department: name === 'eve' ? 'Other' : 'Approver' });
});
afterAll(async () => {
  await other.app.close();
  await otherStore.close();
  await api.stop();
});
beforeEach(async () => {
  count += 1;
  asker = await person(`ada-${count}`, { manager: 'max' });
});

async function person(name: string, facts: Readonly<Record<string, string>>): Promise<{ id: string; token: string }> {
  const id = (await api.record({ externalId: name, facts: { displayName: name, employeeNumber: name, ...facts } })).identityId ?? '';
  const act = { actor: { kind: 'system', id: 'test' }, correlationId: 'login', now: api.now } as const;
  const { token } = await api.store.transaction(act, (tx) => tx.sessions.open(id, 'partner', api.now, later(api.now, 8)));
  return { id, token };
}
/** @returns the id of the item */
async function ask(name: string): Promise<string> {
  const mutation = `mutation { requestAccess(input: { justification: "Year end", items: [{ kind: ENTITLEMENT, name: "${name}" }] }) { items { id } } }`;
  const { data, errors } = await api.graphql(mutation, { token: asker.token });
  expect(errors).toEqual([]);
  return (data as unknown as { requestAccess: { items: { id: string }[] } }).requestAccess.items[0]?.id ?? '';
}
/** `graphql` of a test's API belongs to its own app: the other one is injected here. */
async function decide(by: string, itemId: string, approve = true, { at = api, stage = '' }: { at?: TestApi; stage?: string } = {}): Promise<string> {
  const query = `mutation { decideRequestItem(itemId: "${itemId}", approve: ${approve}${stage === '' ? '' : `, stage: "${stage}"`}) { items { status stage } } }`;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${people[by]?.token ?? ''}` };
  const response = await at.app.inject({ method: 'POST', url: '/graphql', headers, payload: JSON.stringify({ query }) });
  const { data, errors } = response.json<{
    data?: { decideRequestItem: { items: { status: string; stage: string | null }[] } } | null;
    errors?: Answer['errors'];
  }>();
  const [item] = data?.decideRequestItem.items ?? [];
  return errors?.[0]?.extensions.code ?? (item?.status === 'OPEN' ? `waits for ${item.stage}` : (item?.status ?? ''));
}
async function stateOf(itemId: string) {
  const item = await api.store.read((tx) => tx.requests.item(itemId));
  const [whole] = await api.store.read((tx) => tx.requests.whole([item?.requestId ?? '']));
  const held = await api.store.read((tx) => tx.access.currentGrants([item?.identityId ?? '']));
  const outcomes = (whole?.answers ?? []).map(({ outcome }) => outcome).sort();
  return { status: item?.status, stage: item?.stage, outcomes, holds: held.map(({ name }) => name) };
}
const signals = async (itemId: string): Promise<number> => {
  const rows = await api.database.execute('select count(*)::int as n from outbox where request_id = (select request_id from request_item where id = ?)', [
    itemId,
  ]);
  return Number(rows[0]?.['n']);
};

describe('an answer is judged and counted where it is taken', () => {
  it('asks the next stage, grants at the last one, and leaves the workflow a signal each time', async () => {
    const itemId = await ask('tenure.auditor');
    const before = await signals(itemId);
    expect(await decide('max', itemId)).toBe('waits for again');
    expect(await signals(itemId)).toBe(before + 1);
    const [whole] = await api.store.read(async (tx) => tx.requests.whole([(await tx.requests.item(itemId))?.requestId ?? '']));
    expect(whole?.approvers.filter(({ endedAt }) => endedAt === null).map(({ stage }) => stage)).toEqual(expect.arrayContaining([1]));
    expect(await decide('max', itemId)).toBe('APPROVED');
    const after = await signals(itemId);
    expect(after).toBeGreaterThan(before + 1);
    expect(await stateOf(itemId)).toEqual({ status: 'approved', stage: 2, outcomes: ['counted', 'counted'], holds: ['tenure.auditor'] });
    // The item is decided, so the workflow waits for no signal either.
    expect(await decide('max', itemId, false)).toBe('REQUEST_CLOSED');
    expect(await signals(itemId)).toBe(after);
    const audited = await api.store.read((tx) => tx.audit.page({ identityId: asker.id, action: 'request.answerRefused' }, 10, null));
    expect(audited).toMatchObject([{ actor: { id: people['max']?.id }, reason: { outcome: 'REQUEST_CLOSED' } }]);
  });

  it('denies at once', async () => {
    const itemId = await ask('tenure.auditor');
    expect(await decide('max', itemId, false)).toBe('DENIED');
    expect(await stateOf(itemId)).toEqual({ status: 'denied', stage: 0, outcomes: ['counted'], holds: [] });
  });

  it('grants when the quorum is reached, by different people', async () => {
    const itemId = await ask('tenure.operator');
    expect(await decide('max', itemId)).toBe('waits for group');
    expect(await decide('max', itemId)).toBe('waits for group');
    expect(await stateOf(itemId)).toMatchObject({ status: 'open', outcomes: ['counted', 'repeated'], holds: [] });
    expect(await decide('pia', itemId)).toBe('APPROVED');
    expect(await decide('tim', itemId)).toBe('REQUEST_CLOSED');
    expect((await stateOf(itemId)).holds).toEqual(['tenure.operator']);
  });

  it('stores nothing of whoever was never asked', async () => {
    const itemId = await ask('tenure.operator');
    const before = await signals(itemId);
    expect(await decide('eve', itemId)).toBe('NOT_YOUR_DECISION');
    people['ada'] = asker;
    expect(await decide('ada', itemId)).toBe('OWN_REQUEST');
    expect(await stateOf(itemId)).toEqual({ status: 'open', stage: 0, outcomes: [], holds: [] });
    expect(await signals(itemId)).toBe(before);
  });
});

describe('answers that come at the same time, at two API processes', () => {
  /** Locks the row that puts answers in order until that many wait for it. */
  async function atOnce(itemId: string, answers: readonly (() => Promise<string>)[]): Promise<readonly string[]> {
    const act = { actor: { kind: 'system', id: 'test' }, correlationId: 'hold', now: api.now } as const;
    const given: Promise<string>[] = [];
    const identityId = (await api.store.read((tx) => tx.requests.item(itemId)))?.identityId ?? '';
    await api.store.transaction(act, async (tx) => {
      await tx.identities.lock(identityId);
      given.push(...answers.map((one) => one()));
      const waiting =
        'select count(distinct pid)::int as n from pg_locks join pg_stat_activity a using (pid) where not granted and a.datname = current_database()';
      while (Number((await api.database.execute(waiting))[0]?.['n']) < answers.length) await new Promise((resolve) => setImmediate(resolve));
    });
    return Promise.all(given);
  }

  it('count a double click once, for the stage that was shown', async () => {
    const itemId = await ask('tenure.auditor');
    expect(await atOnce(itemId, [() => decide('max', itemId), () => decide('max', itemId, true, { at: other })])).toEqual([
      'waits for again',
      'waits for again',
    ]);
    expect(await stateOf(itemId)).toEqual({ status: 'open', stage: 1, outcomes: ['counted', 'repeated'], holds: [] });
  });

  it('count one person once where two have to approve', async () => {
    const itemId = await ask('tenure.operator');
    await atOnce(itemId, [() => decide('max', itemId), () => decide('max', itemId, true, { at: other }), () => decide('max', itemId)]);
    expect(await stateOf(itemId)).toMatchObject({ status: 'open', outcomes: ['counted', 'repeated', 'repeated'], holds: [] });
  });

  it('count each of two people, and grant once', async () => {
    const itemId = await ask('tenure.operator');
    const said = await atOnce(itemId, [() => decide('max', itemId), () => decide('pia', itemId, true, { at: other })]);
    // Each reads the request after its own answer; the first of them may already see the other's.
    expect(said).toContain('APPROVED');
    expect(await stateOf(itemId)).toEqual({ status: 'approved', stage: 1, outcomes: ['counted', 'counted'], holds: ['tenure.operator'] });
    const approved = await api.store.read((tx) => tx.audit.page({ identityId: asker.id, action: 'request.approved' }, 10, null));
    expect(approved).toHaveLength(1);
  });

  it('let one of yes and no count, of one person, and refuse the other', async () => {
    const itemId = await ask('tenure.operator');
    const said = await atOnce(itemId, [() => decide('max', itemId), () => decide('max', itemId, false, { at: other })]);
    expect(said.filter((one) => one === 'REQUEST_CLOSED')).toHaveLength(1);
    expect((await stateOf(itemId)).outcomes).toEqual(['REQUEST_CLOSED', 'counted']);
  });
});
