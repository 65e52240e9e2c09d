import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { approveBatch, approveBatchAs, discardBatch, undoBatchAs } from '@tenure/engine/batches';
import type { Caller } from '@tenure/engine/callers';
import type { BatchChange } from '@tenure/store';
import { callerWith, type Correcting, startCorrecting } from './testing/correcting.ts';
import { ofEachKind } from './testing/used-target.ts';

const people = ['ann', 'ben', 'cleo', 'dan', 'eve'] as const;
/** More than two accounts of one kind wait for approval. */
const budget = { targets: { crm: { lose: { count: 2 }, disable: { count: 2 }, update: { count: 2 } } } };
const all = {
  'leaver-account': 'correct',
  'missing-account': 'correct',
  'account-enabled': 'correct',
  'account-disabled': 'correct',
  'attribute-drift': 'correct',
  'entitlement-outside-policy': 'correct',
  'entitlement-missing': 'correct',
} as const;

describe.each(ofEachKind)('%s: findings are corrected as one batch change', (_kind, start) => {
  let it: Correcting;
  beforeAll(async () => {
    it = await startCorrecting(start, { budget });
    for (const name of people) await it.says(name);
    // The target has shown a member of each group: so it can show that somebody is none.
    await it.says('hal', { department: 'Finance' });
  });
  afterAll(() => it?.stop());

  const ref = (name: string) => ({ nativeId: null, userName: it.userNameOf(name) });
  const look = (name: string) => it.target.look(it.userNameOf(name));
  /** Changes memberships behind Tenure's back, one after the other: the SCIM service is no better than others at concurrent writes of a group. */
  const give = async (...names: readonly string[]): Promise<void> => {
    for (const name of names) await it.connector.addMember(it.target.groups[1], ref(name));
  };
  const take = async (...names: readonly string[]): Promise<void> => {
    for (const name of names) await it.connector.removeMember(it.target.groups[1], ref(name));
  };
  // Each test has the whole change budget of its own.
  beforeEach(() => {
    it.ahead += 7_200_000;
  });
  const newest = async (): Promise<BatchChange> => {
    const [batch] = await it.batches();
    if (batch === undefined) throw new Error('there is no batch change');
    return batch;
  };

  test('a membership given by hand is removed within the budget, read back, and its finding closed by the next run', async () => {
    const [staff, finance] = it.target.groups;
    const correcting = it.configured({ findings: all });
    await give('ann');
    expect(await it.reconcile(correcting)).toMatchObject({ verdict: 'complete', opened: 1 });
    expect(await newest()).toMatchObject({ standing: 'free', origin: { kind: 'corrections', target: 'crm' }, decidedBy: 'tenure', people: 1 });
    expect(await it.openCases()).toEqual([]);
    await it.carryOut(correcting);
    expect((await look('ann')).groups).toEqual([staff]);
    expect(await it.act((tx) => tx.access.account(it.idOf('ann'), 'crm'))).toMatchObject({ confirmedAt: expect.any(String) });
    expect(await it.reconcile(correcting)).toMatchObject({ verdict: 'complete', closed: 1, found: 0 });
    expect(await it.batches()).toHaveLength(1);
    const [item] = await it.act(async (tx) => tx.batchItems.page((await newest()).id, ['carried-out'], 10, null));
    expect(item).toMatchObject({ identityId: it.idOf('ann'), changes: [{ target: 'crm', kind: 'lose' }] });
    const audited = await it.database.execute(`select reason from audit_event where action = 'corrections.begun'`);
    expect(audited).toMatchObject([{ reason: { target: 'crm', accounts: 1, changes: ['lose 1'] } }]);
    const removed = await it.database.execute(`select reason from audit_event where action = 'account.removeMember'`);
    expect(removed).toMatchObject([{ reason: { target: 'crm', entitlement: finance } }]);
  });

  test('above the budget they wait, are refreshed by the next run, approved in part, and the rest is discarded', async () => {
    const correcting = it.configured({ findings: all });
    const [staff, finance] = it.target.groups;
    const groupsOf = async (name: string) => [...(await look(name)).groups].sort();
    await give('ann', 'ben', 'cleo');
    await it.reconcile(correcting);
    const waiting = await newest();
    expect(waiting).toMatchObject({ standing: 'held', people: 3, plan: { people: 3 } });
    expect(waiting.plan.changes).toContainEqual(expect.objectContaining({ target: 'crm', kind: 'lose', people: 3, isOver: true }));
    expect(await it.openCases()).toEqual(['change-budget']);
    await it.carryOut(correcting);
    expect(await groupsOf('ann')).toEqual([finance, staff].sort());
    // A later run refreshes it: one is gone, another has come.
    await take('ann');
    await give('dan');
    await it.reconcile(correcting);
    const refreshed = await newest();
    expect(refreshed).toMatchObject({ id: waiting.id, standing: 'held', people: 3 });
    expect(await it.act((tx) => tx.batchItems.tally([waiting.id]))).toEqual(new Map([[waiting.id, { pending: 3, carriedOut: 0, fellAway: 1, discarded: 0 }]]));
    const approve = (digest: string, part = {}) => approveBatch(it, it.context(), waiting.id, { digest, reason: 'They are right', part });
    await expect(approve(waiting.plan.digest)).rejects.toMatchObject({ code: 'BATCH_PLAN_CHANGED' });
    const { approval } = await approve(refreshed.plan.digest, { identityIds: [it.idOf('ben')] });
    expect(approval).toMatchObject({ scheduled: 1, left: 2 });
    await it.carryOut(correcting);
    expect(await groupsOf('ben')).toEqual([staff]);
    expect(await groupsOf('cleo')).toEqual([finance, staff].sort());
    await it.reconcile(correcting);
    expect(await it.open()).toEqual([`entitlement-outside-policy cleo ${finance}`, `entitlement-outside-policy dan ${finance}`]);
    // Somebody has decided against the rest: from now on they are cases, and no run corrects them by itself.
    await discardBatch(it, it.context(), waiting.id, 'They need it');
    await it.reconcile(correcting);
    await it.carryOut(correcting);
    expect(await groupsOf('cleo')).toEqual([finance, staff].sort());
    expect(await it.openCases()).toEqual(['entitlement-outside-policy 2']);
    expect((await it.batches()).filter(({ standing }) => standing === 'held')).toEqual([]);
    await take('cleo', 'dan');
    await it.reconcile(correcting);
    expect(await it.openCases()).toEqual([]);
  });

  test('what is gone in the target by the time of the approval falls away, and nothing else is done', async () => {
    const correcting = it.configured({ findings: all });
    const [staff] = it.target.groups;
    await give('ann', 'ben', 'cleo');
    await it.reconcile(correcting);
    const waiting = await newest();
    await take('ann', 'ben', 'cleo');
    await it.reconcile(correcting);
    expect(await newest()).toMatchObject({ id: waiting.id, standing: 'discarded', decidedBy: 'tenure' });
    await expect(approveBatch(it, it.context(), waiting.id, { digest: waiting.plan.digest, reason: 'x', part: {} })).rejects.toMatchObject({
      code: 'CASE_CLOSED',
    });
    for (const name of ['ann', 'ben', 'cleo']) expect((await look(name)).groups).toEqual([staff]);
  });

  test('accounts that are missing, disabled, enabled or changed, and those of leavers, are corrected alike; protected ones are not', async () => {
    const correcting = it.configured({ findings: all });
    const [staff] = it.target.groups;
    await it.says('eve', { status: 'ended' });
    await it.says('fay');
    await it.connector.delete(ref('ann'));
    await it.connector.disable(ref('ben'));
    await it.connector.update(ref('cleo'), { ...it.target.attributes('Somebody Else') }, it.idOf('cleo'));
    await it.connector.removeMember(staff, ref('dan'));
    await it.connector.enable(ref('eve'));
    await give('fay');
    const shielding = it.configured({ findings: all, protectedAccounts: [it.userNameOf('fay')] });
    await it.reconcile(correcting);
    const known = new Set((await it.open()).map((one) => one.split(' ')[0]));
    expect([...known].sort()).toEqual(
      ['account-disabled', 'attribute-drift', 'entitlement-missing', 'entitlement-outside-policy', 'leaver-account', 'missing-account'].sort(),
    );
    // It became protected between the plan and the carrying out.
    await it.carryOut(shielding);
    expect(await look('ann')).toMatchObject({ exists: true, enabled: true, groups: [staff] });
    expect(await look('ben')).toMatchObject({ enabled: true });
    expect(await look('dan')).toMatchObject({ groups: [staff] });
    expect(await look('eve')).toMatchObject({ enabled: false });
    expect((await look('fay')).groups).toHaveLength(2);
    const [obsolete] = await it.act(async (tx) => tx.batchItems.page((await newest()).id, ['fell-away'], 10, null));
    expect(obsolete).toMatchObject({ identityId: it.idOf('fay'), reason: 'protected' });
    expect(await it.reconcile(shielding)).toMatchObject({ verdict: 'complete' });
    expect(await it.open()).toEqual(['protected-account fay']);
  });

  test('a run that is shrunken, empty or lies leads to no correction', async () => {
    const correcting = it.configured({ findings: all });
    await take('fay');
    await it.reconcile(correcting);
    const before = (await it.batches()).length;
    const lies = [[], ['ann'], ['ann', 'ben']];
    for (const shown of lies) {
      const names = new Set(shown.map((name) => it.userNameOf(name)));
      await it.reconcile(correcting, {
        ...it.connector,
        list: async (page, entitlements) => {
          const answer = await it.connector.list(page, entitlements);
          const items = answer.items.filter(({ userName }) => names.has(userName)).map((one) => ({ ...one, enabled: false, entitlements: [] }));
          return { ...answer, items, total: answer.total === null ? null : items.length };
        },
      });
    }
    expect(await it.batches()).toHaveLength(before);
    await it.carryOut(correcting);
    for (const name of ['ann', 'ben', 'cleo', 'dan', 'fay']) expect(await look(name)).toMatchObject({ exists: true, enabled: true });
  });

  test('a finding that its correction did not remove is a case, and is not corrected again and again', async () => {
    const correcting = it.configured({ findings: all });
    await give('ann');
    await it.reconcile(correcting);
    // Somebody gives it again at once, however often it is taken.
    await it.carryOut(correcting);
    await give('ann');
    await it.database.execute("update account set confirmed_at = now(), desired_since = now() - interval '1 day'");
    it.ahead += 60_000;
    await it.reconcile(correcting);
    const batches = (await it.batches()).length;
    await it.reconcile(correcting);
    expect(await it.batches()).toHaveLength(batches);
    expect(await it.openCases()).toEqual(['entitlement-outside-policy 1']);
  });

  test('their undo gives back memberships that were taken from people, which nobody takes again until their end', async () => {
    const correcting = it.configured({ findings: all });
    const [staff, finance] = it.target.groups;
    const both = [finance, staff].sort();
    const groupsOf = async (name: string) => [...(await look(name)).groups].sort();
    const caller = (name: string, role: 'admin' | 'operator') => callerWith(role, it.idOf(name));
    await take('ann', 'ben', 'cleo', 'dan');
    await it.connector.removeMember(finance, ref('fay'));
    await it.reconcile(correcting);
    it.ahead += 7_200_000;
    await give('ben', 'dan');
    await it.reconcile(correcting);
    await it.carryOut(correcting);
    const [batch] = await it.batches();
    const id = batch?.id ?? '';
    expect(await groupsOf('ben')).toEqual([staff]);
    expect(await groupsOf('dan')).toEqual([staff]);
    await it.says('dan', { status: 'ended' });

    const undo = (by: Caller, kept = {}) => undoBatchAs({ ...it, caller: by }, it.context(), id, 'They needed it', kept);
    const fallen = async (undoId: string) =>
      Object.fromEntries((await it.act((tx) => tx.batchItems.page(undoId, ['fell-away'], 10, null))).map((one) => [one.identityId, one.reason]));
    // An operator does not decide that somebody keeps access, nor does anybody for themselves; and somebody has to answer for it.
    for (const by of [caller('hal', 'operator'), caller('ben', 'admin'), callerWith('admin', null)])
      await expect(undo(by)).rejects.toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining('1 not-permitted') });
    await expect(undo(caller('hal', 'admin'), { until: new Date(Date.now() + it.ahead + 400 * 86_400_000).toISOString() })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
    const planned = await undo(caller('hal', 'admin'));
    expect(planned).toMatchObject({ standing: 'held', people: 1 });
    expect(planned.plan.changes).toContainEqual(expect.objectContaining({ target: 'crm', kind: 'gain', people: 1 }));
    expect(await fallen(planned.id)).toEqual({ [it.idOf('dan')]: 'newer' });
    expect(await groupsOf('ben')).toEqual([staff]);
    const approve = (by: Caller) => approveBatchAs({ ...it, caller: by }, it.context(), planned.id, { digest: planned.plan.digest, reason: 'Seen', part: {} });
    await expect(approve(caller('ben', 'admin'))).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('for yourself') });
    await approve(caller('hal', 'admin'));
    await it.carryOut(correcting);
    expect(await groupsOf('ben')).toEqual(both);
    expect(await groupsOf('dan')).not.toContain(finance);
    const [grant] = (await it.act((tx) => tx.access.currentGrants([it.idOf('ben')]))).filter(({ name }) => name === 'finance');
    expect(grant).toMatchObject({ validUntil: expect.any(String), origins: [{ kind: 'request' }] });
    expect(await it.act((tx) => tx.requests.whole([grant?.origins[0]?.name ?? '']))).toMatchObject([
      { request: { requestedBy: it.idOf('hal'), justification: 'They needed it' }, items: [{ rule: 'found access', validUntil: grant?.validUntil }] },
    ]);
    // Neither the next decision nor the next runs take it again, or find it.
    await it.says('ben');
    const batches = (await it.batches()).length;
    for (const _run of [1, 2]) {
      it.ahead += 7_200_000;
      await it.reconcile(correcting);
      await it.carryOut(correcting);
    }
    expect(await it.batches()).toHaveLength(batches);
    expect(await groupsOf('ben')).toEqual(both);
    expect((await it.open()).filter((one) => one.includes('ben'))).toEqual([]);
    // Undone once, nothing is left; and its end is a bound like any other.
    await expect(undo(caller('hal', 'admin'))).rejects.toMatchObject({ message: expect.stringContaining('nothing of the batch change is left') });
    it.ahead += 91 * 86_400_000;
    await it.says('ben');
    expect(await groupsOf('ben')).toEqual([staff]);
  });
});
