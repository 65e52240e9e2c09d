import type { Configuration } from '@tenure/config';
import { onlyObservedIn, titleOf } from '@tenure/engine/requests';
import { grantedUntil, type Instant, type PolicyDocument } from '@tenure/domain';
import type { RequestItem, StoredIdentity, WholeRequest } from '@tenure/store';
import type { Caller } from '@tenure/engine/callers';
import { mayReadWordsAbout } from '../../access/words-about.ts';
import type { Loaders } from '../../server/loaders.ts';
import { displayName } from '../identities/view-attributes.ts';
import type { PersonNameType } from './person-name.type.ts';
import type { AccessRequestType, RequestItemType } from './request.type.ts';

/** Policy and targets by which requests are read. */
export interface RequestTerms {
  readonly document: PolicyDocument;
  readonly configuration: Configuration;
  /** Names of the targets that are only observed. */
  readonly observed: ReadonlySet<string>;
}

/** A request as people read it: names instead of ids, and the approvers and answers of each stage. */
export async function viewRequest(
  whole: WholeRequest,
  terms: RequestTerms,
  loaders: Loaders,
  caller: Pick<Caller, 'id' | 'roles'>,
): Promise<AccessRequestType> {
  const { request, items, approvers, answers } = whole;
  const ids = [
    request.identityId,
    request.requestedBy,
    ...approvers.flatMap(({ approverId, inPlaceOf }) => [approverId, inPlaceOf ?? approverId]),
    ...answers.map(({ givenBy }) => givenBy),
    ...items.flatMap(({ reviewedBy }) => reviewedBy ?? []),
  ];
  const people = new Map<string, PersonNameType>();
  // All at once: they are read together, also those of other requests.
  const found = await Promise.all([...new Set(ids)].map(async (id) => ({ id, person: await loaders.identity.load(id) })));
  for (const { id, person } of found) people.set(id, { id, displayName: person === null ? id : displayName(person) });
  const subject = found.find(({ id }) => id === request.identityId)?.person ?? null;
  const name = (id: string): PersonNameType => people.get(id) ?? { id, displayName: id };
  return {
    id: request.id,
    for: name(request.identityId),
    requestedBy: name(request.requestedBy),
    justification: mayReadWordsAbout(caller, request.identityId, request.requestedBy) ? request.justification : '',
    isOpen: request.status === 'open',
    createdAt: request.createdAt,
    closedAt: request.closedAt,
    items: items.map((item) => ({ ...viewItem(item, whole, terms, name, caller), validUntil: shownEnd(item, subject) })),
  };
}

/** End that is shown: while access is granted, never later than the person's own end. */
function shownEnd({ validFrom, validUntil, status }: RequestItem, subject: StoredIdentity | null): Instant | null {
  if (validFrom === null || subject === null || status !== 'approved') return validUntil;
  return grantedUntil({ validFrom, validUntil }, subject, validFrom);
}

function viewItem(
  item: RequestItem,
  { request, approvers, answers }: WholeRequest,
  { document, configuration, observed }: RequestTerms,
  name: (id: string) => PersonNameType,
  caller: Pick<Caller, 'id' | 'roles'>,
): RequestItemType {
  // An approver answers the requester.
  const mayRead = (author: string | null): boolean => request.requestedBy === caller.id || mayReadWordsAbout(caller, request.identityId, author);
  const { id, kind, duration, status, reason, dueAt, validFrom, validUntil, endedAt, exceptions } = item;
  const placeOf = (by: string, stage: number): PersonNameType | null => {
    const place = approvers.find((one) => one.itemId === id && one.stage === stage && one.approverId === by)?.inPlaceOf ?? null;
    return place === null ? null : name(place);
  };
  const stages = item.stages.map((stage, index) => ({
    name: stage.name,
    quorum: stage.quorum,
    approvers: approvers
      .filter((one) => one.itemId === id && one.stage === index)
      .map(({ approverId, inPlaceOf, via, askedAt, endedAt: until }) => ({
        person: name(approverId),
        deputyFor: inPlaceOf === null ? null : name(inPlaceOf),
        ...selectionOf(via),
        requestedAt: askedAt,
        endedAt: until,
      })),
    answers: answers
      .filter((one) => one.itemId === id && one.stage === index && one.outcome === 'counted')
      .map(({ givenBy, approves, comment, givenAt }) => ({
        by: name(givenBy),
        onBehalfOf: placeOf(givenBy, index),
        approves,
        comment: mayRead(givenBy) ? comment : '',
        givenAt,
      })),
  }));
  return {
    id,
    kind,
    name: item.name,
    title: titleOf(document, item),
    observedTargets: onlyObservedIn(configuration, document, item, observed).map((one) => one.name),
    duration,
    status,
    reason,
    stage: status === 'open' ? (item.stages[item.stage]?.name ?? null) : null,
    isEscalated: item.level > 0,
    dueAt,
    validFrom,
    validUntil,
    endedAt,
    extends: item.extends,
    isBreakGlass: item.isBreakGlass,
    review: viewReview(item, name, mayReadWordsAbout(caller, request.identityId, item.reviewedBy)),
    exceptions,
    stages,
  };
}

function viewReview(
  { review, reviewComment, reviewedBy, reviewedAt }: RequestItem,
  name: (id: string) => PersonNameType,
  mayRead: boolean,
): RequestItemType['review'] {
  if (review === null || reviewedAt === null) return null;
  return {
    isJustified: review === 'justified',
    comment: mayRead ? (reviewComment ?? '') : '',
    by: reviewedBy === null ? null : name(reviewedBy),
    at: reviewedAt,
  };
}

/** Paths to an approver that are stored as text. */
const SELECTIONS: Readonly<Record<string, string>> = { manager: 'manager', sponsor: 'sponsor', 'by name': 'person', 'next in line': 'escalation' };

function selectionOf(via: string): { readonly selectedBy: string; readonly selectedByGrant: string | null } {
  const selectedBy = SELECTIONS[via];
  return selectedBy === undefined ? { selectedBy: 'grant', selectedByGrant: via.replace(/^\w+ /, '') } : { selectedBy, selectedByGrant: null };
}
