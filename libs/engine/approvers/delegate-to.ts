import type { StoredDelegation, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { findNamed, type NamedPerson } from '../intake/named-person.ts';
import { delegate, type WantedDelegation } from './delegate.ts';

/** Delegates to somebody who is meant by an id, or by what people know of each other. @throws InputInvalid also where nobody is known by it */
export async function delegateTo(
  tx: Transaction,
  { configuration }: Engine,
  deputy: { readonly id: string } | NamedPerson,
  wanted: Omit<WantedDelegation, 'toId'>,
): Promise<StoredDelegation> {
  const toId = 'id' in deputy ? deputy.id : await findNamed(tx, configuration, deputy);
  return delegate(tx, { ...wanted, toId });
}
