import { setTimeout as pause } from 'node:timers/promises';

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
  const deadline = performance.now() + within;
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    if (performance.now() > deadline) throw new Error(`waited for ${what}, but after ${within / 1000} s it is not so`);
    await pause(every);
  }
}
