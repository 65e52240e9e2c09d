import { isProtectedAccount } from '@tenure/config';
import {
  conclude,
  type Difference,
  type FindingKind,
  type Instant,
  type JoinedAccount,
  listedAccount,
  type Observation,
  type ObservedAccount,
  withoutStopped,
} from '@tenure/domain';
import type { Person, StoredAccount, StoredObservation, StoredOperation, Transaction } from '@tenure/store';
import { lastSeen, scopeOf } from '../provision/account-scope.ts';
import { digestFor } from '../provision/digest.ts';
import { ownWrites } from '../provision/own-writes.ts';
import { saveWorked } from '../provision/save-worked.ts';
import type { Saved } from '../provision/saved.ts';
import type { Worked } from '../provision/worked.ts';
import type { Engine } from '../decide/engine.ts';
import { sameJson } from '../decide/same-json.ts';
import { wakeToDecide } from '../batches/wake-to-decide.ts';
import type { ReconciledTarget } from './reconciled-target.ts';

/** An account of a run with its proven differences. */
export interface Sighting {
  readonly joined: JoinedAccount;
  readonly differences: readonly Difference[];
}

export interface RecordedSightings {
  readonly saved: readonly Saved[];
  /** Accounts that were left alone, since there is or will be newer knowledge of them than the run's. */
  readonly newer: readonly string[];
}

const nothing: RecordedSightings = { saved: [], newer: [] };

/** Kinds of findings that are differences between the desired and the observed state of an account of a known person. */
const DRIFT: ReadonlySet<FindingKind> = new Set([
  'leaver-account',
  'missing-account',
  'account-enabled',
  'account-disabled',
  'attribute-drift',
  'entitlement-outside-policy',
  'entitlement-missing',
]);

/**
 * Writes into the ledger what a believed run has seen of accounts of known people, if it is news: an account that differs loses its confirmation, and
 * its correction waits for approval; one that was not confirmed and is as desired is confirmed. Accounts that a worker speaks to the target about, or
 * that were decided about or observed since the run began, are left alone. Everybody concerned is decided again.
 */
export async function recordSightings(tx: Transaction, engine: Engine, target: ReconciledTarget, sightings: readonly Sighting[]): Promise<RecordedSightings> {
  const { run } = target;
  const known = new Map(sightings.filter(isAboutKnown).map((one) => [one.joined.known?.id ?? '', one]));
  const unsettled = new Set(await tx.access.unsettledOf([...known.keys()]));
  const news = [...known].filter(([id, { differences }]) => unsettled.has(id) || differences.some(({ kind }) => DRIFT.has(kind)));
  if (news.length === 0) return nothing;
  const people = await tx.people.lock(news.map(([, { joined }]) => joined.known?.identityId ?? ''));
  const newsOf = new Map(news);
  const ids = [...newsOf.keys()];
  const leased = new Set(await tx.access.leasedOf(ids));
  const ledger = Map.groupBy(await tx.observations.ofAccounts(ids), ({ accountId }) => accountId);
  const shown = await tx.observations.shownIn(run.target);
  const isObserved = (await tx.targetModes.get(run.target))?.mode === 'observe';
  const newer: string[] = [];
  const sighted = people.flatMap((person) =>
    person.accounts.flatMap((account): Worked[] => {
      const sighting = newsOf.get(account.id);
      if (sighting === undefined) return [];
      if (leased.has(account.id) || !isOlder(account, run.startedAt)) {
        newer.push(account.id);
        return [];
      }
      const isProtected = isProtectedAccount(target.settings, account.userName, sighting.joined.staged?.userName);
      return seen({ engine, target, shown, isObserved: isObserved || isProtected, isProtected }, person, account, {
        sighting,
        before: ledger.get(account.id) ?? [],
      });
    }),
  );
  if (sighted.length === 0) return { saved: [], newer };
  const saved = await saveWorked(tx, run.target, sighted);
  await wakeToDecide(
    tx,
    sighted.map(({ account }) => account.identityId),
    'restart',
  );
  return { saved, newer };
}

function isAboutKnown({ joined: { known, staged, look } }: Sighting): boolean {
  return known !== null && !known.isSettling && (staged !== null || look !== undefined);
}

