import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@tenure/testing/eventually.ts';
import { userNameOf } from './check-end.ts';
import type { TargetName } from './configuration.ts';
import { deafRole, type Dialect } from './dialects.ts';
import type { Hands } from './hands.ts';
import type { Life } from './lives.ts';
import type { Random } from './random.ts';

/** Change that somebody makes by hand in a target. `creates`: an account of nobody. */
export interface Meddling {
  readonly kind: 'joins' | 'leaves' | 'enables' | 'disables' | 'removes' | 'creates';
  readonly target: TargetName;
  readonly userName: string;
  /** Group that policy knows there. */
  readonly group: string;
  /** Share of the storm after which it happens: once the targets' own groups have their last names. */
  readonly at: number;
}

/** Groups of each target that accounts are put into by hand. */
const groups: Readonly<Record<TargetName, readonly string[]>> = {
  crm: ['Finance', 'Night', 'Sales', 'Staff'],
  ledger: ['clerk', 'reader'],
  directory: ['finance', 'sales', 'staff'],
};

/** True if everything that is changed by hand in a target can be seen there. */
export function showsAll(target: TargetName, { crm }: Dialect): boolean {
  return target !== 'crm' || crm.shows === 'all';
}

/** Group of a target in which everybody can be put. */
export function commonGroup(target: TargetName): string {
  return { crm: 'Staff', ledger: 'reader', directory: 'staff' }[target];
}

/** Draws changes by hand: a few accounts of nobody in each target, and changes of people's accounts, which may not exist at that time. */
export function drawMeddling(random: Random, lives: readonly Life[], names: readonly TargetName[], dialect: Dialect): readonly Meddling[] {
  const at = (): number => random.whole(60, 95) / 100;
  const created = names.flatMap((target) =>
    [1, 2].map((number): Meddling => ({ kind: 'creates', target, userName: `x-${target}-${number}`, group: commonGroup(target), at: at() })),
  );
  const changed = random.shuffled(lives).slice(0, Math.ceil(lives.length / 3));
  const drawn = changed.map(({ number, end }): Meddling => {
    const target = random.pick(names);
    const possible = groups[target].filter((name) => !(target === 'ledger' && dialect.ledger === 'deaf' && name === deafRole));
    const seen = ['joins', 'leaves', 'disables', 'removes'] as const;
    const kind = end.state === 'ended' ? 'enables' : random.pick(showsAll(target, dialect) ? seen : (['disables'] as const));
    return { kind, target, userName: userNameOf(number), group: random.pick(possible), at: at() };
  });
  return [...created, ...drawn];
}

/**
 * Makes the changes, each from its time on as soon as its account is there, until told to stop.
 * @param within milliseconds of the storm
 * @returns number of those that found their account
 */
export async function meddle(
  meddling: readonly Meddling[],
  handsOf: (target: TargetName) => Hands | null,
  within: number,
  goesOn: () => boolean,
): Promise<number> {
  const made = await Promise.all(
    meddling.map(async ({ kind, target, userName, group, at }) => {
      await pause(within * at);
      const hands = handsOf(target);
      while (hands !== null) {
        if (await doIt(hands, kind, userName, group)) return 1;
        if (!goesOn()) return 0;
        await pause(500);
      }
      return 0;
    }),
  );
  return made.reduce<number>((sum, one) => sum + one, 0);
}

async function doIt(hands: Hands, kind: Meddling['kind'], userName: string, group: string): Promise<boolean> {
  if (kind === 'creates') {
    await hands.create(userName, group);
    return true;
  }
  if (kind === 'removes') return hands.remove(userName);
  if (kind === 'enables' || kind === 'disables') return hands.setEnabled(userName, kind === 'enables');
  return hands.setMember(userName, group, kind === 'joins');
}

/** Makes listings of targets lie for a while, again and again, until told to stop. */
export async function lie(random: Random, handsOf: (target: TargetName) => Hands | null, names: readonly TargetName[], goesOn: () => boolean): Promise<number> {
  let lies = 0;
  while (goesOn()) {
    await pause(random.whole(500, 2000));
    const hands = handsOf(random.pick(names));
    if (hands === null || !goesOn()) continue;
    // One account, which no size betrays; or most of them.
    await hands.hide(random.pick([0.05, 0.5, 0.9, 1]));
    lies += 1;
    await pause(random.whole(500, 2000));
    await hands.hide(0);
  }
  return lies;
}

/** Requests runs of targets at random until told to stop. @returns number of requests */
export async function reconcileAtRandom(
  random: Random,
  names: readonly TargetName[],
  request: (target: TargetName) => Promise<unknown>,
  goesOn: () => boolean,
): Promise<number> {
  let requests = 0;
  while (goesOn()) {
    await pause(random.whole(300, 2000));
    if (!goesOn()) break;
    await request(random.pick(names));
    requests += 1;
  }
  return requests;
}

/** A finished run, as the database has it. */
export interface FinishedRun {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly found: number;
}

/** Requests a run and waits until it is finished. */
export async function reconciled(request: () => Promise<string>, look: (id: string) => Promise<FinishedRun | null>, patience: number): Promise<FinishedRun> {
  const id = await request();
  return eventually(`run ${id} to be finished`, () => look(id).catch(() => null), patience, 400);
}
