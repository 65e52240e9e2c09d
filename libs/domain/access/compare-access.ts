import type { AccessDecision } from './decide-access.ts';
import type { Instant } from '../identity/facts.ts';
import { grantsAt } from './grants-at.ts';
import type { Grant } from '../policy/policy.ts';

/** Something that one decision gives and the other does not, and what gives it there. */
export interface AccessDifference {
  readonly kind: Grant['kind'];
  readonly name: string;
  /** The rule, or the asserted group as `source/group`; the first where several give it. */
  readonly origin: string;
}

/** What somebody would gain and lose. */
export interface AccessComparison {
  readonly gained: readonly AccessDifference[];
  readonly lost: readonly AccessDifference[];
}

/** Compares two decisions about one person at one instant. In the order of names. */
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
