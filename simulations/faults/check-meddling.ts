import { isMadeByHand } from './account-there.ts';
import { ask } from './ask.ts';
import { protectedName, type TargetName } from './configuration.ts';
import { commonGroup, type FinishedRun } from './meddling.ts';
import type { Targets } from './targets.ts';

/**
 * Differences of the accounts of nobody from what is to become of them: protected ones are as they were made, all others are in quarantine, disabled
 * and without memberships. Each is a sentence.
 */
export async function differencesOfHandMade(targets: Targets): Promise<readonly string[]> {
  const found: string[] = [];
  for (const target of targets.names) {
    const made = (await targets.accounts(target)).filter(isMadeByHand);
    for (const { userName, enabled, groups } of made) {
      const isProtected = userName === protectedName;
      const [state, members] = isProtected ? [true, commonGroup(target)] : [false, ''];
      if (enabled !== state) found.push(`${target}: ${userName} is ${enabled ? 'enabled' : 'disabled'}`);
      if (groups.join() !== members) found.push(`${target}: ${userName} is in ${groups.join(', ') || 'nothing'} and not in ${members || 'nothing'}`);
    }
    if (!made.some(({ userName }) => userName === protectedName)) found.push(`${target}: ${protectedName} is gone`);
  }
  return found;
}

/** A run that is finished; `null`: it is not yet. */
export async function runOf(databaseUrl: string, id: string): Promise<FinishedRun | null> {
  const [row] = await ask<FinishedRun>(databaseUrl, 'select verdict, reasons, found from reconciliation_run where id = $1 and finished_at is not null', [id]);
  return row ?? null;
}

/** Open findings that are still to be corrected, each with its kind, its cause and its account. Accounts in quarantine stay findings until their grace is over. */
export async function openFindings(databaseUrl: string, target: TargetName): Promise<readonly string[]> {
  const rows = await ask<{ line: string }>(
    databaseUrl,
    `select concat_ws(' ', kind, name, coalesce(user_name, (select a.user_name from account a where a.id = f.account_id))) as line
       from finding f where target = $1 and closed_at is null and kind not in ('protected-account', 'attribute-drift')
         and not exists (select 1 from quarantined_account q where q.target = f.target and q.native_id = f.native_id and q.state = 'quarantined' and q.ended_at is null) order by 1`,
    [target],
  );
  return rows.map(({ line }) => line);
}
