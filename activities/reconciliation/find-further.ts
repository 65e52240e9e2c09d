import { concludeFindings, type Difference, DomainError, matchesGroups, provesAbsence } from '@tenure/domain';
import { policyInForce } from '@tenure/engine/policy';
import {
  attributeCauses,
  dormantAccounts,
  foundViolations,
  missingGroups,
  readingOf,
  type ReconciledTarget,
  unmanagedMemberships,
} from '@tenure/engine/reconciliation';
import type { ReconciliationRun, Store, Transaction } from '@tenure/store';
import type { Pace } from '../batches/pace.ts';
import type { Comparing, RunInProgress } from './comparing.ts';
import { keepUnshown } from './keep-unshown.ts';

/** Saves differences as findings of the run. */
type Save = (differences: readonly Difference[]) => Promise<void>;

const chunk = 500;
/** Maximum number of groups that are requested individually in one run; the others wait for a later one. */
const mostGroups = 200;

/**
 * Finds what does not follow from comparing one account with its desired state: unmanaged memberships, dormant accounts, missing groups, SoD
 * violations by found access; and last what may have caused the findings of the run.
 */
export async function findFurther(comparing: Comparing, run: RunInProgress): Promise<ReconciliationRun> {
  const { store, context, target, verdict } = comparing;
  let { found, opened, unproven } = run.progress;
  const save: Save = async (differences) => {
    const concluded = concludeFindings(verdict, differences);
    opened += await store.transaction(context(), async (tx) => {
      await tx.findings.keep(run.target, run.id, [], concluded.unproven);
      return tx.findings.see(run.target, run.id, concluded.found, tx.context.now);
    });
    found += concluded.found.length;
    unproven += concluded.unproven.length;
  };
  await findUnmanaged(comparing, target, save);
  await findDormant(comparing, target, save);
  if (provesAbsence(verdict)) {
    await findMissingGroups(comparing, target, save);
    await keepUnshown(comparing, run);
  }
  await findViolations(comparing, target, save);
  return store.transaction(context(), async (tx) => {
    await attributeCauses(tx, run, verdict);
    return tx.reconciliationRuns.advance(run, { ...run.progress, step: 'finish', after: null, found, opened, unproven });
  });
}

async function findUnmanaged({ store, alive }: Comparing, target: ReconciledTarget, save: Save): Promise<void> {
  const { run, managed } = target;
  const { unmanagedGroups, protectedNames } = readingOf(target);
  if (unmanagedGroups.length === 0) return;
  const isLookedFor = matchesGroups(unmanagedGroups);
  const names = (await store.read((tx) => tx.signs.groups(run.id))).filter((name) => !managed.has(name) && isLookedFor(name));
  if (names.length === 0) return;
  await eachPage(
    store,
    alive,
    ({ signs }, after) => signs.inGroups(run.id, run.target, names, after, chunk),
    ({ nativeId }) => nativeId,
    async (page) => save(unmanagedMemberships(page.filter(({ userName }) => !protectedNames.has(userName.toLowerCase())))),
  );
}

async function findDormant({ store, alive, context }: Comparing, target: ReconciledTarget, save: Save): Promise<void> {
  const { run } = target;
  const { dormantAfter, protectedNames } = readingOf(target);
  if (dormantAfter === null) return;
  const { now } = context();
  const isReported = await store.read((tx) => tx.signs.showsUse(run.id));
  if (!isReported) return;
  const before = new Date(Date.parse(now) - dormantAfter).toISOString();
  await eachPage(
    store,
    alive,
    ({ signs }, after) => signs.unusedSince(run.id, run.target, before, after, chunk),
    ({ nativeId }) => nativeId,
    async (page) =>
      save(
        dormantAccounts(
          page.filter(({ userName }) => !protectedNames.has(userName.toLowerCase())),
          isReported,
          dormantAfter,
          now,
        ),
      ),
  );
}

/** Requests groups of the policy in which the run has shown nobody: an empty group is there, one that does not exist is a finding. */
async function findMissingGroups({ store, engine, connector, turn, alive }: Comparing, { run }: ReconciledTarget, save: Save): Promise<void> {
  const { hasGroup } = connector;
  if (hasGroup === undefined) return;
  const { policy } = await store.read((tx) => policyInForce(tx, engine));
  const seen = new Set(await store.read((tx) => tx.signs.groups(run.id)));
  const names = Object.values(policy.document.entitlements).flatMap(({ target, value }) =>
    target === run.target && value !== null && !seen.has(value) ? [value] : [],
  );
  const unseen = [...new Set(names)].sort();
  for (const [index, name] of unseen.entries()) {
    alive();
    const isThere = index < mostGroups ? await answered(turn, () => hasGroup(name)) : null;
    await save(missingGroups(name, isThere));
  }
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

async function findViolations({ store, engine, context, alive }: Comparing, { run }: ReconciledTarget, save: Save): Promise<void> {
  const { policy } = await store.read((tx) => policyInForce(tx, engine));
  if (policy.document.separation.length === 0) return;
  await eachPage(
    store,
    alive,
    ({ findingCauses }, after) => findingCauses.foundAccess(run.id, after, chunk),
    ({ identityId }) => identityId,
    async (page) => save(await store.transaction(context(), (tx) => foundViolations(tx, engine, policy, run.target, page))),
  );
}

async function eachPage<T>(
  store: Store,
  alive: () => void,
  read: (tx: Transaction, after: string | null) => Promise<readonly T[]>,
  keyOf: (row: T) => string,
  work: (page: readonly T[]) => Promise<void>,
): Promise<void> {
  for (let after: string | null = null; ; ) {
    alive();
    const from: string | null = after;
    const page = await store.read((tx) => read(tx, from));
    if (page.length > 0) await work(page);
    const last = page.at(-1);
    if (last === undefined || page.length < chunk) return;
    after = keyOf(last);
  }
}
