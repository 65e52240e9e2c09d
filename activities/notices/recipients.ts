import { type Notice, TENURE_TARGET } from '@tenure/domain';
import type { StoredIdentity, Transaction } from '@tenure/store';
import type { Loop } from '../loop.ts';
import { isThere } from '../requests/related-person.ts';
import { approverResolver } from '../requests/resolve-approvers.ts';

/**
 * Whom a notice means now. Whoever is not there is told nothing: a manager or sponsor is replaced by the next who is, a right by who
 * administers, and everybody else by nobody.
 */
export async function recipientsOf(tx: Transaction, loop: Loop, { recipient }: Notice): Promise<readonly StoredIdentity[]> {
  if ('identityId' in recipient) return present(tx, [recipient.identityId]);
  if ('role' in recipient) {
    const holders = await holdersOf(tx, loop, recipient.role);
    return holders.length > 0 ? holders : holdersOf(tx, loop, 'admin');
  }
  const { relation, of } = recipient;
  const resolver = approverResolver(tx, loop, await loop.currentPolicy(tx));
  const found = await resolver.resolve([{ kind: relation }], { identityId: of, requestedBy: of });
  return present(
    tx,
    found.map(({ approverId }) => approverId),
  );
}

/** Everybody who has this right in Tenure itself. */
async function holdersOf(tx: Transaction, loop: Loop, role: string): Promise<readonly StoredIdentity[]> {
  const policy = await loop.currentPolicy(tx);
  const names = Object.entries(policy.document.entitlements).filter(([, { target, value }]) => target === TENURE_TARGET && value === role);
  const resolver = approverResolver(tx, loop, policy);
  const nobody = { identityId: '', requestedBy: '' };
  const found = await resolver.resolve(
    names.map(([name]) => ({ kind: 'holders', name })),
    nobody,
  );
  return present(
    tx,
    found.map(({ approverId }) => approverId),
  );
}

async function present(tx: Transaction, ids: readonly string[]): Promise<readonly StoredIdentity[]> {
  const found = await tx.identities.many([...new Set(ids)]);
  return found.filter((person) => isThere(person, tx.context.now));
}
