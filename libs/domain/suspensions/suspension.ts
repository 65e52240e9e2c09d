import type { Change, DesiredAccount } from '../accounts/account.ts';
import type { Instant } from '../identity/facts.ts';
import type { LifecycleState } from '../lifecycle/lifecycle.ts';

/** An operator's word that nothing is written for a while: to a target, for a person, or one operation. */
export interface Suspension {
  readonly id: string;
  readonly kind: SuspensionKind;
  /** The person; of an operation, whose it is. `null`: a target's. */
  readonly identityId: string | null;
  readonly target: string | null;
  readonly operationId: string | null;
  /** Exclusive: at this instant it is over by itself. */
  readonly until: Instant;
  /** True if even the end of somebody's access waits. */
  readonly keepsAccess: boolean;
}

export const SUSPENSION_KINDS = ['identity', 'target', 'operation'] as const;
export type SuspensionKind = (typeof SUSPENSION_KINDS)[number];

/** A change that is to be made. */
export interface DueChange {
  readonly target: string;
  readonly change: Change;
  /** `null`: it has none yet. */
  readonly operationId: string | null;
  readonly endsAccess: boolean;
}

/** True if what is wanted of an account is an end of access, for good or for a leave, that a suspension of the person does not keep from them. */
export function endsAccess(state: LifecycleState, { state: wanted }: Pick<DesiredAccount, 'state'>): boolean {
  return wanted !== 'enabled' && state !== 'pre-hire';
}

/**
 * The suspension that keeps a change from being made now; `null`: none does. A target's suspension keeps everything: nobody speaks to it. A suspension of a
 * person or an operation lets through what takes access from somebody whose time is over, unless it says otherwise; deleting waits, since
 * nothing is lost by that.
 */
export function suspensionOf(
  suspensions: readonly Suspension[],
  { target, change, operationId, endsAccess: isEnd }: DueChange,
  now: Instant,
): Suspension | null {
  const takesAway = isEnd && (change.kind === 'disable' || change.kind === 'removeMember');
  return suspensions.find((suspension) => suspension.until > now && suspends(suspension, { target, operationId, takesAway })) ?? null;
}

function suspends(
  suspension: Suspension,
  { target, operationId, takesAway }: Pick<DueChange, 'target' | 'operationId'> & { readonly takesAway: boolean },
): boolean {
  switch (suspension.kind) {
    case 'target':
      return suspension.target === target;
    case 'identity':
      return suspension.keepsAccess || !takesAway;
    case 'operation':
      return suspension.operationId === operationId && (suspension.keepsAccess || !takesAway);
  }
}

/** True if a target is not to be spoken to at all now. */
export function isTargetSuspended(suspensions: readonly Suspension[], target: string, now: Instant): boolean {
  return suspensions.some((suspension) => suspension.kind === 'target' && suspension.target === target && suspension.until > now);
}
