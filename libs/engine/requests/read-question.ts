import { isThere } from '../approvers/related-person.ts';
import type { Engine } from '../decide/engine.ts';
import { displayName, type Instant } from '@tenure/domain';
import type { DecisionLink, Transaction } from '@tenure/store';
import { currentPolicy } from '../policy/read-policy.ts';
import { observedTargets } from '../targets/observed-targets.ts';
import { onlyObservedIn } from './only-observed-in.ts';

/** A request item that waits for an approver, in words. */
export interface Question {
  readonly title: string;
  readonly for: string;
  readonly by: string;
  readonly justification: string;
  readonly duration: string;
  /** Titles of targets that are only observed, in which the access would be: nothing is given there. */
  readonly observedTargets: readonly string[];
  readonly stage: string;
  readonly dueAt: Instant | null;
  readonly exceptions: readonly { readonly rule: string; readonly names: readonly string[]; readonly control: string }[];
  /** The approver. */
  readonly approver: string;
  readonly timeZone: string;
}

/**
 * Item behind a link, in its present status. Reads only.
 * @returns `null` when the link does not exist, was used or has expired, or this person is no longer an approver
 */
export async function readQuestion(tx: Transaction, engine: Engine, link: DecisionLink | null, now: Instant): Promise<Question | null> {
  if (link === null || link.usedAt !== null || link.expiresAt <= now) return null;
  const { itemId, approverId, stage } = link;
  const [whole] = await tx.requests.whole([link.requestId]);
  const item = whole?.items.find(({ id }) => id === itemId);
  if (whole === undefined || item === undefined || item.status !== 'open' || item.stage !== stage) return null;
  const isAsked = whole.approvers.some((one) => one.itemId === itemId && one.stage === stage && one.approverId === approverId && one.endedAt === null);
  const hasAnswered = whole.answers.some((one) => one.itemId === itemId && one.stage === stage && one.givenBy === approverId && one.outcome === 'counted');
  const approver = await tx.identities.get(approverId);
  if (!isAsked || hasAnswered || approver === null || !isThere(approver, now)) return null;
  const { document } = await currentPolicy(tx, engine);
  const known = item.kind === 'role' ? document.roles : document.entitlements;
  const name = async (id: string): Promise<string> => {
    const person = await tx.identities.get(id);
    return person === null ? id : displayName(person);
  };
  return {
    title: (Object.hasOwn(known, item.name) ? known[item.name]?.title : undefined) ?? item.name,
    for: await name(item.identityId),
    by: await name(whole.request.requestedBy),
    justification: whole.request.justification,
    duration: item.duration,
    observedTargets: onlyObservedIn(engine.configuration, document, item, await observedTargets(tx)).map(({ title }) => title),
    stage: item.stages[stage]?.name ?? '',
    dueAt: item.dueAt,
    exceptions: item.exceptions,
    approver: displayName(approver),
    timeZone: approver.timeZone,
  };
}
