import { randomUUID } from 'node:crypto';
import { FINDING_KINDS, type FindingKind, handlingsOf, InputInvalid, type Instant, NotFound } from '@tenure/domain';
import type { IgnoredFindings, Transaction } from '@tenure/store';
import { isThere } from '../approvers/related-person.ts';
import type { Engine } from '../decide/engine.ts';
import { settleFindings } from './settle-findings.ts';

/** Findings to ignore: one, or all of a kind in a target. */
export type IgnoredScope =
  | { readonly findingId: string }
  | { readonly target: string; readonly kind: FindingKind /** Group or attribute; `null`: every name. */; readonly name: string | null };

export interface IgnoringWish {
  readonly until: Instant;
  readonly reason: string;
  /** Id of the identity that answers for it; `null`: nobody is named. */
  readonly ownerId: string | null;
}

/**
 * Ignores findings until a date: they count in no case, are not corrected, and come back by themselves. A single one is no longer ignored once it is
 * closed.
 * @throws NotFound, InputInvalid
 */
export async function ignoreFindings(tx: Transaction, engine: Engine, scope: IgnoredScope, { until, reason, ownerId }: IgnoringWish): Promise<IgnoredFindings> {
  const { actor, now } = tx.context;
  const { target, kind, name, findingId } = await scopeOf(tx, scope);
  if (handlingsOf(kind).length === 0) throw new InputInvalid(`findings of the kind ${kind} are only listed: there is nothing to ignore`, { kind });
  if (until <= now) throw new InputInvalid('until is a time in the future', { until });
  const owner = ownerId === null ? null : await tx.identities.get(ownerId);
  if (ownerId !== null && (owner === null || !isThere(owner, now))) throw new InputInvalid('ownerId is the id of an active person', { ownerId });
  const ignored: IgnoredFindings = {
    id: randomUUID(),
    target,
    kind,
    name,
    findingId,
    until,
    reason,
    ownerId,
    createdBy: `${actor.kind} ${actor.id}`,
    createdAt: now,
    endedAt: null,
    endReason: null,
  };
  await tx.ignoredFindings.add(ignored);
  tx.audit.record({
    action: 'findings.ignored',
    subjectKind: 'target',
    subjectId: target,
    identityId: null,
    reason: { target, kind, name, findingId, until, ownerId },
  });
  await settleFindings(tx, engine, target);
  return ignored;
}

/** Stops ignoring findings before the date. @throws NotFound; InputInvalid when they are not ignored any more */
export async function stopIgnoringFindings(tx: Transaction, engine: Engine, id: string, reason: string): Promise<IgnoredFindings> {
  const ignored = await tx.ignoredFindings.get(id);
  if (ignored === null) throw new NotFound(`id: no ignored findings have the id ${id}`, { id });
  if (ignored.endedAt !== null) throw new InputInvalid('id: these findings are no longer ignored', { id });
  const { target, kind, name, findingId } = ignored;
  await tx.ignoredFindings.end(id, reason, tx.context.now);
  tx.audit.record({
    action: 'findings.noLongerIgnored',
    subjectKind: 'target',
    subjectId: target,
    identityId: null,
    reason: { target, kind, name, findingId },
  });
  await settleFindings(tx, engine, target);
  return { ...ignored, endedAt: tx.context.now, endReason: reason };
}

/** Ends what is ignored no longer: the date is reached, or the one finding is closed. Their cases come back. */
export async function endIgnoring(tx: Transaction, engine: Engine): Promise<void> {
  for (const target of await tx.ignoredFindings.endOver(tx.context.now)) await settleFindings(tx, engine, target);
}

async function scopeOf(tx: Transaction, scope: IgnoredScope): Promise<Pick<IgnoredFindings, 'target' | 'kind' | 'name' | 'findingId'>> {
  if (!('findingId' in scope)) {
    if (!FINDING_KINDS.includes(scope.kind)) throw new InputInvalid(`there is no kind of finding ${scope.kind}`, { kind: scope.kind });
    return { ...scope, findingId: null };
  }
  const { findingId } = scope;
  const finding = await tx.findings.get(findingId);
  if (finding === null) throw new NotFound(`findingId: no finding has the id ${findingId}`, { findingId });
  if (finding.closedAt !== null) throw new InputInvalid('findingId: the finding is closed', { findingId });
  return { target: finding.target, kind: finding.kind, name: finding.name === '' ? null : finding.name, findingId };
}
