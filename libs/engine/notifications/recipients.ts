import { type Approvers, type Notification, type Policy, TENURE_TARGET } from '@tenure/domain';
import type { StoredIdentity, Transaction } from '@tenure/store';
import { answeringOwners, caseResolver, mostNotified } from '../approvers/answering-owners.ts';
import type { Engine } from '../decide/engine.ts';
import { isThere } from '../approvers/related-person.ts';
import { approverResolver } from '../approvers/resolve-approvers.ts';
import { currentPolicy } from '../policy/read-policy.ts';

/**
 * People whom a notification means now. A person who is not there is not notified: a manager or sponsor is replaced by the next one who is, a role
 * that nobody has by the administrators, and everybody else by nobody.
 */
export async function recipientsOf(tx: Transaction, engine: Engine, { recipient }: Notification): Promise<readonly StoredIdentity[]> {
  if ('identityId' in recipient) return present(tx, [recipient.identityId]);
  if ('ownersOf' in recipient) {
    const found = await tx.cases.get(recipient.ownersOf);
    return found === null ? [] : present(tx, (await answeringOwners(tx, await caseResolver(tx, engine), found)).slice(0, mostNotified));
  }
  const policy = await currentPolicy(tx, engine);
  const resolver = approverResolver(tx, engine, policy);
  const asked = async (approvers: readonly Approvers[], of = ''): Promise<readonly StoredIdentity[]> => {
    const found = await resolver.resolve(approvers, { identityId: of, requestedBy: of });
    return present(
      tx,
      found.map(({ approverId }) => approverId),
    );
  };
  if ('relation' in recipient) return asked([{ kind: recipient.relation }], recipient.of);
  const holders = await asked(holdersOf(policy, recipient.role));
  return holders.length > 0 ? holders : asked(holdersOf(policy, 'admin'));
}

/** Approvers rule for the people who have this role in Tenure itself. */
function holdersOf({ document }: Policy, role: string): readonly Approvers[] {
  return Object.entries(document.entitlements).flatMap(([name, { target, value }]): Approvers[] =>
    target === TENURE_TARGET && value === role ? [{ kind: 'holders', name }] : [],
  );
}

async function present(tx: Transaction, ids: readonly string[]): Promise<readonly StoredIdentity[]> {
  const found = await tx.identities.many([...new Set(ids)]);
  return found.filter((person) => isThere(person, tx.context.now));
}
