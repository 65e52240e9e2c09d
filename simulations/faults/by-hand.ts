import { eventually } from '@tenure/testing/eventually.ts';
import { entryOf } from './check-verdicts.ts';
import type { Deed, Life } from './lives.ts';
import type { Random } from './random.ts';
import type { Targets } from './targets.ts';

/** Deed of a person before which their entry in the directory is moved; by number. */
export type Moves = ReadonlyMap<string, number>;

/** Draws people whose entries are moved by hand: known there, each before a deed that changes the desired state there, so that Tenure looks. */
export function drawMoves(random: Random, lives: readonly Life[], most: number): Moves {
  const candidates = lives.flatMap(({ number, deeds }): readonly (readonly [string, number])[] => {
    const before = changingDeeds(deeds);
    return before.length > 0 ? [[number, random.pick(before)]] : [];
  });
  return new Map(random.shuffled(candidates).slice(0, most));
}

function changingDeeds(deeds: readonly Deed[]): readonly number[] {
  let last: (Deed & { kind: 'record' }) | null = null;
  return deeds.flatMap((deed, index) => {
    if (deed.kind !== 'record' || !deed.isNews) return [];
    // A person who had ended before any account was made has no entry until they return.
    const changes = last?.status === 'ACTIVE' && (deed.status === 'ENDED' || deed.department !== last.department);
    last = deed;
    return changes ? [index] : [];
  });
}

/** Moves a person's entry by hand, once Tenure knows it. */
export async function moveEntryOf(targets: Targets, databaseUrl: string, number: string, patience: number): Promise<void> {
  // The database may be away at this moment.
  const known = (): Promise<string | null> => entryOf(databaseUrl, number).catch(() => null);
  await targets.moveEntry(await eventually(`the entry of ${number}`, known, patience));
}
