import type { Instant } from '../identity/facts.ts';
import { dueAfter } from '../time/working-time.ts';
import type { CaseTerms } from './case-terms.ts';

/** Progress of an open case. */
export interface CaseProgress {
  readonly openedAt: Instant;
  readonly deadline: Instant | null;
  /** Number of escalations. */
  readonly level: number;
  /** True if its step was determined before, so that its owner stays unless they are gone. */
  readonly isKnown: boolean;
  /** True if its owner can answer; `null`: it has no personal owner. */
  readonly ownerIsThere: boolean | null;
}

/** Next step of an open case. */
export interface CaseStep {
  /** New owner: by `owner` or `escalateTo` of the terms, or the next in line; `null`: the owner stays. */
  readonly assign: 'owner' | 'escalateTo' | 'next' | null;
  readonly deadline: Instant;
  readonly level: number;
  /** Time of the next step if nothing happens; `null`: there is nobody to escalate to. */
  readonly until: Instant | null;
}

/** Returns the next step of a case. Idempotent: the same state gives the same step, and after a step was taken the next one is to wait. */
export function nextCaseStep(progress: CaseProgress, terms: CaseTerms, now: Instant, timeZone: string): CaseStep {
  const { level, isKnown, ownerIsThere } = progress;
  const { deadline, calendar, escalateTo, goesOn = false } = terms;
  const due = progress.deadline ?? dueAfter(progress.openedAt, deadline, timeZone, calendar);
  const up = goesOn && (level > 0 || escalateTo.length === 0) ? 'next' : 'escalateTo';
  if (due <= now && (level === 0 || goesOn)) {
    const next = dueAfter(now, deadline, timeZone, calendar);
    return { assign: up, deadline: next, level: level + 1, until: goesOn ? next : null };
  }
  const isLost = ownerIsThere === false || (!isKnown && ownerIsThere === null);
  const assign = isLost ? (level === 0 ? 'owner' : up) : null;
  return { assign, deadline: due, level, until: level === 0 || goesOn ? due : null };
}
