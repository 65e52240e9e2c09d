import type { Owner } from '../requests/request-policy.ts';

/**
 * What a batch does to a person in one target: an account is made, usable again, closed or deleted, or an account that stays gets or
 * loses something. Each counts once for a person and target.
 */
export type BatchChangeKind = 'create' | 'enable' | 'disable' | 'delete' | 'gain' | 'lose';

/** In the order in which they hurt. */
export const BATCH_CHANGE_KINDS: readonly BatchChangeKind[] = ['delete', 'disable', 'lose', 'create', 'enable', 'gain'];

/** What takes away: counted over the window, since a source that has gone wrong may say so one record at a time. */
export const LOSING_KINDS: readonly BatchChangeKind[] = ['disable', 'delete', 'lose'];

/** From where on a batch waits for a person. */
export interface ChangeLimit {
  /** More people than this are too many, however many there are. */
  readonly count: number;
  /** More than this share (0 to 1) of the accounts that are in use there, or of everybody who is active, are too many ... */
  readonly share: number;
  /** ... once they are more people than this. */
  readonly from: number;
}

export type ChangeLimits = Readonly<Partial<Record<BatchChangeKind, Partial<ChangeLimit>>>>;

/** What may change at once, from `budget:` of the policy. Absent parts are the defaults. */
export interface ChangeBudget {
  /** ISO 8601 duration over which what takes away is added up for each source; PT1H unless set. */
  readonly window?: string;
  /** Number of people whom one caller may terminate at once within an hour; what is beyond waits for a second person. 20 unless set. */
  readonly urgentEnds?: number;
  /** Who is asked to release or discard, besides the operators. */
  readonly owner?: Owner;
  /** In all, and in each target that has none of its own. */
  readonly limits?: ChangeLimits;
  /** By target. */
  readonly targets?: Readonly<Record<string, ChangeLimits>>;
}

export const DEFAULT_WINDOW = 'PT1H';

export const DEFAULT_URGENT_ENDS = 20;

/** Among fewer than this a share says nothing. */
export const SMALLEST_POPULATION = 20;

export const DEFAULT_LIMITS: Readonly<Record<BatchChangeKind, ChangeLimit>> = {
  delete: { count: 1_000, share: 0.1, from: 10 },
  disable: { count: 1_000, share: 0.1, from: 10 },
  lose: { count: 1_000, share: 0.25, from: 50 },
  create: { count: 1_000, share: 1, from: 100 },
  enable: { count: 1_000, share: 0.5, from: 100 },
  gain: { count: 1_000, share: 0.5, from: 100 },
};

/** Everybody, in whatever target. */
export const IN_ALL = '*';

/** @param target a target of the configuration, or `IN_ALL` */
export function limitOf(budget: ChangeBudget, target: string, kind: BatchChangeKind): ChangeLimit {
  const own = Object.hasOwn(budget.targets ?? {}, target) ? budget.targets?.[target]?.[kind] : undefined;
  return { ...DEFAULT_LIMITS[kind], ...budget.limits?.[kind], ...own };
}
