import { concludeFindings, type Difference, DomainError, matchesGroups, provesAbsence } from '@tenure/domain';
import { policyInForce } from '@tenure/engine/policy';
import { attributeCauses, dormantAccounts, foundViolations, missingGroups, readingOf, unmanagedMemberships } from '@tenure/engine/reconciliation';
import type { ReconciliationRun, Transaction } from '@tenure/store';
import type { Pace } from '../batches/pace.ts';
import type { Comparing, RunInProgress } from './comparing.ts';
import { keepUnshown } from './keep-unshown.ts';

/** A page of differences. `last`: position after it; `null`: there is no other page. */
interface Found {
  readonly differences: readonly Difference[];
  readonly last: string | null;
}

/** Finds the next page. @param after position after the page before; `null`: the first page */
type Find = (comparing: Comparing, after: string | null) => Promise<Found | ((tx: Transaction) => Promise<Found>)>;

const chunk = 500;
/** Maximum number of groups that are requested individually in one run; the others wait for a later one. */
const mostGroups = 200;
/** Number of groups that are requested between two positions. */
const groupsTogether = 20;
const nothing: Found = { differences: [], last: null };

/** What does not follow from comparing one account with its desired state, one after the other. */
const phases: readonly (readonly [string, Find])[] = [
  ['unmanaged', findUnmanaged],
  ['dormant', findDormant],
  ['groups', findMissingGroups],
  ['violations', findViolations],
];

/**
 * Finds the next page of what does not follow from comparing one account with its desired state: unmanaged memberships, dormant accounts, missing
 * groups, SoD violations by found access; and last what may have caused the findings of the run. The position, phase and last row, is saved with the
 * findings of the page.
 */
export async function findFurther(comparing: Comparing, run: RunInProgress): Promise<ReconciliationRun> {
  const { store, context, verdict } = comparing;
  const { progress } = run;
  const { index, after } = positionOf(progress.after);
  const phase = phases[index];
  if (phase === undefined) {
    if (provesAbsence(verdict)) await keepUnshown(comparing, run);
    return store.transaction(context(), async (tx) => {
      await attributeCauses(tx, run, verdict);
      return tx.reconciliationRuns.advance(run, { ...progress, step: 'finish', after: null });
    });
  }
  const found = await phase[1](comparing, after);
  return store.transaction(context(), async (tx) => {
    const { differences, last } = typeof found === 'function' ? await found(tx) : found;
    const concluded = concludeFindings(verdict, differences);
    await tx.findings.keep(run.target, run.id, [], concluded.unproven);
    const opened = await tx.findings.see(run.target, run.id, concluded.found, tx.context.now);
    return tx.reconciliationRuns.advance(run, {
      ...progress,
      after: last === null ? `${phases[index + 1]?.[0] ?? 'causes'}/` : `${phase[0]}/${last}`,
      found: progress.found + concluded.found.length,
      opened: progress.opened + opened,
      unproven: progress.unproven + concluded.unproven.length,
    });
  });
}

/** Phase, by its number, and position in it. The last phase has no number: it is beyond all others. */
function positionOf(position: string | null): { readonly index: number; readonly after: string | null } {
  if (position === null) return { index: 0, after: null };
  const [name = '', ...rest] = position.split('/');
  const index = phases.findIndex(([phase]) => phase === name);
  return { index: index === -1 ? phases.length : index, after: rest.join('/') === '' ? null : rest.join('/') };
}

/** Groups in which the run shows an account: read once for all pages of an activity, since it takes a look at each account. */
const groupsShown = new WeakMap<Comparing, Promise<readonly string[]>>();
function groupsIn(comparing: Comparing): Promise<readonly string[]> {
  const known = groupsShown.get(comparing) ?? comparing.store.read((tx) => tx.signs.groups(comparing.target.run.id));
  groupsShown.set(comparing, known);
  return known;
}

