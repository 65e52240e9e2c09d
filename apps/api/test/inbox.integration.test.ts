import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CaseEvidence, CaseKind } from '@tenure/domain';
import { exampleCase } from '@tenure/domain/testing';
import { tendCases } from '@tenure/engine/cases';
import type { NewCase } from '@tenure/store';
import { createTestApi, later, type TestApi } from './api.ts';

const tenureYaml = `
url: http://localhost:4000
timeZone: UTC
attributes:
  displayName: { type: string }
  givenName: { type: string }
  employeeNumber: { type: string }
  manager: { type: string }
  department: { type: string }
  leaveStart: { type: instant }
precedence: { default: [hr] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
targets:
  crm: { kind: scim, url: "http://127.0.0.1:9/scim", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } }
`;
const accessYaml = `
entitlements:
  crm.user: { target: crm, value: users }
  crm.pay: { target: crm, value: pay }
  crm.bill: { target: crm, value: bill }
  crm.books: { target: crm, value: books, owner: { person: olga } }
  tenure.operator: { target: tenure, value: operator }
roles:
  security: { entitlements: [crm.user] }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
  - { name: operators, when: 'identity.department == "Operations"', entitlements: [tenure.operator] }
  - { name: security, when: 'identity.department == "Security"', roles: [security] }
  - { name: pay, when: 'identity.department in ["Pay", "Both"]', entitlements: [crm.pay] }
  - { name: bill, when: 'identity.department in ["Bill", "Both"]', entitlements: [crm.bill] }
separation:
  - { name: pay-and-bill, conflicting: [crm.pay, crm.bill], owner: { person: olga }, detective: true }
relations:
  manager: { attribute: manager, by: employeeNumber }
requestable:
  - { name: books, entitlements: [crm.books], maximumDuration: P30D, stages: [{ name: manager, approvers: [manager], deadline: P3D }] }
cases:
  - { name: facts, kinds: [facts-missing], owner: manager, deadline: P2D, escalateTo: { holders: security } }
  - { name: ends, kinds: [end-not-confirmed], owner: { holders: security }, deadline: PT2H }
`;

let api: TestApi;
const people = new Map<string, { id: string; token: string }>();
const who = (name: string): { id: string; token: string } => people.get(name) ?? { id: '', token: '' };

beforeAll(async () => {
  api = await createTestApi({ tenureYaml, accessYaml });
  for (const [name, manager, department] of [
    ['boss', null, 'Sales'],
    ['ann', 'boss', 'Sales'],
    ['olga', 'boss', 'Sales'],
    ['bea', null, 'Sales'],
    ['cy', 'bea', 'Sales'],
    ['sam', null, 'Security'],
    ['sue', null, 'Security'],
    ['otto', null, 'Operations'],
  ] as const) {
    const { identityId } = await says(name, '1', manager, department);
    const id = identityId ?? '';
    const { token } = await act((tx) => tx.sessions.open(id, 'none', api.now, later(api.now, 24 * 365)));
    people.set(name, { id, token });
  }
});
afterAll(() => api.stop());

const says = (name: string, version: string, manager: string | null, department: string, status: 'active' | 'ended' = 'active') =>
  api.record({ externalId: name, version, status, facts: { displayName: name, givenName: name, employeeNumber: name, manager, department } });
const act: TestApi['store']['transaction'] extends (context: infer C, work: infer _W) => unknown
  ? <T>(work: (tx: Parameters<Parameters<TestApi['store']['transaction']>[1]>[0]) => Promise<T>, more?: Partial<C>) => Promise<T>
  : never = (work) => api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }, work);
