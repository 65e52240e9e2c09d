import { setTimeout as pause } from 'node:timers/promises';

/**
 * Polls until there is an answer.
 * @param ask `undefined` means "not yet"; an error ends the waiting
 * @param timing.timeout milliseconds after which polling ends
 * @param timing.every milliseconds between two polls, 50 by default
 * @returns the answer, or `undefined` when there was none in time
 */
export async function until<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  { timeout, every = 50 }: { readonly timeout: number; readonly every?: number },
): Promise<T | undefined> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() >= deadline) return answer;
    await pause(every);
  }
}
