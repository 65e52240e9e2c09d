import type { Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { rolesInTenure } from './roles-in-tenure.ts';

/** True when the identity has a grant of a role in Tenure itself other than `self`: a person linked to it by mistake could act with that role. */
export async function hasRightsInTenure(tx: Transaction, engine: Engine, identityId: string): Promise<boolean> {
  return (await rolesInTenure(tx, engine, identityId, tx.context.now)).size > 0;
}
