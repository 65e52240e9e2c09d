/** Task queue of the lives themselves: workflows and decisions. */
export const livesQueue = 'tenure';

/** Task queue of work that passes all lives, with pollers and slots of its own: ends, and break-glass access. */
export const urgentQueue = 'tenure/urgent';

/** Task queue of reading whole targets: what takes hours is in nobody's way. */
export const reconciliationQueue = 'tenure/reconciliation';

/** Each target has a queue of its own, so that a slow or broken one holds up nobody else. */
export function targetQueue(target: string): string {
  return `target/${target}`;
}
