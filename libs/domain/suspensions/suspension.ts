import type { Change, DesiredAccount } from '../accounts/account.ts';
import type { Instant } from '../identity/facts.ts';
import type { LifecycleState } from '../lifecycle/lifecycle.ts';

/** Suspension of provisioning by an operator, for a limited time: of a target, a person, or one operation. */
export interface Suspension {
  readonly id: string;
  readonly kind: SuspensionKind;
  /** Id of the person, or of the person of the operation. `null`: a target is suspended. */
  readonly identityId: string | null;
  readonly target: string | null;
  readonly operationId: string | null;
  /** Time at which it expires, exclusive. */
  readonly until: Instant;
  /** True if even deprovisioning waits. */
  readonly keepsAccess: boolean;
}

export const SUSPENSION_KINDS = ['identity', 'target', 'operation'] as const;
export type SuspensionKind = (typeof SUSPENSION_KINDS)[number];

/** A change that is due. */
export interface DueChange {
  readonly target: string;
  readonly change: Change;
  /** `null`: there is no operation yet. */
  readonly operationId: string | null;
  readonly endsAccess: boolean;
}

/** True if the desired state of an account ends access, permanently or for a leave, which a suspension of the person does not prevent. */
export function endsAccess(state: LifecycleState, { state: wanted }: Pick<DesiredAccount, 'state'>): boolean {
  return wanted !== 'enabled' && state !== 'pre-hire';
}

/**
 * Returns the suspension that prevents a change now; `null`: none. A suspension of a target prevents all changes: there is no connection to it. A
 * suspension of a person or an operation allows changes that end the access of a leaver, unless `keepsAccess` is set; deletion waits, which
 * does no harm.
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

/** True if there must be no connection to the target now. */
export function isTargetSuspended(suspensions: readonly Suspension[], target: string, now: Instant): boolean {
  return suspensions.some((suspension) => suspension.kind === 'target' && suspension.target === target && suspension.until > now);
}
