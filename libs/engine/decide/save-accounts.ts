import { randomUUID } from 'node:crypto';
import type { Configuration } from '@tenure/config';
import {
  type Change,
  type DesiredAccount,
  endsAccess,
  type Grant,
  type Hold,
  holdOn,
  type Identity,
  type Instant,
  isStillPlanned,
  isTargetHeld,
  type Lifecycle,
  NOTHING_ACCEPTED,
  planAccount,
  type Policy,
  type PersonChange,
  sameChange,
  withDesired,
  withoutStopped,
} from '@tenure/domain';
import type { ActContext, Audit, StoredAccount, StoredOperation } from '@tenure/store';
import type { PendingChanges } from './pending-changes.ts';
import { lastSeen, scopeOf } from '../provision/account-scope.ts';
import { sameJson } from './same-json.ts';

/** What the operations of a person are planned from. */
export interface AccountsToSave {
  readonly identity: Identity;
  readonly lifecycle: Lifecycle;
  readonly policy: Policy;
  readonly configuration: Configuration;
  /** By target: what may be taken away there. */
  readonly managed: Readonly<Record<string, ReadonlySet<string>>>;
  /** Held now. */
  readonly grants: readonly Grant[];
  readonly desired: readonly DesiredAccount[];
  readonly existing: readonly StoredAccount[];
  /** Those that wait, have failed or were given up. */
  readonly operations: readonly StoredOperation[];
  /** What operators hold back. */
  readonly holds: readonly Hold[];
  readonly now: Instant;
}

/** Where what is saved goes. */
export interface Ledger {
  readonly changes: PendingChanges;
  readonly audit: Audit;
  readonly context: ActContext;
  /** By identity, what the change budget is to know, and what a batch change keeps; absent where nothing is judged. */
  readonly wave?: Map<string, PersonChange>;
}

export interface PlannedAccount {
  readonly account: StoredAccount;
  /** `work`: a worker has something to do there; `waits`: a person has to go on, or a hold to end; `settled`: nothing is to be done. */
  readonly standing: 'work' | 'waits' | 'settled';
  /** Whether something there waits for a hold to end. */
  readonly isHeld: boolean;
}

/** Saves what is wanted in each target, and as operations what differs from what was last seen there. */
export function saveAccounts(ledger: Ledger, plan: AccountsToSave): readonly PlannedAccount[] {
  const planned: PlannedAccount[] = [];
  for (const desired of plan.desired) {
    const known = plan.existing.find(({ target }) => target === desired.target);
    const account = known !== undefined && sameJson(known.desired, desired) ? known : want(ledger, plan, desired, known);
    if (account.confirmedAt !== null || account.notVisibleAt !== null) {
      planned.push({ account, standing: 'settled', isHeld: false });
      continue;
    }
    const changes = planAccount(desired, lastSeen(account), scopeOf(plan.configuration, account, plan.managed[desired.target] ?? new Set()));
    planned.push({ account, ...saveOperations(ledger, account, changes, plan) });
  }
  return planned;
}

function want({ changes, audit }: Ledger, plan: AccountsToSave, desired: DesiredAccount, known: StoredAccount | undefined): StoredAccount {
  const account: StoredAccount = {
    id: randomUUID(),
    identityId: plan.identity.id,
    target: desired.target,
    nativeId: null,
    observed: null,
    observedAt: null,
    ...known,
    userName: desired.userName,
    desired,
    confirmedAt: null,
    notVisibleAt: null,
    accepted: withDesired(known?.accepted ?? NOTHING_ACCEPTED, desired),
    existed: (known?.existed ?? false) || desired.state !== 'absent',
    everEnabled: (known?.everEnabled ?? false) || desired.state === 'enabled',
    desiredSince: known === undefined ? plan.now : laterThan(known.desiredSince, plan.now),
  };
  changes.accounts.push(account);
  audit.record({
    action: 'account.wanted',
    subjectKind: 'account',
    subjectId: account.id,
    identityId: account.identityId,
    reason: { target: desired.target, state: desired.state, entitlements: desired.entitlements, ...becauseOf(plan, desired.target) },
  });
  return account;
}

