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

/** Accounts of open findings of a target as Tenure knows them, each as one line: for when they do not close. */
export async function aboutFindings(databaseUrl: string, target: TargetName): Promise<readonly string[]> {
  const rows = await ask<{ line: string }>(
    databaseUrl,
    `select format('%s %s first seen %s, last seen %s, evidence %s, batch %s (%s, finished %s, item %s); account: desired %s since %s, observed at %s, drifted %s, confirmed %s, native id %s; operations %s', f.kind, f.name,
         f.first_seen_at, f.last_seen_at, f.evidence, f.batch_id, w.standing, w.finished_at, i.result || ' ' || coalesce(i.reason, ''), a.desired->>'state', a.desired_since, a.observed_at, a.drifted_at, a.confirmed_at, a.native_id,
         (select string_agg(concat_ws(' ', o.change->>'kind', o.status, o.attempts, o.last_error->>'code', o.created_at, o.finished_at), '; ' order by o.created_at desc) from operation o where o.account_id = a.id and o.created_at > f.first_seen_at - interval '1 minute')) as line
       from finding f left join account a on a.id = f.account_id left join wave w on w.id = f.batch_id left join batch_item i on i.batch_id = f.batch_id and i.key = f.subject
       where f.target = $1 and f.closed_at is null and f.kind not in ('protected-account', 'attribute-drift')`,
    [target],
  );
  return rows.map(({ line }) => line);
}
