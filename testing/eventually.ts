import { setTimeout as pause } from 'node:timers/promises';

/** Times as long as usual that all waiting may take, where somebody knows that the machine has other things to do: the tests of the demo. */
const slowness = Number(process.env['DEMO_SLOWNESS'] ?? 1);
/** Milliseconds between two looks, unless a look costs so much that it would hold up what it waits for. */
const interval = 60;

/**
 * Looks again and again until something has come about.
 * @param what as it reads after "waited for"
 * @param look `null`: not yet
 * @param within milliseconds
 * @param every milliseconds between two looks
 * @throws Error saying what did not come about in time
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
