import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { undoBatchAs } from '@tenure/engine/batches';
import {
  correctFindings,
  endIgnoring,
  ignoreFindings,
  keepFoundAccess,
  proposeRule,
  proveAdoption,
  requestAdoption,
  stopIgnoringFindings,
} from '@tenure/engine/corrections';
import { decideIdentity } from '@tenure/engine/decide';
import type { TargetConnector } from '@tenure/connectors';
import { ConnectorUnavailable, type ObservedAccount, type RequestedAdoption } from '@tenure/domain';
import type { Finding, ReconciliationRun } from '@tenure/store';
import { callerWith, type Correcting, startCorrecting } from './testing/correcting.ts';
import { sql } from './testing/used-target.ts';

const day = 86_400_000;

describe('findings are handled by people', () => {
  let it: Correcting;
  let finance: string;
  let staff: string;
  beforeAll(async () => {
    it = await startCorrecting(sql, {
      budget: { targets: { crm: { lose: { count: 3 } } } },
      separation: [{ name: 'four-eyes', conflicting: [['audit'], ['finance']], atMost: 1, priority: [] }],
      entitlements: {
        staff: { name: 'staff', title: 'Staff', target: 'crm', value: 'reader' },
        finance: { name: 'finance', title: 'Finance', target: 'crm', value: 'payer' },
        audit: { name: 'audit', title: 'Audit', target: 'crm', value: 'auditor' },
      },
      birthright: [
        { name: 'everybody', when: 'true', roles: [], entitlements: ['staff'] },
        { name: 'finance', when: 'identity.department == "Finance"', roles: [], entitlements: ['finance'] },
        { name: 'audit', when: 'identity.department == "Audit"', roles: [], entitlements: ['audit'] },
      ],
    });
    [staff, finance] = it.target.groups;
    for (const name of ['ann', 'ben', 'cleo']) await it.says(name);
    await it.says('hal', { department: 'Finance' });
    await it.says('ada', { department: 'Audit' });
  });
  afterAll(() => it?.stop());
  beforeEach(() => {
    it.ahead += 7_200_000;
  });

  const ref = (name: string) => ({ nativeId: null, userName: it.userNameOf(name) });
  const give = (name: string) => it.connector.addMember(finance, ref(name));
  const found = async (name: string): Promise<Finding> => {
    const all = await it.act((tx) => tx.findings.page({ target: 'crm', status: 'open' }, 100, null));
    const one = all.find((each) => (each.kind === kind && each.identityId === it.idOf(name)) || each.userName === name);
    if (one === undefined) throw new Error(`nothing is found about ${name}`);
    return one;
  };
  const later = (milliseconds: number) => new Date(Date.parse(it.context().now) + milliseconds).toISOString();
  const wish = () => ({ until: later(10 * day), reason: 'The auditors look at it', ownerId: it.idOf('hal') });
  const kind = 'entitlement-outside-policy';

  test('one that is ignored counts in no case, is not corrected, and comes back when the date is reached', async () => {
    const correcting = it.configured({ findings: { [kind]: 'correct' } });
    await give('ann');
    await give('ben');
    await it.reconcile();
    expect(await it.openCases()).toEqual([`${kind} 2`]);
    const { id } = await found('ann');
    const { until } = await it.act((tx) => ignoreFindings(tx, it.engine, { findingId: id }, wish()));
    expect(await it.openCases()).toEqual([`${kind} 1`]);
    expect(await found('ann')).toMatchObject({ ignoredUntil: until });
    await it.act((tx) => ignoreFindings(tx, it.engine, { target: 'crm', kind, name: finance }, { ...wish(), until: later(day) }));
    expect(await it.openCases()).toEqual([]);
    await it.reconcile(correcting);
    expect(await it.batches()).toEqual([]);
    it.ahead += 2 * day;
    await it.act((tx) => endIgnoring(tx, it.engine));
    expect(await it.openCases()).toEqual([`${kind} 1`]);
    await it.reconcile(correcting);
    await it.carryOut(correcting);
    expect((await it.target.look(it.userNameOf('ben'))).groups).toEqual([staff]);
    expect((await it.target.look(it.userNameOf('ann'))).groups).toContain(finance);
    // The finding closes, and with it what was ignored.
    await it.connector.removeMember(finance, ref('ann'));
    await it.reconcile(correcting);
    await it.act((tx) => endIgnoring(tx, it.engine));
    expect(await it.act((tx) => tx.ignoredFindings.page({ isActive: true }, 10, null))).toEqual([]);
  });

  test('what is ignored by mistake counts again, and only what makes sense can be ignored', async () => {
    await give('ann');
    await it.reconcile();
    const { id } = await it.act((tx) => ignoreFindings(tx, it.engine, { target: 'crm', kind, name: null }, wish()));
    expect(await it.openCases()).toEqual([]);
    await it.act((tx) => stopIgnoringFindings(tx, it.engine, id, 'That was the wrong group'));
    expect(await it.openCases()).toEqual([`${kind} 1`]);
    const refused = (work: () => Promise<unknown>) => expect(work()).rejects.toMatchObject({ code: expect.stringMatching(/^INPUT_INVALID|NOT_FOUND$/) });
    await refused(() => it.act((tx) => stopIgnoringFindings(tx, it.engine, id, 'again')));
    await refused(() => it.act((tx) => ignoreFindings(tx, it.engine, { target: 'crm', kind: 'protected-account', name: null }, wish())));
    await refused(() => it.act((tx) => ignoreFindings(tx, it.engine, { target: 'crm', kind, name: null }, { ...wish(), until: later(-60_000) })));
    await refused(() => it.act((tx) => ignoreFindings(tx, it.engine, { target: 'crm', kind, name: null }, { ...wish(), ownerId: randomUUID() })));
    await refused(() => it.act((tx) => ignoreFindings(tx, it.engine, { findingId: randomUUID() }, wish())));
  });

  test('findings of a case are corrected on request, within the budget at once, and above it after an approval', async () => {
    const { id } = await found('ann');
    const ask = (ids: readonly string[] | null) =>
      it.act((tx) => correctFindings(tx, it.engine, { target: 'crm', kind, name: finance, ids, reason: 'Nobody knows why' }));
    expect(await ask([id])).toMatchObject({ standing: 'free', decisionReason: 'Nobody knows why', people: 1 });
    await expect(ask([id])).rejects.toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining('under way') });
    await it.carryOut();
    expect((await it.target.look(it.userNameOf('ann'))).groups).toEqual([staff]);
    await it.reconcile();
    await expect(ask(null)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    for (const name of ['ann', 'ben', 'cleo', 'ada']) await give(name);
    await it.reconcile();
    it.ahead += 7_200_000;
    const batch = await ask(null);
    expect(batch).toMatchObject({ standing: 'held', people: 4 });
    expect(await ask(null)).toMatchObject({ id: batch.id });
    for (const name of ['ann', 'ben', 'cleo', 'ada']) await it.connector.removeMember(finance, ref(name));
    await it.reconcile();
    expect(await it.openCases()).toEqual([]);
  });

  test('found access is kept with owner, reason and end, and ends by itself; separation of duties is checked', async () => {
    await give('ann');
    await give('ada');
    await it.reconcile();
    const keep = async (name: string, until = later(20 * day), by: string | null = null) => {
      const { id: findingId } = await found(name);
      return it.act((tx) => keepFoundAccess(tx, it.engine, { findingId, until, ownerId: it.idOf('hal'), reason: 'Closing of the year', by }));
    };
    await expect(keep('ada')).rejects.toMatchObject({ code: 'SEPARATION_CONFLICT', details: { rule: 'four-eyes' } });
    await expect(keep('ann', later(400 * day))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(keep('ann', later(20 * day), it.idOf('ann'))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const requestId = await keep('ann');
    const grants = await it.act((tx) => tx.access.currentGrants([it.idOf('ann')]));
    expect(grants).toContainEqual(
      expect.objectContaining({ name: 'finance', validUntil: expect.any(String), origins: [expect.objectContaining({ kind: 'request', name: requestId })] }),
    );
    expect(await it.act((tx) => tx.requests.whole([requestId]))).toMatchObject([
      {
        request: { requestedBy: it.idOf('hal'), justification: 'Closing of the year', status: 'closed' },
        items: [{ status: 'approved', rule: 'found access' }],
      },
    ]);
    expect((await it.openCases()).filter((one) => one === 'requested-access-questionable')).toEqual([]);
    await it.carryOut();
    await it.reconcile();
    expect(await it.open()).toEqual([`${kind} ada ${finance}`, 'separation-violation ada four-eyes']);
    expect((await it.target.look(it.userNameOf('ann'))).groups).toContain(finance);
    // Corrected, and that undone, it does not come back against the rule.
    await it.act((tx) => correctFindings(tx, it.engine, { target: 'crm', kind, name: finance, ids: null, reason: 'Nobody knows why' }));
    await it.carryOut();
    const [batch] = await it.batches();
    const undo = undoBatchAs({ ...it, caller: callerWith('admin', it.idOf('hal')) }, it.context(), batch?.id ?? '', 'Ada needs it');
    await expect(undo).rejects.toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining('1 not-grantable') });
    // Its end is a bound like any other.
    it.ahead += 21 * day;
    await it.says('ann');
    expect((await it.target.look(it.userNameOf('ann'))).groups).toEqual([staff]);
  });

  test('a rule is proposed from what people share, honest about whom else it would give access to', async () => {
    await it.says('dee', { department: 'Legal' });
    await it.says('eli', { department: 'Legal' });
    await it.says('fox', { department: 'Legal' });
    await give('dee');
    await give('eli');
    await it.reconcile();
    const ofGroup = () => it.act((tx) => proposeRule(tx, it.engine, { target: 'crm', name: finance }));
    const proposal = await ofGroup();
    expect(proposal).toMatchObject({ entitlement: 'finance', people: 2, others: 1, examples: [it.idOf('fox')] });
    expect(proposal.yaml).toContain('when: \'identity.department == "Legal"\'');
    expect(proposal.yaml).not.toContain('Miller');
    await it.says('fox', { department: 'Sales' });
    expect(await ofGroup()).toMatchObject({ others: 0, conditions: [{ attribute: 'department', value: 'Legal' }] });
    const only = await it.act(async (tx) => proposeRule(tx, it.engine, { findingIds: [(await found('dee')).id] }));
    expect(only).toMatchObject({ people: 1, others: 1, examples: [it.idOf('eli')] });
    await expect(it.act((tx) => proposeRule(tx, it.engine, { target: 'crm', name: 'nothing' }))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    for (const name of ['dee', 'eli']) await it.connector.removeMember(finance, ref(name));
  });

  test('a run that may request few accounts goes on where the one before has ended, and its further steps have positions', async () => {
    const looking = it.configured({ unmanagedGroups: [it.target.unmanaged], dormantAfter: 90 * day });
    const names = ['ann', 'ben', 'cleo'];
    for (const name of names) await it.connector.removeMember(staff, ref(name));
    await it.target.use(it.userNameOf('ada'), later(-200 * day));
    const missing = async () => (await it.open()).filter((one) => one.startsWith('entitlement-missing'));
    const positions: (string | null)[] = [];
    const after = ({ progress }: ReconciliationRun) => void (progress?.step === 'further' && positions.push(progress.after));
    // One activity for each step, and one account that is requested alone in each run.
    for (const count of [1, 2, 3]) {
      await it.reconcile(looking, it.connector, { looks: 1, time: 0, after });
      expect(await missing()).toHaveLength(count);
    }
    expect(positions.slice(0, 5)).toEqual([null, 'dormant/', 'groups/', 'violations/', 'causes/']);
    expect(await it.open()).toContain('dormant-account ada');
    for (const name of names) await it.connector.addMember(staff, ref(name));
    await it.target.use(it.userNameOf('ada'), later(0));
    // It begins with the first one again.
    for (const count of [2, 1, 0]) {
      await it.reconcile(looking, it.connector, { looks: 1 });
      expect([count, (await missing()).length]).toEqual([count, 0]);
    }
  });

  const adopt = async (userName: string, identityId: string) => {
    const { id: findingId } = await found(userName);
    return it.act((tx) => requestAdoption(tx, it.engine, { findingId, identityId, reason: 'She says so' }));
  };
  /** A worker looks at the accounts whose adoption was requested. */
  const prove = async (connector: TargetConnector = it.connector): Promise<void> => {
    for (const id of await it.act((tx) => tx.findings.adoptions('crm', it.context().now, 100)))
      await proveAdoption({ store: it.store, engine: it.engine, connector, context: it.context }, id);
  };
  const adoptionOf = async (findingId: string) => (await it.act((tx) => tx.findings.get(findingId)))?.adoption;

  test('an account of nobody is bound to a person by an administrator, and then brought into their desired state', async () => {
    await it.connector.create({ userName: 'old.zoe', externalId: 'by hand', enabled: false, attributes: it.target.attributes('Zoe Old') });
    await it.connector.create({ userName: 'marked', externalId: it.idOf('ben'), enabled: true, attributes: it.target.attributes('marked') });
    await it.reconcile();
    const zoe = await it.says('zoe', { isProvisioned: false });
    await expect(adopt('old.zoe', it.idOf('ann'))).rejects.toMatchObject({ message: expect.stringContaining('has an account in crm already') });
    await expect(adopt('old.zoe', randomUUID())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const all = await it.act((tx) => tx.findings.page({ target: 'crm', status: 'open' }, 100, null));
    const marked = all.find(({ userName }) => userName === 'marked');
    const ofBen = it.act((tx) => requestAdoption(tx, it.engine, { findingId: marked?.id ?? '', identityId: zoe, reason: 'Hers' }));
    // It bears the mark of somebody who has an account there: a second account of theirs.
    await expect(ofBen).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    const ofOneself = it.act(async (tx) =>
      requestAdoption(tx, it.engine, { findingId: (await found('old.zoe')).id, identityId: zoe, personId: zoe, reason: 'Mine' }),
    );
    await expect(ofOneself).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const requested = await adopt('old.zoe', zoe);
    expect(requested).toMatchObject({ closedAt: null, adoption: { state: 'requested', identityId: zoe } });
    // Nothing is bound before a worker has looked at it.
    expect(await it.act((tx) => tx.access.account(zoe, 'crm'))).toMatchObject({ nativeId: null });
    await prove();
    expect(await adoptionOf(requested.id)).toMatchObject({ state: 'adopted', settledAt: expect.any(String) });
    await it.carryOut();
    expect(await it.target.look('old.zoe')).toMatchObject({ enabled: true, groups: [staff] });
    expect(await it.database.execute(`select reason from audit_event where action = 'account.adopted'`)).toMatchObject([
      { reason: { target: 'crm', by: 'decision' } },
    ]);
    await it.reconcile();
    expect((await it.open()).filter((one) => one.includes('zoe'))).toEqual([]);
  });

  test('an account that is no longer as it was found is not bound, and the finding says why', async () => {
    const make = (userName: string, key = '') =>
      it.connector.create({ userName, externalId: '', enabled: true, attributes: { ...it.target.attributes(userName), [it.target.key]: key } });
    const names = ['gone', 'renamed', 'marked-now', 'shielded', 'raced', 'away'];
    for (const name of names) await make(name);
    for (const name of ['ida', 'ivo', 'uma']) await it.says(name, { isProvisioned: false });
    await make('by-key', 'ivo');
    await it.reconcile();
    expect(await found('by-key')).toMatchObject({ kind: 'ownable-account', identityId: it.idOf('ivo'), evidence: { ownedBy: 'keys' } });
    const ids = new Map<string, string>();
    const adopts = async (userName: string, name: string) => ids.set(userName, (await adopt(userName, it.idOf(name))).id);
    const result = async (userName: string) => adoptionOf(ids.get(userName) ?? '');
    /** The target shows something else by now. */
    const showing = (change: (found: ObservedAccount) => ObservedAccount | null): TargetConnector => ({
      ...it.connector,
      observe: async (...asked) => {
        const seen = await it.connector.observe(...asked);
        return seen === null ? null : change(seen);
      },
    });
    const cases: readonly (readonly [string, string, (found: ObservedAccount) => ObservedAccount | null])[] = [
      ['gone', 'gone', () => null],
      ['renamed', 'renamed', (seen) => ({ ...seen, userName: 'somebody-else' })],
      ['gone', 'gone', (seen) => ({ ...seen, nativeId: 'another' })],
      ['marked-now', 'marked', (seen) => ({ ...seen, externalId: it.idOf('ben') })],
    ];
    for (const [userName, code, change] of cases) {
      await adopts(userName, 'ida');
      await prove(showing(change));
      expect(await result(userName)).toMatchObject({ state: 'refused', code, message: expect.stringContaining('account'), nextAt: null });
    }
    await adopts('by-key', 'ivo');
    await prove(showing((seen) => ({ ...seen, attributes: { ...seen.attributes, [it.target.key]: 'somebody else' } })));
    expect(await result('by-key')).toMatchObject({ state: 'refused', code: 'other-keys' });
    await adopts('shielded', 'ida');
    const [id = ''] = await it.act((tx) => tx.findings.adoptions('crm', it.context().now, 100));
    await proveAdoption({ ...it, engine: it.configured({ protectedAccounts: ['shielded'] }) }, id);
    expect(await result('shielded')).toMatchObject({ state: 'refused', code: 'protected' });
    expect(await it.act((tx) => tx.access.account(it.idOf('ida'), 'crm'))).toMatchObject({ nativeId: null });

    // A target that is away is asked again; a second person cannot take the account meanwhile.
    await adopts('away', 'ida');
    await expect(adopt('away', it.idOf('uma'))).rejects.toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining('is being bound already') });
    await prove({ ...it.connector, observe: () => Promise.reject(new ConnectorUnavailable('no answer')) });
    expect(await result('away')).toMatchObject({ state: 'requested', code: 'CONNECTOR_UNAVAILABLE', attempts: 1 });
    it.ahead += 60_000;
    await prove();
    expect(await result('away')).toMatchObject({ state: 'adopted', code: null });
    // The person has an account by the time of the look.
    await it.act((tx) =>
      tx.findings.saveAdoption(ids.get('gone') ?? '', { ...requestedFor(it.idOf('ida')), requestedAt: it.context().now, nextAt: it.context().now }),
    );
    await prove();
    expect(await result('gone')).toMatchObject({ state: 'refused', code: 'not-possible', message: expect.stringContaining('has an account in crm already') });
    // Two accounts are bound to one person at once, and one account to two people: one of each is.
    await adopts('raced', 'uma');
    await adopts('renamed', 'uma');
    const due = await it.act((tx) => tx.findings.adoptions('crm', it.context().now, 100));
    await Promise.all([...due, ...due].map((one) => proveAdoption({ ...it }, one)));
    const states = [(await result('raced'))?.state, (await result('renamed'))?.state].sort();
    expect(states).toEqual(['adopted', 'refused']);
  });

  test('where they are to be adopted, the one person for whom adoptBy speaks gets the account, and all others are a case', async () => {
    const other = { attributes: { full_name: 'identity.employeeNumber' }, adoptBy: 'full_name' };
    const adopting = it.configured({ findings: { 'orphan-account': 'adopt', 'ownable-account': 'adopt' } }, other);
    const make = (userName: string, value: string) =>
      it.connector.create({ userName, externalId: 'by hand', enabled: false, attributes: it.target.attributes(value) });
    await make('y.old', 'yan');
    await make('z.old', 'nobody at all');
    const yan = await it.says('yan', { isProvisioned: false });
    await it.act((tx) => decideIdentity(tx, adopting, yan, 'record'));
    await it.reconcile(adopting);
    expect(await it.act((tx) => tx.access.account(yan, 'crm'))).toMatchObject({ nativeId: expect.any(String) });
    const adopted = await it.database.execute(`select identity_id, reason from audit_event where action = 'account.adopted' and reason->>'by' = 'adoptBy'`);
    expect(adopted).toMatchObject([{ identity_id: yan, reason: { target: 'crm' } }]);
    expect((await it.open()).filter((one) => one.startsWith('orphan-account'))).toContain('orphan-account z.old');
    expect((await it.open()).filter((one) => one.includes('y.old'))).toEqual([]);
    await it.carryOut(adopting);
    expect(await it.target.look('y.old')).toMatchObject({ enabled: true, groups: [staff] });
  });
});

/** An adoption as it is requested, but for its times. */
function requestedFor(identityId: string): Omit<RequestedAdoption, 'requestedAt' | 'nextAt'> {
  return { state: 'requested', identityId, requestedBy: 'person admin', code: null, message: null, attempts: 0, settledAt: null };
}
