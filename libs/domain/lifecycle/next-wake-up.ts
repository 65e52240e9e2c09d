import { earliest } from '../time/dates.ts';
import type { Identity, Instant } from '../identity/facts.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Grant } from '../policy/policy.ts';
import { relationshipBounds } from '../identity/relationship.ts';

/**
 * Next instant at which the decision changes without a change of facts: a lifecycle date, a bound of a
 * relationship or a grant, a condition on `now`. Before that instant nothing changes.
 * @param changesAt result of `evaluatePolicy`
 * @param asks times at which a person is asked or warned, and at which exceptions begin and end
 * @returns `null` if nothing changes with time
 */
export function nextWakeUp({
  identity,
  lifecycle,
  grants,
  now,
  changesAt = null,
  asks = [],
}: {
  identity: Pick<Identity, 'relationships'>;
  lifecycle: Lifecycle;
  grants: readonly Grant[];
  now: Instant;
  changesAt?: Instant | null;
  asks?: readonly (Instant | null)[];
}): Instant | null {
  const bounds = grants.flatMap(({ origins }) => origins.flatMap(({ validFrom, validUntil }) => [validFrom, validUntil]));
  const ahead = [lifecycle.next?.at ?? null, changesAt, ...asks, ...relationshipBounds(identity), ...bounds].filter((at) => at !== null && at > now);
  return earliest(...ahead);
}
