import { randomUUID } from 'node:crypto';
import { advanceRequest, type Loop } from '@tenure/activities';
import { InputInvalid, RequestRefused } from '@tenure/domain';
import type { ActContext, RequestItem, Transaction, WholeRequest } from '@tenure/store';
import type { ApiDependencies } from '../dependencies.ts';

/** Characters of a comment. */
const longestComment = 1000;

/** What somebody answers about one item. */
export interface ItemAnswer {
  readonly itemId: string;
  readonly by: string;
  readonly approves: boolean;
  readonly comment: string;
  /** Name of the stage that they were shown; absent: the one that waits. What is meant for one is never counted in another. */
  readonly stage?: string | null;
}

/**
 * Writes an answer down and has the request count it. The one way in which people decide, whatever they came by.
 * @param allowed asked in the transaction that writes the answer down, before anything is written
 * @throws RequestRefused with the code by which it was not taken @throws InputInvalid
 */
export async function decideItem(
  { store, loop, requestDecisions }: Pick<ApiDependencies, 'store' | 'loop' | 'requestDecisions'>,
  act: ActContext,
  { itemId, by, approves, comment, stage = null }: ItemAnswer,
  allowed: (tx: Transaction) => Promise<void> = async () => undefined,
): Promise<Pick<RequestItem, 'requestId' | 'identityId'>> {
  if (comment.length > longestComment) throw new InputInvalid(`comment has at most ${longestComment} characters`);
  if (requestDecisions === undefined) throw new RequestRefused('REQUESTS_UNAVAILABLE');
  const answerId = randomUUID();
  const { requestId, identityId } = await store.transaction(act, async (tx) => {
    await allowed(tx);
    const item = await mustBeAsked(tx, loop, itemId, by);
    const answer = {
      id: answerId,
      itemId,
      requestId: item.requestId,
      stage: stageMeant(item, stage),
      givenBy: by,
      approves,
      comment,
      givenAt: act.now,
      outcome: null,
      judgedAt: null,
    };
    await tx.requests.addAnswer(answer);
    return item;
  });
  await requestDecisions.decide({ answerId, requestId, identityId, correlationId: act.correlationId });
  return { requestId, identityId };
}

/** Early, so that strangers write nothing; the request judges it again. @throws RequestRefused */
async function mustBeAsked(tx: Transaction, loop: Loop, itemId: string, by: string): Promise<RequestItem> {
  const item = await tx.requests.item(itemId);
  if (item === null) throw new RequestRefused('NOT_YOUR_DECISION');
  const read = async (): Promise<WholeRequest | undefined> => (await tx.requests.whole([item.requestId]))[0];
  let whole = await read();
  let current = item;
  if (whole?.request.identityId === by || whole?.request.requestedBy === by) throw new RequestRefused('OWN_REQUEST');
  if (whole !== undefined && item.status === 'open' && !wasAsked(whole, itemId, by)) {
    await advanceRequest(tx, loop, item.requestId);
    whole = await read();
    current = whole?.items.find(({ id }) => id === itemId) ?? item;
  }
  if (whole === undefined || !wasAsked(whole, itemId, by)) throw new RequestRefused('NOT_YOUR_DECISION');
  return current;
}

/** @throws InputInvalid where there is no such stage */
function stageMeant({ id, stage, stages }: RequestItem, name: string | null): number {
  if (name === null) return stage;
  const meant = stages.findIndex((one) => one.name === name);
  if (meant < 0) throw new InputInvalid('stage: the item has no stage of this name', { itemId: id });
  return meant;
}

function wasAsked({ approvers }: WholeRequest, itemId: string, by: string): boolean {
  return approvers.some((one) => one.itemId === itemId && one.approverId === by);
}
