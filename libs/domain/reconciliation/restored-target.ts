import type { Instant } from '../identity/facts.ts';
import type { FindingKind } from './finding.ts';

/** An account that Tenure has changed, compared with what a run shows of it. */
export interface ChangedAccount {
  readonly accountId: string;
  /** When the last change there was carried out. */
  readonly changedAt: Instant;
  /** Causes of its open findings: kind and name. Empty: the run shows it as it should be. */
  readonly differences: readonly { readonly kind: FindingKind; readonly name: string }[];
}

/** A state of the target from before an instant. */
export interface RestoredTarget {
  /** Time of the oldest change that is gone: everything that Tenure changed from then on is missing or older. */
  readonly since: Instant;
  /** Ids of the accounts whose changes are gone. */
  readonly accountIds: readonly string[];
}

/** Least number of accounts whose changes are gone: fewer may be the work of one person. */
const LEAST = 3;
/** Largest share of the differing accounts that were changed before: a few have drifted for other reasons. */
const MOST_OTHERS = 0.1;

/** Accounts of the target whose last change is older than the days that are compared. */
export interface OlderAccounts {
  readonly same: number;
  readonly differing: number;
}

/**
 * Returns since when the changes of a target are gone together, which proves that an older state has come back: each account changed since then
 * differs, almost none that was changed before does, and there are some of both. One group or attribute that is taken from everybody who got it
 * lately proves nothing: it takes accounts that are gone, or differences of several causes.
 * @param accounts those that Tenure changed in the last days and is not changing now, in any order
 * @returns `null`: nothing proves it
 */
export function restoredSince(accounts: readonly ChangedAccount[], older: OlderAccounts): RestoredTarget | null {
  const last = accounts.reduce((latest, { changedAt, differences }) => (differences.length === 0 && changedAt > latest ? changedAt : latest), '');
  const gone = accounts.filter(({ changedAt }) => changedAt > last);
  const before = accounts.filter(({ changedAt }) => changedAt <= last);
  const differing = before.filter(({ differences }) => differences.length > 0).length;
  if (gone.length < LEAST || before.length - differing + older.same === 0) return null;
  if (differing + older.differing > gone.length * MOST_OTHERS) return null;
  const missing = gone.filter(({ differences }) => differences.some(({ kind }) => kind === 'missing-account')).length;
  const causes = new Set(gone.flatMap(({ differences }) => differences).map(({ kind, name }) => `${kind} ${name}`));
  if (missing < LEAST && causes.size < 2) return null;
  const since = gone.reduce((first, { changedAt }) => (changedAt < first ? changedAt : first), gone[0]?.changedAt ?? '');
  return { since, accountIds: gone.map(({ accountId }) => accountId) };
}

/** Least share of the known accounts that are listed under other ids. */
const REBUILT = 0.8;

/**
 * True if a target was rebuilt, such as from an export: almost all accounts that Tenure knows are there under their names or marks, with other ids.
 * @param known number of accounts of Tenure that should be there
 * @param renumbered number of those that are listed under another id
 */
export function isRebuilt(known: number, renumbered: number): boolean {
  return renumbered >= LEAST && renumbered >= known * REBUILT;
}
