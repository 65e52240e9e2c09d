/** Task queue of the identity lifecycles: workflows and decisions. */
export const livesQueue = 'tenure';

/** Task queue of urgent work, which passes all identity lifecycles, with pollers and slots of its own: ends, and break-glass access. */
export const urgentQueue = 'tenure/urgent';

/** Task queue of reading whole targets, which takes hours and so blocks nothing else. */
export const reconciliationQueue = 'tenure/reconciliation';

/** Task queue of a target: each has its own, so that a slow or broken one delays no other. */
export function targetQueue(target: string): string {
  return `target/${target}`;
}
