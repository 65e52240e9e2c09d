import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readQuestion } from '@tenure/engine/requests';
import { questionPage } from '../pages/decide/pages.ts';
import { type Answer, createTestApi, later, type TestApi } from './api.ts';

const accessYaml = `
entitlements:
  tenure.admin: { title: Administers Tenure, target: tenure, value: admin }
  crm.user: { title: Uses the CRM, target: crm, value: users }
  crm.books: { title: Books, target: crm, value: books, owner: { person: olga } }
  crm.payments: { title: Payments, target: crm, value: payments }
  crm.closed: { title: Nobody asks for this, target: crm, value: closed }
roles:
  reporter: { title: Reporter, entitlements: [crm.books] }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
  - { name: payers, when: 'identity.department == "Payments"', entitlements: [crm.payments] }
lifecycle:
  - { name: all, end: { grace: P30D, then: delete } }
relations:
  manager: { attribute: manager, by: employeeNumber }
separation:
  - { name: books-and-payments, conflicting: [crm.books, crm.payments], owner: { person: olga } }
requestable:
  - name: books
    when: identity.department in ["Sales", "Payments"]
    entitlements: [crm.books]
    maximumDuration: P30D
    stages:
      - { name: manager, approvers: [manager], deadline: P3D }
  - { name: reports, roles: [reporter], maximumDuration: P1D, stages: [] }
breakGlass:
  - name: ledger-emergency
    when: identity.department == "Sales"
    entitlements: [crm.closed, tenure.admin]
    maximumDuration: PT4H
    reviewers: [manager]
    reviewWithin: P1D
    notify: [{ person: pia }]
`;

let api: TestApi;
const people: Record<string, { id: string; token: string }> = {};
const who = (name: string): { id: string; token: string } => people[name] ?? { id: '', token: '' };
const ask = (name: string, query: string): Promise<Answer> => api.graphql(query, { token: who(name).token });
const item =
  'items { id name status reason stage validFrom validUntil exceptions { rule names } stages { name approvers { person { displayName } } answers { approves comment } } }';
interface Seen {
  readonly id: string;
  readonly isOpen: boolean;
  readonly items: readonly { readonly id: string; readonly status: string; readonly stage: string | null; readonly [other: string]: unknown }[];
}
const request = async (name: string, mutation: string): Promise<Seen> => {
  const { data, errors } = await ask(name, `mutation { done: ${mutation} { id isOpen ${item} } }`);
  expect(errors).toEqual([]);
  return (data as unknown as { done: Seen }).done;
};
const code = async (name: string, mutation: string) => (await ask(name, `mutation { ${mutation} { id } }`)).errors[0]?.extensions.code;
const asking = (name: string, more = '', whom = '') =>
  `requestAccess(input: { ${whom} justification: "Year end", items: [{ kind: ENTITLEMENT, name: "${name}" ${more} }] })`;
const deciding = (id: string | undefined, approve = true) => `decideRequestItem(itemId: "${id ?? ''}", approve: ${approve}, comment: "fine")`;
const holds = async (name: string) => {
  const { data } = await ask(name, '{ me { grants { name } } }');
  return (data as unknown as { me: { grants: { name: string }[] } }).me.grants.map((grant) => grant.name);
};

beforeAll(async () => {
  const clock = (): string => new Date().toISOString();
  api = await createTestApi({ accessYaml, app: { clock } });
  api.now = clock();
  for (const [name, department, manager] of [
    ['olga', 'Books', 'max'],
    ['max', 'Sales', 'olga'],
    ['ada', 'Sales', 'max'],
    ['pia', 'Payments', 'max'],
    ['eve', 'Sales', 'olga'],
  ] as const) {
    const facts = { displayName: name, email: `${name}@example.com`, employeeNumber: name, department, manager };
    const id = (await api.record({ externalId: name, facts })).identityId ?? '';
    const act = { actor: { kind: 'system', id: 'test' }, correlationId: 'login', now: api.now } as const;
    people[name] = { id, ...(await api.store.transaction(act, (tx) => tx.sessions.open(id, 'partner', api.now, later(api.now, 8)))) };
  }
});
afterAll(() => api.stop());

