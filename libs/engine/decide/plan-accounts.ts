import { isProtectedAccount } from '@tenure/config';
import {
  type Change,
  type DesiredAccount,
  endsAccess,
  type Grant,
  grantsAt,
  suspensionOf,
  type Instant,
  isStillPlanned,
  isTargetSuspended,
  type Justification,
  NOTHING_ACCEPTED,
  planAccount,
  sameChange,
  withDesired,
  withoutStopped,
} from '@tenure/domain';
import type { AuditEntry, StoredAccount, StoredOperation } from '@tenure/store';
import type { CaseToOpen, ChangedCases, ChangedOperations, DecidedPerson, Terms } from './effects.ts';
import { lastSeen, scopeOf } from '../provision/account-scope.ts';
import type { PlannedAccount } from './planned-account.ts';
import { sameJson } from './same-json.ts';

/** A decision with the grants of that time. */
interface Plan extends DecidedPerson {
  readonly held: readonly Grant[];
  readonly terms: Terms;
}

/** Result for one account. */
interface AccountPlan {
  readonly planned: PlannedAccount;
  /** True: the account differs from the stored one. */
  readonly isSaved: boolean;
  readonly operations: ChangedOperations;
  readonly audit: readonly AuditEntry[];
  /** Changes of a protected account that are left to a person. */
  readonly left: readonly Change[];
}

/** Changed desired states in targets, and the operations that bring each account from its last observed state to the desired one. */
export function planAccounts(
  decided: DecidedPerson,
  terms: Terms,
): {
  /** Accounts with another desired state. */
  readonly accounts: readonly StoredAccount[];
  readonly operations: ChangedOperations;
  readonly planned: readonly PlannedAccount[];
  readonly audit: readonly AuditEntry[];
  /** Cases of protected accounts that are not as desired, and those that are answered. */
  readonly cases: ChangedCases;
} {
  const plan: Plan = { ...decided, held: grantsAt(decided.access.grants, decided.question.now), terms };
  const plans = decided.desired.map((desired) => planOne(plan, desired));
  return {
    accounts: plans.filter(({ isSaved }) => isSaved).map(({ planned }) => planned.account),
    operations: {
      planned: plans.flatMap(({ operations }) => operations.planned),
      superseded: plans.flatMap(({ operations }) => operations.superseded),
    },
    planned: plans.map(({ planned }) => planned),
    audit: plans.flatMap(({ audit }) => audit),
    cases: protectedCases(decided, plans),
  };
}

function protectedCases({ person }: DecidedPerson, plans: readonly AccountPlan[]): ChangedCases {
  const before = new Set(person.accounts.flatMap(({ id, protectedAt }) => (protectedAt === null ? [] : [id])));
  const keyOf = ({ planned: { account } }: AccountPlan): string => `protected-account/${account.id}`;
  const opened = plans.filter(({ left }) => left.length > 0);
  return {
    opened: opened.map((one): CaseToOpen => {
      const { identityId, target, desired } = one.planned.account;
      const evidence = { target, wanted: desired.state, changes: [...new Set(one.left.map(({ kind }) => kind))] };
      return { kind: 'protected-account', key: keyOf(one), identityId, target, operationId: null, evidence };
    }),
    answered: plans
      .filter(
        ({ planned, left }) => left.length === 0 && before.has(planned.account.id) && (planned.status === 'settled' || planned.account.protectedAt === null),
      )
      .map(keyOf),
  };
}

