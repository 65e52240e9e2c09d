import type { Policy } from '../policy/compile-policy.ts';
import { addDuration, earliest, subtractDuration } from '../time/dates.ts';
import type { Identity, Instant } from '../identity/facts.ts';
import type { Lifecycle } from './lifecycle.ts';
import { spans } from '../identity/relationship.ts';

/** A contract that ends by its date, where the lifecycle rule lets it be extended. */
export interface ContractEnding {
  readonly rule: string;
  readonly endsAt: Instant;
  /** The record of the source that says the end. */
  readonly recordId: string;
  /** From when on the sponsor is asked. */
  readonly askAt: Instant;
  /** The latest end that it may be given. Not after `endsAt`: nothing is left of what the policy allows. */
  readonly latest: Instant;
}

/**
 * The end that somebody's sponsor may make later. One that a source reports, or an operator, is none: who was ended stays so.
 * @returns `null` when there is no such end ahead, or the rule allows no extension
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
