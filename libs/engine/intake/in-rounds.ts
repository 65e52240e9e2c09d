/**
 * Parts a list into rounds, so that within a round no two have a key in common and whatever shares a key keeps its order.
 * @param keysOf what must not meet in a round
 */
export function inRounds<T>(all: readonly T[], keysOf: (one: T) => readonly string[]): readonly (readonly T[])[] {
  const rounds: T[][] = [];
  const next = new Map<string, number>();
  for (const one of all) {
    const keys = keysOf(one);
    const round = Math.max(0, ...keys.map((key) => next.get(key) ?? 0));
    for (const key of keys) next.set(key, round + 1);
    (rounds[round] ??= []).push(one);
  }
  return rounds;
}