const open = async <K extends CaseKind>(kind: K, about: string | null, evidence: Partial<CaseEvidence[K]> = {}): Promise<string> => {
  const wanted: NewCase = {
    ...exampleCase(kind, evidence),
    key: `${kind}/${about}/${Math.random()}`,
    identityId: about === null ? null : who(about).id,
    target: null,
    operationId: null,
  };
  return (await act((tx) => tx.cases.open(wanted, api.now)))?.id ?? '';
};
/** Work of the inbox workflow when it is woken. */
const tend = () =>
  tendCases({
    store: api.store,
    engine: api.engine,
    context: () => ({ actor: { kind: 'system', id: 'worker' }, correlationId: 'tend', now: api.now }),
    meter: { timerFired: (...one) => void fired.push(one) },
  });
const fired: unknown[] = [];

interface Shown {
  readonly id: string;
  readonly kind: string;
  readonly deadline: string | null;
  readonly isEscalated: boolean;
  readonly isOverdue: boolean;
  readonly ownerGroup: string | null;
  readonly owner: { displayName: string } | null;
  readonly claimedBy: { displayName: string } | null;
  readonly actions: readonly { mutation: string; with: Record<string, unknown> }[];
  readonly comments: readonly { text: string }[];
}
const fields = `id kind status subjectName evidence ownerGroup owner { displayName } claimedBy { displayName } deadline isOverdue isEscalated
  actions { mutation with needs } comments { text by { kind id } }`;
async function inbox(name: string, filter: string): Promise<{ totalCount: number; counts: unknown; cases: readonly Shown[] }> {
  const { data, errors } = await api.graphql(`{ cases(filter: ${filter}) { totalCount counts { kind status count overdue } edges { node { ${fields} } } } }`, {
    token: who(name).token,
  });
  expect(errors).toEqual([]);
  const { cases } = data as unknown as { cases: { totalCount: number; counts: unknown; edges: { node: Shown }[] } };
  return { totalCount: cases.totalCount, counts: cases.counts, cases: cases.edges.map(({ node }) => node) };
}
const mine = async (name: string): Promise<readonly string[]> => (await inbox(name, '{ mine: true, status: OPEN }')).cases.map(({ id }) => id);
const call = (name: string, mutation: string) => api.graphql(`mutation { ${mutation} { ${fields} } }`, { token: who(name).token });
const codeOf = async (name: string, mutation: string): Promise<unknown> => (await call(name, mutation)).errors[0]?.extensions.code;

