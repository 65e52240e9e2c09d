import { randomUUID } from 'node:crypto';
import { InputInvalid, type RequestRefusal } from '@tenure/domain';
import type { RequestItem, Transaction, WholeRequest } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { advanceRequest } from './advance-request.ts';
import { takeAnswer } from './take-answer.ts';
import { wakeRequest } from './audit-request.ts';

/** Maximum number of characters of a comment. */
const longestComment = 1000;

/** An answer to one item of a request. */
export interface ItemAnswer {
  readonly itemId: string;
  /** Identity of the person who answers. */
  readonly by: string;
  readonly approves: boolean;
  readonly comment: string;
  /** Stage that they were shown, by name or position (from 0); absent or `null`: the present one. An answer to one stage is never counted in another. */
  readonly stage?: string | number | null;
}

/** Result of an answer: counted, also for a repetition of one that was counted before, or the code with which it was refused. */
export type AnsweredItem =
  | { readonly outcome: 'counted'; readonly requestId: string }
  | { readonly outcome: RequestRefusal; readonly requestId: string | null };

/**
 * Stores, evaluates and counts an answer, and acts on it: opens the next stage, grants, denies. All in this transaction, in which the locks of the
 * person and the request put simultaneous answers in order; the request's workflow is signalled by the outbox and keeps reminders, deadlines and
 * escalation. A refusal is returned, not thrown: a refused answer of an approver is stored and audited too. Of anybody who was never an approver,
 * nothing is stored.
 * @throws InputInvalid
 */
export async function answerItem(tx: Transaction, engine: Engine, answer: ItemAnswer): Promise<AnsweredItem> {
  const { itemId, by, approves, comment, stage = null } = answer;
  if (comment.length > longestComment) throw new InputInvalid(`comment has at most ${longestComment} characters`);
  const known = await tx.requests.item(itemId);
  if (known === null) return { outcome: 'NOT_YOUR_DECISION', requestId: null };
  const { requestId } = known;
  const refused = (outcome: RequestRefusal): AnsweredItem => ({ outcome, requestId });
  const [before] = await tx.requests.whole([requestId]);
  if (before === undefined) return refused('NOT_YOUR_DECISION');
  if (before.request.identityId === by || before.request.requestedBy === by) return refused('OWN_REQUEST');
  // The stage is that of before the locks: the second of two simultaneous answers waits there, and does not apply to the stage that the first one
  // begins.
  let item = known;
  if (!wasAsked(before, itemId, by)) {
    if (item.status !== 'open') return refused('NOT_YOUR_DECISION');
    await advanceRequest(tx, engine, requestId);
    const [advanced] = await tx.requests.whole([requestId]);
    if (advanced === undefined || !wasAsked(advanced, itemId, by)) return refused('NOT_YOUR_DECISION');
    item = advanced.items.find(({ id }) => id === itemId) ?? known;
  }
  const id = randomUUID();
  const { now } = tx.context;
  const given = { id, itemId, requestId, stage: stageMeant(item, stage), givenBy: by, approves, comment, givenAt: now, outcome: null, judgedAt: null };
  await tx.requests.addAnswer(given);
  const { outcome } = await takeAnswer(tx, engine, id);
  if (before.request.status === 'open') await wakeRequest(tx, before.request);
  return { outcome, requestId };
}

/** Stage to which an answer applies. @throws InputInvalid where there is no such stage */
function stageMeant({ id, stage, stages }: RequestItem, shown: string | number | null): number {
  if (shown === null) return stage;
  const meant = stages.findIndex(({ name }, position) => (typeof shown === 'string' ? name : position) === shown);
  if (meant < 0) throw new InputInvalid('stage: the item has no stage of this name', { itemId: id });
  return meant;
}

function wasAsked({ approvers }: WholeRequest, itemId: string, by: string): boolean {
  return approvers.some((one) => one.itemId === itemId && one.approverId === by);
}
