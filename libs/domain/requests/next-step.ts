import { earliest } from '../time/dates.ts';
import type { Instant } from '../identity/facts.ts';
import type { ApprovalStage } from './request-policy.ts';

/** Progress of an item of a request. */
export interface ItemProgress {
  /** Stages of the policy at the time of the request. */
  readonly stages: readonly ApprovalStage[];
  /** Index of the present stage. */
  readonly stage: number;
  /** Level of escalation: 1 once the stage was escalated. */
  readonly level: number;
  readonly dueAt: Instant | null;
  readonly remindAt: Instant | null;
}

/** Answer of one approver in the present stage. */
export interface ItemVote {
  /** Id of the approver for whom it was given: the person themselves, or the one for whom they are deputy. One place counts once. */
  readonly place: string;
  readonly approves: boolean;
}

/** Next step of an item. The same state always gives the same step. */
export type ItemStep =
  | { readonly kind: 'approved' }
  | { readonly kind: 'denied'; readonly why: 'denied' | 'deadline' | 'nobody' }
  /** The stage is passed: by answers, or by its default when nobody answered in time. */
  | { readonly kind: 'next'; readonly by: 'answers' | 'deadline' }
  | { readonly kind: 'escalate'; readonly why: 'deadline' | 'nobody' | 'too-few' }
  | { readonly kind: 'remind' }
  | { readonly kind: 'wait'; readonly until: Instant | null };

/**
 * Decides the next step of an open item.
 * @param votes votes of the present stage, at most one of each person
 * @param asked number of places without an answer in which somebody can answer now
 * @param everAsked true if anybody was asked in this stage: an item that nobody could answer is never approved by silence
 */
export function nextStep(progress: ItemProgress, votes: readonly ItemVote[], asked: number, everAsked: boolean, now: Instant): ItemStep {
  const stage = progress.stages[progress.stage];
  if (stage === undefined) return { kind: 'approved' };
  if (votes.some(({ approves }) => !approves)) return { kind: 'denied', why: 'denied' };
  const approved = placesOf(votes);
  if (approved >= stage.quorum) return { kind: 'next', by: 'answers' };
  const isDue = progress.dueAt !== null && progress.dueAt <= now;
  // Nobody would answer before the deadline, so missing approvers are sought at once.
  if (progress.level === 0 && asked + approved < stage.quorum) return { kind: 'escalate', why: asked + approved === 0 ? 'nobody' : 'too-few' };
  if (isDue && progress.level === 0) return { kind: 'escalate', why: 'deadline' };
  if (isDue && stage.otherwise === 'approve' && everAsked) return { kind: 'next', by: 'deadline' };
  if (isDue) return { kind: 'denied', why: everAsked ? 'deadline' : 'nobody' };
  if (progress.remindAt !== null && progress.remindAt <= now) return { kind: 'remind' };
  return { kind: 'wait', until: earliest(progress.dueAt, progress.remindAt) };
}

/** Number of different places of votes, which a quorum counts. */
export function placesOf(votes: readonly ItemVote[]): number {
  return new Set(votes.map(({ place }) => place)).size;
}
