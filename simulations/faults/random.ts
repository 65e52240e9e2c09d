/** Random numbers that come again with the same seed. */
export interface Random {
  /** Number from 0 up to, but not including, 1. */
  fraction(): number;
  /** A whole number, both bounds included. */
  whole(least: number, most: number): number;
  /** True if something happens that happens with this probability. */
  happens(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  shuffled<T>(all: readonly T[]): readonly T[];
  /** Another stream of the same seed: numbers drawn from one leave the others unchanged. */
  stream(name: string): Random;
}

export function createRandom(seed: string): Random {
  let state = hash(seed);
  // mulberry32: small, and good enough to shuffle deeds.
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (least: number, most: number): number => least + Math.floor(fraction() * (most - least + 1));
  return {
    fraction,
    whole,
    happens: (probability) => fraction() < probability,
    pick<T>(choices: readonly T[]): T {
      const [picked] = choices.slice(whole(0, choices.length - 1));
      if (picked === undefined) throw new Error('there is nothing to pick from');
      return picked;
    },
    shuffled<T>(all: readonly T[]): readonly T[] {
      const result = [...all];
      for (let last = result.length - 1; last > 0; last -= 1) {
        const other = whole(0, last);
        const [a, b] = [result[last] as T, result[other] as T];
        result[last] = b;
        result[other] = a;
      }
      return result;
    },
    stream: (name) => createRandom(`${seed}/${name}`),
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let result = 0x811c9dc5;
  for (const character of text) result = Math.imul(result ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return result | 0;
}
