import { searchOwners } from '@tenure/domain';
import { keysOfPeople } from '@tenure/engine/reconciliation';
import type { ReconciliationRun, StoredIdentity } from '@tenure/store';
import type { Comparing, RunInProgress } from './comparing.ts';

/** Maximum number of accounts unknown to Tenure for which owners are searched; more are orphans until these are dealt with. */
const mostAccounts = 50_000;
const people = 500;

/**
 * Finds to whom accounts belong that Tenure does not know, by keys that exactly one person has. People are read only where such accounts have keys; the
 * mark of an account needs no search.
 */
export async function proposeOwners(comparing: Comparing, run: RunInProgress): Promise<ReconciliationRun> {
  const owners = await searchByKeys(comparing, run);
  return comparing.store.transaction(comparing.context(), async (tx) => {
    await tx.signs.own(run.id, owners);
    return tx.reconciliationRuns.advance(run, { ...run.progress, step: 'join' });
  });
}

async function searchByKeys({ store, engine, alive, target: { keyAttributes: attributes = [] } }: Comparing, { id: runId, target }: RunInProgress) {
  const accounts = await store.read((tx) => tx.signs.keyed(runId, mostAccounts));
  if (accounts.size === 0) return [];
  const search = searchOwners(accounts);
  for (let after: string | null = null; ; ) {
    alive();
    const from: string | null = after;
    const page: readonly StoredIdentity[] = await store.read((tx) => tx.identities.page({}, people, from));
    for (const person of keysOfPeople(engine, { target, runId, attributes }, page)) search.add(person);
    after = page.at(-1)?.id ?? null;
    if (page.length < people) break;
  }
  return [...search.owners()].map(([nativeId, owner]) => ({ nativeId, ...owner }));
}
