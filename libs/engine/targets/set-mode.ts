import type { ModeReason, TargetMode } from '@tenure/domain';
import type { StoredTargetMode, Transaction } from '@tenure/store';

/** Stores another mode of a target, audited. Callers have locked it. */
export async function setMode(
  tx: Transaction,
  { target, mode: before, configured }: StoredTargetMode,
  { mode, why, reason }: { readonly mode: TargetMode; readonly why: ModeReason; readonly reason: string | null },
): Promise<StoredTargetMode> {
  const { actor, now } = tx.context;
  tx.audit.record({ action: 'target.modeSet', subjectKind: 'target', subjectId: target, identityId: null, reason: { target, mode, why, before } });
  return tx.targetModes.set({ target, mode, why, by: `${actor.kind} ${actor.id}`, reason, configured }, now);
}
