import type { Instant } from './facts.ts';
import { grantsAt } from './grants-at.ts';
import type { Grant } from './policy.ts';

/** Roles or entitlements that nobody may hold together. */
export interface SeparationRule {
  readonly name: string;
  readonly conflicting: readonly string[];
}

/** Somebody allowed it for this person, for a time. */
export interface SeparationException {
  readonly rule: string;
  /** Exclusive. */
  readonly validUntil: Instant | null;
}

/** One broken rule: the names that are held together. */
export interface SeparationViolation {
  readonly rule: string;
  readonly names: readonly string[];
}

/**
 * Finds what the person must not hold together. What was there first stays, the later ones are held back.
 * @returns violations, and the names of the grants to hold back; both sorted
 */
export function checkSeparationOfDuties(input: {
  readonly grants: readonly Grant[];
  readonly rules: readonly SeparationRule[];
  readonly exceptions: readonly SeparationException[];
  readonly now: Instant;
}): { violations: SeparationViolation[]; heldBack: string[] } {
  const { grants, rules, exceptions, now } = input;
  const excepted = new Set(exceptions.filter(({ validUntil }) => validUntil === null || validUntil > now).map(({ rule }) => rule));
  const current = grantsAt(grants, now).toSorted((a, b) => (a.validFrom < b.validFrom ? -1 : a.validFrom > b.validFrom ? 1 : a.name < b.name ? -1 : 1));
  const violations = rules.flatMap(({ name, conflicting }) => {
    const names = [...new Set(current.map((grant) => grant.name).filter((held) => conflicting.includes(held)))];
    return names.length > 1 && !excepted.has(name) ? [{ rule: name, names }] : [];
  });
  return { violations, heldBack: [...new Set(violations.flatMap(({ names }) => names.slice(1)))].sort() };
}
