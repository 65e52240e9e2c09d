import { type FallAwayReason, isOver, RequestRefused, type UndoOrigin } from '@tenure/domain';
import type { BatchItem, Finding, Person, Transaction } from '@tenure/store';
import { isThere } from '../../approvers/related-person.ts';
import { grantFound } from '../../corrections/keep-access.ts';
import type { Engine } from '../../decide/engine.ts';
import { currentPolicy } from '../../policy/read-policy.ts';

/** Undo of a corrected account of a known person. `reason`: it stays as it is for it; `null`: memberships come back. */
export interface RestoredMemberships {
  readonly undone: BatchItem;
  readonly reason: FallAwayReason | null;
}

/**
 * Grants again the memberships that corrections have taken from accounts of known people, as access that was found and is kept: with owner, reason and
 * end. Nothing else gives them, so the next decision, or the next run, would take them again. What else was written to the account is its desired state,
 * and stays. The caller decides about the people afterwards.
 */
export async function restoreMemberships(
  tx: Transaction,
  engine: Engine,
  target: string,
  { reason, kept }: Pick<UndoOrigin, 'reason' | 'kept'>,
  items: readonly BatchItem[],
): Promise<readonly RestoredMemberships[]> {
  const ids = [...new Set(items.flatMap(({ identityId }) => identityId ?? []))].sort();
  const people = new Map((ids.length === 0 ? [] : await tx.people.lock(ids)).map((one) => [one.identity.id, one]));
  const findings = Map.groupBy(await tx.findings.accessFound(target, ids), ({ subject }) => subject);
  const { document, version: policyVersion } = await currentPolicy(tx, engine);
  const entitlements = Object.values(document.entitlements).filter((one) => one.target === target);
  const owner = kept?.ownerId == null ? null : await tx.identities.get(kept.ownerId);
  const ownerId = owner !== null && isThere(owner, tx.context.now) ? owner.id : null;
  const restored: RestoredMemberships[] = [];
  for (const undone of items) {
    const person = people.get(undone.identityId ?? '');
    const taken = takenBy(undone, findings.get(undone.key) ?? []);
    let why = typeof taken === 'string' ? taken : whyNotGranted(person, target, taken);
    if (why === null && (kept === undefined || ownerId === null || kept.until <= tx.context.now)) why = 'not-permitted';
    if (why !== null || typeof taken === 'string' || person === undefined || kept === undefined || ownerId === null) {
      restored.push({ undone, reason: why ?? 'newer' });
      continue;
    }
    const given: Finding[] = [];
    for (const finding of taken) {
      const name = entitlements.find(({ value }) => value === finding.name)?.name;
      const grant = { identityId: person.identity.id, policyVersion, until: kept.until, ownerId, reason, findingId: finding.id };
      if (name !== undefined && (await isGranted(() => grantFound(tx, engine, { ...grant, name })))) given.push(finding);
    }
    await tx.findings.close(
      given.map(({ id }) => id),
      tx.context.now,
    );
    restored.push({ undone, reason: given.length > 0 ? null : 'not-grantable' });
  }
  return restored;
}

/** Memberships that an item has taken: the findings that it corrected. One that was found and corrected again since has a newer decision. */
function takenBy({ batchId, changes, settledAt }: BatchItem, findings: readonly Finding[]): readonly Finding[] | FallAwayReason {
  if (!changes.some(({ kind }) => kind === 'lose')) return 'desired';
  const at = settledAt ?? '';
  // Closed before the item was carried out: others have taken it.
  const own = findings.filter((one) => one.batchId === batchId && (one.closedAt === null || one.closedAt >= at));
  const isNewer = ({ name }: Finding): boolean =>
    findings.some((one) => one.name === name && one.batchId !== null && one.batchId !== batchId && one.lastSeenAt > at);
  const taken = own.filter((one) => !isNewer(one));
  if (taken.length > 0) return taken;
  return findings.length > 0 ? 'newer' : 'content-unknown';
}

function whyNotGranted(person: Person | undefined, target: string, taken: readonly Finding[]): FallAwayReason | null {
  const desired = person?.accounts.find((one) => one.target === target)?.desired;
  if (person === undefined || isOver(person.identity.state) || desired === undefined || desired.state === 'absent') return 'newer';
  return taken.every(({ name }) => desired.entitlements.includes(name)) ? 'no-change' : null;
}

/** False where a separation-of-duties rule forbids it. */
async function isGranted(grant: () => Promise<unknown>): Promise<boolean> {
  try {
    await grant();
    return true;
  } catch (error) {
    if (error instanceof RequestRefused) return false;
    throw error;
  }
}
