import { type Approvers, caseOwner, type CaseStep, type CaseTerms, caseTerms, earliest, nextCaseStep, type Policy } from '@tenure/domain';
import type { TendedCase, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { isThere } from '../approvers/related-person.ts';
import type { ApproverResolver, Asked } from '../approvers/resolve-approvers.ts';
import { answeringOwners, concernedBy } from '../approvers/answering-owners.ts';
import { notifyOwners } from './notify-owners.ts';

/** Means by which a case is tended: policy and approvers. */
export interface Tending {
  readonly policy: Policy;
  readonly resolver: ApproverResolver;
}

type Owner = Pick<TendedCase, 'ownerId' | 'ownerGroup'>;

const anyOperator: Owner = { ownerId: null, ownerGroup: null };

/** Updates the owner and deadline of one case. @returns true if it was escalated to the next in line */
export async function tendCase(tx: Transaction, engine: Engine, by: Tending, found: TendedCase): Promise<boolean> {
  const { policy } = by;
  const { now } = tx.context;
  const [subject, owner, claimer] = await Promise.all(
    [found.identityId, found.ownerId, found.claimedBy].map((id) => (id === null ? null : tx.identities.get(id))),
  );
  const terms = caseTerms(policy.document, found);
  const hasOwner = found.ownerId !== null || found.ownerGroup !== null;
  const ownerIsThere = hasOwner ? (owner != null && isThere(owner, now)) || (await answeringOwners(tx, by.resolver, found)).length > 0 : null;
  const progress = { ...found, isKnown: found.tendedAt !== null, ownerIsThere };
  const step = nextCaseStep(progress, terms, now, subject?.timeZone ?? engine.configuration.timeZone);
  const given = await givenTo(tx, by, found, step, terms);
  const isEscalated = step.level > found.level;
  const isOther = given.ownerId !== found.ownerId || given.ownerGroup !== found.ownerGroup;
  // An assignee keeps the case, unless they are gone or it is escalated.
  const isFreed = isEscalated || (found.claimedBy !== null && !(claimer != null && isThere(claimer, now)));
  await tx.cases.tended({
    ...found,
    ownerId: given.ownerId,
    ownerGroup: given.ownerGroup,
    ...(isFreed ? { claimedBy: null, claimedAt: null } : {}),
    level: step.level,
    deadline: step.deadline,
    tendedAt: now,
    tendAt: earliest(step.until, by.resolver.handOverAt()),
  });
  if (isEscalated || isOther)
    tx.audit.record({
      action: isEscalated ? 'case.escalated' : 'case.assigned',
      subjectKind: 'case',
      subjectId: found.id,
      identityId: found.identityId,
      reason: { kind: found.kind, from: found.ownerId ?? found.ownerGroup, to: given.ownerId, group: given.ownerGroup, deadline: step.deadline },
    });
  if (isEscalated || isOther) await notifyOwners(tx, by.resolver, { ...found, ...given }, isEscalated ? step.level : null);
  return isEscalated;
}

/** Owner of a case after a step. */
async function givenTo(tx: Transaction, { policy, resolver }: Tending, found: TendedCase, { assign, level }: CaseStep, terms: CaseTerms): Promise<Owner> {
  if (assign === null) return found;
  if (assign === 'next') return nextInLine(tx, resolver, found, level);
  for (const means of terms[assign]) {
    const owner = await findOwner(resolver, policy, found, means);
    if (owner !== anyOperator) return owner;
  }
  return anyOperator;
}

/** Manager of the last owner, as with approvals: approvers may read the request. Follows no circle; where nobody is left, any operator. */
async function nextInLine(tx: Transaction, resolver: ApproverResolver, found: TendedCase, level: number): Promise<Owner> {
  const { identityId, ownerId } = found;
  const { requestId, itemId } = found.kind === 'break-glass-review' ? found.evidence : {};
  if (ownerId === null || identityId === null || requestId === undefined || itemId === undefined) return anyOperator;
  const [whole] = await tx.requests.whole([requestId]);
  const asked = whole?.approvers.filter((one) => one.itemId === itemId) ?? [];
  const place = asked.find(({ approverId }) => approverId === ownerId)?.inPlaceOf ?? ownerId;
  const next = await firstAbove(resolver, [...new Set([place, ownerId])], identityId, new Set(asked.map(({ approverId }) => approverId)));
  if (next === null) return anyOperator;
  const { approverId, inPlaceOf, principalId, via } = next;
  await tx.requests.saveApprover({ itemId, stage: 0, approverId, inPlaceOf, requestId, via, level, askedAt: tx.context.now, endedAt: null, endReason: null });
  return { ownerId: principalId, ownerGroup: null };
}

/** First in the line of managers who was not an owner yet. */
async function firstAbove(resolver: ApproverResolver, from: readonly string[], identityId: string, asked: ReadonlySet<string>): Promise<Asked | null> {
  const seen = new Set(from);
  for (let line = from; line.length > 0; ) {
    const above = await resolver.above(line, { identityId, requestedBy: identityId });
    const next = above.find(({ approverId }) => !asked.has(approverId));
    if (next !== undefined) return next;
    line = above.map(({ approverId }) => approverId).filter((id) => !seen.has(id));
    for (const id of line) seen.add(id);
  }
  return null;
}

/** Owners by the policy; any operator where it names nobody, or nobody who is there. Never the person whom the case is about. */
async function findOwner(resolver: ApproverResolver, { document }: Policy, tended: TendedCase, means: Approvers): Promise<Owner> {
  const { identityId } = tended;
  const asked = means?.kind === 'owner' ? caseOwner(document, tended) : means;
  if (asked === undefined) return anyOperator;
  // A case about nobody has no manager.
  if (identityId === null && asked.kind !== 'person' && asked.kind !== 'holders') return anyOperator;
  const [found] = await resolver.resolve([asked], concernedBy(identityId));
  if (found === undefined) return anyOperator;
  // A deputy finds it among the principal's cases, and only as long as the delegation lasts.
  return asked.kind === 'holders' ? { ownerId: null, ownerGroup: asked.name } : { ownerId: found.principalId, ownerGroup: null };
}
