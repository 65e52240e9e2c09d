import { isProtectedAccount } from '@tenure/config';
import { InputInvalid } from '@tenure/domain';
import type { Finding, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { type AdoptionWish, mustBeAdoptable } from './adopt-account.ts';

/** Adoption that a person requests. */
export type RequestedByPerson = Omit<AdoptionWish, 'by'> & { readonly reason: string };

/**
 * Requests that an account of nobody is bound to a person. What can be known without the target is checked at once; a worker then looks at the account, and
 * binds it only if it is as it was found: see `proveAdoption`.
 * @returns the finding, with the adoption
 * @throws NotFound, InputInvalid; Forbidden for oneself
 */
export async function requestAdoption(tx: Transaction, engine: Engine, wish: RequestedByPerson): Promise<Finding> {
  const { findingId, identityId, reason } = wish;
  const { finding } = await mustBeAdoptable(tx, wish);
  const { target, nativeId, userName } = finding;
  const settings = engine.configuration.targets[target];
  if (settings === undefined) throw new InputInvalid(`findingId: the target ${target} is not configured any more`, { findingId, target });
  if (isProtectedAccount(settings, userName)) throw new InputInvalid('findingId: the account is protected (protectedAccounts)', { findingId, target });
  const waiting = (await tx.findings.openOfNative(target, nativeId)).find(({ adoption }) => adoption?.state === 'requested');
  if (waiting !== undefined)
    throw new InputInvalid('findingId: the account is being bound already: read the adoption of the finding for its result', {
      findingId: waiting.id,
      identityId: waiting.adoption?.identityId ?? '',
    });
  const { actor, now } = tx.context;
  const requestedBy = `${actor.kind} ${actor.id}`;
  const adoption = {
    state: 'requested',
    identityId,
    requestedBy,
    requestedAt: now,
    code: null,
    message: null,
    attempts: 0,
    nextAt: now,
    settledAt: null,
  } as const;
  await tx.findings.saveAdoption(findingId, adoption);
  tx.audit.record({
    action: 'account.adoptionRequested',
    subjectKind: 'target',
    subjectId: target,
    identityId,
    reason: { target, findingId },
    personal: { reason },
  });
  return { ...finding, adoption };
}
