import type { Difference } from './finding.ts';
import { provesPresence, type ReadingVerdict } from './reading-verdict.ts';

/** Conclusion about the differences that a run has found. */
export interface ConcludedFindings {
  /** Differences that are findings. */
  readonly found: readonly Difference[];
  /** Differences based on data that the run did not show: neither a finding, nor the end of one. */
  readonly unproven: readonly Difference[];
}

/** Separates proven differences from unproven ones. An untrusted run proves nothing, and an incomplete one proves no absence. */
export function concludeFindings(verdict: ReadingVerdict, differences: readonly Difference[]): ConcludedFindings {
  if (!provesPresence(verdict)) return { found: [], unproven: differences };
  return { found: differences.filter(({ isProven }) => isProven), unproven: differences.filter(({ isProven }) => !isProven) };
}
