/** Starts to call back at each change; the function that it returns stops that. */
export type Follow = (changed: () => void) => () => void;

/**
 * Results of `look` now, and again after each change, until it returns `null` or nobody reads any more. Changes during a look lead to one more look,
 * however many they were, so a slow reader never falls behind.
 * @param isSame true if two results are equal, so that the second one is left out
 */
export function whenever<T>(
  follow: Follow,
  look: () => Promise<T | null>,
  isSame: (before: T | null, now: T) => boolean = () => false,
): AsyncIterableIterator<T> {
  let told: T | null = null;
  let isDirty = true;
  let isOver = false;
  let wake = (): void => undefined;
  const stop = follow(() => {
    isDirty = true;
    wake();
  });
  const end = (): IteratorResult<T> => {
    isOver = true;
    stop();
    wake();
    return { done: true, value: undefined };
  };
  return {
    async next() {
      for (;;) {
        // A waiting generator could not be ended from outside; this can.
        while (!isDirty && !isOver) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        if (isOver) return end();
        isDirty = false;
        try {
          const value = await look();
          if (value === null) return end();
          if (isSame(told, value)) continue;
          told = value;
          return { done: false, value };
        } catch (error) {
          end();
          throw error;
        }
      }
    },
    return: async () => end(),
    throw: async (error) => {
      end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
