import { randomUUID } from 'node:crypto';
import {
  type AccessName,
  type Approvers,
  type BreakGlassRule,
  dueAfter,
  endOf,
  InputInvalid,
  isDuration,
  evaluateBreakGlass,
  type Policy,
  RequestRefused,
} from '@tenure/domain';
import type { RequestItem, Transaction } from '@tenure/store';
import { openCase } from '../cases/open-case.ts';
import type { Engine } from '../decide/engine.ts';
import { notificationsOfBreakGlass } from './notify-request.ts';
import { questionAbout } from './question-about.ts';
import { approverResolver, type Asked } from '../approvers/resolve-approvers.ts';
import { auditItem } from './audit-request.ts';
import { withOwner } from './with-owner.ts';
import { wake } from '../decide/wake.ts';
import { decideIdentity } from '../decide/decide-identities.ts';

/** Break-glass access as it is taken. */
export interface BreakGlassAccess extends AccessName {
  readonly identityId: string;
  /** ISO 8601; `null`: as long as the rule allows. */
  readonly duration: string | null;
  readonly justification: string;
}

/**
 * Grants at once access that the policy offers as break-glass access, notifies those named in the rule, and opens the review. Its end is a bound like
 * any other: the decision engine enforces it.
 * @returns the request's id
 * @throws RequestRefused
 */
export async function breakGlass(tx: Transaction, engine: Engine, taken: BreakGlassAccess): Promise<string> {
  const { identityId, kind, name, duration, justification } = taken;
  if (duration !== null && (!isDuration(duration) || !/[1-9]/.test(duration))) throw new InputInvalid('duration is an ISO 8601 duration like PT4H', { name });
  const question = await questionAbout(tx, engine, identityId);
  const { rule, refusal, exceptions } = evaluateBreakGlass(question, taken);
  if (rule === null || refusal !== null) throw new RequestRefused('NOT_REQUESTABLE', { name, reason: refusal ?? 'not-offered' });
  const { policy } = question;
  const { now, correlationId } = tx.context;
  const timeZone = (await tx.identities.get(identityId))?.timeZone ?? engine.configuration.timeZone;
  const requestId = randomUUID();
  const item: RequestItem = {
    id: randomUUID(),
    requestId,
    position: 0,
    identityId,
    kind,
    name,
    rule: rule.name,
    policyVersion: policy.version,
    duration: duration ?? rule.longest,
    exceptions,
    stages: [],
    extends: null,
    status: 'approved',
    reason: 'break-glass',
    stage: 0,
    level: 0,
    dueAt: null,
    remindAt: null,
    decidedAt: now,
    validFrom: now,
    validUntil: endOf(now, duration ?? rule.longest, timeZone),
    endedAt: null,
    keptAt: null,
    isBreakGlass: true,
    endNoticeAt: null,
    review: null,
    reviewComment: null,
    reviewedBy: null,
    reviewedAt: null,
  };
  await tx.requests.insert(
    {
      id: requestId,
      identityId,
      requestedBy: identityId,
      justification,
      status: 'closed',
      correlationId,
      createdAt: now,
      closedAt: now,
      nextAt: null,
      dependsOn: [],
    },
    [item],
  );
  const { validFrom, validUntil } = item;
  auditItem(tx, 'brokeGlass', item, { validFrom, validUntil, exceptions: exceptions.map((one) => one.rule) }, { reason: justification });
  await decideIdentity(tx, engine, identityId, 'decision');
  // The person who takes this cannot wait for others.
  await wake(tx, identityId, 'decision', true);
  await askForReview(tx, engine, policy, item, rule, timeZone);
  return requestId;
}

/** Opens the review. The case belongs to the first reviewer and is escalated as all cases are; each of the reviewers can answer it. */
async function askForReview(tx: Transaction, engine: Engine, policy: Policy, item: RequestItem, rule: BreakGlassRule, timeZone: string): Promise<void> {
  const { id, requestId, identityId, kind, name, validUntil, exceptions } = item;
  const { now } = tx.context;
  const asked = (approvers: readonly Approvers[]): Promise<readonly Asked[]> =>
    approverResolver(tx, engine, policy, 'cases').resolve(withOwner(approvers, policy, item), { identityId, requestedBy: identityId });
  const reviewers = await asked(rule.reviewers);
  // Reviewers may read the reason that was given.
  for (const { approverId, inPlaceOf, via } of reviewers)
    await tx.requests.saveApprover({ itemId: id, stage: 0, approverId, inPlaceOf, requestId, via, level: 0, askedAt: now, endedAt: null, endReason: null });
  const { calendars = {} } = policy.document;
  const calendar = rule.calendar !== undefined && Object.hasOwn(calendars, rule.calendar) ? calendars[rule.calendar] : undefined;
  await openCase(tx, {
    kind: 'break-glass-review',
    key: reviewKey(id),
    identityId,
    target: null,
    operationId: null,
    evidence: { itemId: id, requestId, kind, name, rule: rule.name, takenAt: now, validUntil, separation: exceptions.map((one) => one.rule) },
    ownerId: reviewers[0]?.principalId ?? null,
    deadline: dueAfter(now, rule.reviewWithin, timeZone, calendar),
  });
  const toTell = [...reviewers, ...(await asked(rule.tell))].map(({ approverId }) => approverId);
  await tx.notifications.add(...notificationsOfBreakGlass(item, [...new Set(toTell)]));
}

/** Key of the case by which break-glass access is reviewed. */
export function reviewKey(itemId: string): string {
  return `break-glass-review/${itemId}`;
}
