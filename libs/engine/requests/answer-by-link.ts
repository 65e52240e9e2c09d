import type { Engine } from '../decide/engine.ts';
import { answerItem } from './answer-item.ts';
import type { DecisionLink, Transaction } from '@tenure/store';
import { readQuestion } from './read-question.ts';

/**
 * Answers as the person the link is for, and audits that it was by mail.
 * @returns `counted`, or the code with which the answer was refused
 */
export async function answerByLink(
  tx: Transaction,
  engine: Engine,
  token: string,
  { itemId, requestId, stage, approverId: by }: DecisionLink,
  given: { readonly approves: boolean; readonly comment: string },
): Promise<string> {
  const { now } = tx.context;
  const question = await readQuestion(tx, engine, await tx.decisionLinks.look(token), now);
  const isGood = question !== null && (await tx.decisionLinks.use(token, now));
  const { outcome } = isGood ? await answerItem(tx, engine, { itemId, by, stage, ...given }) : { outcome: 'REQUEST_CLOSED' };
  tx.audit.record({
    action: 'request.linkUsed',
    subjectKind: 'request',
    subjectId: requestId,
    identityId: (await tx.requests.get(requestId))?.identityId ?? null,
    reason: { itemId, by, approves: given.approves, outcome },
  });
  return outcome;
}
