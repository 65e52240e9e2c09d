import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { TargetConnector } from '@tenure/connectors';
import { ConnectorRefused, ConnectorUnavailable } from '@tenure/domain';
import { approveBatch, undoBatchAs } from '@tenure/engine/batches';
import { restoreAccount, workOnQuarantine, proposeCorrections } from '@tenure/engine/corrections';
import type { Engine } from '@tenure/engine/decide';
import type { QuarantinedAccount } from '@tenure/store';
import { callerWith, type Correcting, startCorrecting } from './testing/correcting.ts';
import { ofEachKind } from './testing/used-target.ts';

const day = 86_400_000;

describe.each(ofEachKind)('%s: an account of nobody is put into quarantine', (_kind, start) => {
  let it: Correcting;
  let correcting: Engine;
  beforeAll(async () => {
    it = await startCorrecting(start);
    for (const name of ['ann', 'ben', 'cleo', 'dan']) await it.says(name);
    await it.says('hal', { department: 'Finance' });
    correcting = it.configured({ findings: { 'orphan-account': 'correct' }, grace: 30 * day });
  });
  afterAll(() => it?.stop());
  beforeEach(() => {
    it.ahead += 7_200_000;
  });

  const ref = (userName: string) => ({ nativeId: null, userName });
  const make = async (userName: string, externalId = 'by hand') => {
    await it.connector.create({ userName, externalId, enabled: true, attributes: it.target.attributes(userName) });
    for (const group of it.target.groups) await it.connector.addMember(group, ref(userName));
  };
  /** Works on everything that is due. @param connector in place of the target's own */
  const work = async (connector: TargetConnector = it.connector, engine = correcting): Promise<void> => {
    for (const { id } of await it.act((tx) => tx.quarantinedAccounts.due('crm', it.context().now, 100)))
      await workOnQuarantine({ store: it.store, engine, connector, context: it.context, beforeChange: () => Promise.resolve() }, id);
  };
  const quarantined = async (userName: string): Promise<QuarantinedAccount> => {
    const found = await it.act((tx) => tx.quarantinedAccounts.page({ target: 'crm' }, 100, null));
    const one = found.find((account) => account.userName === userName);
    if (one === undefined) throw new Error(`${userName} is not in quarantine`);
    return one;
  };
  const intoQuarantine = async (userName: string, externalId?: string): Promise<QuarantinedAccount> => {
    await make(userName, externalId);
    await it.reconcile(correcting);
    await it.carryOut(correcting);
    await work();
    return quarantined(userName);
  };
  const everything = () => it.target.groups.toSorted();

  test('it is disabled, loses its managed memberships, and is deleted after its grace', async () => {
    await make('stray');
    await it.reconcile(correcting);
    expect(await it.batches()).toMatchObject([
      {
        standing: 'free',
        plan: {
          changes: [
            { kind: 'disable', people: 1 },
            { kind: 'disable', people: 1 },
          ],
        },
      },
    ]);
    await it.carryOut(correcting);
    await work();
    expect(await it.target.look('stray')).toEqual({ exists: true, enabled: false, groups: [] });
    const account = await quarantined('stray');
    expect(account).toMatchObject({ state: 'quarantined', wasEnabled: true, failure: null, nextAt: account.deleteAt });
    expect(account.memberships?.map(({ entitlement }) => entitlement).sort()).toEqual(everything());
    // Later runs find it still, which needs nobody, and no second batch change.
    await it.reconcile(correcting);
    expect(await it.batches()).toHaveLength(1);
    expect(await it.openCases()).toEqual([]);
    it.ahead += 29 * day;
    await work();
    expect(await it.target.look('stray')).toMatchObject({ exists: true, enabled: false });
    it.ahead += 2 * day;
    await work();
    expect(await it.target.look('stray')).toMatchObject({ exists: false });
    expect(await quarantined('stray')).toMatchObject({ state: 'deleted', endReason: 'grace-over', endedAt: expect.any(String) });
    await it.reconcile(correcting);
    expect(await it.open()).toEqual([]);
    const audited = await it.database.execute(`select action from audit_event where subject_kind = 'quarantine' order by position`);
    expect(audited).toEqual([{ action: 'quarantine.begun' }, { action: 'quarantine.deleted' }]);
  });

  test('it can be restored with its memberships, and stays a case afterwards', async () => {
    const { id } = await intoQuarantine('back');
    await it.act((tx) => restoreAccount(tx, id, 'It belongs to the scanner'));
    await work();
    const state = await it.target.look('back');
    expect(state).toMatchObject({ exists: true, enabled: true });
    expect([...state.groups].sort()).toEqual(everything());
    expect(await quarantined('back')).toMatchObject({ state: 'restored', endReason: 'restored' });
    await expect(it.act((tx) => restoreAccount(tx, id, 'again'))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    const batches = (await it.batches()).length;
    await it.reconcile(correcting);
    expect(await it.batches()).toHaveLength(batches);
    expect(await it.openCases()).toEqual(['orphan-account 1']);
    await it.connector.delete(ref('back'));
    await it.reconcile(correcting);
    expect(await it.openCases()).toEqual([]);
  });

  test('one that was restored stays so when a listing leaves it out once, and so does one that waits for a person', async () => {
    const { id } = await intoQuarantine('kept');
    await intoQuarantine('opened');
    await it.act((tx) => restoreAccount(tx, id, 'It belongs to the scanner'));
    await work();
    await it.connector.enable(ref('opened'));
    await it.reconcile(correcting);
    await work();
    const [cases, batches] = [await it.openCases(), (await it.batches()).length];
    expect(cases).toEqual(['orphan-account 1', 'quarantine-failed']);
    const leavingOut: TargetConnector = {
      ...it.connector,
      async list(page, entitlements) {
        const listed = await it.connector.list(page, entitlements);
        const items = listed.items.filter(({ userName }) => !['kept', 'opened'].includes(userName));
        return { ...listed, items, total: listed.total === null ? null : listed.total - listed.items.length + items.length };
      },
    };
    expect(await it.reconcile(correcting, leavingOut)).toMatchObject({ verdict: 'complete', closed: 0 });
    expect(await it.openCases()).toEqual(cases);
    await it.reconcile(correcting);
    await work();
    expect(await it.batches()).toHaveLength(batches);
    expect(await it.target.look('kept')).toMatchObject({ enabled: true });
    expect(await quarantined('kept')).toMatchObject({ state: 'restored' });
    expect(await quarantined('opened')).toMatchObject({ state: 'quarantined', failure: { code: 'enabled' } });
    for (const name of ['kept', 'opened']) await it.connector.delete(ref(name));
    await it.reconcile(correcting);
    expect(await it.openCases()).toEqual([]);
  });

  test('the undo of its batch change brings it back with its memberships', async () => {
    const enforcing = it.configured({ findings: { 'orphan-account': 'correct', 'entitlement-outside-policy': 'correct' }, grace: 30 * day });
    await make('undone');
    await make('gone');
    const [, finance = ''] = it.target.groups;
    await it.connector.addMember(finance, ref(it.userNameOf('ann')));
    await it.reconcile(enforcing);
    await it.carryOut(enforcing);
    await work();
    expect(await it.target.look('undone')).toEqual({ exists: true, enabled: false, groups: [] });
    const [batch] = await it.batches();
    await it.act((tx) => tx.batchRuns.finished(batch?.id ?? '', it.context().now));
    await it.act(async (tx) => restoreAccount(tx, (await quarantined('gone')).id, 'It belongs to the scanner'));
    const undo = await undoBatchAs({ ...it, caller: callerWith('admin', null) }, it.context(), batch?.id ?? '', 'These belong to the scanners');
    expect(undo).toMatchObject({ standing: 'held', people: 1 });
    expect(undo.plan.changes).toContainEqual(expect.objectContaining({ target: 'crm', kind: 'enable', people: 1 }));
    const reasons = (await it.act((tx) => tx.batchItems.page(undo.id, ['fell-away'], 10, null))).map(({ reason }) => reason);
    // Nobody answers for memberships that a token without a person would give back.
    expect([...reasons].sort()).toEqual(['newer', 'not-permitted']);
    expect(await quarantined('undone')).toMatchObject({ state: 'quarantined' });
    await approveBatch(it, it.context(), undo.id, { digest: undo.plan.digest, reason: 'Seen', part: {} });
    await it.carryOut(enforcing);
    await work();
    const state = await it.target.look('undone');
    expect(state).toMatchObject({ exists: true, enabled: true });
    expect([...state.groups].sort()).toEqual(everything());
    expect((await it.target.look(it.userNameOf('ann'))).groups).not.toContain(finance);
    await expect(undoBatchAs({ ...it, caller: callerWith('admin', null) }, it.context(), undo.id, 'again')).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    for (const name of ['undone', 'gone']) await it.connector.delete(ref(name));
    await it.reconcile(correcting);
  });

  test('one that becomes a person’s, or protected, between the plan and the carrying out is not touched', async () => {
    await make('owned');
    await make('taken');
    await make('svc-new');
    await it.reconcile(correcting);
    await it.carryOut(correcting);
    const native = (await quarantined('owned')).nativeId;
    const dan = await it.act((tx) => tx.access.account(it.idOf('dan'), 'crm'));
    if (dan === null) throw new Error('dan has no account');
    await it.act((tx) => tx.access.saveAccount({ ...dan, nativeId: native }));
    // Somebody has written a person's mark into it meanwhile.
    const marking: TargetConnector = {
      ...it.connector,
      observe: async (asked, memberships) => {
        const found = await it.connector.observe(asked, memberships);
        return found?.userName === 'taken' ? { ...found, externalId: it.idOf('cleo') } : found;
      },
    };
    await work(marking, it.configured({ findings: { 'orphan-account': 'correct' }, protectedAccounts: ['SVC-new'] }));
    const reasons = await Promise.all(['owned', 'taken', 'svc-new'].map(async (name) => (await quarantined(name)).endReason));
    expect(reasons).toEqual(['known', 'marked', 'protected']);
    for (const name of ['owned', 'taken', 'svc-new']) {
      const state = await it.target.look(name);
      expect(state).toMatchObject({ exists: true, enabled: true });
      expect([...state.groups].sort()).toEqual(everything());
    }
    await it.act((tx) => tx.access.saveAccount(dan));
    for (const name of ['owned', 'taken', 'svc-new']) await it.connector.delete(ref(name));
    await it.reconcile(correcting);
  });

  test('an id that the target has given to somebody else’s account is not deleted: a case says so', async () => {
    const account = await intoQuarantine('reused');
    it.ahead += 31 * day;
    await work({
      ...it.connector,
      observe: async (asked, memberships) => {
        const found = await it.connector.observe(asked, memberships);
        return found === null || asked.nativeId !== account.nativeId ? found : { ...found, userName: 'somebody.else' };
      },
    });
    expect(await it.target.look('reused')).toMatchObject({ exists: true });
    expect(await quarantined('reused')).toMatchObject({ state: 'quarantined', failure: { code: 'renamed' }, nextAt: null, endedAt: null });
    expect(await it.openCases()).toEqual(['quarantine-failed']);
    await it.act((tx) => restoreAccount(tx, account.id, 'To be looked at'));
    await work();
    expect(await it.target.look('reused')).toMatchObject({ enabled: true });
    expect(await it.openCases()).toEqual([]);
    await it.connector.delete(ref('reused'));
    await it.reconcile(correcting);
  });

  test('one that somebody enables behind Tenure’s back is found, and is not deleted', async () => {
    await intoQuarantine('undead');
    await it.connector.enable(ref('undead'));
    await it.reconcile(correcting);
    await work();
    expect(await it.openCases()).toEqual(['quarantine-failed']);
    it.ahead += 31 * day;
    await work();
    expect(await it.target.look('undead')).toMatchObject({ exists: true, enabled: true });
    expect(await quarantined('undead')).toMatchObject({ failure: { code: 'enabled' } });
    await it.connector.delete(ref('undead'));
  });

  test('one that a listing shows as it was before is looked at alone, and stays where it is', async () => {
    await intoQuarantine('stale');
    const old: TargetConnector = {
      ...it.connector,
      async list(page, entitlements) {
        const listed = await it.connector.list(page, entitlements);
        return { ...listed, items: listed.items.map((one) => (one.userName === 'stale' ? { ...one, enabled: true } : one)) };
      },
    };
    await it.reconcile(correcting, old);
    await work();
    expect(await it.openCases()).toEqual([]);
    const account = await quarantined('stale');
    expect(account).toMatchObject({ state: 'quarantined', failure: null, nextAt: account.deleteAt });
    expect(await it.target.look('stale')).toMatchObject({ enabled: false });
    it.ahead += 31 * day;
    await work();
    expect(await quarantined('stale')).toMatchObject({ state: 'deleted' });
    await it.reconcile(correcting);
  });

  test('one that a run has listed before it was disabled is not taken for enabled again', async () => {
    await intoQuarantine('earlier');
    const run = await it.act((tx) => tx.reconciliationRuns.lastComplete('crm'));
    await it.act(async (tx) => (run === null ? null : proposeCorrections(tx, it.engine, run)));
    expect(await it.openCases()).toEqual([]);
    expect(await quarantined('earlier')).toMatchObject({ state: 'quarantined', failure: null });
    await it.connector.delete(ref('earlier'));
  });

  test('one that is enabled without a run in between is not deleted either', async () => {
    await intoQuarantine('awake');
    it.ahead += 31 * day;
    await it.connector.enable(ref('awake'));
    await work();
    expect(await it.target.look('awake')).toMatchObject({ exists: true });
    expect(await quarantined('awake')).toMatchObject({ failure: { code: 'enabled' } });
    // Somebody deletes both by hand: nobody has to look at them any more.
    await it.connector.delete(ref('awake'));
    await it.reconcile(correcting);
    expect(await it.openCases()).toEqual([]);
    expect(await quarantined('awake')).toMatchObject({ state: 'released', endReason: 'gone' });
  });

  test('a target that refuses to disable is a case and keeps the memberships; one that is away is tried again', async () => {
    await make('stuck');
    await it.reconcile(correcting);
    await it.carryOut(correcting);
    const failing = (error: Error): TargetConnector => ({ ...it.connector, disable: () => Promise.reject(error) });
    await work(failing(new ConnectorUnavailable('crm: it answered HTTP 503', { target: 'crm' })));
    const waiting = await quarantined('stuck');
    expect(waiting).toMatchObject({ state: 'planned', attempts: 1, failure: null });
    expect(waiting.nextAt === null ? '' : waiting.nextAt > it.context().now).toBe(true);
    it.ahead += 60_000;
    await work(failing(new ConnectorRefused('crm: it must not be disabled', { target: 'crm' })));
    expect(await quarantined('stuck')).toMatchObject({ state: 'planned', failure: { code: 'CONNECTOR_REFUSED' }, nextAt: null });
    const state = await it.target.look('stuck');
    expect(state.enabled).toBe(true);
    expect([...state.groups].sort()).toEqual(everything());
    expect(await it.openCases()).toContain('quarantine-failed');
    await it.connector.delete(ref('stuck'));
  });

  test('a worker that is lost half way goes on, and knows what it has taken before', async () => {
    await make('half');
    await it.reconcile(correcting);
    await it.carryOut(correcting);
    const [first] = it.target.groups;
    let left = 1;
    const dying: TargetConnector = {
      ...it.connector,
      removeMember: async (...asked) => {
        if (left === 0) throw new Error('the worker is gone');
        left -= 1;
        await it.connector.removeMember(...asked);
      },
    };
    await expect(work(dying)).rejects.toThrow('the worker is gone');
    expect((await it.target.look('half')).groups).toHaveLength(1);
    await work();
    const account = await quarantined('half');
    expect(account).toMatchObject({ state: 'quarantined', wasEnabled: true });
    expect(account.memberships?.map(({ entitlement }) => entitlement).sort()).toEqual(everything());
    await it.act((tx) => restoreAccount(tx, account.id, 'wrong one'));
    await work();
    const state = await it.target.look('half');
    expect(state).toMatchObject({ enabled: true });
    expect(state.groups).toContain(first);
    await it.connector.delete(ref('half'));
  });
});