/** True if nothing was decided or observed about the account since an instant. */
function isOlder({ desiredSince, observedAt }: StoredAccount, since: Instant | null): boolean {
  return since !== null && desiredSince < since && (observedAt === null || observedAt < since);
}

interface SightedTarget {
  readonly engine: Engine;
  readonly target: ReconciledTarget;
  /** Groups in which the target has ever shown a member. */
  readonly shown: readonly string[];
  /** True: nothing is written there, so differences need no approval of their own. */
  readonly isObserved: boolean;
  readonly isProtected: boolean;
}

/** Sighting of a run in the form in which the work on an account is saved; empty where it is no news. */
function seen(
  { engine, target: { run, managed, settings }, shown, isObserved, isProtected }: SightedTarget,
  { operations }: Person,
  account: StoredAccount,
  { sighting: { joined, differences }, before }: { readonly sighting: Sighting; readonly before: readonly StoredObservation[] },
): Worked[] {
  const ofAccount = operations.filter(({ accountId }) => accountId === account.id);
  // Its operations say the same, and are worked on.
  if (!isObserved && ofAccount.some(({ status }) => status === 'pending')) return [];
  const at = run.startedAt ?? account.desiredSince;
  const { desired, accepted } = account;
  const { staged, look } = joined;
  const more = look === undefined ? {} : { memberships: look.memberships };
  const observed =
    staged === null
      ? null
      : listedAccount(staged, { desired, observed: account.observed, accepted, rules: settings.rules ?? {}, digest: digestFor(run.id), ...more });
  const scope = { ...scopeOf(engine.configuration, account, managed), shown: new Set(shown) };
  const hidden: readonly Observation[] = before.filter(({ verdict }) => verdict !== 'PRESENT');
  const found = conclude({ desired, observed, scope, before: hidden, made: [], now: at, isProtected });
  const isDifferent = found.left.length > 0;
  const stopped = ofAccount.filter((operation) => isStopped(operation, account)).map(({ change }) => change);
  const drifts = !isObserved && withoutStopped(found.left, stopped).length > 0;
  // A listing that cannot show everything proves no end of the work: that is read once more.
  const conclusion = { ...found, status: found.status === 'CONFIRMED' && !isDifferent ? found.status : ('DIFFERENT' as const) };
  const isConfirmed = conclusion.status === 'CONFIRMED';
  if (
    !isNews(account, observed, {
      isDifferent,
      isProven: differences.length > 0 || (isObserved && observed !== null),
      drifts,
      isConfirmed,
      isFree: isObserved || stopped.length > 0,
    })
  )
    return [];
  return [
    {
      account,
      before: hidden,
      shown,
      made: [],
      unheeded: [],
      refused: [],
      suspended: [],
      found: { observed, changes: found.left },
      observed,
      accepted: ownWrites(conclusion.accepted, account),
      conclusion,
      onlyRead: { at, runId: run.id, drifts },
      ...(isProtected ? { isProtected } : {}),
      failure: null,
    },
  ];
}

interface News {
  readonly isDifferent: boolean;
  /** True if the run has proved a difference, or, in a target that is observed, that there is an account. */
  readonly isProven: boolean;
  /** True if a difference is not one that was refused or abandoned before. */
  readonly drifts: boolean;
  readonly isConfirmed: boolean;
  /** True if no worker is at it, though it is not concluded: its operations were refused or abandoned, or its target is observed. */
  readonly isFree: boolean;
}

function isNews(account: StoredAccount, observed: ObservedAccount | null, { isDifferent, isProven, drifts, isConfirmed, isFree }: News): boolean {
  const wasConcluded = account.confirmedAt !== null || account.notVisibleAt !== null;
  // What a listing only does not show may differ all the same: `settleDrift` ends that once no finding is left.
  if (!isDifferent) return !wasConcluded && isConfirmed;
  // Neither concluded nor waiting for anybody: a worker is at it.
  if (!isProven || !(wasConcluded || account.driftedAt !== null || isFree)) return false;
  return wasConcluded || drifts !== (account.driftedAt !== null) || !sameJson(lastSeen(account), observed);
}

function isStopped({ status, finishedAt }: StoredOperation, { desiredSince }: StoredAccount): boolean {
  return status === 'failed' || (status === 'given-up' && finishedAt !== null && finishedAt >= desiredSince);
}