describe('whose a case is', () => {
  test('the policy says: its owner, by when, and to whom it goes when nobody answers', async () => {
    const id = await open('facts-missing', 'ann', { missing: ['sponsor'] });
    expect(await mine('boss')).toEqual([]);
    await tend();
    expect(await mine('boss')).toEqual([id]);
    expect(await mine('sam')).toEqual([]);
    const [before] = (await inbox('otto', '{ kinds: [FACTS_MISSING] }')).cases;
    expect(before).toMatchObject({ owner: { displayName: 'boss' }, deadline: '2026-03-03T12:00:00.000Z', isEscalated: false, isOverdue: false });
    expect((await tend()).nextAt).toBe('2026-03-03T12:00:00.000Z');

    const start = api.now;
    api.now = '2026-03-03T12:00:00.000Z';
    // Any other reason to look at it is no timer.
    expect(fired).toEqual([]);
    expect(await tend()).toMatchObject({ tended: 1, escalated: 1, nextAt: null });
    expect(fired).toEqual([['case', '2026-03-03T12:00:00.000Z']]);
    expect(await mine('boss')).toEqual([]);
    expect(await mine('sam')).toEqual([id]);
    api.now = '2026-03-06T12:00:00.000Z';
    expect((await inbox('otto', '{ overdue: true }')).cases).toMatchObject([{ id, ownerGroup: 'security', isEscalated: true, isOverdue: true }]);
    expect(await tend()).toMatchObject({ tended: 0 });
    await act((tx) => tx.cases.close(id, 'test', 'over', api.now));
    api.now = start;
  });

  test('an owner who leaves is replaced at once, a case that was given by hand stays where it was put', async () => {
    const id = await open('facts-missing', 'cy');
    const byHand = await open('facts-missing', 'cy');
    await tend();
    expect(await codeOf('bea', `reassignCase(id: "${byHand}", ownerId: "${who('olga').id}", reason: "hers")`)).toBeUndefined();
    await says('bea', '2', null, 'Sales', 'ended');
    await tend();
    expect((await inbox('otto', `{ ownerId: "${who('olga').id}" }`)).cases.map((one) => one.id)).toEqual([byHand]);
    expect((await inbox('otto', '{ mine: true, kinds: [FACTS_MISSING], status: OPEN }')).cases.map((one) => one.id)).toEqual([id]);
    await act(async (tx) => {
      for (const one of [id, byHand]) await tx.cases.close(one, 'test', 'over', api.now);
    });
  });

  test("it can be given to a group by hand, and is nobody's in particular again when the last of them has left", async () => {
    const id = await open('account-conflict', 'ann');
    await tend();
    const give = (group: string) => call('otto', `reassignCase(id: "${id}", ownerGroup: "${group}", reason: "on duty")`);
    expect((await give('nothing')).errors[0]?.extensions.code).toBe('INPUT_INVALID');
    expect((await give('crm.books')).errors[0]?.message).toBe('ownerGroup: nobody who could answer the case has crm.books');
    expect(await codeOf('otto', `reassignCase(id: "${id}", ownerId: "${who('sam').id}", ownerGroup: "security", reason: "both")`)).toBe('INPUT_INVALID');
    expect((await give('security')).data).toMatchObject({ reassignCase: { ownerGroup: 'security', owner: null } });
    expect([await mine('sam'), await mine('sue'), await mine('boss'), await mine('ann')]).toEqual([[id], [id], [], []]);
    const told = await api.database.execute("select recipient from notice where key = ? and kind = 'case-assigned'", [id]);
    expect(told.map((one) => one['recipient']).sort()).toEqual([`identity/${who('sam').id}`, `identity/${who('sue').id}`].sort());
    for (const name of ['sam', 'sue']) await says(name, '2', null, 'Sales');
    expect(await mine('sam')).toEqual([]);
    await tend();
    expect((await inbox('otto', '{ mine: true, kinds: [ACCOUNT_CONFLICT], status: OPEN }')).cases).toMatchObject([{ id, ownerGroup: null, owner: null }]);
    for (const name of ['sam', 'sue']) await says(name, '3', null, 'Security');
    await act((tx) => tx.cases.close(id, 'test', 'over', api.now));
  });

  test("one that the policy says nothing of is any operator's, and nobody answers what is about themselves", async () => {
    const [any, own] = [await open('policy-evaluation', 'ann'), await open('policy-evaluation', 'otto')];
    await tend();
    const seen = (await inbox('otto', '{ mine: true, kinds: [POLICY_EVALUATION] }')).cases;
    expect(seen.find((one) => one.id === own)).toMatchObject({ deadline: '2026-03-03T12:00:00.000Z', actions: [] });
    expect(seen.find((one) => one.id === any)?.actions).toMatchObject([{ mutation: 'claimCase' }, { mutation: 'reassignCase' }, { mutation: 'commentCase' }]);
    expect(await codeOf('otto', `claimCase(id: "${own}")`)).toBe('FORBIDDEN');
    expect(await codeOf('ann', `claimCase(id: "${any}")`)).toBe('FORBIDDEN');
    expect((await api.graphql(`{ case(id: "${any}") { id } }`, { token: who('ann').token })).errors[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('in the place of one of a group', () => {
  const lets = async (from: string, to: string, kind = 'CASES'): Promise<string> => {
    const call = `delegate(to: "${who(to).id}", until: "${later(api.now, 24)}", kinds: [${kind}], reason: "away")`;
    const { data, errors } = await api.graphql(`mutation { ${call} { id } }`, { token: who(from).token });
    expect(errors).toEqual([]);
    return (data as unknown as { delegate: { id: string } }).delegate.id;
  };
  const goes = (name: string, department: string, leaveStart: string | null = api.now) =>
    api.record({
      externalId: name,
      version: leaveStart === null ? '11' : '10',
      facts: { displayName: name, givenName: name, employeeNumber: name, department, leaveStart },
    });
  /** Ends a leave, and logs the person in again, since their session has ended meanwhile. */
  const comesBack = async (name: string, department: string): Promise<void> => {
    await goes(name, department, null);
    const { id } = who(name);
    people.set(name, { id, token: (await act((tx) => tx.sessions.open(id, 'none', api.now, later(api.now, 24 * 365)))).token });
  };
  const over = (name: string, id: string) => api.graphql(`mutation { revokeDelegation(id: "${id}") { id } }`, { token: who(name).token });

  test('its cases are answered by whom they let, and not those about themselves or whom they let', async () => {
    const [id, aboutSam, aboutOlga] = [await open('end-not-confirmed', 'ann'), await open('end-not-confirmed', 'sam'), await open('end-not-confirmed', 'olga')];
    await tend();
    const notForAll = await lets('sam', 'olga', 'APPROVALS');
    expect(await mine('olga')).toEqual([]);
    await over('sam', notForAll);
    const fromSam = await lets('sam', 'olga');
    expect(await mine('olga')).toEqual([id]);
    expect(await codeOf('olga', `claimCase(id: "${id}")`)).toBeUndefined();
    for (const other of [aboutSam, aboutOlga]) expect(await codeOf('olga', `claimCase(id: "${other}")`)).toBe('FORBIDDEN');
    // A delegation by somebody else is valid, but never about oneself.
    const fromSue = await lets('sue', 'olga');
    expect((await mine('olga')).toSorted()).toEqual([id, aboutSam].toSorted());
    expect(await codeOf('olga', `commentCase(id: "${aboutSam}", text: "seen")`)).toBeUndefined();
    expect(await codeOf('olga', `claimCase(id: "${aboutOlga}")`)).toBe('FORBIDDEN');
    await over('sue', fromSue);
    await over('sam', fromSam);
    expect(await mine('olga')).toEqual([]);
    await act(async (tx) => {
      for (const one of [id, aboutSam, aboutOlga]) await tx.cases.close(one, 'test', 'over', api.now);
    });
  });

  test('they stay with the group while nobody but whom they let is there, and go to the operators when that is over', async () => {
    const id = await open('end-not-confirmed', 'ann');
    const fromSam = await lets('sam', 'olga');
    for (const name of ['sam', 'sue']) await goes(name, 'Security');
    await tend();
    expect(await mine('olga')).toEqual([id]);
    const told = await api.database.execute("select recipient from notice where key = ? and kind = 'case-assigned'", [id]);
    expect(told.map((one) => one['recipient'])).toEqual([`identity/${who('olga').id}`]);
    await over('olga', fromSam);
    await tend();
    expect(await mine('olga')).toEqual([]);
    expect((await inbox('otto', '{ mine: true, kinds: [END_NOT_CONFIRMED], status: OPEN }')).cases).toMatchObject([{ id, ownerGroup: null, owner: null }]);
    for (const name of ['sam', 'sue']) await comesBack(name, 'Security');
    await act((tx) => tx.cases.close(id, 'test', 'over', api.now));
  });

  test('whose it is stays so, and is answered in their place while they are away and have let somebody', async () => {
    const id = await open('facts-missing', 'ann');
    await tend();
    const fromBoss = await lets('boss', 'sue');
    await goes('boss', 'Sales');
    await tend();
    expect((await inbox('sue', '{ mine: true, status: OPEN }')).cases).toMatchObject([{ id, owner: { displayName: 'boss' } }]);
    await over('sue', fromBoss);
    await tend();
    expect(await mine('sue')).toEqual([]);
    expect((await inbox('otto', '{ kinds: [FACTS_MISSING], status: OPEN }')).cases).toMatchObject([{ id, owner: null }]);
    await comesBack('boss', 'Sales');
    await act((tx) => tx.cases.close(id, 'test', 'over', api.now));
  });
});

describe('working on a case', () => {
  test('one of those who may claims it, the others see who is on it, and what was said stays with it', async () => {
    const id = await open('end-not-confirmed', 'ann', { target: 'crm' });
    await tend();
    expect([await mine('sam'), await mine('sue')]).toEqual([[id], [id]]);
    expect(await codeOf('sam', `claimCase(id: "${id}")`)).toBeUndefined();
    expect(await codeOf('sam', `claimCase(id: "${id}")`)).toBeUndefined();
    expect(await codeOf('sue', `claimCase(id: "${id}")`)).toBe('CASE_CLAIMED');
    expect(await codeOf('sue', `releaseCase(id: "${id}")`)).toBe('CASE_CLAIMED');
    await call('sue', `commentCase(id: "${id}", text: "Ann still has her laptop")`);
    const [seen] = (await inbox('sue', '{ mine: true, status: OPEN }')).cases;
    expect(seen).toMatchObject({
      claimedBy: { displayName: 'sam' },
      comments: [{ text: 'Ann still has her laptop', by: { kind: 'PERSON', id: who('sue').id } }],
      actions: [{ mutation: 'reassignCase' }, { mutation: 'commentCase' }],
    });
    expect((await inbox('sam', '{ claimedByMe: true }')).totalCount).toBe(1);
    expect((await call('otto', `releaseCase(id: "${id}")`)).data).toMatchObject({ releaseCase: { claimedBy: null } });
    // Texts of people may name others, so the audit keeps them with the person's key.
    expect(JSON.stringify(await api.database.execute(`select * from audit_event where action like 'case.%'`))).not.toContain('laptop');
    await act((tx) => tx.cases.close(id, 'test', 'over', api.now));
    expect(await codeOf('sam', `claimCase(id: "${id}")`)).toBe('CASE_CLOSED');
    const acts = (await api.store.read((tx) => tx.audit.page({ subjectId: id }, 20, null))).map(({ action }) => action).sort();
    expect(acts).toEqual(['case.assigned', 'case.claimed', 'case.commented', 'case.released']);
  });

  test('a hire that was called off is acknowledged with a word', async () => {
    const id = await open('hire-called-off', 'ann');
    expect((await call('otto', `resolveCase(id: "${id}", resolution: "Knew of it")`)).data).toMatchObject({ resolveCase: { status: 'CLOSED', actions: [] } });
  });
});

describe('what is held in spite of a rule of separation', () => {
  const violations = async (): Promise<readonly object[]> => {
    const { data } = await api.graphql(
      '{ separationViolations(rule: "pay-and-bill") { totalCount edges { node { names observed identityId case { status } } } } }',
      {
        token: who('otto').token,
      },
    );
    return (data as unknown as { separationViolations: { edges: { node: object }[] } }).separationViolations.edges.map(({ node }) => node);
  };

  test("is listed over everybody, is a case of the rule's owner, and goes when the conflict does", async () => {
    const { identityId } = await says('both', '1', null, 'Both');
    await tend();
    expect(await violations()).toEqual([{ names: ['crm.bill', 'crm.pay'], observed: [], identityId, case: { status: 'OPEN' } }]);
    const grants = await api.store.read((tx) => tx.access.currentGrants([identityId ?? '']));
    expect(grants.map(({ name }) => name)).toEqual(['crm.bill', 'crm.pay', 'crm.user']);
    expect((await inbox('olga', '{ kinds: [SEPARATION_VIOLATION], status: OPEN }')).totalCount).toBe(1);
    await says('both', '2', null, 'Pay');
    expect(await violations()).toEqual([]);
    expect((await inbox('otto', '{ kinds: [SEPARATION_VIOLATION] }')).counts).toEqual([
      { kind: 'SEPARATION_VIOLATION', status: 'CLOSED', count: 1, overdue: 0 },
    ]);
  });

  test('also what a target holds that Tenure has not given, until it is about to be taken away', async () => {
    const { identityId } = await says('found', '1', null, 'Pay');
    const observed = {
      nativeId: 'n',
      userName: 'found',
      externalId: identityId,
      enabled: true,
      attributes: {},
      entitlements: ['users', 'pay', 'bill'],
      memberships: [],
    };
    await api.database.execute('update account set observed = ?::jsonb where identity_id = ?', [JSON.stringify(observed), identityId]);
    await says('found', '2', 'boss', 'Pay');
    expect(await violations()).toMatchObject([{ identityId, names: ['crm.bill', 'crm.pay'], observed: ['crm.bill'] }]);
    await says('found', '3', null, 'Pay');
    expect(await violations()).toEqual([]);
  });
});

describe('one list', () => {
  test('has the approvals of requests in it, for those who are asked', async () => {
    const asked = await api.graphql(
      'mutation ($items: [RequestItemInput!]!) { requestAccess(input: { justification: "work", items: $items }) { items { id } } }',
      {
        token: who('ann').token,
        variables: { items: [{ kind: 'ENTITLEMENT', name: 'crm.books', duration: 'P5D' }] },
      },
    );
    expect(asked.errors).toEqual([]);
    const [{ id }] = (asked.data as unknown as { requestAccess: { items: [{ id: string }] } }).requestAccess.items;
    const { cases } = await inbox('boss', '{ status: OPEN }');
    expect(cases).toMatchObject([
      {
        id,
        kind: 'REQUEST_APPROVAL',
        subjectName: 'ann',
        evidence: { name: 'crm.books', stage: 'manager' },
        deadline: '2026-03-04T12:00:00.000Z',
        actions: [{ mutation: 'decideRequestItem', with: { itemId: id } }],
      },
    ]);
    for (const other of ['olga', 'sam', 'ann']) expect(await mine(other)).toEqual([]);
    // An operator sees it, and decides nothing.
    const [seen] = (await inbox('otto', '{ kinds: [REQUEST_APPROVAL] }')).cases;
    expect(seen).toMatchObject({ id, actions: [] });
  });

  test('is found by what it is about, and counted by kind, in as many statements however long it is', async () => {
    const key = 'ledger-of-everything';
    for (const name of ['ann', 'sam', 'sue']) await open('policy-evaluation', name, { rule: key });
    const found = await inbox('otto', `{ text: "${key.slice(3, 9)}", status: OPEN }`);
    expect(found).toMatchObject({ totalCount: 3, counts: [{ kind: 'POLICY_EVALUATION', status: 'OPEN', count: 3, overdue: 0 }] });
    expect((await inbox('otto', `{ text: "sue", status: OPEN }`)).totalCount).toBe(1);
    // Data about people is not searchable by those who may not read it.
    expect((await inbox('boss', '{ text: "ann" }')).totalCount).toBe(0);
    const first = await api.graphql(
      '{ cases(filter: { kinds: [POLICY_EVALUATION] }, first: 2) { pageInfo { endCursor hasNextPage } edges { node { id } } } }',
      { token: who('otto').token },
    );
    const page = (first.data as unknown as { cases: { pageInfo: { endCursor: string; hasNextPage: boolean }; edges: { node: { id: string } }[] } }).cases;
    expect(page.pageInfo.hasNextPage).toBe(true);
    const second = await api.graphql(
      'query ($after: String) { cases(filter: { kinds: [POLICY_EVALUATION] }, first: 5, after: $after) { edges { node { id } } } }',
      { token: who('otto').token, variables: { after: page.pageInfo.endCursor } },
    );
    const rest = (second.data as unknown as { cases: { edges: { node: { id: string } }[] } }).cases.edges;
    expect(new Set([...page.edges, ...rest].map(({ node }) => node.id)).size).toBe(5);
  });
});
