import { protectedNamesOf, type TargetSettings } from '@tenure/config';
import type { AccountPage } from '@tenure/connectors';
import { firstMode, type ObservedAccount } from '@tenure/domain';
import type { StoredTargetMode, Transaction } from '@tenure/store';
import { wakeToDecide } from '../batches/wake-to-decide.ts';
import { openCase } from '../cases/open-case.ts';

/**
 * Stores the mode of a target by the first page of its accounts. A target that was empty is looked at once more right before Tenure writes to it first:
 * where accounts have come meanwhile, it is observed too. A mode that is certain stays.
 */
export async function enterTarget(tx: Transaction, settings: TargetSettings, page: AccountPage): Promise<StoredTargetMode> {
  const target = settings.name;
  const known = await tx.targetModes.lock(target);
  if (known !== null && !isProvisional(known)) return known;
  const isInUse = await holdsStrangers(tx, settings, page);
  if (known !== null && !isInUse) return known;
  const configured = settings.mode ?? null;
  const { mode, why } = known === null ? firstMode({ configured, isKnown: await tx.targetModes.hasKnownAccounts(target), isInUse }) : inUse;
  const { actor, now } = tx.context;
  const set = await tx.targetModes.set({ target, mode, why, by: `${actor.kind} ${actor.id}`, reason: null, configured }, now);
  const before = known === null ? {} : { before: known.mode };
  tx.audit.record({ action: 'target.modeSet', subjectKind: 'target', subjectId: target, identityId: null, reason: { target, mode, why, ...before } });
  if (mode === 'observe') await beginToObserve(tx, set);
  return set;
}

const inUse = { mode: 'observe', why: 'in-use' } as const;

/** True if the mode rests on a target that was empty, and to which nothing was written yet. */
export function isProvisional({ mode, why, writtenAt }: StoredTargetMode): boolean {
  return mode === 'enforce' && why === 'empty' && writtenAt === null;
}

/** Opens the case of a target in use that is only observed, and takes back the plans there. */
async function beginToObserve(tx: Transaction, { target, why }: StoredTargetMode): Promise<void> {
  if (why === 'in-use')
    await openCase(tx, { kind: 'target-observed', key: `target-observed/${target}`, identityId: null, target, operationId: null, evidence: { target } });
  await wakeToDecide(tx, await tx.targetModes.unsettledPeople(target), 'restart');
}

/** True if a page shows an account that Tenure has not made, or if such accounts may be elsewhere. Protected accounts do not count. */
async function holdsStrangers(tx: Transaction, settings: TargetSettings, { items, next, total, doubt }: AccountPage): Promise<boolean> {
  // A page of memberships may follow one with all accounts.
  const mayHaveMore = total === null ? next !== null : total > items.length;
  if (mayHaveMore || doubt !== null) return true;
  const protectedNames = protectedNamesOf(settings);
  const known = new Set(
    await tx.targetModes.knownAmong(
      settings.name,
      items.map(({ nativeId }) => nativeId),
    ),
  );
  for (const item of items) {
    if (protectedNames.has(item.userName.toLowerCase()) || known.has(item.nativeId)) continue;
    if (!(await bearsMark(tx, item))) return true;
  }
  return false;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** True if Tenure has made the account, or marked it: its mark is the id of a known identity. */
async function bearsMark(tx: Transaction, { externalId }: ObservedAccount): Promise<boolean> {
  return externalId !== null && uuid.test(externalId) && (await tx.identities.get(externalId)) !== null;
}
