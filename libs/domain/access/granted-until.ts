import type { Identity, Instant } from '../identity/facts.ts';
import type { Grant } from '../policy/policy.ts';
import { spans } from '../identity/relationship.ts';

type Person = Pick<Identity, 'relationships'>;

/** When the person's time ends that goes on at `at`, or else the next one that begins after it. `null`: no end is known. */
export function endAhead(person: Person, at: Instant): Instant | null {
  return spans(person).find(({ end }) => end === null || end.at > at)?.end?.at ?? null;
}

/**
 * Until when something is held as far as is known: until its own end or the end of the person's time, whichever comes first, since
 * nothing is held beyond that. `null`: neither is known.
 */
export function grantedUntil({ validFrom, validUntil }: Pick<Grant, 'validFrom' | 'validUntil'>, person: Person, now: Instant): Instant | null {
  const end = endAhead(person, validFrom > now ? validFrom : now);
  return validUntil === null || (end !== null && end < validUntil) ? end : validUntil;
}
