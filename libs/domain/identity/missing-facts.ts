import type { Policy } from '../policy/compile-policy.ts';
import type { Identity, Instant } from './facts.ts';
import { identityFacts } from './identity-facts.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import { normalText } from '../text/plain-text.ts';
import { spans } from './relationship.ts';

/** Facts that the lifecycle rule requires and no source has stated. */
export interface MissingFacts {
  readonly rule: string;
  /** Names of attributes, in the order of the rule. */
  readonly names: readonly string[];
  /** True if all access is withheld until they are stated. */
  readonly isHeld: boolean;
}

/**
 * Returns the missing facts of a person who is not terminated, such as a contractor's sponsor or end. A blank text counts as missing, and so
 * does a sponsor who is not active or suspended.
 * @param sponsorLives true if the named sponsor is active or suspended; absent: not determined
 * @returns `null` if no fact is missing
 */
export function missingFacts({
  identity,
  lifecycle,
  policy,
  sponsorLives,
  now,
}: {
  readonly identity: Identity;
  readonly lifecycle: Lifecycle;
  readonly policy: Policy;
  readonly sponsorLives?: boolean | undefined;
  readonly now: Instant;
}): MissingFacts | null {
  const rule = policy.document.lifecycle.find(({ name }) => name === lifecycle.rule);
  if (rule?.requires === undefined || lifecycle.state === 'leaving' || lifecycle.state === 'left' || lifecycle.state === 'erased') return null;
  const facts = identityFacts(identity, policy.document.attributes);
  const sponsor = policy.document.relations?.sponsor?.attribute;
  const isKnown = (name: string): boolean => {
    if (name === 'endDate') return hasEnd(identity, now);
    const value = Object.hasOwn(facts, name) ? facts[name] : undefined;
    const isBlank = value === undefined || (typeof value === 'string' && normalText(value) === '');
    return !isBlank && !(name === sponsor && sponsorLives === false);
  };
  const names = rule.requires.filter((name) => !isKnown(name));
  return names.length === 0 ? null : { rule: rule.name, names, isHeld: rule.hold ?? true };
}

/** True if the current or next period has an end: a date, or one that a source reports. */
function hasEnd(identity: Identity, now: Instant): boolean {
  const present = spans(identity).find(({ end }) => end === null || end.at > now);
  return present !== undefined && present.end !== null;
}
