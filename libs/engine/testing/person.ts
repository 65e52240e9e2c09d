import type { Instant, ObservedAccount } from '@tenure/domain';
import type { RequestItem, StoredSeparationException, StoredSuspension } from '@tenure/store';

/** Facts about a person beside the records of sources. A test names those that matter to it; the rest is as usual. */
export interface PersonDescription {
  /** Grants by request: an entitlement `crm.clerk`, approved for a day, unless set otherwise. */
  readonly requested?: readonly Partial<RequestItem>[];
  readonly exceptions?: readonly Partial<StoredSeparationException>[];
  readonly suspensions?: readonly Partial<StoredSuspension>[];
  /** Observed state of the accounts by target. */
  readonly observed?: Readonly<Record<string, AccountDescription>>;
}

/** Observed state of an account. */
export interface AccountDescription {
  /** Instant of the observation. */
  readonly at: Instant;
  /** Absent: enabled. */
  readonly enabled?: boolean;
  /** Entitlements as the target calls them; absent: none. */
  readonly holds?: readonly string[];
  readonly attributes?: ObservedAccount['attributes'];
}

/** An account as a target shows it. */
export function observedAccount(
  { userName, externalId = null }: { readonly userName: string; readonly externalId?: string | null },
  { enabled = true, holds = [], attributes = {} }: Omit<AccountDescription, 'at'> = {},
): ObservedAccount {
  return { nativeId: `n-${userName}`, userName, externalId, enabled, attributes, entitlements: holds, memberships: [] };
}

/** An approved item of a request, from one instant on and for a day. */
export function approvedItem(identityId: string, from: Instant, more: Partial<RequestItem> = {}): RequestItem {
  return {
    id: 'item-1',
    requestId: 'request-1',
    position: 0,
    identityId,
    kind: 'entitlement',
    name: 'crm.clerk',
    rule: 'clerks',
    policyVersion: 1,
    duration: 'P1D',
    exceptions: [],
    stages: [],
    stage: 0,
    level: 0,
    dueAt: null,
    remindAt: null,
    extends: null,
    status: 'approved',
    reason: null,
    decidedAt: from,
    validFrom: from,
    validUntil: daysAfter(from, 1),
    endedAt: null,
    keptAt: null,
    isBreakGlass: false,
    endNoticeAt: null,
    review: null,
    reviewComment: null,
    reviewedBy: null,
    reviewedAt: null,
    ...more,
  };
}

/** An SoD exception from one instant on, for half a year. */
export function grantedException(identityId: string, from: Instant, more: Partial<StoredSeparationException> = {}): StoredSeparationException {
  return {
    id: 'exception-1',
    identityId,
    caseId: 'case-1',
    rule: 'money',
    names: ['crm.buyer', 'crm.clerk'],
    control: 'review',
    reason: 'test',
    grantedBy: 'somebody',
    validFrom: from,
    validUntil: daysAfter(from, 180),
    revokedAt: null,
    ...more,
  };
}

/** A suspension of a target from one instant on, for two days. */
export function openSuspension(from: Instant, more: Partial<StoredSuspension> = {}): StoredSuspension {
  return {
    id: 'suspension-1',
    kind: 'target',
    identityId: null,
    target: 'crm',
    operationId: null,
    until: daysAfter(from, 2),
    keepsAccess: false,
    reason: 'test',
    placedBy: 'person somebody',
    placedAt: from,
    endedAt: null,
    endedBy: null,
    ...more,
  };
}

function daysAfter(instant: Instant, days: number): Instant {
  return new Date(Date.parse(instant) + days * 86_400_000).toISOString();
}
