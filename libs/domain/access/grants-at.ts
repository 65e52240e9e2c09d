import type { Instant } from '../identity/facts.ts';
import type { Grant, Origin } from '../policy/policy.ts';

/** Grants in force at `now`, each with only the origins in force. */
export function grantsAt(grants: readonly Grant[], now: Instant): Grant[] {
  return grants.flatMap(({ kind, name, origins }) => {
    const current = origins.filter(({ validFrom, validUntil }) => validFrom <= now && (validUntil === null || validUntil > now));
    return current.length === 0 ? [] : [makeGrant(kind, name, current)];
  });
}

/** Makes a grant from its origins (at least one): its validity covers all of theirs. */
export function makeGrant(kind: Grant['kind'], name: string, origins: readonly Origin[]): Grant {
  const validFrom = origins.reduce((first, origin) => (origin.validFrom < first ? origin.validFrom : first), origins[0]?.validFrom ?? '');
  const validUntil = origins.reduce<Instant | null>(
    (last, { validUntil: until }) => (last === null || until === null ? null : until > last ? until : last),
    origins[0]?.validUntil ?? null,
  );
  return { kind, name, origins, validFrom, validUntil };
}
