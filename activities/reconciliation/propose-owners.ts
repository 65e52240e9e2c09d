import { type AccountOwner, provesPresence, type ReadingVerdict, searchOwners } from '@tenure/domain';
import type { Engine } from '@tenure/engine/decide';
import { keysOfPeople, ownersOf, type ReconciledTarget } from '@tenure/engine/reconciliation';
import type { ActContext, Store, StoredIdentity } from '@tenure/store';

export interface OwnerDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly context: () => ActContext;
  readonly alive: () => void;
}

/** Maximum number of accounts unknown to Tenure for which owners are searched; more are orphans until these are dealt with. */
const mostAccounts = 50_000;
const people = 500;

/**
 * Finds to whom accounts belong that Tenure does not know: by its mark, or by keys that exactly one person has. People are read only where such
 * accounts have keys. A repeat has the same result.
 */
export async function proposeOwners(
  dependencies: OwnerDependencies,
  target: ReconciledTarget,
  verdict: ReadingVerdict,
): Promise<ReadonlyMap<string, AccountOwner>> {
  const { store } = dependencies;
  const { id, target: name } = target.run;
  if (!provesPresence(verdict)) return new Map();
  await searchByKeys(dependencies, target);
  return ownersOf(await store.read((tx) => tx.signs.owners(id, name, mostAccounts)));
}

async function searchByKeys({ store, engine, context, alive }: OwnerDependencies, { run, keyAttributes: attributes = [] }: ReconciledTarget): Promise<void> {
  const accounts = await store.read((tx) => tx.signs.keyed(run.id, mostAccounts));
  if (accounts.size === 0) return;
  const search = searchOwners(accounts);
  for (let after: string | null = null; ; ) {
    alive();
    const from: string | null = after;
    const page: readonly StoredIdentity[] = await store.read((tx) => tx.identities.page({}, people, from));
    for (const person of keysOfPeople(engine, { target: run.target, runId: run.id, attributes }, page)) search.add(person);
    after = page.at(-1)?.id ?? null;
    if (page.length < people) break;
  }
  const owners = [...search.owners()].map(([nativeId, owner]) => ({ nativeId, ...owner }));
  await store.transaction(context(), (tx) => tx.signs.own(run.id, owners));
}
