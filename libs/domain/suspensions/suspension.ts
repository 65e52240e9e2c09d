import type { Change, DesiredAccount } from '../accounts/account.ts';
import type { Instant } from '../identity/facts.ts';
import type { LifecycleState } from '../lifecycle/lifecycle.ts';

/** An operator's word that nothing is written for a while: to a target, for a person, or one operation. */
export interface Hold {
  readonly id: string;
  readonly kind: HoldKind;
  /** The person; of an operation, whose it is. `null`: a target's. */
  readonly identityId: string | null;
  readonly target: string | null;
  readonly operationId: string | null;
  /** Exclusive: at this instant it is over by itself. */
  readonly until: Instant;
  /** Whether even the end of somebody's access waits. */
  readonly keepsAccess: boolean;
}

export const HOLD_KINDS = ['identity', 'target', 'operation'] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

/** A change that is to be made. */
export interface ChangeToHold {
  readonly target: string;
  readonly change: Change;
  /** `null`: it has none yet. */
  readonly operationId: string | null;
  readonly endsAccess: boolean;
}

/** Whether what is wanted of an account is an end of access, for good or for a leave, that a hold of the person does not keep from them. */
export function endsAccess(state: LifecycleState, { state: wanted }: Pick<DesiredAccount, 'state'>): boolean {
  return wanted !== 'enabled' && state !== 'pre-hire';
}

/**
 * The hold that keeps a change from being made now; `null`: none does. A target's hold keeps everything: nobody speaks to it. A hold of a
 * person or an operation lets through what takes access from somebody whose time is over, unless it says otherwise; deleting waits, since
 * nothing is lost by that.
 */
export function holdOn(holds: readonly Hold[], { target, change, operationId, endsAccess: isEnd }: ChangeToHold, now: Instant): Hold | null {
  const takesAway = isEnd && (change.kind === 'disable' || change.kind === 'removeMember');
  return holds.find((hold) => hold.until > now && keepsBack(hold, { target, operationId, takesAway })) ?? null;
}

function keepsBack(hold: Hold, { target, operationId, takesAway }: Pick<ChangeToHold, 'target' | 'operationId'> & { readonly takesAway: boolean }): boolean {
  switch (hold.kind) {
    case 'target':
      return hold.target === target;
    case 'identity':
      return hold.keepsAccess || !takesAway;
    case 'operation':
      return hold.operationId === operationId && (hold.keepsAccess || !takesAway);
  }
}

/** Whether a target is not to be spoken to at all now. */
export function isTargetHeld(holds: readonly Hold[], target: string, now: Instant): boolean {
  return holds.some((hold) => hold.kind === 'target' && hold.target === target && hold.until > now);
}
