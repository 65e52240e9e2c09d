import { endsAccess, suspensionOf, type Instant, type Policy } from '@tenure/domain';
import type { PersonToAsk } from '@tenure/store';

/**
 * Entitlements of the policy that usable accounts have in a target, though Tenure has not given them: added there by hand, or left there because
 * their removal was refused, abandoned or suspended. Entitlements that Tenure gave until now, or is about to take away, are excluded.
 */
export function foundInTargets({ identity, accounts, grants, operations, suspensions }: PersonToAsk, policy: Policy, now: Instant): readonly string[] {
  const given = new Set(grants.map(({ name }) => name));
  const isGoing = (account: PersonToAsk['accounts'][number], value: string): boolean =>
    operations.some(
      ({ id, accountId, status, change }) =>
        accountId === account.id &&
        status === 'pending' &&
        change.kind === 'removeMember' &&
        change.entitlement === value &&
        suspensionOf(suspensions, { target: account.target, change, operationId: id, endsAccess: endsAccess(identity.state, account.desired) }, now) === null,
    );
  return accounts
    .filter(({ observed }) => observed !== null && observed.enabled !== false)
    .flatMap((account) =>
      Object.values(policy.document.entitlements).flatMap(({ name, target, value }) => {
        const isSeen = target === account.target && value !== null && account.observed?.entitlements.includes(value) === true;
        return isSeen && !given.has(name) && !isGoing(account, value) ? [name] : [];
      }),
    );
}
