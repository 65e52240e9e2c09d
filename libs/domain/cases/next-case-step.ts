import type { Instant } from '../identity/facts.ts';
import { dueAfter } from '../time/working-time.ts';
import type { CaseTerms } from './case-terms.ts';

/** How far a case has come on its way to an answer. */
export interface CaseProgress {
  readonly openedAt: Instant;
  readonly deadline: Instant | null;
  /** Number of times that it was escalated. */
  readonly level: number;
  /** True if it has been looked at before, so that its owner stands unless they are gone. */
  readonly isKnown: boolean;
  /** True if its owner can answer; `null`: it belongs to nobody in particular. */
  readonly ownerIsThere: boolean | null;
}

/** What is to happen with a case that nobody has answered yet. */
export interface CaseStep {
  /** Look for an owner by the terms, by whom it is escalated to, or for who is next in line; `null`: whose it is stands. */
  readonly assign: 'owner' | 'escalateTo' | 'next' | null;
  readonly deadline: Instant;
  readonly level: number;
  /** When to look again though nothing happens; `null`: there is nobody further to turn to. */
  readonly until: Instant | null;
}

/** The same state gives the same step, however often it is asked: after it was taken, the next one is to wait. */
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
