import { earliest } from '../time/dates.ts';
import type { Identity, Instant } from '../identity/facts.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Grant } from '../policy/policy.ts';
import { relationshipBounds } from '../identity/relationship.ts';

/**
 * The next instant at which the answer changes though no fact does: a lifecycle date, a bound of a
 * relationship or a grant, a condition on `now`. Between now and then nothing does.
 * @param changesAt from `evaluatePolicy`
 * @param asks when a person is to be asked or warned, and when exceptions begin and end
 * @returns `null` when nothing ever changes by itself
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
