import { setTimeout as pause } from 'node:timers/promises';

/** Factor by which all waiting may be longer than usual, where the machine is known to be busy: the tests of the demo. */
const slowness = Number(process.env['DEMO_SLOWNESS'] ?? 1);
/** Milliseconds between two looks, unless a look costs so much that it would delay the work that it waits for. */
const interval = 60;

/**
 * Looks repeatedly until a condition is met.
 * @param what as it reads after "waited for"
 * @param look `null`: not yet
 * @param within milliseconds
 * @param every milliseconds between two looks
 * @throws Error naming the condition that was not met in time
 */
export async function eventually<T>(what: string, look: () => Promise<T | null>, within: number, every: number = interval): Promise<T> {
  const deadline = performance.now() + within * slowness;
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    if (performance.now() > deadline) throw new Error(`waited for ${what}, but after ${(within * slowness) / 1000} s it is not so`);
    await pause(every);
  }
}
