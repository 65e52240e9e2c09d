import { protectedNamesOf, reconciliationOf, type ReconciliationSettings, type TargetSettings } from '@tenure/config';
import { type AccountOwner, type DifferenceScope, type JoinedAccount, type ObservedAccount, stageAccount } from '@tenure/domain';
import type { JoinedRow, ReconciliationRun, StagedRow } from '@tenure/store';
import { digestFor } from '../provision/digest.ts';
import { stagedHashOf } from './staged-hash.ts';

/** A target as one run reads it. */
export interface ReconciledTarget {
  readonly run: ReconciliationRun;
  readonly settings: TargetSettings;
  /** Entitlements of the target that policy knows or has known. */
  readonly managed: ReadonlySet<string>;
  /** Mapped attributes by which owners are proposed. Absent: none are. */
  readonly keyAttributes?: readonly string[];
  /** Owners of accounts that Tenure does not know, by the target's own id. Absent: not determined. */
  readonly owners?: ReadonlyMap<string, AccountOwner>;
}

/** Settings of what a run looks for. `protectedNames`: user names of protected accounts, in lower case. */
export function readingOf({ settings }: Pick<ReconciledTarget, 'settings'>): ReconciliationSettings & { readonly protectedNames: ReadonlySet<string> } {
  const reading = reconciliationOf(settings);
  return { ...reading, protectedNames: protectedNamesOf(settings) };
}

/** @param shown memberships that the target has shown of any person, at any time */
export function scopeOfRun({ run, settings, managed }: ReconciledTarget, shown: ReadonlySet<string>): DifferenceScope {
  return {
    managed,
    rules: settings.rules ?? {},
    protectedNames: protectedNamesOf(settings),
    shown,
    digest: digestFor(run.id),
  };
}

/** Converts accounts to the form that the run keeps; made once for many of them. */
export function stagingOf(target: ReconciledTarget): (observed: ObservedAccount) => StagedRow {
  const { run, settings } = target;
  const { rules = {} } = settings;
  const names = Object.keys(settings.attributes).sort();
  const digest = digestFor(run.id);
  const hashOf = stagedHashOf(target);
  return (observed) => {
    const { attributes: values, ...account } = stageAccount(observed, names, rules, (text) => text);
    const attributes: Record<string, string> = {};
    for (const [name, text] of Object.entries(values)) attributes[name] = digest(text);
    return { ...account, attributes, hash: hashOf({ ...account, attributes: values }) };
  };
}

/** An account as the run keeps it. */
export const stagedIn = (target: ReconciledTarget, observed: ObservedAccount): StagedRow => stagingOf(target)(observed);

/** A row of the join as it is compared. Tenure's work on an account is given the time in which it is to be confirmed. */
export function joinedIn({ run, settings, owners }: ReconciledTarget, { staged, account, marked }: JoinedRow, now: string): JoinedAccount {
  const owner = account === null && staged !== null ? owners?.get(staged.nativeId) : undefined;
  if (account === null) return { staged, known: null, marked, ...(owner === undefined ? {} : { owner }) };
  const { id, identityId, nativeId, state, desired, existed, desiredSince, isPending } = account;
  const isDecidedMeanwhile = desiredSince >= (run.startedAt ?? now);
  const isInTime = isPending && Date.parse(desiredSince) + settings.confirmWithin > Date.parse(now);
  return { staged, known: { id, identityId, nativeId, state, desired, existed, isSettling: isDecidedMeanwhile || isInTime }, marked: null };
}
