const first = 30_000;
const longest = 3_600_000;

/** Milliseconds until the next attempt at a step in a target: doubled with each attempt, up to an hour. @param attempts that have failed, from 1 */
export function waitBefore(attempts: number): number {
  return Math.min(first * 2 ** (attempts - 1), longest);
}
