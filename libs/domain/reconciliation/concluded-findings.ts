import type { Difference } from './finding.ts';
import { provesPresence, type ReadingVerdict } from './reading-verdict.ts';

/** What may be said of differences that a reading has shown. */
export interface ConcludedFindings {
  /** Each is a finding. */
  readonly found: readonly Difference[];
  /** Rests on what the reading did not show: neither a finding, nor the end of one. */
  readonly unproven: readonly Difference[];
}

/** Separates what is proven from what is not. A reading that is not believed proves nothing, and one that is not complete nothing by what it lacks. */
export function concludeFindings(verdict: ReadingVerdict, differences: readonly Difference[]): ConcludedFindings {
  if (!provesPresence(verdict)) return { found: [], unproven: differences };
  return { found: differences.filter(({ isProven }) => isProven), unproven: differences.filter(({ isProven }) => !isProven) };
}
