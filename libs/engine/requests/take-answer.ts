import { NotFound, type RequestRefusal } from '@tenure/domain';
import type { RequestAnswer, RequestItem, Transaction, WholeRequest } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { advanceRequest, type RequestProgress } from './advance-request.ts';

/** Result of an answer. */
export interface TakenAnswer {
  /** `counted`, also for a repetition of an answer that was counted before. */
  readonly outcome: 'counted' | RequestRefusal;
  readonly standing: RequestProgress;
}

/**
 * Evaluates a stored answer, with the name of the person who was logged in, and counts it where it is theirs, in time and about other people's
 * access. Called again, it returns the same.
 * @throws NotFound
 */
export async function takeAnswer(tx: Transaction, engine: Engine, answerId: string): Promise<TakenAnswer> {
  const given = await tx.requests.answer(answerId);
  if (given === null) throw new NotFound(`there is no answer ${answerId}`, { answerId });
  // Deadlines that have passed take effect before the answer, and the approvers are those of this moment.
  const standing = await advanceRequest(tx, engine, given.requestId);
  const whole = await tx.requests.lock(given.requestId);
  const answer = await tx.requests.answer(answerId);
  const item = whole?.items.find(({ id }) => id === answer?.itemId);
  if (whole === null || answer === null || item === undefined) throw new NotFound(`there is no answer ${answerId}`, { answerId });
  if (answer.outcome !== null) return { outcome: answer.outcome === 'repeated' ? 'counted' : (answer.outcome as TakenAnswer['outcome']), standing };
  const { now } = tx.context;
  const decision = checkAnswer(whole, item, answer);
  const outcome = decision === 'repeated' ? 'counted' : decision;
  await tx.requests.answerDecided({ ...answer, stage: decision === 'counted' ? item.stage : null, outcome: decision, judgedAt: now });
  const personal = answer.comment === '' ? {} : { personal: { reason: answer.comment } };
  const inPlaceOf = whole.approvers.find((one) => one.itemId === item.id && one.stage === item.stage && one.approverId === answer.givenBy)?.inPlaceOf;
  tx.audit.record({
    action: outcome === 'counted' ? 'request.answered' : 'request.answerRefused',
    subjectKind: 'request',
    subjectId: item.requestId,
    identityId: item.identityId,
    reason: {
      itemId: item.id,
      name: item.name,
      stage: item.stages[item.stage]?.name ?? null,
      by: answer.givenBy,
      inPlaceOf: inPlaceOf ?? null,
      approves: answer.approves,
      outcome,
    },
    ...personal,
  });
  if (decision !== 'counted') return { outcome, standing };
  return { outcome, standing: await advanceRequest(tx, engine, given.requestId) };
}

function checkAnswer(
  { request, approvers, answers }: WholeRequest,
  item: RequestItem,
  { givenBy, approves, stage }: RequestAnswer,
): 'counted' | 'repeated' | RequestRefusal {
  if (givenBy === request.identityId || givenBy === request.requestedBy) return 'OWN_REQUEST';
  const isOver = item.status !== 'open';
  const isAsked = approvers.some((one) => one.itemId === item.id && one.stage === item.stage && one.approverId === givenBy && one.endedAt === null);
  const meant = stage ?? item.stage;
  const counted = answers.filter((one) => one.itemId === item.id && one.givenBy === givenBy && one.outcome === 'counted');
  // A repetition has the same result, also when its stage has passed meanwhile: the answer to the first attempt may have been lost.
  const before = counted.find((one) => one.stage === meant) ?? (isOver || !isAsked ? counted.at(-1) : undefined);
  if (before?.approves === approves) return 'repeated';
  const wasAsked = approvers.some((one) => one.itemId === item.id && one.approverId === givenBy);
  if (isOver || meant !== item.stage) return wasAsked ? 'REQUEST_CLOSED' : 'NOT_YOUR_DECISION';
  if (!isAsked) return 'NOT_YOUR_DECISION';
  return before === undefined ? 'counted' : 'REQUEST_CLOSED';
}
