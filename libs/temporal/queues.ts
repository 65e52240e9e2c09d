/** Task queue of the lives themselves: workflows and decisions. */
export const livesQueue = 'tenure';

/** Each target has a queue of its own, so that a slow or broken one holds up nobody else. */
export function targetQueue(target: string): string {
  return `target/${target}`;
}
