import { earliest } from '../time/dates.ts';
import type { Instant } from '../identity/facts.ts';

/** Kinds of delegated tasks: approvals of requested access, or other cases. */
export const DELEGATED_KINDS = ['approvals', 'cases'] as const;
export type DelegatedKind = (typeof DELEGATED_KINDS)[number];

/** Delegation: a deputy answers on behalf of another person, for a limited time. */
export interface Delegation {
  readonly id: string;
  readonly fromId: string;
  readonly toId: string;
  readonly validFrom: Instant;
  /** End, exclusive. */
  readonly validUntil: Instant;
  readonly kinds: readonly DelegatedKind[];
  readonly revokedAt: Instant | null;
}

/** True if the delegation is in force for this kind at this instant. */
export function isDelegated({ validFrom, validUntil, revokedAt, kinds }: Delegation, kind: DelegatedKind, now: Instant): boolean {
  return revokedAt === null && validFrom <= now && now < validUntil && kinds.includes(kind);
}

/** Next instant at which one of these delegations begins or ends; `null`: none does. */
export function nextHandOver(delegations: readonly Delegation[], now: Instant): Instant | null {
  const bounds = delegations.filter(({ revokedAt }) => revokedAt === null).flatMap(({ validFrom, validUntil }) => [validFrom, validUntil]);
  return earliest(...bounds.filter((at) => at > now));
}

/**
 * Returns the line of deputies of a person, by their delegation and by those of each deputy.
 * @param given returns the delegations that a person has given
 * @returns ids, the person's own first; each occurs once, so that a cycle ends
 */
export function delegationLine(id: string, given: (id: string) => readonly Delegation[], kind: DelegatedKind, now: Instant): readonly string[] {
  const line = [id];
  for (;;) {
    const last = line.at(-1) ?? id;
    const next = given(last).find((one) => isDelegated(one, kind, now))?.toId;
    if (next === undefined || line.includes(next) || line.length > LONGEST_LINE) return line;
    line.push(next);
  }
}

const LONGEST_LINE = 10;
