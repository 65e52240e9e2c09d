import type { AccessDecision } from './decide-access.ts';
import type { Instant } from '../identity/facts.ts';
import { grantsAt } from './grants-at.ts';
import type { Grant } from '../policy/policy.ts';

/** A grant of one decision that the other does not have, and its origin. */
export interface AccessDifference {
  readonly kind: Grant['kind'];
  readonly name: string;
  /** The rule, or the asserted group as `source/group`; the first one of several. */
  readonly origin: string;
}

/** Grants that a person would gain and lose. */
export interface AccessComparison {
  readonly gained: readonly AccessDifference[];
  readonly lost: readonly AccessDifference[];
}

/** Compares two decisions about one person at one instant. Differences are in the order of names. */
export function compareAccess(before: Pick<AccessDecision, 'grants'>, after: Pick<AccessDecision, 'grants'>, now: Instant): AccessComparison {
  const [had, has] = [grantsAt(before.grants, now), grantsAt(after.grants, now)];
  return { gained: missingFrom(had, has), lost: missingFrom(has, had) };
}

function missingFrom(those: readonly Grant[], these: readonly Grant[]): AccessDifference[] {
  const known = new Set(those.map(keyOf));
  return these.filter((grant) => !known.has(keyOf(grant))).map(({ kind, name, origins }) => ({ kind, name, origin: origins[0]?.name ?? '' }));
}

function keyOf({ kind, name }: Grant): string {
  return `${kind} ${name}`;
}
