import type { Configuration } from '@tenure/config';
import {
  earliest,
  type Suspension,
  type Instant,
  isTargetSuspended,
  type Lifecycle,
  lookAgainAt,
  type Policy,
  readForActivityAt,
  readUnseenAt,
} from '@tenure/domain';
import type { PlannedAccount } from './planned-account.ts';

interface Circumstances {
  readonly lifecycle: Lifecycle;
  readonly policy: Policy;
  readonly timeZone: string;
  readonly suspensions: readonly Suspension[];
  readonly now: Instant;
}

/**
 * Accounts that are work though nothing differs, since they are to be read: hours after a leaver's end was confirmed, to be closed again where
 * somebody has opened them; before a person is warned or disabled whose activity only the target may know; and from time to time where the target
 * could not show something.
 * @returns `lookAt`: when the next of them is to be read; `null`: none is
 */
export function readAgain(
  { targets }: Configuration,
  { lifecycle, policy, timeZone, suspensions, now }: Circumstances,
  planned: readonly PlannedAccount[],
): { readonly accounts: readonly PlannedAccount[]; readonly lookAt: Instant | null } {
  const read = planned.map((one): { readonly account: PlannedAccount; readonly lookAt: Instant | null } => {
    const { account, status } = one;
    const { observed, observedAt, target, driftedAt, desiredSince } = account;
    // What others changed after it was confirmed is read, and closed, when it would have been without that.
    const confirmedAt = account.confirmedAt ?? account.notVisibleAt ?? (driftedAt === null ? null : desiredSince);
    const mayTell = targets[target]?.lastActivity !== undefined && observed !== null;
    const due = earliest(
      lookAgainAt({ lifecycle, policy, timeZone, confirmedAt, observedAt }) ?? (mayTell ? readForActivityAt(lifecycle.inactivity, observedAt, timeZone) : null),
      readUnseenAt(account.notVisibleAt, observedAt),
    );
    if (due === null || due > now) return { account: one, lookAt: due };
    if (status !== 'settled' && (driftedAt === null || status === 'work')) return { account: one, lookAt: null };
    return {
      account: isTargetSuspended(suspensions, target, now) ? { account, status: 'waits', isSuspended: true } : { ...one, status: 'work' },
      lookAt: null,
    };
  });
  return { accounts: read.map(({ account }) => account), lookAt: earliest(...read.map(({ lookAt }) => lookAt)) };
}

/** Instant at which the next suspension of provisioning that something waits for ends; `null`: nothing waits for one. */
export function suspensionsEnd(suspensions: readonly Suspension[], accounts: readonly PlannedAccount[], now: Instant): Instant | null {
  const waiting = accounts.filter(({ isSuspended }) => isSuspended).map(({ account }) => account.target);
  const concerned = suspensions.filter(({ kind, target, until }) => until > now && waiting.length > 0 && (kind !== 'target' || waiting.includes(target ?? '')));
  return earliest(...concerned.map(({ until }) => until));
}