function planOne(plan: Plan, desired: DesiredAccount): AccountPlan {
  const { configuration, inForce } = plan.terms;
  const known = plan.person.accounts.find(({ target }) => target === desired.target);
  const isChanged = known === undefined || !sameJson(known.desired, desired);
  const isProtected = isProtectedAccount(configuration.targets[desired.target], desired.userName, known?.observed?.userName);
  const isObserved = isProtected || plan.terms.observed.has(desired.target);
  // Not yet created, since the target was observed until now.
  const isDue = !isChanged && !isObserved && !known.existed && desired.state !== 'absent' && desired.onlyExisting !== true;
  const decided = isChanged ? want(plan, desired, known, isObserved) : isDue ? { ...known, existed: true } : known;
  const account = { ...decided, protectedAt: isProtected ? (decided.protectedAt ?? plan.question.now) : null };
  const wanted = isChanged ? [accountWanted(plan, account)] : [];
  const isSaved = isChanged || isDue || account.protectedAt !== decided.protectedAt;
  if (account.confirmedAt !== null || account.notVisibleAt !== null)
    return { planned: { account, status: 'settled', isSuspended: false }, isSaved, operations: { planned: [], superseded: [] }, audit: wanted, left: [] };
  const changes = planAccount(desired, lastSeen(account), scopeOf(configuration, account, inForce.managed[desired.target] ?? new Set()));
  const { planned, superseded, ...progress } = isObserved
    ? planObserved(account, plan)
    : account.driftedAt === null
      ? planOperations(account, changes, plan)
      : planDrifted(account, plan);
  const left = isProtected && !plan.terms.observed.has(desired.target) && progress.status === 'observed' ? changes : [];
  return { planned: { account, ...progress }, isSaved, operations: { planned, superseded }, audit: [...wanted, ...superseded.map(operationSuperseded)], left };
}

/** @param isObserved true: nothing is written there, so the account comes into being only by others */
function want(
  { person, question: { now }, terms: { newId } }: Plan,
  desired: DesiredAccount,
  known: StoredAccount | undefined,
  isObserved: boolean,
): StoredAccount {
  return {
    id: newId(),
    identityId: person.identity.id,
    target: desired.target,
    nativeId: null,
    observed: null,
    observedAt: null,
    ...known,
    userName: desired.userName,
    desired,
    confirmedAt: null,
    notVisibleAt: null,
    driftedAt: null,
    protectedAt: known?.protectedAt ?? null,
    accepted: withDesired(known?.accepted ?? NOTHING_ACCEPTED, desired),
    existed: (known?.existed ?? false) || (desired.state !== 'absent' && !isObserved),
    everEnabled: (known?.everEnabled ?? false) || desired.state === 'enabled',
    desiredSince: known === undefined ? now : laterThan(known.desiredSince, now),
  };
}

function accountWanted(plan: Plan, { id, identityId, target, desired }: StoredAccount): AuditEntry {
  return {
    action: 'account.wanted',
    subjectKind: 'account',
    subjectId: id,
    identityId,
    reason: { target, state: desired.state, entitlements: desired.entitlements, ...becauseOf(plan, target) },
  };
}

/**
 * Instant later than that of the previous desired state, also where both were decided at one instant: by it a worker knows whether its work is still
 * desired.
 */
function laterThan(before: Instant, now: Instant): Instant {
  return now > before ? now : new Date(Date.parse(before) + 1).toISOString();
}

function planOperations(account: StoredAccount, changes: readonly Change[], plan: Plan): ChangedOperations & Omit<PlannedAccount, 'account'> {
  const { now } = plan.question;
  const { newId, correlationId } = plan.terms;
  const ofAccount = plan.person.operations.filter(({ accountId }) => accountId === account.id);
  const open = ofAccount.filter(({ status }) => status !== 'given-up');
  const failed = open.filter(({ status, change }) => status === 'failed' && isStillPlanned(change, changes));
  const given = ofAccount.filter(({ status, finishedAt }) => status === 'given-up' && finishedAt !== null && finishedAt >= account.desiredSince);
  const fresh = withoutStopped(
    changes,
    [...failed, ...given].map(({ change }) => change),
  );
  const kept = [...failed, ...open.filter(({ status, change }) => status === 'pending' && fresh.some((one) => sameChange(one, change)))];
  const planned = fresh
    .filter((change) => !kept.some((operation) => operation.status === 'pending' && sameChange(change, operation.change)))
    .map(
      (change, position): StoredOperation => ({
        id: newId(),
        identityId: account.identityId,
        accountId: account.id,
        target: account.target,
        change,
        status: 'pending',
        attempts: 0,
        lastError: null,
        createdAt: now,
        finishedAt: null,
        correlationId,
        position,
        reason: becauseOf(plan, account.target, change),
      }),
    );
  return {
    planned,
    // A newer decision desires something else.
    superseded: open.filter((one) => !kept.includes(one)).map((operation) => ({ ...operation, status: 'superseded', finishedAt: now })),
    ...statusOf(account, changes, { kept, planned }, plan),
  };
}

