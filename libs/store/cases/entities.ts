import { defineEntity, p } from '@mikro-orm/core';
import type { Instant } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

export const CaseRow = defineEntity({
  name: 'CaseRow',
  tableName: 'case_file',
  properties: {
    id: p.uuid().primary(),
    kind: p.text(),
    /** Key of the case: only one case of a key is open at a time. */
    key: p.text(),
    status: p.text().$type<'open' | 'closed'>(),
    identityId: p.uuid().nullable(),
    target: p.text().nullable(),
    operationId: p.uuid().nullable(),
    evidence: p.json<Readonly<Record<string, unknown>>>(),
    ownerId: p.uuid().nullable(),
    ownerGroup: p.text().nullable(),
    claimedBy: p.uuid().nullable(),
    claimedAt: p.type(InstantType).$type<Instant>().nullable(),
    level: p.integer(),
    deadline: p.type(InstantType).$type<Instant>().nullable(),
    openedAt: p.type(InstantType).$type<Instant>(),
    closedAt: p.type(InstantType).$type<Instant>().nullable(),
    closedBy: p.text().nullable(),
    resolution: p.text().nullable(),
    /** Last check of its owner and deadline; null: none yet. */
    tendedAt: p.type(InstantType).$type<Instant>().nullable(),
    /** Next check; null: when an event requires it. */
    tendAt: p.type(InstantType).$type<Instant>().nullable(),
    /** True if it has been signalled to Temporal since the check became due. */
    isTold: p.boolean(),
  },
  indexes: [{ properties: ['status', 'openedAt'] }, { properties: ['identityId'] }],
});

/** Comments on cases. */
export const CaseCommentRow = defineEntity({
  name: 'CaseCommentRow',
  tableName: 'case_comment',
  properties: {
    id: p.uuid().primary(),
    caseId: p.uuid(),
    byKind: p.text().$type<'person' | 'service' | 'source' | 'system'>(),
    byId: p.text(),
    text: p.text(),
    at: p.type(InstantType).$type<Instant>(),
  },
  indexes: [{ properties: ['caseId', 'at'] }],
});
