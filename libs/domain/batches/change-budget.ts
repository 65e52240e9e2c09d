import type { Owner } from '../requests/request-policy.ts';

/**
 * Effect of a batch on a person in one target: an account is created, enabled, disabled or deleted, or an account that stays gains or
 * loses entitlements, or (in corrections alone) attributes of an account are written back. Each counts once for a person and target.
 */
export type BatchChangeKind = 'create' | 'enable' | 'disable' | 'delete' | 'gain' | 'lose' | 'update';

/** Kinds in descending order of harm. */
export const BATCH_CHANGE_KINDS: readonly BatchChangeKind[] = ['delete', 'disable', 'lose', 'create', 'enable', 'gain', 'update'];

/** Kinds that remove access. They are added up over the window, since a faulty source may send its records one at a time. */
export const LOSING_KINDS: readonly BatchChangeKind[] = ['disable', 'delete', 'lose'];

/** Limit above which a batch waits for approval. */
export interface ChangeLimit {
  /** Largest number of people, independent of the population. */
  readonly count: number;
  /** Largest share (0 to 1) of the accounts in use in the target, or of all active people; it counts ... */
  readonly share: number;
  /** ... only above this number of people. */
  readonly from: number;
}

export type ChangeLimits = Readonly<Partial<Record<BatchChangeKind, Partial<ChangeLimit>>>>;

/** Change budget, from `budget:` of the policy. Absent parts are the defaults. */
export interface ChangeBudget {
  /** ISO 8601 duration over which removals are added up for each source; PT1H by default. */
  readonly window?: string;
  /** Number of people whom one caller may terminate at once within an hour; further ones wait for approval by a second person. 20 by default. */
  readonly urgentEnds?: number;
  /** Owner who is asked to approve or discard, besides the operators. */
  readonly owner?: Owner;
  /** Limits in all, and in each target without its own. */
  readonly limits?: ChangeLimits;
  /** Limits by target. */
  readonly targets?: Readonly<Record<string, ChangeLimits>>;
}

export const DEFAULT_WINDOW = 'PT1H';

export const DEFAULT_URGENT_ENDS = 20;

/** Smallest population for which a share is significant. */
export const SMALLEST_POPULATION = 20;

export const DEFAULT_LIMITS: Readonly<Record<BatchChangeKind, ChangeLimit>> = {
  delete: { count: 1_000, share: 0.1, from: 10 },
  disable: { count: 1_000, share: 0.1, from: 10 },
  lose: { count: 1_000, share: 0.25, from: 50 },
  create: { count: 1_000, share: 1, from: 100 },
  enable: { count: 1_000, share: 0.5, from: 100 },
  gain: { count: 1_000, share: 0.5, from: 100 },
  update: { count: 1_000, share: 0.5, from: 100 },
};

/** Key for all targets together. */
export const IN_ALL = '*';

/** @param target a target of the configuration, or `IN_ALL` */
export function limitOf(budget: ChangeBudget, target: string, kind: BatchChangeKind): ChangeLimit {
  const own = Object.hasOwn(budget.targets ?? {}, target) ? budget.targets?.[target]?.[kind] : undefined;
  return { ...DEFAULT_LIMITS[kind], ...budget.limits?.[kind], ...own };
}
