import { earliest } from '../time/dates.ts';
import type { Instant } from '../identity/facts.ts';

/** What is answered in somebody's place: questions about access that is asked for, or other cases. */
export const DELEGATED_KINDS = ['approvals', 'cases'] as const;
export type DelegatedKind = (typeof DELEGATED_KINDS)[number];

/** Somebody answers in another's place, for a time. */
export interface Delegation {
  readonly id: string;
  readonly fromId: string;
  readonly toId: string;
  readonly validFrom: Instant;
  /** Exclusive. */
  readonly validUntil: Instant;
  readonly kinds: readonly DelegatedKind[];
  readonly revokedAt: Instant | null;
}

/** True if somebody answers in the other's place at this instant. */
export function isDelegated({ validFrom, validUntil, revokedAt, kinds }: Delegation, kind: DelegatedKind, now: Instant): boolean {
  return revokedAt === null && validFrom <= now && now < validUntil && kinds.includes(kind);
}

/** The next instant at which one of these begins or ends; `null`: none does. */
export function nextHandOver(delegations: readonly Delegation[], now: Instant): Instant | null {
  const bounds = delegations.filter(({ revokedAt }) => revokedAt === null).flatMap(({ validFrom, validUntil }) => [validFrom, validUntil]);
  return earliest(...bounds.filter((at) => at > now));
}

/**
 * Who answers for somebody, by their delegation and by those of whom they delegated to.
 * @param given the delegations that a person has given, or none
 * @returns ids, the person's own first; each stands once, so a circle ends where it would close
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
