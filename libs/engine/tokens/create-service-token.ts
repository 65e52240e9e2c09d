import { Forbidden, InputInvalid, type TokenMaker, tokenMayLastUntil } from '@tenure/domain';
import type { ServiceToken, Transaction } from '@tenure/store';
import { isThere } from '../approvers/related-person.ts';
import type { Caller } from '../callers/caller.ts';
import { rolesInTenure } from '../callers/roles-in-tenure.ts';
import type { Engine } from '../decide/engine.ts';

/** A token as it is requested; the caller has checked its parts. */
export type WantedServiceToken = Parameters<Transaction['sessions']['createServiceToken']>[0] & Pick<ServiceToken, 'responsibleId'>;

/**
 * Makes a service token. It lasts no longer than its maker's right to make it.
 * @throws Forbidden where its maker is no administrator any more
 * @throws InputInvalid where it would last longer, or the person responsible for it is not there
 */
export async function createServiceToken(
  tx: Transaction,
  engine: Engine,
  caller: Caller,
  wanted: WantedServiceToken,
): ReturnType<Transaction['sessions']['createServiceToken']> {
  await mustBeResponsible(tx, wanted);
  const until = tokenMayLastUntil(wanted.roles, await makerOf(tx, engine, caller), tx.context.now);
  if (until !== null && wanted.expiresAt > until)
    throw new InputInvalid(
      `input.expiresAt must not be later than ${until}: the end of your own token or admin grant, or one day for an administrator token without a person`,
      { argument: 'input.expiresAt', until },
    );
  return tx.sessions.createServiceToken(wanted, tx.context.now);
}

/** Maker of a token. A token expires with that of its maker, or with the person's right to make one, which break-glass access limits. */
async function makerOf(tx: Transaction, engine: Engine, { kind, personId, expiresAt }: Caller): Promise<TokenMaker> {
  // Locked, so that an end of the person which is under way also ends tokens made meanwhile.
  if (personId !== null) await tx.identities.lock(personId);
  const held = personId === null ? null : await rolesInTenure(tx, engine, personId, tx.context.now);
  if (held?.has('admin') === false) throw new Forbidden('Mutation.createServiceToken needs one of: admin');
  return { tokenUntil: kind === 'service' ? expiresAt : null, rightUntil: held?.get('admin') ?? null, isPerson: personId !== null };
}

/** @throws InputInvalid where the person responsible for the token is not there */
async function mustBeResponsible(tx: Transaction, { responsibleId }: Pick<ServiceToken, 'responsibleId'>): Promise<void> {
  if (responsibleId === null) return;
  const person = await tx.identities.get(responsibleId);
  if (person === null || !isThere(person, tx.context.now))
    throw new InputInvalid('input.responsibleId must be the id of an active person', { argument: 'input.responsibleId', responsibleId });
}