describe('requests over GraphQL', () => {
  it('lists what may be asked for, and why not the rest', async () => {
    const { data, errors } = await ask(
      'pia',
      `{ requestable(identityId: "${who('pia').id}") { name isRequestable reason maximumDuration conflicts { rule names mayBeExcepted } } }`,
    );
    expect(errors).toEqual([]);
    const conflicts = [{ rule: 'books-and-payments', names: ['crm.books', 'crm.payments'], mayBeExcepted: true }];
    expect(data).toMatchObject({
      requestable: [
        { name: 'reporter', isRequestable: true, maximumDuration: 'P1D' },
        { name: 'crm.books', isRequestable: true, conflicts },
      ],
    });
    const olga = await ask('eve', `{ requestable(identityId: "${who('olga').id}") { name } }`);
    expect(olga.errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await ask('olga', `{ requestable(identityId: "${who('max').id}") { name reason } }`)).errors).toEqual([]);
  });

  it('goes the whole way: asked, seen by the approver alone, approved, held for its time, given back', async () => {
    const { id, items } = await request('ada', asking('crm.books', ', duration: "P10D"'));
    expect(items).toMatchObject([{ status: 'OPEN', stage: 'manager', stages: [{ approvers: [{ person: { displayName: 'max' } }] }] }]);
    const [waiting] = items;
    // Everything that a portal shows of waiting items, in one query.
    const person = '{ id displayName }';
    const asks = `approvers { person ${person} deputyFor ${person} selectedBy selectedByGrant requestedAt endedAt } answers { by ${person} onBehalfOf ${person} approves comment givenAt }`;
    const all = `id isOpen createdAt justification for ${person} requestedBy ${person} items { id kind name title duration status reason stage isEscalated dueAt
      validUntil extends exceptions { rule names control } stages { name quorum ${asks} } }`;
    const waits = await ask('max', `{ myApprovals { ${all} } }`);
    expect(waits.errors).toEqual([]);
    expect(waits.data).toMatchObject({ myApprovals: [{ id, for: { displayName: 'ada' }, justification: 'Year end' }] });
    expect((await ask('max', `{ myApprovals(first: 50) { ${all} } myRequests { ${all} } }`)).errors).toEqual([]);
    expect((await ask('max', `{ myApprovals(first: 100) { ${all} } again: myApprovals(first: 100) { ${all} } }`)).errors[0]?.extensions.code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
    expect((await ask('eve', `{ accessRequest(id: "${id}") { id } }`)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect(await code('ada', deciding(waiting?.id))).toBe('OWN_REQUEST');
    expect(await code('eve', deciding(waiting?.id))).toBe('NOT_YOUR_DECISION');
    const turnedAway = async (name: string) =>
      (await api.store.read((tx) => tx.audit.page({ identityId: who(name).id, action: 'access.refused' }, 10, null))).map(({ reason }) => reason);
    const at = 'Mutation.decideRequestItem';
    expect(await turnedAway('ada')).toContainEqual({ at, code: 'OWN_REQUEST' });
    expect(await turnedAway('eve')).toContainEqual({ at, code: 'NOT_YOUR_DECISION' });
    expect(await code('ada', asking('crm.books'))).toBe('NOT_REQUESTABLE');
    const approved = await request('max', deciding(waiting?.id));
    expect(approved).toMatchObject({ isOpen: false, items: [{ status: 'APPROVED', stages: [{ answers: [{ approves: true, comment: 'fine' }] }] }] });
    expect(await holds('ada')).toContain('crm.books');
    // A repetition has the same result; another answer comes too late.
    expect((await request('max', deciding(waiting?.id))).items[0]?.status).toBe('APPROVED');
    expect(await code('max', deciding(waiting?.id, false))).toBe('REQUEST_CLOSED');
    expect(await code('eve', `returnAccess(itemId: "${waiting?.id ?? ''}")`)).toBe('FORBIDDEN');
    const longer = await request('ada', `extendAccess(itemId: "${waiting?.id ?? ''}", duration: "P30D", justification: "not done")`);
    expect((await request('max', deciding(longer.items[0]?.id))).items[0]?.status).toBe('APPROVED');
    expect((await request('ada', `returnAccess(itemId: "${waiting?.id ?? ''}")`)).items[0]?.status).toBe('RETURNED');
    expect(await holds('ada')).toContain('crm.books');
    await request('ada', `returnAccess(itemId: "${longer.items[0]?.id ?? ''}")`);
    expect(await holds('ada')).not.toContain('crm.books');
  });

  it('shows a conflict before it is sent, and asks the owner of the rule where an exception is wanted', async () => {
    const refused = await ask('pia', `mutation { ${asking('crm.books')} { id } }`);
    expect(refused.errors[0]?.extensions).toMatchObject({
      code: 'SEPARATION_CONFLICT',
      details: { rule: 'books-and-payments', together: 'crm.books, crm.payments' },
    });
    const { items } = await request('pia', asking('crm.books', ', exceptions: [{ rule: "books-and-payments", control: "monthly review" }]'));
    expect(items).toMatchObject([{ stage: 'exception from books-and-payments', exceptions: [{ names: ['crm.books', 'crm.payments'] }] }]);
    expect(await code('max', deciding(items[0]?.id))).toBe('NOT_YOUR_DECISION');
    expect((await request('olga', deciding(items[0]?.id))).items[0]).toMatchObject({ status: 'OPEN', stage: 'manager' });
    expect((await request('max', deciding(items[0]?.id))).items[0]?.status).toBe('APPROVED');
    expect(await holds('pia')).toEqual(expect.arrayContaining(['crm.books', 'crm.payments']));
  });

  it('lets a manager ask for their people, and not approve it', async () => {
    expect(await code('eve', asking('crm.books', '', `identityId: "${who('ada').id}",`))).toBe('FORBIDDEN');
    const { items, id } = await request('max', asking('crm.books', '', `identityId: "${who('ada').id}",`));
    expect(items).toMatchObject([{ stages: [{ approvers: [{ person: { displayName: 'olga' } }] }] }]);
    expect(await code('max', deciding(items[0]?.id))).toBe('OWN_REQUEST');
    expect((await request('ada', `withdrawRequest(id: "${id}")`)).items[0]?.status).toBe('WITHDRAWN');
    expect(await code('olga', deciding(items[0]?.id))).toBe('REQUEST_CLOSED');
  });

  it('gives at once what nobody has to approve, and nothing that is not offered', async () => {
    const { items } = await request('eve', 'requestAccess(input: { justification: "Reports", items: [{ kind: ROLE, name: "reporter", duration: "PT8H" }] })');
    expect(items[0]?.status).toBe('APPROVED');
    expect(await holds('eve')).toEqual(expect.arrayContaining(['reporter', 'crm.books']));
    expect(await code('eve', asking('crm.closed'))).toBe('NOT_REQUESTABLE');
    expect(await code('eve', asking('crm.books', ', duration: "P31D"'))).toBe('NOT_REQUESTABLE');
    expect(await code('olga', asking('crm.books'))).toBe('NOT_REQUESTABLE');
  });

  it('asks the owner to keep or drop what a mover would not be let ask for', async () => {
    const { items } = await request('max', asking('crm.books'));
    await request('olga', deciding(items[0]?.id));
    await api.record({
      externalId: 'max',
      version: '2',
      facts: { displayName: 'max', email: 'max@example.com', employeeNumber: 'max', department: 'Facilities', manager: 'olga' },
    });
    expect(await holds('max')).toContain('crm.books');
    const cases = () => api.store.read((tx) => tx.cases.page({ status: 'open', kind: 'requested-access-questionable' }, 5, null));
    expect(await cases()).toMatchObject([{ identityId: who('max').id, evidence: { name: 'crm.books' } }]);
    const judging = `decideRequestedAccess(itemId: "${items[0]?.id ?? ''}", decision: REMOVE, reason: "moved")`;
    expect(await code('max', judging)).toBe('FORBIDDEN');
    expect(await code('eve', judging)).toBe('FORBIDDEN');
    // The case belongs to the person to whom it is assigned.
    const [opened] = await cases();
    const act = { actor: { kind: 'system', id: 'test' }, correlationId: 'given', now: api.now } as const;
    await api.store.transaction(act, (tx) => tx.cases.giveTo(opened?.id ?? '', { ownerId: who('eve').id, ownerGroup: null }, api.now));
    expect((await request('eve', judging)).items[0]?.status).toBe('REMOVED');
    expect(await holds('max')).not.toContain('crm.books');
    expect(await cases()).toEqual([]);
  });

  it('lets the owner of a rule allow what facts and requests give together, from the case', async () => {
    const { items } = await request('eve', asking('crm.books', ', duration: "P30D"'));
    await request('olga', deciding(items[0]?.id));
    const moved = { displayName: 'eve', email: 'eve@example.com', employeeNumber: 'eve', department: 'Payments', manager: 'olga' };
    await api.record({ externalId: 'eve', version: '2', facts: moved });
    expect(await holds('eve')).not.toContain('crm.payments');
    const [found] = await api.store.read((tx) => tx.cases.page({ status: 'open', kind: 'separation-conflict' }, 5, null));
    const granting = (until: string) =>
      `grantSeparationException(input: { caseId: "${found?.id ?? ''}", names: ["crm.payments", "crm.books"], control: "monthly review", until: "${until}", reason: "until March" })`;
    const until = later(new Date().toISOString(), 24);
    for (const name of ['eve', 'max']) expect(await code(name, granting(until))).toBe('FORBIDDEN');
    const token = await api.serviceToken('admin');
    expect((await api.graphql(`mutation { ${granting(until)} { id } }`, { token })).errors[0]?.extensions.code).toBe('FORBIDDEN');
    const shown = 'id for { displayName } grantedBy { displayName } rule names control reason requestId validUntil';
    const { data } = await ask('olga', `mutation { done: ${granting(until)} { ${shown} } }`);
    expect(data).toMatchObject({
      done: { for: { displayName: 'eve' }, grantedBy: { displayName: 'olga' }, names: ['crm.books', 'crm.payments'], requestId: null, validUntil: until },
    });
    expect(await holds('eve')).toEqual(expect.arrayContaining(['crm.books', 'crm.payments']));
    const listed = async () => (await api.graphql(`{ separationExceptions(rule: "books-and-payments") { edges { node { ${shown} } } } }`, { token })).data;
    // The exception of the approved request is listed beside it.
    expect(await listed()).toMatchObject({
      separationExceptions: {
        edges: [{ node: { for: { displayName: 'eve' } } }, { node: { for: { displayName: 'pia' }, grantedBy: null, control: 'monthly review' } }],
      },
    });
    const { id } = (data as unknown as { done: { id: string } }).done;
    expect(await code('max', `endSeparationException(id: "${id}", reason: "no more")`)).toBe('FORBIDDEN');
    expect(await code('olga', `endSeparationException(id: "${id}", reason: "no more")`)).toBeUndefined();
    expect(await holds('eve')).not.toContain('crm.payments');
  });

  it('says that a target is only observed: in the catalogue, to the approver, and after the approval', async () => {
    const act = { actor: { kind: 'system', id: 'test' }, correlationId: 'c', now: api.now } as const;
    const modeIs = (mode: 'observe' | 'enforce') =>
      api.store.transaction(act, (tx) => tx.targetModes.set({ target: 'crm', mode, why: 'configured', by: 'test', reason: null, configured: null }, api.now));
    await modeIs('observe');
    const catalogue = await ask('eve', `{ requestable(identityId: "${who('eve').id}") { name observedTargets } }`);
    expect(catalogue.data).toEqual({
      requestable: [
        { name: 'reporter', observedTargets: ['crm'] },
        { name: 'crm.books', observedTargets: ['crm'] },
      ],
    });
    const { id, items } = await request('eve', asking('crm.books'));
    const observed = async () => (await ask('eve', `{ accessRequest(id: "${id}") { items { status observedTargets } } }`)).data;
    expect(await observed()).toEqual({ accessRequest: { items: [{ status: 'OPEN', observedTargets: ['crm'] }] } });
    const question = await api.store.transaction(act, async (tx) => {
      const link = { itemId: items[0]?.id ?? '', requestId: id, stage: 0, approverId: who('olga').id };
      const token = await tx.decisionLinks.create(link, api.now, later(api.now, 8));
      return readQuestion(tx, api.engine, await tx.decisionLinks.look(token), api.now);
    });
    if (question === null) throw new Error('nobody is asked');
    expect(questionPage(question, 'token')).toMatch(/Only observed.*CRM: Tenure gives nothing there until it is switched on/);
    await ask('olga', `mutation { ${deciding(items[0]?.id)} { id } }`);
    expect(await observed()).toEqual({ accessRequest: { items: [{ status: 'APPROVED', observedTargets: ['crm'] }] } });
    await modeIs('enforce');
    expect(await observed()).toEqual({ accessRequest: { items: [{ status: 'APPROVED', observedTargets: [] }] } });
  });

  it('moves what waits to a colleague who is named as people name each other', async () => {
    const until = later(new Date().toISOString(), 1);
    const delegating = (to: string) => `delegate(${to} until: "${until}", reason: "a holiday")`;
    const { items } = await request('ada', asking('crm.books'));
    for (const to of ['', 'toUserName: "olga", toEmail: "olga@example.com",', 'toUserName: "max",', 'toUserName: "nobody",'])
      expect(await code('max', delegating(to))).toBe('INPUT_INVALID');
    const { data } = await ask('max', `mutation { done: ${delegating('toUserName: "olga",')} { id to { id displayName } isInForce } }`);
    expect(data).toMatchObject({ done: { to: { id: who('olga').id, displayName: 'olga' }, isInForce: true } });
    expect((await request('olga', deciding(items[0]?.id))).items[0]?.status).toBe('APPROVED');
    await request('ada', `returnAccess(itemId: "${items[0]?.id ?? ''}")`);
    const { id } = (data as unknown as { done: { id: string } }).done;
    expect(await code('max', `revokeDelegation(id: "${id}")`)).toBeUndefined();
  });

  it('gives emergency access at once, tells and asks others, and cuts the sessions when it was not justified', async () => {
    const taking = (name: string, more = '') => `breakGlass(input: { kind: ENTITLEMENT, name: "${name}" ${more}, justification: "The ledger is on fire" })`;
    expect((await ask('ada', '{ breakGlassOptions { name maximumDuration violatedRules } }')).data).toMatchObject({
      breakGlassOptions: [{ name: 'crm.closed', maximumDuration: 'PT4H', violatedRules: [] }, { name: 'tenure.admin' }],
    });
    expect((await ask('olga', '{ breakGlassOptions { name } }')).data).toEqual({ breakGlassOptions: [] });
    for (const [name, mutation] of [
      ['olga', taking('crm.closed')],
      ['ada', taking('crm.books')],
      ['ada', taking('crm.closed', ', duration: "PT5H"')],
    ] as const)
      expect(await code(name, mutation)).toBe('NOT_REQUESTABLE');
    const taken = await request('ada', taking('crm.closed', ', duration: "PT2H"'));
    const [emergency] = taken.items;
    expect(taken).toMatchObject({ isOpen: false, items: [{ status: 'APPROVED', stages: [] }] });
    expect(Date.parse(String(emergency?.['validUntil'])) - Date.parse(String(emergency?.['validFrom']))).toBe(2 * 3600 * 1000);
    expect(await holds('ada')).toContain('crm.closed');
    const itemId = emergency?.id ?? '';
    expect(await code('ada', taking('crm.closed'))).toBe('NOT_REQUESTABLE');
    expect(await code('ada', `extendAccess(itemId: "${itemId}", justification: "not out yet")`)).toBe('NOT_REQUESTABLE');
    const reviewing = (justified: boolean) => `reviewBreakGlass(itemId: "${itemId}", justified: ${justified}, comment: "I saw no alarm")`;
    for (const name of ['ada', 'eve', 'pia']) expect(await code(name, reviewing(true))).toBe('FORBIDDEN');
    expect(
      (await ask('max', '{ cases(filter: { mine: true, kind: BREAK_GLASS_REVIEW }) { edges { node { actions { mutation with } } } } }')).data,
    ).toMatchObject({
      cases: { edges: [{ node: { actions: expect.arrayContaining([{ mutation: 'reviewBreakGlass', with: { itemId } }]) } }] },
    });
    expect((await ask('max', `{ accessRequest(id: "${taken.id}") { justification items { isBreakGlass review { isJustified } } } }`)).data).toMatchObject({
      accessRequest: { justification: 'The ledger is on fire', items: [{ isBreakGlass: true, review: null }] },
    });
    // A token is no way around it: it does not last longer than the break-glass access, does not review its maker, and ends with the access.
    const [admin] = (await request('ada', taking('tenure.admin', ', duration: "PT1H"'))).items;
    const minting = (hours: number) =>
      ask(
        'ada',
        `mutation { createServiceToken(input: { name: "t", roles: ["operator"], expiresAt: "${later(new Date().toISOString(), hours)}" }) { token } }`,
      );
    expect((await minting(2)).errors[0]?.extensions.code).toBe('INPUT_INVALID');
    const { token } = ((await minting(0.5)).data as unknown as { createServiceToken: { token: string } }).createServiceToken;
    expect((await api.graphql(`mutation { ${reviewing(true)} { id } }`, { token })).errors[0]?.extensions.code).toBe('FORBIDDEN');
    const unjustified = `reviewBreakGlass(itemId: "${admin?.id ?? ''}", justified: false, comment: "Nothing to administer")`;
    expect((await request('max', unjustified)).items[0]?.status).toBe('REMOVED');
    expect((await api.graphql('{ cases { totalCount } }', { token })).errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect((await request('max', reviewing(false))).items[0]?.status).toBe('REMOVED');
    expect(await code('max', reviewing(true))).toBe('REQUEST_CLOSED');
    expect((await ask('ada', '{ me { id } }')).errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
    const held = await api.store.read((tx) => tx.access.currentGrants([who('ada').id]));
    expect(held.map(({ name }) => name)).not.toContain('crm.closed');
  });

  it('keeps the audit whole', async () => {
    expect((await api.store.read((tx) => tx.audit.verify())).problems).toEqual([]);
  });
});
