import type { DifferenceScope, ReadingVerdict } from '@tenure/domain';
import type { Engine, Meter } from '@tenure/engine/decide';
import type { ReconciledTarget } from '@tenure/engine/reconciliation';
import type { ActContext, ReconciliationRun, RunProgress, Store } from '@tenure/store';
import type { LookDependencies } from './look-at-account.ts';

export interface ConcludingDependencies extends LookDependencies {
  readonly store: Store;
  readonly engine: Engine;
  /** Absent: nothing is counted. */
  readonly meter?: Meter;
  readonly context: () => ActContext;
  /** Lets identity lifecycles go first for so many milliseconds. Absent: nothing does. */
  readonly giveWay?: (milliseconds: number) => Promise<void>;
  /** Maximum number of listed accounts that are requested alone in one run; `mostLooks` unless given. */
  readonly looks?: number;
  /** Milliseconds for which one call works; a minute unless given. Each call does at least one chunk. */
  readonly time?: number;
}

/** Context of the steps of a run. */
export interface Comparing extends ConcludingDependencies {
  readonly target: ReconciledTarget;
  readonly scope: DifferenceScope;
  readonly verdict: ReadingVerdict;
  /** True if the accounts that the listing lacks are still being requested, so that the verdict is not final. */
  readonly isLooking: boolean;
  /** True if the rest is left to the next activity. */
  readonly isDue: () => boolean;
}

/** A run whose accounts are read. */
export type RunInProgress = ReconciliationRun & { readonly progress: RunProgress };

/** Number of rows that are compared, and saved, together: the process does nothing else for some hundredths of a second. */
export const chunkSize = 500;
/** Maximum number of accounts that are requested alone in one run: of those that the listing lacks, and as many of those that it shows. The others wait for a later run. */
export const mostLooks = 2500;
/** Number of requests without an answer after which a run requests no further accounts alone. */
export const mostUnanswered = 10;
