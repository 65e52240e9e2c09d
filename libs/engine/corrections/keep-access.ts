import { randomUUID } from 'node:crypto';
import { addDuration, conflictsOfKept, Forbidden, InputInvalid, type Instant, NotFound, RequestRefused } from '@tenure/domain';
import type { Finding, RequestItem, Transaction } from '@tenure/store';
import { isThere } from '../approvers/related-person.ts';
import { decideIdentity } from '../decide/decide-identities.ts';
import type { Engine } from '../decide/engine.ts';
import { wake } from '../decide/wake.ts';
import { auditItem } from '../requests/audit-request.ts';
import { questionAbout } from '../requests/question-about.ts';
import { currentPolicy } from '../policy/read-policy.ts';
import { settleFindings } from './settle-findings.ts';

export interface KeepingWish {
  readonly findingId: string;
  /** End of the access. */
  readonly until: Instant;
  /** Id of the identity that answers for it. */
  readonly ownerId: string;
  /** It may name people. */
  readonly reason: string;
  /** Id of the person who decides, or who made the token that does; `null`: no person. */
  readonly by: string | null;
}

/** Name in place of a rule by which it could have been requested. */
const foundAccess = 'found access';
/** ISO 8601. Access without an end is given by a rule. */
const longest = 'P1Y';

/**
 * Keeps access that was found in a target as an assignment with owner, reason and end, like an approved item of a request: it ends, is explained and is
 * reviewed as such. Separation of duties is checked as for a request.
 * @returns id of the request
 * @throws NotFound, InputInvalid; Forbidden for one's own access; RequestRefused with the conflict
 */
export async function keepFoundAccess(tx: Transaction, engine: Engine, wish: KeepingWish): Promise<string> {
  const { findingId, until, ownerId, reason, by } = wish;
  const { now } = tx.context;
  const { identityId, target, name: value } = await mustBeFoundAccess(tx, findingId);
  if (identityId === by) throw new Forbidden('You cannot keep access for yourself.');
  const policy = await currentPolicy(tx, engine);
  const entitlement = Object.values(policy.document.entitlements).find((one) => one.target === target && one.value === value);
  if (entitlement === undefined)
    throw new InputInvalid(`findingId: no entitlement of the policy in force gives ${value}: define one first, or have the access removed`, { findingId });
  const owner = await tx.identities.get(ownerId);
  if (owner === null || !isThere(owner, now)) throw new InputInvalid('ownerId is the id of an active person', { ownerId });
  if (until <= now || until > addDuration(now, longest, engine.configuration.timeZone))
    throw new InputInvalid('until is a time in the future, at most a year ahead: access without an end is given by a rule of the policy', { until });
  const kept = { identityId, name: entitlement.name, policyVersion: policy.version, until, ownerId, reason, findingId };
  const requestId = await grantFound(tx, engine, kept);
  await tx.findings.close([findingId], now);
  await decideIdentity(tx, engine, identityId, 'decision');
  await wake(tx, identityId, 'decision');
  await settleFindings(tx, engine, target);
  return requestId;
}

/** Access that is granted as found. */
export interface FoundGrant {
  readonly identityId: string;
  /** Entitlement of the policy. */
  readonly name: string;
  readonly policyVersion: number;
  readonly until: Instant;
  /** Id of the person who answers for it. */
  readonly ownerId: string;
  readonly reason: string;
  /** Id of the finding that showed it. */
  readonly findingId: string;
}

/**
 * Grants access that was found, as an approved item of a request that is closed. The caller decides about the person afterwards.
 * @returns id of the request
 * @throws RequestRefused with the conflict of separation of duties
 */
export async function grantFound(
  tx: Transaction,
  engine: Engine,
  { identityId, name, policyVersion, until, ownerId, reason, findingId }: FoundGrant,
): Promise<string> {
  const { now, correlationId } = tx.context;
  const question = await questionAbout(tx, engine, identityId);
  const requestId = randomUUID();
  const item = itemOf({ requestId, identityId, name, policyVersion, now, until });
  const [conflict] = conflictsOfKept(question, { ...item, validFrom: now, validUntil: until });
  if (conflict !== undefined)
    throw new RequestRefused('SEPARATION_CONFLICT', {
      name: item.name,
      rule: conflict.rule,
      together: conflict.names.join(', '),
      exception: 'may be asked for in a request',
    });
  const request = {
    id: requestId,
    identityId,
    requestedBy: ownerId,
    justification: reason,
    correlationId,
    createdAt: now,
    closedAt: now,
    nextAt: null,
    dependsOn: [],
  };
  await tx.requests.insert({ ...request, status: 'closed' }, [item]);
  auditItem(tx, 'foundKept', item, { validFrom: now, validUntil: until, findingId, ownerId }, { reason });
  return requestId;
}

async function mustBeFoundAccess(tx: Transaction, findingId: string): Promise<Finding & { readonly identityId: string }> {
  const [finding] = await tx.findings.openOf([findingId]);
  if (finding === undefined) throw new NotFound(`findingId: no open finding has the id ${findingId}`, { findingId });
  const { kind, identityId } = finding;
  if (kind !== 'entitlement-outside-policy' || identityId === null)
    throw new InputInvalid('findingId: only a membership outside of policy can be kept (ENTITLEMENT_OUTSIDE_POLICY)', { findingId });
  return { ...finding, identityId };
}

function itemOf(
  about: Pick<RequestItem, 'requestId' | 'identityId' | 'name' | 'policyVersion'> & { readonly now: Instant; readonly until: Instant },
): RequestItem {
  const { requestId, identityId, name, policyVersion, now, until } = about;
  return {
    id: randomUUID(),
    requestId,
    position: 0,
    identityId,
    kind: 'entitlement',
    name,
    rule: foundAccess,
    policyVersion,
    duration: `PT${Math.ceil((Date.parse(until) - Date.parse(now)) / 1000)}S`,
    exceptions: [],
    stages: [],
    extends: null,
    status: 'approved',
    reason: null,
    stage: 0,
    level: 0,
    dueAt: null,
    remindAt: null,
    decidedAt: now,
    validFrom: now,
    validUntil: until,
    endedAt: null,
    // Its owner has decided to keep it, though the policy lets nobody request it.
    keptAt: now,
    isBreakGlass: false,
    endNoticeAt: null,
    review: null,
    reviewComment: null,
    reviewedBy: null,
    reviewedAt: null,
  };
}
