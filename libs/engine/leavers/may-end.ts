import { type EndRefusal, TENURE_TARGET } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { rolesInTenure } from '../callers/roles-in-tenure.ts';
import { currentPolicy } from '../policy/read-policy.ts';

/** Caller who terminates people. */
export interface EndingCaller {
  /** Key of the budget of urgent ends: of a person, or of the tree of tokens that no person created. */
  readonly key: string;
  /** Id of the person responsible; `null`: no person is. */
  readonly personId: string | null;
  readonly isAdmin: boolean;
}

/**
 * Reason why a caller may not terminate a person: nobody ends themselves or the last administrator, and administrators are ended by administrators.
 * @returns `null`: they may be ended
 */
export async function whyNotToEnd(tx: Transaction, engine: Engine, by: EndingCaller, identityId: string): Promise<EndRefusal | null> {
  const { now } = tx.context;
  if (by.personId === identityId) return 'is-yourself';
  if (!(await rolesInTenure(tx, engine, identityId, now)).has('admin')) return null;
  if (!by.isAdmin) return 'needs-administrator';
  const { entitlements } = (await currentPolicy(tx, engine)).document;
  const administering = Object.entries(entitlements).flatMap(([name, { target, value }]) => (target === TENURE_TARGET && value === 'admin' ? [name] : []));
  return (await tx.urgentEnds.othersWith(administering, identityId, now)) === 0 ? 'last-administrator' : null;
}
