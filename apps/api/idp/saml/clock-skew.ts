/** Milliseconds by which the clocks of applications may differ. */
export const CLOCK_SKEW = 30_000;
