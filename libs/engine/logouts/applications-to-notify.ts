import type { Store } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';

/** Applications that are configured no longer, where notices still wait. */
export async function formerApplications(store: Store, { configuration }: Pick<Engine, 'configuration'>): Promise<readonly string[]> {
  return store.read((tx) => tx.logoutNotices.otherApplications(Object.keys(configuration.applications)));
}
