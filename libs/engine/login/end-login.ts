import { InputInvalid, NotFound } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { decideWithout, endBindings } from './end-bindings.ts';

/**
 * Ends the bindings of a person's logins at one provider, and decides without their claims.
 * @returns the subjects whose bindings ended
 * @throws NotFound; InputInvalid where no login of the provider is bound to them
 */
export async function endLogin(
  tx: Transaction,
  engine: Engine,
  { identityId, provider, reason }: { readonly identityId: string; readonly provider: string; readonly reason: string },
): ReturnType<typeof endBindings> {
  if ((await tx.identities.lock(identityId)) === null) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  const ended = await endBindings(tx, { identityId, provider, keep: null, why: 'ended-by-hand', reason });
  if (ended.length === 0) throw new InputInvalid(`provider: no login of "${provider.slice(0, 100)}" is bound to this person`, { identityId, provider });
  await decideWithout(tx, engine, identityId);
  return ended;
}
