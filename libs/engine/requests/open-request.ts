import { randomUUID } from 'node:crypto';
import {
  type AccessName,
  type AccessQuestion,
  type ApprovalStage,
  type AskedException,
  endOf,
  Forbidden,
  InputInvalid,
  isDuration,
  evaluateRequest,
  type Policy,
  RequestRefused,
  type RequestRule,
} from '@tenure/domain';
import type { RequestItem, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { advanceRequest, type RequestProgress } from './advance-request.ts';
import { questionAbout } from './question-about.ts';
import { relatedPeople } from '../approvers/related-person.ts';
import { requestedAccess } from './requested-access.ts';
import { wakeRequest } from './audit-request.ts';
import { withOwner } from './with-owner.ts';
import { currentPolicy } from '../policy/read-policy.ts';

/** One requested role or entitlement. */
export interface AskedItem extends AccessName {
  /** ISO 8601; `null`: as long as the rule allows. */
  readonly duration: string | null;
  /** Id of the item that it extends. */
  readonly extends?: string | null;
  /** SoD rules for which an exception is requested, each with its compensating control. */
  readonly exceptions?: readonly { readonly rule: string; readonly control: string }[];
}

export interface AskedRequest {
  readonly identityId: string;
  readonly requestedBy: string;
  readonly justification: string;
  readonly items: readonly AskedItem[];
}

const mostItems = 20;
/** Maximum number of characters of a compensating control. */
const longestControl = 1000;
/** Stage of an SoD exception that is part of a request. */
const stageOfException = { quorum: 1, deadline: 'P7D', escalateTo: [], otherwise: 'deny' } as const;

/**
 * Opens a request, where policy offers the access, and asks the first approvers. Whole or not at all.
 * @throws RequestRefused with the conflict, where separation of duties forbids it and no exception is requested
 */
export async function openRequest(tx: Transaction, engine: Engine, asked: AskedRequest): Promise<RequestProgress> {
  const { identityId, requestedBy, items } = asked;
  if (items.length === 0 || items.length > mostItems) throw new InputInvalid(`input.items must have 1 to ${mostItems} items`);
  await mustMayAskFor(tx, engine, identityId, requestedBy);
  const question = await questionAbout(tx, engine, identityId);
  const id = randomUUID();
  const { correlationId, now } = tx.context;
  const decided: RequestItem[] = [];
  const timeZone = (await tx.identities.get(identityId))?.timeZone ?? engine.configuration.timeZone;
  // Two items of one request may exclude each other: so each is evaluated as if those before it were approved.
  let asIfApproved = question;
  for (const [position, item] of items.entries()) {
    await mustNotBeOpen(tx, identityId, decided, item);
    const one = itemOf(asIfApproved, item, { requestId: id, position, identityId });
    decided.push(one);
    const granted = requestedAccess([{ ...one, validFrom: now, validUntil: endOf(now, one.duration, timeZone) }]);
    asIfApproved = { ...asIfApproved, requests: [...(asIfApproved.requests ?? []), ...granted] };
  }
  const { justification } = asked;
  await tx.requests.insert(
    { id, identityId, requestedBy, justification, status: 'open', correlationId, createdAt: now, closedAt: null, nextAt: null, dependsOn: [] },
    decided,
  );
  tx.audit.record({
    action: 'request.opened',
    subjectKind: 'request',
    subjectId: id,
    identityId,
    reason: {
      requestedBy,
      items: decided.map(({ id: itemId, kind, name, duration, rule, exceptions }) => ({
        itemId,
        kind,
        name,
        duration,
        rule,
        exceptions: exceptions.map((one) => one.rule),
      })),
    },
    personal: { reason: justification },
  });
  const standing = await advanceRequest(tx, engine, id);
  if (standing.isOpen) await wakeRequest(tx, { id, identityId });
  return standing;
}

/** Checks that a request is for oneself, or by the manager for another person. @throws Forbidden */
export async function mustMayAskFor(tx: Transaction, engine: Engine, identityId: string, by: string): Promise<void> {
  if (identityId === by) return;
  const person = await tx.identities.get(identityId);
  const manager = person === null ? null : await relatedPeople(tx, engine, await currentPolicy(tx, engine)).related(person, 'manager');
  // The same message whether or not there is such a person.
  if (manager?.id !== by) throw new Forbidden('You can request access only for yourself and for people whose manager you are.');
}

async function mustNotBeOpen(tx: Transaction, identityId: string, items: readonly RequestItem[], { kind, name }: AccessName): Promise<void> {
  const isTwice = items.some((one) => one.kind === kind && one.name === name);
  if (isTwice || (await tx.requests.hasOpenItem(identityId, kind, name))) throw new RequestRefused('NOT_REQUESTABLE', { name, reason: 'asked-already' });
}

function itemOf(question: AccessQuestion, asked: AskedItem, place: Pick<RequestItem, 'requestId' | 'position' | 'identityId'>): RequestItem {
  const { kind, name, duration } = asked;
  if (duration !== null && (!isDuration(duration) || !/[1-9]/.test(duration)))
    throw new InputInvalid('duration must be an ISO 8601 duration such as P90D or PT8H', { name });
  const { rule, exceptions } = evaluatedWith(question, asked);
  const { policy } = question;
  return {
    ...place,
    id: randomUUID(),
    kind,
    name,
    rule: rule.name,
    policyVersion: policy.version,
    duration: duration ?? rule.longest,
    exceptions,
    stages: stagesOf(policy, rule, asked, exceptions),
    extends: asked.extends ?? null,
    status: 'open',
    reason: null,
    stage: 0,
    level: 0,
    dueAt: null,
    remindAt: null,
    decidedAt: null,
    validFrom: null,
    validUntil: null,
    endedAt: null,
    keptAt: null,
    isBreakGlass: false,
    endNoticeAt: null,
    review: null,
    reviewComment: null,
    reviewedBy: null,
    reviewedAt: null,
  };
}

/** Evaluates until every conflict has a requested exception: access that one rule allows, another may forbid. */
function evaluatedWith(question: AccessQuestion, asked: AskedItem): { rule: RequestRule; exceptions: readonly AskedException[] } {
  const { name } = asked;
  const exceptions: AskedException[] = [];
  for (;;) {
    const { rule, refusal, conflicts } = evaluateRequest(question, asked, exceptions);
    if (rule === null || refusal !== null) throw new RequestRefused('NOT_REQUESTABLE', { name, reason: refusal ?? 'not-offered' });
    const [conflict] = conflicts;
    if (conflict === undefined) return { rule, exceptions };
    const control = asked.exceptions?.find((one) => one.rule === conflict.rule)?.control.trim() ?? '';
    const separation = question.policy.document.separation.find((one) => one.name === conflict.rule);
    const details = {
      name,
      rule: conflict.rule,
      together: conflict.names.join(', '),
      exception: separation?.owner === undefined ? 'nobody may allow one' : 'may be asked for',
    };
    if (control === '' || separation?.owner === undefined) throw new RequestRefused('SEPARATION_CONFLICT', details);
    if (control.length > longestControl) throw new InputInvalid(`control of the exception has at most ${longestControl} characters`, { name });
    exceptions.push({ ...conflict, control });
  }
}

/** Stages of the rule with owners named; the owner of an SoD rule answers first. */
function stagesOf(policy: Policy, rule: RequestRule, asked: AccessName, exceptions: readonly AskedException[]): readonly ApprovalStage[] {
  const named = (all: ApprovalStage['approvers']): ApprovalStage['approvers'] => withOwner(all, policy, asked);
  const rules = [...new Set(exceptions.map((one) => one.rule))];
  const owners = rules.map((separation): ApprovalStage => {
    const answers = policy.document.separation.find((one) => one.name === separation)?.owner;
    return { ...stageOfException, name: `exception from ${separation}`, approvers: answers === undefined ? [] : [answers] };
  });
  return [...owners, ...rule.stages.map((stage) => ({ ...stage, approvers: named(stage.approvers), escalateTo: named(stage.escalateTo) }))];
}
