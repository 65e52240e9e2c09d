import type { UndoOrigin } from '@tenure/domain';
import type { BatchItem, Transaction } from '@tenure/store';
import { settleFindings } from '../../corrections/settle-findings.ts';
import { type CheckPeople, decidePeople } from '../../decide/decide-people.ts';
import type { Engine } from '../../decide/engine.ts';
import { policyToDecideBy } from '../../policy/read-policy.ts';
import { wakeMany } from '../open-batch.ts';
import { restoreMemberships } from './restore-memberships.ts';
import { quarantinedItems } from './restore-quarantined.ts';
import type { CheckRestored, RestoredItem } from './restore-records.ts';

/**
 * Undoes corrections of a target as far as they took something: accounts of nobody come back from quarantine, with their state and memberships, and are
 * not corrected by themselves any more; people get back memberships that were taken from their accounts, as found access that is kept.
 */
export async function undoCorrections(
  tx: Transaction,
  engine: Engine,
  target: string,
  origin: Pick<UndoOrigin, 'reason' | 'kept'>,
  items: readonly BatchItem[],
  check?: CheckRestored,
): Promise<readonly RestoredItem[]> {
  // Before any lock on a person or an account, as every decision does.
  const policy = policyToDecideBy(tx, engine);
  const quarantined = await quarantinedItems(
    tx,
    target,
    items.filter(({ identityId }) => identityId === null),
  );
  const [memberships] = await Promise.all([
    policy.then(() =>
      restoreMemberships(
        tx,
        engine,
        target,
        origin,
        items.filter(({ identityId }) => identityId !== null),
      ),
    ),
    policy,
  ]);
  const found = (changes: Parameters<CheckPeople>[0]): readonly RestoredItem[] => [
    ...quarantined.items,
    ...memberships.map(({ undone, reason }): RestoredItem => {
      const { identityId } = undone;
      const { changes: own = [], before = null, after = null } = (reason === null ? changes.get(identityId ?? '') : undefined) ?? {};
      return { undone, identityId, reason, changes: own, before, after };
    }),
  ];
  const ids = [...new Set(memberships.flatMap(({ undone, reason }) => (reason === null ? (undone.identityId ?? []) : [])))];
  let effects = found(new Map());
  if (ids.length === 0) await check?.(effects);
  else {
    const decisions = await decidePeople(tx, engine, policy, ids, 'decision', new Map(), async (changes) => {
      effects = found(changes);
      await check?.(effects);
    });
    await wakeMany(tx, decisions, 'decision');
    await settleFindings(tx, engine, target);
  }
  await quarantined.restore(origin.reason);
  return effects;
}