/** Later than what was wanted before, also where both were decided in one instant: by this instant a worker knows whether what it does is still wanted. */
function laterThan(before: Instant, now: Instant): Instant {
  return now > before ? now : new Date(Date.parse(before) + 1).toISOString();
}

function saveOperations(ledger: Ledger, account: StoredAccount, changes: readonly Change[], plan: AccountsToSave): Omit<PlannedAccount, 'account'> {
  const ofAccount = plan.operations.filter(({ accountId }) => accountId === account.id);
  const open = ofAccount.filter(({ status }) => status !== 'given-up');
  const failed = open.filter(({ status, change }) => status === 'failed' && isStillPlanned(change, changes));
  const given = ofAccount.filter(({ status, finishedAt }) => status === 'given-up' && finishedAt !== null && finishedAt >= account.desiredSince);
  const fresh = withoutStopped(
    changes,
    [...failed, ...given].map(({ change }) => change),
  );
  const kept = [...failed, ...open.filter(({ status, change }) => status === 'pending' && fresh.some((one) => sameChange(one, change)))];
  for (const operation of open.filter((one) => !kept.includes(one))) supersede(ledger, operation, plan.now);
  const added = fresh
    .filter((change) => !kept.some((operation) => operation.status === 'pending' && sameChange(change, operation.change)))
    .map(
      (change, position): StoredOperation => ({
        id: randomUUID(),
        identityId: account.identityId,
        accountId: account.id,
        target: account.target,
        change,
        status: 'pending',
        attempts: 0,
        lastError: null,
        createdAt: plan.now,
        finishedAt: null,
        correlationId: ledger.context.correlationId,
        position,
        reason: becauseOf(plan, account.target, change),
      }),
    );
  ledger.changes.newOperations.push(...added);
  // Without the account nothing else can be done there.
  if (kept.some(({ status, change }) => status === 'failed' && change.kind === 'create')) return { standing: 'waits', isHeld: false };
  // Nothing planned, yet not confirmed: it has to be read back.
  if (changes.length === 0) return isTargetHeld(plan.holds, account.target, plan.now) ? held : { standing: 'work', isHeld: false };
  const waiting = [...added, ...kept.filter(({ status }) => status === 'pending')];
  const free = waiting.filter((operation) => !isHeldBack(operation, account, plan));
  const isHeld = free.length < waiting.length;
  const waitsForAccount = waiting.some((operation) => operation.change.kind === 'create' && !free.includes(operation));
  if (free.length > 0 && !waitsForAccount) return { standing: 'work', isHeld };
  return { standing: kept.length + waiting.length > 0 ? 'waits' : 'settled', isHeld };
}

const held = { standing: 'waits', isHeld: true } as const;

function isHeldBack({ id, change }: StoredOperation, { target, desired }: StoredAccount, { holds, lifecycle, now }: AccountsToSave): boolean {
  return holdOn(holds, { target, change, operationId: id, endsAccess: endsAccess(lifecycle.state, desired) }, now) !== null;
}

/** A newer decision asks for something else. */
function supersede({ changes, audit }: Ledger, operation: StoredOperation, now: Instant): void {
  changes.changedOperations.push({ ...operation, status: 'superseded', finishedAt: now });
  changes.superseded.push(operation);
  audit.record({
    action: 'operation.superseded',
    subjectKind: 'operation',
    subjectId: operation.id,
    identityId: operation.identityId,
    reason: { target: operation.target, kind: operation.change.kind },
  });
}

/** Why something is wanted in a target: the grants that hold there with their origins, and where the life stands. */
function becauseOf({ grants, lifecycle, policy }: AccountsToSave, target: string, change?: Change): Readonly<Record<string, unknown>> {
  const entitled = grants.filter((grant) => {
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
