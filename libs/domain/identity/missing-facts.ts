import type { Policy } from '../policy/compile-policy.ts';
import type { Identity, Instant } from './facts.ts';
import { identityFacts } from './identity-facts.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import { normalText } from '../text/plain-text.ts';
import { spans } from './relationship.ts';

/** Facts that the lifecycle rule requires and nobody has said. */
export interface MissingFacts {
  readonly rule: string;
  /** Names of attributes, as the rule lists them. */
  readonly names: readonly string[];
  /** True if everything is held back until they are there. */
  readonly isHeld: boolean;
}

/**
 * What is missing of a person whose time is not over, such as a contractor's sponsor or end. A blank text says nothing; a sponsor is there
 * only where a living person is named.
 * @param sponsorLives whether whoever is named as the sponsor lives; absent: nobody has looked
 * @returns `null` when nothing is
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

/** An end that a source reports counts as well as a date. */
function hasEnd(identity: Identity, now: Instant): boolean {
  const present = spans(identity).find(({ end }) => end === null || end.at > now);
  return present !== undefined && present.end !== null;
}
