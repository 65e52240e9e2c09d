import { setTimeout as pause } from 'node:timers/promises';
import type { Part } from './installation.ts';
import type { Random } from './random.ts';

/** Kill of a part, with its time: drawn before anything begins. */
export interface Strike {
  readonly kind: Part['kind'];
  /** Index among several. */
  readonly which: number;
  /** Milliseconds after the strike before. */
  readonly after: number;
}

const kinds: readonly Part['kind'][] = ['postgres', 'temporal', 'api', 'worker'];

/** Each kind of part as often as there are rounds, in random order within each. */
export function drawStrikes(random: Random, rounds: number, between: readonly [number, number]): readonly Strike[] {
  return Array.from({ length: rounds }, () => random.shuffled(kinds))
    .flat()
    .map((kind) => ({ kind, which: random.whole(0, 1), after: random.whole(...between) }));
}

/** Kills with SIGKILL, one after the other, without waiting for others to have come back. @returns names in their order */
export async function strike(parts: readonly Part[], strikes: readonly Strike[], say: (sentence: string) => void): Promise<readonly string[]> {
  const struck: string[] = [];
  for (const { kind, which, after } of strikes) {
    await pause(after);
    const candidates = parts.filter((part) => part.kind === kind).sort((a, b) => a.name.localeCompare(b.name));
    const part = candidates[which % candidates.length];
    if (part === undefined) continue;
    while (!part.kill()) await pause(50);
    say(`${part.name} is killed.`);
    struck.push(part.name);
  }
  return struck;
}