/**
 * Plans nothing for an account that others have changed: that waits until the correction is approved, or another state is desired. Only an operation
 * that a person has decided about meanwhile goes on.
 */
function planDrifted(account: StoredAccount, plan: Plan): ChangedOperations & Omit<PlannedAccount, 'account'> {
  const waiting = plan.person.operations.filter(({ accountId, status }) => accountId === account.id && status === 'pending');
  const free = waiting.filter((operation) => !isSuspended(operation, account, plan));
  return { planned: [], superseded: [], status: free.length > 0 ? 'work' : 'waits', isSuspended: free.length < waiting.length };
}

/**
 * Plans nothing in a target that is observed, nor for a protected account, and takes back what was planned there. An account whose present desired state was never compared with it is
 * read once; after that, reconciliation reads it.
 */
function planObserved(account: StoredAccount, { person, question: { now } }: Plan): ChangedOperations & Omit<PlannedAccount, 'account'> {
  const open = person.operations.filter(({ accountId, status }) => accountId === account.id && status !== 'given-up');
  const superseded = open.map((operation): StoredOperation => ({ ...operation, status: 'superseded', finishedAt: now }));
  const isRead = account.observedAt !== null && account.observedAt >= account.desiredSince;
  const isHeld = !isRead && isTargetSuspended(person.suspensions, account.target, now);
  return { planned: [], superseded, status: isHeld ? 'waits' : isRead ? 'observed' : 'work', isSuspended: isHeld };
}

/** Status of an account: work in the target, or a wait for a person or an event. */
function statusOf(
  account: StoredAccount,
  changes: readonly Change[],
  { kept, planned }: { readonly kept: readonly StoredOperation[]; readonly planned: readonly StoredOperation[] },
  plan: Plan,
): Omit<PlannedAccount, 'account'> {
  // Without the account nothing else can be done there.
  if (kept.some(({ status, change }) => status === 'failed' && change.kind === 'create')) return { status: 'waits', isSuspended: false };
  // Nothing planned, yet not confirmed: it has to be read back.
  if (changes.length === 0)
    return isTargetSuspended(plan.person.suspensions, account.target, plan.question.now)
      ? { status: 'waits', isSuspended: true }
      : { status: 'work', isSuspended: false };
  const waiting = [...planned, ...kept.filter(({ status }) => status === 'pending')];
  const free = waiting.filter((operation) => !isSuspended(operation, account, plan));
  const isHeld = free.length < waiting.length;
  const waitsForAccount = waiting.some((operation) => operation.change.kind === 'create' && !free.includes(operation));
  if (free.length > 0 && !waitsForAccount) return { status: 'work', isSuspended: isHeld };
  return { status: kept.length + waiting.length > 0 ? 'waits' : 'settled', isSuspended: isHeld };
}

function isSuspended({ id, change }: StoredOperation, { target, desired }: StoredAccount, { person, access, question }: Plan): boolean {
  return suspensionOf(person.suspensions, { target, change, operationId: id, endsAccess: endsAccess(access.lifecycle.state, desired) }, question.now) !== null;
}

function operationSuperseded({ id, identityId, target, change }: StoredOperation): AuditEntry {
  return { action: 'operation.superseded', subjectKind: 'operation', subjectId: id, identityId, reason: { target, kind: change.kind } };
}

/** Justification of a desired state in a target: the grants there with their origins, and the lifecycle state. */
function becauseOf({ held, access: { lifecycle }, question: { policy } }: Plan, target: string, change?: Change): Justification {
  const entitled = held.filter((grant) => {
    const entitlement = grant.kind === 'entitlement' ? policy.document.entitlements[grant.name] : undefined;
    return entitlement?.target === target && (change === undefined || !('entitlement' in change) || entitlement.value === change.entitlement);
  });
  const because = entitled.map(({ name, origins }) => ({
    name,
    origins: origins.map(({ kind, name: rule, viaRole, policyVersion, recordIds }) => ({ kind, name: rule, viaRole, policyVersion, recordIds })),
  }));
  return {
    because,
    lifecycle: { state: lifecycle.state, why: lifecycle.why, rule: lifecycle.rule, recordIds: lifecycle.recordIds },
    policyVersion: policy.version,
  };
}
