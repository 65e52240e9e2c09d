import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Difference, EvaluatedReading } from '@tenure/domain';
import { beginRun, finishRun } from '@tenure/engine/reconciliation';
import type { ReconciliationRun, Transaction } from '@tenure/store';
import { createTestApi, type TestApi } from './api.ts';

interface Page {
  readonly edges: readonly { readonly node: { readonly id: string } }[];
  readonly pageInfo: { readonly endCursor: string };
}

describe('reconciliation in GraphQL', () => {
  let api: TestApi;
  let ann: string;
  const tokens: Record<string, string> = {};

  beforeAll(async () => {
    api = await createTestApi({});
    for (const department of ['Admin', 'Operator', 'Auditor', 'Finance']) tokens[department] = (await api.person(department)).token;
    ann = (await api.person('Finance')).id;
  });
  afterAll(() => api.stop());

  const ask = (query: string, department = 'Operator') => api.graphql(query, { token: tokens[department] ?? null });
  const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
    api.store.transaction({ actor: { kind: 'system', id: 'worker' }, correlationId: 'run', now: api.now }, work);
  const difference = (subject: string, more: Partial<Difference> = {}): Difference => ({
    kind: 'orphan-account',
    subject,
    name: '',
    identityId: null,
    accountId: null,
    nativeId: subject,
    userName: `user-${subject}`,
    isUrgent: false,
    isProven: true,
    evidence: { enabled: true, seenBy: 'listing' },
    ...more,
  });
  /** A run as a worker makes it, without a target. */
  async function run(differences: readonly Difference[], evaluated: EvaluatedReading = { verdict: 'complete', reasons: [] }): Promise<ReconciliationRun> {
    return act(async (tx) => {
      const begun = await beginRun(tx, 'crm');
      const opened = await tx.findings.see('crm', begun.id, differences, tx.context.now);
      return finishRun(tx, begun, evaluated, { found: differences.length, opened, unproven: 1 }, true);
    });
  }

  test('a run is requested once for each target, audited, by operators alone', async () => {
    const mutation = (more = '') =>
      `mutation { reconcileTarget(target: "crm", reason: "Restored from a backup"${more}) { id target trigger reason expectsFewer requestedAt startedAt verdict reasons } }`;
    const { data } = await ask(mutation());
    const asked = (data as unknown as { readonly reconcileTarget: { readonly id: string } }).reconcileTarget;
    const waiting = { target: 'crm', trigger: 'REQUEST', reason: 'Restored from a backup', requestedAt: api.now, startedAt: null, verdict: null, reasons: [] };
    expect(asked).toMatchObject({ ...waiting, expectsFewer: false });
    expect((await ask(mutation(', expectFewer: true'), 'Admin')).data).toMatchObject({ reconcileTarget: { id: asked.id, expectsFewer: true } });
    expect(await api.database.execute(`select reason from audit_event where action = 'reconciliation.requested' order by position`)).toMatchObject([
      { reason: { target: 'crm', runId: asked.id, expectsFewer: false } },
      { reason: { target: 'crm', runId: asked.id, expectsFewer: true } },
    ]);
    for (const department of ['Auditor', 'Finance']) expect((await ask(mutation(), department)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    const misspelt = await ask('mutation { reconcileTarget(target: "crn", reason: "x") { id } }');
    expect(misspelt.errors[0]).toMatchObject({ message: expect.stringContaining('did you mean crm'), extensions: { code: 'INPUT_INVALID' } });
  });

  test('runs and findings are told with their filters and pages, to those who may read everything', async () => {
    const accountId = randomUUID();
    const known = { identityId: ann, accountId, userName: null };
    const first = await run([
      difference('1'),
      difference('2'),
      difference(accountId, {
        ...known,
        kind: 'entitlement-outside-policy',
        name: 'finance',
        evidence: { enabled: true, desired: 'enabled', seenBy: 'listing' },
      }),
      difference(ann, { ...known, kind: 'leaver-account', isUrgent: true }),
    ]);
    const second = await run([difference('1')], { verdict: 'partial', reasons: ['hidden-accounts'] });
    const third = await run([difference('1'), difference('2')]);
    const runs = await ask(
      '{ reconciliationRuns(filter: { target: "crm" }, first: 2) { edges { node { id verdict reasons accounts announcedTotal found opened closed unproven } } pageInfo { hasNextPage endCursor } } }',
      'Auditor',
    );
    const pageOf = ({ data }: { readonly data: unknown }): Page => (data as { readonly reconciliationRuns: Page }).reconciliationRuns;
    const page = pageOf(runs);
    expect(page).toMatchObject({ pageInfo: { hasNextPage: true } });
    const rest = await ask(`{ reconciliationRuns(first: 2, after: "${page.pageInfo.endCursor}") { edges { node { id } } } }`);
    const nodes = [...page.edges, ...pageOf(rest).edges].map(({ node }) => node);
    expect(nodes.map(({ id }) => id).sort()).toEqual([first.id, second.id, third.id].sort());
    expect((await ask('{ reconciliationRuns(filter: { verdict: PARTIAL }) { edges { node { id reasons closed } } } }')).data).toMatchObject({
      reconciliationRuns: { edges: [{ node: { id: second.id, reasons: ['HIDDEN_ACCOUNTS'], closed: 0 } }] },
    });
    const findings = (filter: string) =>
      ask(
        `{ findings(filter: { target: "crm", ${filter} }) { totalCount edges { node { kind name userName nativeId isUrgent evidence runId closedRunId identity { id } } } } }`,
      );
    expect((await findings('status: OPEN')).data).toMatchObject({
      findings: { totalCount: 2, edges: [{ node: { kind: 'ORPHAN_ACCOUNT', name: null, runId: third.id, identity: null } }, {}] },
    });
    expect((await findings(`identityId: "${ann}", kind: ENTITLEMENT_OUTSIDE_POLICY`)).data).toMatchObject({
      findings: {
        totalCount: 1,
        edges: [{ node: { name: 'finance', userName: null, isUrgent: false, evidence: { desired: 'enabled' }, closedRunId: third.id, identity: { id: ann } } }],
      },
    });
    expect((await findings('kind: LEAVER_ACCOUNT, status: CLOSED')).data).toMatchObject({
      findings: { edges: [{ node: { isUrgent: true, runId: first.id } }] },
    });
    expect((await ask('{ findings(filter: { target: "crn" }) { totalCount } }')).errors[0]).toMatchObject({ extensions: { code: 'INPUT_INVALID' } });
    for (const query of ['{ findings { totalCount } }', '{ reconciliationRuns { pageInfo { hasNextPage } } }'])
      expect((await ask(query, 'Finance')).errors[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('a target that was not read completely is a case that says what to do', async () => {
    await run([], { verdict: 'not-believed', reasons: ['shrunken'] });
    const { data } = await ask('{ cases(filter: { kinds: [TARGET_NOT_READ], status: OPEN }) { edges { node { evidence actions { mutation with needs } } } } }');
    expect(data).toMatchObject({
      cases: {
        edges: [
          {
            node: {
              evidence: { target: 'crm', verdict: 'not-believed', reasons: ['shrunken'] },
              actions: expect.arrayContaining([{ mutation: 'reconcileTarget', with: { target: 'crm' }, needs: ['reason'] }]),
            },
          },
        ],
      },
    });
  });

  test('findings are ignored, corrected and restored by operators; what a case offers is what works', async () => {
    await run([difference('41'), difference('42')]);
    const { data: cases } = await ask(
      '{ cases(filter: { kinds: [RECONCILIATION_FINDINGS], status: OPEN }) { edges { node { evidence actions { mutation with needs } } } } }',
    );
    expect(JSON.stringify(cases)).toContain('"mutation":"correctFindings"');
    const about = { target: 'crm', kind: 'ORPHAN_ACCOUNT' };
    expect(cases).toMatchObject({
      cases: {
        edges: [
          {
            node: {
              actions: expect.arrayContaining([
                { mutation: 'correctFindings', with: about, needs: ['reason'] },
                { mutation: 'ignoreFindings', with: { input: about }, needs: ['input.until', 'input.reason'] },
              ]),
            },
          },
        ],
      },
    });
    const until = new Date(Date.parse(api.now) + 86_400_000).toISOString();
    const ignored = await ask(
      `mutation { ignoreFindings(input: { target: "crm", kind: ORPHAN_ACCOUNT, until: "${until}", reason: "Until the migration" }) { id until ownerId kind } }`,
    );
    expect(ignored.data).toMatchObject({ ignoreFindings: { until, kind: 'ORPHAN_ACCOUNT', ownerId: expect.any(String) } });
    expect((await ask('{ findings(filter: { target: "crm", status: OPEN }) { edges { node { ignoredUntil } } } }')).data).toMatchObject({
      findings: { edges: [{ node: { ignoredUntil: until } }, { node: { ignoredUntil: until } }] },
    });
    expect((await ask('{ cases(filter: { kinds: [RECONCILIATION_FINDINGS], status: OPEN }) { totalCount } }')).data).toEqual({ cases: { totalCount: 0 } });
    const { id } = (ignored.data as unknown as { readonly ignoreFindings: { readonly id: string } }).ignoreFindings;
    await ask(`mutation { stopIgnoringFindings(id: "${id}", reason: "The migration is over") { endedAt endReason } }`);
    expect((await ask('{ ignoredFindings(filter: { isActive: false }) { edges { node { id endReason } } } }')).data).toMatchObject({
      ignoredFindings: { edges: [{ node: { id, endReason: 'The migration is over' } }] },
    });
    const both = await ask(`mutation { ignoreFindings(input: { findingId: "${id}", target: "crm", until: "${until}", reason: "x" }) { id } }`);
    expect(both.errors[0]?.extensions.code).toBe('INPUT_INVALID');
    const corrected = await ask(
      'mutation { correctFindings(target: "crm", kind: ORPHAN_ACCOUNT, reason: "Nobody knows them") { status corrects people plan { changes { kind people } } } }',
    );
    expect(corrected.data).toMatchObject({ correctFindings: { status: 'APPROVED', corrects: 'crm', people: 2 } });
    const [finding] = await act((tx) => tx.findings.page({ target: 'crm', status: 'open' }, 1, null));
    const planned = { id: randomUUID(), target: 'crm', nativeId: finding?.nativeId ?? '', userName: 'user-42', findingId: finding?.id ?? '', batchId: null };
    await act((tx) => tx.quarantinedAccounts.plan([planned], 'test', api.now));
    expect((await ask(`mutation { restoreAccount(id: "${planned.id}", reason: "It is ours") { state memberships restoreReason } }`)).data).toEqual({
      restoreAccount: { state: 'RESTORED', memberships: [], restoreReason: 'It is ours' },
    });
    expect((await ask('{ quarantinedAccounts(filter: { target: "crm", isOpen: false }) { totalCount } }')).data).toEqual({
      quarantinedAccounts: { totalCount: 1 },
    });
  });

  test('a target in use is observed: its plan, switching on and back, by operators alone', async () => {
    await act(async (tx) => {
      const mode = { target: 'crm', mode: 'observe', why: 'in-use', by: 'system worker', reason: null, configured: null } as const;
      await tx.targetModes.set(mode, tx.context.now);
    });
    const { data } = await ask(
      '{ targets { name mode { mode why setBy reason } } targetPlan(target: "crm") { mode totalCount counts { kind people } people { edges { node { identityId before after isObserved changes { kind names } } } } } }',
      'Auditor',
    );
    expect(data).toMatchObject({
      targets: [{ name: 'crm', mode: { mode: 'OBSERVE', why: 'IN_USE', reason: null } }],
      targetPlan: { mode: 'OBSERVE', counts: expect.arrayContaining([expect.objectContaining({ kind: 'CREATE' })]) },
    });
    const { data: account } = await ask(`{ identity(id: "${ann}") { accounts { target status isConfirmed driftedAt } } }`);
    expect(account).toMatchObject({ identity: { accounts: [{ target: 'crm', status: 'OBSERVED_ONLY', isConfirmed: false, driftedAt: null }] } });
    const switchOn = 'mutation { switchOnTarget(target: "crm", reason: "ready") { id status switchesOn plan { people } } }';
    expect((await ask(switchOn, 'Auditor')).errors[0]?.extensions.code).toBe('FORBIDDEN');
    await api.database.execute('delete from reconciliation_run');
    expect((await ask(switchOn)).errors[0]).toMatchObject({ extensions: { code: 'INPUT_INVALID' } });
    await run([]);
    expect((await ask(switchOn)).data).toMatchObject({ switchOnTarget: { status: 'APPROVED', switchesOn: 'crm' } });
    expect((await ask('{ targets { mode { mode why reason } } }')).data).toMatchObject({
      targets: [{ mode: { mode: 'ENFORCE', why: 'SWITCHED_ON', reason: 'ready' } }],
    });
    const observe = 'mutation { observeTarget(target: "crm", reason: "wait") { mode why reason } }';
    expect((await ask(observe, 'Finance')).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await ask(observe)).data).toMatchObject({ observeTarget: { mode: 'OBSERVE', why: 'SWITCHED_BACK', reason: 'wait' } });
    expect((await ask('mutation { observeTarget(target: "cmr", reason: "wait") { mode } }')).errors[0]?.message).toContain('crm');
    const told = await api.database.execute(`select reason->>'mode' as mode from audit_event where action = 'target.modeSet' order by position`);
    expect(told.map(({ mode }) => mode)).toEqual(['enforce', 'observe']);
  });
});
