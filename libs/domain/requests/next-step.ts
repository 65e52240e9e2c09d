import { earliest } from '../time/dates.ts';
import type { Instant } from '../identity/facts.ts';
import type { ApprovalStage } from './request-policy.ts';

/** How far an item has come. */
export interface ItemProgress {
  /** As the policy had them when it was asked for. */
  readonly stages: readonly ApprovalStage[];
  /** Index of the stage that is being asked. */
  readonly stage: number;
  /** 1 once the stage was escalated. */
  readonly level: number;
  readonly dueAt: Instant | null;
  readonly remindAt: Instant | null;
}

/** What somebody has answered in the present stage. */
export interface ItemVote {
  /** In whose place it was given: a person's own, or that of whom they stand in for. One place counts once. */
  readonly place: string;
  readonly approves: boolean;
}

/** What is to happen with an item now. The same state gives the same step, however often it is asked. */
export type ItemStep =
  | { readonly kind: 'approved' }
  | { readonly kind: 'denied'; readonly why: 'denied' | 'deadline' | 'nobody' }
  /** The stage is through: by answers, or by its default when nobody answered in time. */
  | { readonly kind: 'next'; readonly by: 'answers' | 'deadline' }
  | { readonly kind: 'escalate'; readonly why: 'deadline' | 'nobody' | 'too-few' }
  | { readonly kind: 'remind' }
  | { readonly kind: 'wait'; readonly until: Instant | null };

/**
 * What becomes of an item that is open.
 * @param votes of the present stage, of each person at most one
 * @param asked how many can answer now, in places in which nobody has
 * @param everAsked whether anybody was asked in this stage: what nobody could answer is never approved by silence
 */
export function nextStep(progress: ItemProgress, votes: readonly ItemVote[], asked: number, everAsked: boolean, now: Instant): ItemStep {
  const stage = progress.stages[progress.stage];
  if (stage === undefined) return { kind: 'approved' };
  if (votes.some(({ approves }) => !approves)) return { kind: 'denied', why: 'denied' };
  const approved = placesOf(votes);
  if (approved >= stage.quorum) return { kind: 'next', by: 'answers' };
  const isDue = progress.dueAt !== null && progress.dueAt <= now;
  // Waiting for the deadline would bring nobody: so whoever is missing is looked for at once.
  if (progress.level === 0 && asked + approved < stage.quorum) return { kind: 'escalate', why: asked + approved === 0 ? 'nobody' : 'too-few' };
  if (isDue && progress.level === 0) return { kind: 'escalate', why: 'deadline' };
  if (isDue && stage.otherwise === 'approve' && everAsked) return { kind: 'next', by: 'deadline' };
  if (isDue) return { kind: 'denied', why: everAsked ? 'deadline' : 'nobody' };
  if (progress.remindAt !== null && progress.remindAt <= now) return { kind: 'remind' };
  return { kind: 'wait', until: earliest(progress.dueAt, progress.remindAt) };
}

/** In how many places was answered: a quorum counts these. */
export function placesOf(votes: readonly ItemVote[]): number {
  return new Set(votes.map(({ place }) => place)).size;
}
