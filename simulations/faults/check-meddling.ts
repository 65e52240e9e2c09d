import { type AccountThere, isMadeByHand, isProtected } from './account-there.ts';
import { ask } from './ask.ts';
import { userNameOf } from './check-end.ts';
import { protectedNames, type TargetName } from './configuration.ts';
import { deafRole, type Dialect } from './dialects.ts';
import type { Life } from './lives.ts';
import { commonGroup, type FinishedRun, otherGroup, showsAll } from './meddling.ts';
import { fates, nobodysName } from './quarantine.ts';
import type { Targets } from './targets.ts';

/** State of an account that was made by hand; `null`: it is not there. */
interface HandMade {
  readonly enabled: boolean;
  readonly groups: readonly string[];
}

/**
 * Differences of the accounts that were made by hand from what is to become of them. Protected ones are as hands have left them. All others are in
 * quarantine, disabled and without memberships; or each has come to its end. Each is a sentence.
 */
export async function differencesOfHandMade(targets: Targets, have: 'quarantined' | 'ended'): Promise<readonly string[]> {
  const found: string[] = [];
  for (const target of targets.names) {
    const made = new Map((await targets.accounts(target)).filter(isMadeByHand).map((account) => [account.userName, account]));
    const wanted = expectedOf(target, have);
    for (const [userName, expected] of wanted) {
      const account = made.get(userName) ?? null;
      // A target that does not show a membership cannot be rid of it.
      const isSame =
        stateOf(account) === stateOf(expected) || (!isProtected(userName) && !showsAll(target, targets.dialect) && account?.enabled === expected?.enabled);
      if (!isSame) found.push(`${target}: ${userName} is ${stateOf(account)} and not ${stateOf(expected)}`);
    }
    for (const userName of made.keys()) if (!wanted.has(userName)) found.push(`${target}: nobody has made ${userName} by hand`);
  }
  return found;
}

function expectedOf(target: TargetName, have: 'quarantined' | 'ended'): ReadonlyMap<string, HandMade | null> {
  const group = commonGroup(target);
  const quarantined = { enabled: false, groups: [] };
  const ends: Readonly<Record<(typeof fates)[number], HandMade | null>> = {
    waiting: quarantined,
    restored: { enabled: true, groups: [group] },
    deleted: null,
    reopened: { enabled: true, groups: [] },
  };
  return new Map<string, HandMade | null>([
    [protectedNames.unchanged, { enabled: true, groups: [group] }],
    [protectedNames.changed, { enabled: false, groups: [group, otherGroup(target)].sort() }],
    ...fates.map((fate) => [nobodysName(target, fate), have === 'ended' ? ends[fate] : quarantined] as const),
  ]);
}

function stateOf(account: Pick<AccountThere, 'enabled' | 'groups'> | null): string {
  return account === null ? 'not there' : `${account.enabled ? 'enabled' : 'disabled'} in ${account.groups.join(', ') || 'nothing'}`;
}

/** Removals through Tenure of accounts that policy has never called absent, and that were in no quarantine whose grace is over. Each is a sentence. */
export async function wronglyRemoved(targets: Targets, lives: readonly Life[]): Promise<readonly string[]> {
  const mayBeRemoved = new Set(lives.filter(({ end }) => end.state === 'ended' && end.accounts === 'absent').map(({ number }) => userNameOf(number)));
  const found: string[] = [];
  for (const target of targets.names) {
    for (const userName of await targets.removed(target))
      if (!mayBeRemoved.has(userName) && userName !== nobodysName(target, 'deleted')) found.push(`${target}: Tenure has removed ${userName}`);
  }
  return found;
}

/** Verdicts of finished runs with their reasons, each with its number. */
export async function verdicts(databaseUrl: string): Promise<string> {
  const rows = await ask<{ line: string }>(
    databaseUrl,
    `select format('%s × %s %s %s', count(*), target, verdict, reasons) as line from reconciliation_run where finished_at is not null group by target, verdict, reasons order by target, count(*) desc`,
  );
  return rows.map(({ line }) => line.trim()).join(', ');
}

/** A run that is finished; `null`: it is not yet. */
export async function runOf(databaseUrl: string, id: string): Promise<FinishedRun | null> {
  const [row] = await ask<FinishedRun>(databaseUrl, 'select verdict, reasons, found from reconciliation_run where id = $1 and finished_at is not null', [id]);
  return row ?? null;
}

/** Attribute or membership that a target stores differently from what is written: findings about it stay a case. */
function storedDifferently(target: TargetName, { crm, ledger }: Dialect): string | null {
  if (target === 'crm') return crm.speaks.some(({ emails }) => emails !== undefined) ? 'attribute-drift emails' : null;
  if (target !== 'ledger' || ledger === 'plain') return null;
  return ledger === 'deaf' ? `entitlement-missing ${deafRole}` : 'attribute-drift mail';
}

/** Open findings that are still to be corrected, each with its kind, its cause and its account. Accounts in quarantine stay findings until their grace is over. */
export async function openFindings(databaseUrl: string, target: TargetName, dialect: Dialect): Promise<readonly string[]> {
  const rows = await ask<{ line: string }>(
    databaseUrl,
    `select concat_ws(' ', kind, name, coalesce(user_name, (select a.user_name from account a where a.id = f.account_id))) as line
       from finding f where target = $1 and closed_at is null and kind <> 'protected-account' and concat_ws(' ', kind, name) <> $2
         and not exists (select 1 from quarantined_account q where q.target = f.target and q.native_id = f.native_id and q.state = 'quarantined' and q.ended_at is null) order by 1`,
    [target, storedDifferently(target, dialect) ?? ''],
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
       where f.target = $1 and f.closed_at is null and f.kind <> 'protected-account'`,
    [target],
  );
  return rows.map(({ line }) => line);
}
