import { performance } from 'node:perf_hooks';

/**
 * Duration of the last request to an address, as this process measured it (Resource Timing).
 * @param part of the address, such as `/acs`
 * @returns milliseconds, or `null` when there was none
 */
export function lastRequestTime(part: string): number | null {
  return performance.getEntriesByType('resource').findLast(({ name }) => name.includes(part))?.duration ?? null;
}

/** Forgets earlier requests. The list is bounded, and full it takes no more. */
export function forgetRequestTimes(): void {
  performance.clearResourceTimings();
}
