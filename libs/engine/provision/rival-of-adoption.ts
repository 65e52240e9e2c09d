import type { ObservedAccount } from '@tenure/domain';
import type { Store, StoredAccount, Transaction, Wanted } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { authoritativeSources, sourcesKeyedBy } from '../intake/settings-of-source.ts';

/** Another person to whom an account may belong. */
export interface Rival {
  readonly identityId: string;
  /** Completes "the account is not adopted: …"; it names attributes, never a value. */
  readonly reason: string;
}

/** `rivalOfAdoption`, in a transaction of its own. */
export function rivalsIn(store: Store, engine: Engine): (account: StoredAccount, found: ObservedAccount) => Promise<Rival | null> {
  return (account, found) => store.read((tx) => rivalOfAdoption(tx, engine, account, found));
}

/**
 * Another person to whom an account may belong that `adopts` gives to this person; `null`: nobody. Checked once, before an account is written that is
 * not known by its id yet: another person's account is known by that id, or another person has the value by which it is adopted too. Those who have
 * ended count: addresses and numbers are given to new people, and the account may still be theirs.
 */
export async function rivalOfAdoption(tx: Transaction, { configuration }: Engine, account: StoredAccount, observed: ObservedAccount): Promise<Rival | null> {
  if (account.nativeId === observed.nativeId) return null;
  const owner = await tx.access.ownerOf(account.target, observed.nativeId);
  if (owner !== null && owner !== account.identityId) return { identityId: owner, reason: 'it is known as the account of another person' };
  const { adoption } = account.desired;
  if (observed.externalId === account.identityId || adoption === undefined || 'refused' in adoption) return null;
  const facts = (await tx.identities.get(account.identityId))?.attributes ?? {};
  const authoritative = authoritativeSources(configuration);
  const wanted = adoption.restsOn.map((attribute): Wanted => {
    const value = facts[attribute]?.value ?? '';
    const sources = attribute === 'email' ? 'trusted' : [...new Set([...sourcesKeyedBy(configuration, attribute), ...authoritative])];
    return { attribute, values: [String(value)], sources };
  });
  const { found } = await tx.records.look(wanted, []);
  // Only who is known by all of them can be meant by a value that is made of several.
  const others = found.map((byValue) => new Set([...byValue.values()].flat().map(({ identityId }) => identityId)));
  const [identityId] = [...(others[0] ?? [])].filter((id) => id !== account.identityId && others.every((ids) => ids.has(id))).sort();
  return identityId === undefined ? null : { identityId, reason: `another person is known by the same ${adoption.restsOn.join(' and ')}` };
}
