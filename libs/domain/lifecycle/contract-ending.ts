import type { Policy } from '../policy/compile-policy.ts';
import { addDuration, earliest, subtractDuration } from '../time/dates.ts';
import type { Identity, Instant } from '../identity/facts.ts';
import type { Lifecycle } from './lifecycle.ts';
import { spans } from '../identity/relationship.ts';

/** A contract that ends by its date and that the lifecycle rule allows to extend. */
export interface ContractEnding {
  readonly rule: string;
  readonly endsAt: Instant;
  /** Id of the source record that states the end. */
  readonly recordId: string;
  /** Time from which the sponsor must decide. */
  readonly askAt: Instant;
  /** Latest end to which it may be extended. Not after `endsAt`: the policy allows no further extension. */
  readonly latest: Instant;
}

/**
 * Returns the end that the person's sponsor may extend. An end that a source or an operator reports cannot be extended: a termination stays.
 * @returns `null` if there is no such end ahead, or the rule allows no extension
 */
export function contractEnding({
  identity,
  lifecycle,
  policy,
  now,
}: {
  readonly identity: Identity;
  readonly lifecycle: Lifecycle;
  readonly policy: Policy;
  readonly now: Instant;
}): ContractEnding | null {
  const rule = policy.document.lifecycle.find(({ name }) => name === lifecycle.rule);
  const { state } = lifecycle;
  if (rule?.extension === undefined || (state !== 'active' && state !== 'suspended' && state !== 'pre-hire')) return null;
  const end = spans(identity).find((span) => span.end === null || span.end.at > now)?.end;
  if (end == null || end.by !== 'date') return null;
  const { ask, maximum, inAll = maximum } = rule.extension;
  const { timeZone } = identity;
  const { recordId, from } = end.extended ?? { recordId: end.recordId, from: end.at };
  const latest = earliest(addDuration(end.at, maximum, timeZone), addDuration(from, inAll, timeZone));
  return { rule: rule.name, endsAt: end.at, recordId, askAt: subtractDuration(end.at, ask, timeZone), latest: latest ?? end.at };
}
