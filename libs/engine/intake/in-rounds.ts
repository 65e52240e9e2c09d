/**
 * Divides a list into rounds, so that within a round no two have a key in common and those that share a key keep their order.
 * @param keysOf keys that must not occur twice in a round
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
