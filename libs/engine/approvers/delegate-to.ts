import type { StoredDelegation, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { findNamed, type NamedPerson } from '../intake/named-person.ts';
import { delegate, type WantedDelegation } from './delegate.ts';

/** Delegates to a person who is given by id, user name or e-mail address. @throws InputInvalid also where nobody matches */
export async function delegateTo(
  tx: Transaction,
  { configuration }: Engine,
  deputy: { readonly id: string } | NamedPerson,
  wanted: Omit<WantedDelegation, 'toId'>,
): Promise<StoredDelegation> {
  const toId = 'id' in deputy ? deputy.id : await findNamed(tx, configuration, deputy);
  return delegate(tx, { ...wanted, toId });
}
