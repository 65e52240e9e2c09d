import type { RequestApprover, RequestItem, Transaction, WholeRequest } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';
import type { Asked, ApproverResolver, Concerned } from '../approvers/resolve-approvers.ts';
import { notificationOfAsked } from './notify-request.ts';
import { auditItem } from './audit-request.ts';

/** People who can answer an item's present stage. */
export interface AskedApprovers {
  readonly approvers: readonly RequestApprover[];
  readonly everAsked: boolean;
  /** People who were ever approvers of the request, to go on from. */
  readonly all: WholeRequest['approvers'];
}

/**
 * Makes the approvers of an item those whom the policy means now: people who have left, are on leave or are no longer a manager are no longer
 * approvers, and those who replace them are. Answers that they gave as approvers remain valid.
 */
export async function askApprovers(tx: Transaction, resolver: ApproverResolver, whole: WholeRequest, item: RequestItem): Promise<AskedApprovers> {
  const stage = item.stages[item.stage];
  const known = whole.approvers.filter((one) => one.itemId === item.id && one.stage === item.stage);
  if (stage === undefined) return { approvers: [], everAsked: false, all: whole.approvers };
  const answers = whole.answers.filter((one) => one.itemId === item.id && one.stage === item.stage && one.outcome === 'counted');
  const answered = new Set(answers.map(({ givenBy }) => known.find(({ approverId }) => approverId === givenBy)?.inPlaceOf ?? givenBy));
  const concerned: Concerned = { ...whole.request, answered };
  const first = await resolver.resolve(stage.approvers, concerned);
  const wanted = item.level === 0 ? first : [...first, ...(await nextInLine(resolver, concerned, item, first, known))];
  const approvers: RequestApprover[] = [];
  const { now } = tx.context;
  for (const { approverId, inPlaceOf, via } of wanted) {
    if (approvers.some((one) => one.approverId === approverId)) continue;
    const before = known.find((one) => one.approverId === approverId);
    const asked = before ?? {
      itemId: item.id,
      stage: item.stage,
      approverId,
      requestId: item.requestId,
      inPlaceOf,
      via,
      level: item.level,
      askedAt: now,
      endedAt: null,
      endReason: null,
    };
    // An answer stays in the place in which it was given.
    const place = hasAnswered(whole, item, approverId) ? asked.inPlaceOf : inPlaceOf;
    const approver: RequestApprover = {
      ...asked,
      inPlaceOf: place,
      via,
      askedAt: before?.endedAt === null ? before.askedAt : now,
      endedAt: null,
      endReason: null,
    };
    approvers.push(approver);
    if (before?.endedAt === null && before.inPlaceOf === place) continue;
    await tx.requests.saveApprover(approver);
    auditItem(tx, 'asked', item, { approverId, inPlaceOf: place, via });
    await tx.notifications.add(notificationOfAsked(item, approverId));
  }
  const gone = known.filter((one) => one.endedAt === null && !approvers.some(({ approverId }) => approverId === one.approverId));
  const left = gone.map((one): RequestApprover => ({ ...one, endedAt: now, endReason: 'replaced' }));
  for (const one of left) {
    await tx.requests.saveApprover(one);
    auditItem(tx, 'askedNoLonger', item, { approverId: one.approverId, via: one.via });
  }
  const changed = [...approvers, ...left];
  const same = (a: RequestApprover, b: RequestApprover): boolean => a.itemId === b.itemId && a.stage === b.stage && a.approverId === b.approverId;
  const all = [...whole.approvers.filter((one) => !changed.some((other) => same(one, other))), ...changed];
  return { approvers, everAsked: known.length + approvers.length > 0, all };
}

async function nextInLine(
  resolver: ApproverResolver,
  concerned: Concerned,
  item: RequestItem,
  first: readonly Asked[],
  known: readonly RequestApprover[],
): Promise<readonly Asked[]> {
  const { escalateTo } = item.stages[item.stage] ?? { escalateTo: [] };
  if (escalateTo.length > 0) return resolver.resolve(escalateTo, concerned);
  const before = known.filter((one) => one.level === 0 && !first.some(({ approverId }) => approverId === one.approverId));
  const asked = [...first.map(({ principalId }) => principalId), ...before.map(({ approverId, inPlaceOf }) => inPlaceOf ?? approverId)];
  return resolver.above([...new Set(asked)], concerned);
}

function hasAnswered({ answers }: WholeRequest, item: RequestItem, by: string): boolean {
  return answers.some((one) => one.itemId === item.id && one.stage === item.stage && one.givenBy === by && one.outcome === 'counted');
}

/** Opens a case when nobody can answer, or too few can: an operator has to see it before the deadline denies it. */
export async function watchEmpty(tx: Transaction, item: RequestItem, isShort: boolean): Promise<void> {
  const key = `request-without-approver/${item.id}`;
  if (!isShort) return closeCase(tx, await tx.cases.openOfKey(key), 'an approver was found');
  const { identityId, requestId, name, dueAt } = item;
  const evidence = { requestId, name, stage: item.stages[item.stage]?.name ?? null, dueAt };
  await openCase(tx, { kind: 'request-without-approver', key, identityId, target: null, operationId: null, evidence });
}
