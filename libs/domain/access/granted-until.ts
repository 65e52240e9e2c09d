import type { Identity, Instant } from '../identity/facts.ts';
import type { Grant } from '../policy/policy.ts';
import { spans } from '../identity/relationship.ts';

type Person = Pick<Identity, 'relationships'>;

/** End of the person's relationship at `at`, or otherwise of the next one that begins after it. `null`: no end is known. */
export function endAhead(person: Person, at: Instant): Instant | null {
  return spans(person).find(({ end }) => end === null || end.at > at)?.end?.at ?? null;
}

/**
 * Known end of a grant: its own end or the end of the person's relationship, whichever comes first, since no grant outlasts the relationship.
 * `null`: neither is known.
 */
export function grantedUntil({ validFrom, validUntil }: Pick<Grant, 'validFrom' | 'validUntil'>, person: Person, now: Instant): Instant | null {
  const end = endAhead(person, validFrom > now ? validFrom : now);
  return validUntil === null || (end !== null && end < validUntil) ? end : validUntil;
}
