import { eventually } from '@tenure/testing/eventually.ts';
import { ask } from './ask.ts';
import type { TargetName } from './configuration.ts';
import type { Hands } from './hands.ts';

/** Ends of the accounts of nobody, each of which is put into quarantine first. `reopened`: somebody enables it there, so it is left to a person. */
export const fates = ['waiting', 'restored', 'deleted', 'reopened'] as const;
export type Fate = (typeof fates)[number];

export function nobodysName(target: TargetName, fate: Fate): string {
  return `x-${target}-${fate}`;
}

/** Has attempts made at once that wait for a target to work again. */
export async function hurryQuarantine(databaseUrl: string): Promise<void> {
  await ask(databaseUrl, `update quarantined_account set next_at = now() where ended_at is null and state = 'planned' and next_at > now()`);
}

interface Quarantined {
  readonly id: string;
  readonly userName: string;
  readonly state: string;
  readonly failure: string | null;
}

async function quarantinedIn(databaseUrl: string, target: TargetName): Promise<readonly Quarantined[]> {
  return ask<Quarantined>(
    databaseUrl,
    `select distinct on (user_name) id, user_name as "userName", state, failure->>'code' as failure from quarantined_account where target = $1 order by user_name, created_at desc`,
    [target],
  );
}

/**
 * Brings each account of nobody in a target, all of which are in quarantine, to its end.
 * @param restore requests that Tenure brings an account back
 */
export async function endQuarantine(
  databaseUrl: string,
  target: TargetName,
  { hands, restore, patience }: { readonly hands: Hands; readonly restore: (id: string) => Promise<unknown>; readonly patience: number },
): Promise<void> {
  const of = (all: readonly Quarantined[], fate: Fate): Quarantined => {
    const found = all.find(({ userName }) => userName === nobodysName(target, fate));
    if (found === undefined) throw new Error(`${nobodysName(target, fate)} was never put into quarantine`);
    return found;
  };
  const before = await quarantinedIn(databaseUrl, target);
  await restore(of(before, 'restored').id);
  await hands.setEnabled(nobodysName(target, 'reopened'), true);
  const over = [of(before, 'deleted').id, of(before, 'reopened').id];
  await ask(databaseUrl, 'update quarantined_account set next_at = now(), delete_at = now() where id = any($1::uuid[])', [over]);
  await eventually(
    `the quarantine of ${target} to end`,
    async () => {
      const all = await quarantinedIn(databaseUrl, target).catch(() => before);
      const isOver = of(all, 'restored').state === 'restored' && of(all, 'deleted').state === 'deleted' && of(all, 'reopened').failure === 'enabled';
      return isOver || null;
    },
    patience,
    400,
  );
}

/** User names of accounts that were put into quarantine though nobody made them by hand. */
export async function wronglyQuarantined(databaseUrl: string): Promise<readonly string[]> {
  const rows = await ask<{ line: string }>(
    databaseUrl,
    `select format('%s: %s was put into quarantine', target, user_name) as line from quarantined_account where user_name not like 'x-%' order by 1`,
  );
  return rows.map(({ line }) => line);
}
