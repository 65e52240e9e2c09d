import { randomUUID } from 'node:crypto';
import { protectedNamesOf } from '@tenure/config';
import { isCorrectable } from '@tenure/domain';
import type { Finding, Transaction } from '@tenure/store';
import { type CarryOutDependencies, carryOutItems, waitAgain } from '../batches/carry-out-items.ts';
import type { Engine } from '../decide/engine.ts';
import { isObserved } from '../reconciliation/is-observed.ts';
import { correctAccounts } from '../reconciliation/correct-accounts.ts';

/**
 * Carries out corrections that are approved, or that needed no approval: accounts of known people are given to the ordinary path, which looks at each
 * before it changes anything; accounts of nobody are put into quarantine. A finding that has closed meanwhile, and an account that is protected by now,
 * fall away. A repeat continues where the previous one stopped.
 * @throws the first failure, once all the others are through
 */
export async function carryOutCorrections(dependencies: CarryOutDependencies, batchId: string, target: string): Promise<void> {
  if (await dependencies.store.read((tx) => isObserved(tx, target))) return waitAgain(dependencies, batchId, 'target-observed');
  await carryOutItems(dependencies, batchId, (_same, id, after, limit) => correctSome(dependencies, id, target, after, limit));
}

/** Corrects some accounts. The batch is locked first: other transactions that carry it out, or decide about it, wait. */
function correctSome({ store, engine, context }: CarryOutDependencies, batchId: string, target: string, after: string | null, limit: number): Promise<void> {
  return store.transaction(context(), async (tx) => {
    if ((await tx.batchRuns.lock(batchId))?.standing !== 'free') return;
    const some = await tx.batchItems.pending(batchId, after, limit);
    const { now, correlationId } = tx.context;
    const keys = new Set(some.map(({ key }) => key));
    const findings = (await tx.findings.openOfBatch(batchId, now, [...keys])).filter(isCorrectable);
    const shielded = await protectedSubjects(tx, engine, target, findings);
    const open = findings.filter(({ subject }) => !shielded.has(subject));
    const rest = new Set(open.map(({ subject }) => subject));
    const items = (all: Iterable<string>) => [...all].map((key) => ({ batchId, key }));
    await tx.batchItems.fallAway(items([...keys].filter((key) => shielded.has(key))), 'protected', now);
    await tx.batchItems.fallAway(items([...keys].filter((key) => !rest.has(key) && !shielded.has(key))), 'no-change', now);
    const accountIds = new Set(open.flatMap(({ accountId }) => accountId ?? []));
    await correctAccounts(tx, engine, [...accountIds].sort());
    await tx.quarantinedAccounts.plan(
      open.flatMap((one) => quarantineOf(one, batchId)),
      correlationId,
      now,
    );
    const settled = some.filter(({ key }) => rest.has(key)).map(({ key, identityId }) => ({ key, identityId, result: 'carried-out' as const, reason: null }));
    await tx.batchItems.settle(batchId, settled, now);
  });
}

function quarantineOf({ id: findingId, kind, target, nativeId, userName }: Finding, batchId: string) {
  return kind !== 'orphan-account' || nativeId === null ? [] : [{ id: randomUUID(), target, nativeId, userName: userName ?? '', findingId, batchId }];
}

/** Accounts that are protected by now, whatever they were when they were found. */
async function protectedSubjects(tx: Transaction, { configuration }: Engine, target: string, findings: readonly Finding[]): Promise<ReadonlySet<string>> {
  const settings = configuration.targets[target];
  if (settings === undefined) return new Set(findings.map(({ subject }) => subject));
  const names = protectedNamesOf(settings);
  if (names.size === 0) return new Set();
  const people = [...new Set(findings.flatMap(({ identityId }) => identityId ?? []))];
  const accounts = new Map((await tx.access.accountsOf(people)).map((account) => [account.id, [account.userName, account.observed?.userName ?? '']]));
  const namesOf = ({ accountId, userName }: Finding): readonly string[] => [userName ?? '', ...(accounts.get(accountId ?? '') ?? [])];
  return new Set(findings.filter((one) => namesOf(one).some((name) => names.has(name.toLowerCase()))).map(({ subject }) => subject));
}