async function findUnmanaged(comparing: Comparing, after: string | null): Promise<Found> {
  const { store, target } = comparing;
  const { run, managed } = target;
  const { unmanagedGroups, protectedNames } = readingOf(target);
  if (unmanagedGroups.length === 0) return nothing;
  const isLookedFor = matchesGroups(unmanagedGroups);
  const names = (await groupsIn(comparing)).filter((name) => !managed.has(name) && isLookedFor(name));
  if (names.length === 0) return nothing;
  const page = await store.read((tx) => tx.signs.inGroups(run.id, run.target, names, after, chunk));
  const differences = unmanagedMemberships(page.filter(({ userName }) => !protectedNames.has(userName.toLowerCase())));
  return { differences, last: lastOf(page, ({ nativeId }) => nativeId) };
}

async function findDormant({ store, context, target }: Comparing, after: string | null): Promise<Found> {
  const { run } = target;
  const { dormantAfter, protectedNames } = readingOf(target);
  if (dormantAfter === null) return nothing;
  const isReported = await store.read((tx) => tx.signs.showsUse(run.id));
  if (!isReported) return nothing;
  const { now } = context();
  const before = new Date(Date.parse(now) - dormantAfter).toISOString();
  const page = await store.read((tx) => tx.signs.unusedSince(run.id, run.target, before, after, chunk));
  const unprotected = page.filter(({ userName }) => !protectedNames.has(userName.toLowerCase()));
  return { differences: dormantAccounts(unprotected, isReported, dormantAfter, now), last: lastOf(page, ({ nativeId }) => nativeId) };
}

/** Requests groups of the policy in which the run has shown nobody: an empty group is there, one that does not exist is a finding. */
async function findMissingGroups(comparing: Comparing, after: string | null): Promise<Found> {
  const { store, engine, connector, turn, alive, verdict, isDue, target } = comparing;
  const { hasGroup } = connector;
  if (hasGroup === undefined || !provesAbsence(verdict)) return nothing;
  const { policy } = await store.read((tx) => policyInForce(tx, engine));
  const seen = new Set(await groupsIn(comparing));
  const names = Object.values(policy.document.entitlements).flatMap((one) =>
    one.target === target.run.target && one.value !== null && !seen.has(one.value) ? [one.value] : [],
  );
  const unseen = [...new Set(names)].sort();
  const differences: Difference[] = [];
  let last = after;
  const waiting = [...unseen.entries()].filter(([, name]) => after === null || name > after);
  for (const [index, name] of waiting.slice(0, groupsTogether)) {
    alive();
    differences.push(...missingGroups(name, index < mostGroups ? await answered(turn, () => hasGroup(name)) : null));
    last = name;
    if (isDue()) break;
  }
  return { differences, last: last === unseen.at(-1) || waiting.length === 0 ? null : last };
}

/** @returns `null`: the target refused, or did not answer, which proves nothing */
async function answered(turn: Pace, ask: () => Promise<boolean | null>): Promise<boolean | null> {
  await turn.next();
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    turn.heed(error);
    return null;
  }
}

/** Decided in the transaction in which they are saved: people are read as they are then. */
async function findViolations({ store, engine, target: { run } }: Comparing, after: string | null): Promise<Found | ((tx: Transaction) => Promise<Found>)> {
  const { policy } = await store.read((tx) => policyInForce(tx, engine));
  if (policy.document.separation.length === 0) return nothing;
  const page = await store.read((tx) => tx.findingCauses.foundAccess(run.id, after, chunk));
  const last = lastOf(page, ({ identityId }) => identityId);
  return async (tx) => ({ differences: await foundViolations(tx, engine, policy, run.target, page), last });
}

/** Position after a page; `null`: it was the last one. */
function lastOf<T>(page: readonly T[], keyOf: (row: T) => string): string | null {
  const last = page.at(-1);
  return last === undefined || page.length < chunk ? null : keyOf(last);
}
