import { addDuration } from '../dates.ts';
import type { Instant } from '../facts.ts';
import type { CaseTerms } from './case-rule.ts';

/** How far a case has come on its way to an answer. */
export interface CaseProgress {
  readonly openedAt: Instant;
  readonly deadline: Instant | null;
  /** 1 once it was escalated. */
  readonly level: number;
  /** Whether it has been looked at before, so that its owner stands unless they are gone. */
  readonly isKnown: boolean;
  /** Whether whom it belongs to can answer; `null`: it belongs to nobody in particular. */
  readonly ownerIsThere: boolean | null;
}

/** What is to happen with a case that nobody has answered yet. */
export interface CaseStep {
  /** Look for an owner by the terms, or by whom it is escalated to; `null`: whose it is stands. */
  readonly assign: 'owner' | 'escalateTo' | null;
  readonly deadline: Instant;
  readonly level: number;
  /** When to look again though nothing happens; `null`: there is nobody further to turn to. */
  readonly until: Instant | null;
}

/** The same state gives the same step, however often it is asked: after it was taken, the next one is to wait. */
export function nextCaseStep(progress: CaseProgress, { deadline }: CaseTerms, now: Instant, timeZone: string): CaseStep {
  const { level, isKnown, ownerIsThere } = progress;
  const due = progress.deadline ?? addDuration(progress.openedAt, deadline, timeZone);
  if (due <= now && level === 0) return { assign: 'escalateTo', deadline: addDuration(now, deadline, timeZone), level: 1, until: null };
  const isLost = ownerIsThere === false || (!isKnown && ownerIsThere === null);
  const assign = isLost ? (level === 0 ? 'owner' : 'escalateTo') : null;
  return { assign, deadline: due, level, until: level === 0 ? due : null };
}
