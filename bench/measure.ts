import { performance } from 'node:perf_hooks';
import type { Sample } from './row.ts';

/**
 * Runs `work` once for each task, `atATime` of them concurrently, and measures the time of each.
 * Inputs of tasks are prepared beforehand: the preparation is not part of the figure.
 */
export async function measure<T>(tasks: readonly T[], atATime: number, work: (task: T) => Promise<unknown> | unknown): Promise<Sample> {
  const times: number[] = [];
  const waiting = tasks.values();
  const run = async (): Promise<void> => {
    for (const task of waiting) {
      const begun = performance.now();
      await work(task);
      times.push(performance.now() - begun);
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: atATime }, run));
  return { times, elapsed: performance.now() - begun };
}
