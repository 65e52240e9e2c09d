import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@tenure/testing/eventually.ts';
import { userNameOf } from './check-end.ts';
import { protectedNames, type TargetName } from './configuration.ts';
import { deafRole, type Dialect } from './dialects.ts';
import type { Hands, Lie } from './hands.ts';
import type { Life } from './lives.ts';
import { fates, nobodysName } from './quarantine.ts';
import type { Random } from './random.ts';
import { someAccounts } from './some-accounts.ts';

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

/** True if every membership that is changed by hand in a target can be seen there. */
export function showsAll(target: TargetName, { crm }: Dialect): boolean {
  return target !== 'crm' || crm.shows === 'all';
}

/** Group of a target in which everybody can be put. */
export function commonGroup(target: TargetName): string {
  return { crm: 'Staff', ledger: 'reader', directory: 'staff' }[target];
}

/** Another group of a target, which a protected account is put into by hand. */
export function otherGroup(target: TargetName): string {
  return { crm: 'Night', ledger: 'auditor', directory: 'sales' }[target];
}

/**
 * Draws changes by hand: a few accounts of nobody in each target, changes of a protected account, and changes of people's accounts, which may not exist at
 * that time.
 */
export function drawMeddling(random: Random, lives: readonly Life[], names: readonly TargetName[], dialect: Dialect): readonly Meddling[] {
  const at = (): number => random.whole(60, 95) / 100;
  const created = names.flatMap((target) =>
    fates.map((fate): Meddling => ({ kind: 'creates', target, userName: nobodysName(target, fate), group: commonGroup(target), at: at() })),
  );
  const ofService = names.flatMap((target) =>
    (['disables', 'joins'] as const).map((kind): Meddling => ({ kind, target, userName: protectedNames.changed, group: otherGroup(target), at: at() })),
  );
  const changed = random.shuffled(lives).slice(0, Math.ceil(lives.length / 3));
  const drawn = changed.map(({ number, end }): Meddling => {
    const target = random.pick(names);
    const possible = groups[target].filter((name) => !(target === 'ledger' && dialect.ledger === 'deaf' && name === deafRole));
    const isSeen = showsAll(target, dialect);
    const ofLeaver = isSeen ? (['enables', 'joins'] as const) : (['enables'] as const);
    const ofOthers = isSeen ? (['joins', 'leaves', 'disables', 'removes'] as const) : (['disables', 'removes'] as const);
    const kind = random.pick<Meddling['kind']>(end.state === 'ended' ? ofLeaver : ofOthers);
    return { kind, target, userName: userNameOf(number), group: random.pick(possible), at: at() };
  });
  return [...created, ...ofService, ...drawn];
}

/**
 * Makes the changes, each from its time on as soon as its account is there, until told to stop.
 * @param within milliseconds of the storm
 * @returns those that found their account
 */
export async function meddle(
  meddling: readonly Meddling[],
  handsOf: (target: TargetName) => Hands | null,
  within: number,
  goesOn: () => boolean,
): Promise<readonly Meddling[]> {
  const made = await Promise.all(
    meddling.map(async (one) => {
      await pause(within * one.at);
      const hands = handsOf(one.target);
      while (hands !== null) {
        if (await doIt(hands, one)) return [one];
        if (!goesOn()) return [];
        await pause(500);
      }
      return [];
    }),
  );
  return made.flat();
}

async function doIt(hands: Hands, { kind, userName, group }: Meddling): Promise<boolean> {
  if (kind === 'creates') {
    await hands.create(userName, group);
    return true;
  }
  if (kind === 'removes') return hands.remove(userName);
  if (kind === 'enables' || kind === 'disables') return hands.setEnabled(userName, kind === 'enables');
  return hands.setMember(userName, group, kind === 'joins');
}

/** Makes targets lie for a while, again and again, until told to stop. @returns number of lies by kind */
export async function lie(
  random: Random,
  handsOf: (target: TargetName) => Hands | null,
  names: readonly TargetName[],
  goesOn: () => boolean,
): Promise<Readonly<Partial<Record<Lie['kind'], number>>>> {
  const told: Partial<Record<Lie['kind'], number>> = {};
  while (goesOn()) {
    await pause(random.whole(500, 2000));
    const hands = handsOf(random.pick(names));
    if (hands === null || !goesOn()) continue;
    const kind = random.pick(hands.lies);
    // One account, which no size betrays; or most of them.
    await hands.tell(kind === 'leaves-out' ? { kind, isLeftOut: someAccounts(random.pick([0.05, 0.5, 0.9, 1]), random.whole(0, 1000)) } : { kind });
    told[kind] = (told[kind] ?? 0) + 1;
    await pause(random.whole(500, 2000));
    await hands.tell(null);
  }
  return told;
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
