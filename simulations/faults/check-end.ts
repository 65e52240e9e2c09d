import type { Case, Store } from '@tenure/store';
import { ask } from './ask.ts';
import { entitledTo, type TargetName } from './configuration.ts';
import { deafRole, type Dialect } from './dialects.ts';
import type { Life } from './lives.ts';
import type { Targets } from './targets.ts';
import { type AccountThere, isMadeByHand } from './account-there.ts';

/** Deeds that Tenure acknowledged: source, number and version or login. */
export interface Acknowledged {
  readonly number: string;
  readonly version: number;
}

/** User name of a person in every target: made from the e-mail, which the test makes from the number. */
export function userNameOf(number: string): string {
  return number.toLowerCase().replaceAll('-', '.');
}

/**
 * Differences from the expected final state, as the targets themselves have it, wherever an entry lies and whatever a group is called by then; each
 * is a sentence, and there must be none.
 */
export async function differences(lives: readonly Life[], targets: Targets): Promise<readonly string[]> {
  const found: string[] = [];
  for (const target of targets.names)
    found.push(
      ...differencesThere(
        target,
        targets.dialect,
        (await targets.accounts(target)).filter((account) => !isMadeByHand(account)),
        lives,
      ),
    );
  for (const dangling of await targets.dangling()) found.push(`directory: ${dangling}, which is the name of no entry`);
  return found;
}

function differencesThere(target: TargetName, dialect: Dialect, accounts: readonly AccountThere[], lives: readonly Life[]): readonly string[] {
  const found: string[] = [];
  const wanted = new Map(lives.map((life) => [userNameOf(life.number), life]));
  const seen = new Map<string, AccountThere>();
  for (const account of accounts) {
    const { userName, externalId } = account;
    if (!wanted.has(userName)) found.push(`${target}: nobody has to do with account ${userName}`);
    if (seen.has(userName) || [...seen.values()].some((other) => other.externalId === externalId)) found.push(`${target}: account ${userName} is doubled`);
    seen.set(userName, account);
  }
  for (const [userName, life] of wanted) {
    const difference = differenceOf(target, dialect, seen.get(userName) ?? null, life);
    if (difference !== null) found.push(`${target}: ${userName} ${difference}, but ${JSON.stringify(life.end)}`);
  }
  return found;
}

/** Expected groups of a person in a target, without those that the target's dialect cannot add. */
export function groupsOf(target: TargetName, { ledger }: Dialect, end: Extract<Life['end'], { state: 'active' }>): readonly string[] {
  const given = [...entitledTo(target, end.department, end.asserted), ...(target === 'ledger' ? (end.granted ?? []) : [])];
  return given.filter((name) => !(target === 'ledger' && ledger === 'deaf' && name === deafRole)).sort();
}

function differenceOf(target: TargetName, dialect: Dialect, account: AccountThere | null, { end }: Life): string | null {
  if (end.state === 'ended') {
    if (account === null) return null;
    if (account.enabled) return 'is enabled';
    if (account.groups.length > 0) return `is in ${account.groups.join(', ')}`;
    return end.accounts === 'absent' ? 'is still there' : null;
  }
  if (account === null) return 'is not there';
  if (!account.enabled) return 'is disabled';
  const groups = groupsOf(target, dialect, end);
  return groups.join() === account.groups.join() ? null : `is in ${account.groups.join(', ')} and not in ${groups.join(', ')}`;
}

/** Transactions that hold locks for long, as PostgreSQL reports them: for when something hangs. */
export async function longTransactions(databaseUrl: string): Promise<readonly string[]> {
  const rows = await ask<{ line: string }>(
    databaseUrl,
    `select format('%s for %s s, blocked by %s: %s', state, extract(epoch from now() - xact_start)::int, pg_blocking_pids(pid), left(query, 200)) as line
       from pg_stat_activity where datname = current_database() and xact_start < now() - interval '5 seconds' order by xact_start`,
  );
  return rows.map(({ line }) => line);
}

/**
 * Unfinished work by kind; empty when all is settled. Accounts count that are neither confirmed nor not visible, unless a failed operation
 * waits for a human decision. Groups count in which the write of a killed writer may arrive late, where that is waited for.
 */
export async function unsettled(databaseUrl: string, waitsForDoubts = false): Promise<Readonly<Record<string, number>>> {
  const rows = await ask<Record<string, string>>(
    databaseUrl,
    `select
      (select count(*) from outbox) as outbox,
      (select count(*) from account a where confirmed_at is null and not_visible_at is null
        and not exists (select 1 from operation o where o.account_id = a.id and o.status = 'failed')) as unconfirmed,
      (select count(*) from group_lease where ${waitsForDoubts} and (doubted_since is not null or held_by is not null)) as doubted,
      (select count(*) from operation where status = 'pending') as pending,
      (select count(*) from identity where next_wake_up < now()) as overdue,
      (select count(*) from access_request where status = 'open') as requests`,
  );
  return Object.fromEntries(Object.entries(rows[0] ?? {}).flatMap(([name, count]) => (Number(count) > 0 ? [[name, Number(count)]] : [])));
}

/** Open cases. */
export async function openCases(store: Store): Promise<readonly Case[]> {
  return store.read((tx) => tx.cases.page({ status: 'open' }, 1000, null));
}

/** Acknowledged news that the audit does not know, or knows twice. */
export async function lostOrDoubled(databaseUrl: string, acknowledged: readonly Acknowledged[]): Promise<readonly string[]> {
  const rows = await ask<{ external_id: string; version: string; times: string }>(
    databaseUrl,
    `select r.external_id, e.reason ->> 'version' as version, count(*) as times
       from audit_event e join source_record r on r.id::text = e.subject_id
       where e.action = 'record.taken' and r.source = 'hr' group by 1, 2`,
  );
  const times = new Map(rows.map(({ external_id, version, times: count }) => [`${external_id} ${version}`, Number(count)]));
  return acknowledged.flatMap(({ number, version }) => {
    const count = times.get(`${number} ${version}`) ?? 0;
    return count === 1 ? [] : [`record ${version} of ${number} is in the audit ${count} times`];
  });
}
