import { defineEntity, p } from '@mikro-orm/core';
import type { ApprovalStage, AskedException, EndedWith, Instant } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

const instant = () => p.type(InstantType).$type<Instant>();

export const AccessRequestRow = defineEntity({
  name: 'AccessRequestRow',
  tableName: 'access_request',
  properties: {
    id: p.uuid().primary(),
    identityId: p.uuid(),
    requestedBy: p.uuid(),
    justification: p.text(),
    status: p.text().$type<'open' | 'closed'>(),
    correlationId: p.text(),
    createdAt: instant(),
    closedAt: instant().nullable(),
    nextAt: instant().nullable(),
    dependsOn: p.array(),
  },
});

export const RequestItemRow = defineEntity({
  name: 'RequestItemRow',
  tableName: 'request_item',
  properties: {
    id: p.uuid().primary(),
    requestId: p.uuid(),
    position: p.integer(),
    identityId: p.uuid(),
    kind: p.text().$type<'role' | 'entitlement'>(),
    name: p.text(),
    rule: p.text(),
    policyVersion: p.integer(),
    duration: p.text(),
    exceptions: p.json<readonly AskedException[]>(),
    stages: p.json<readonly ApprovalStage[]>(),
    extends: p.uuid().nullable(),
    status: p.text(),
    reason: p.text().nullable(),
    stage: p.integer(),
    level: p.integer(),
    dueAt: instant().nullable(),
    remindAt: instant().nullable(),
    decidedAt: instant().nullable(),
    validFrom: instant().nullable(),
    validUntil: instant().nullable(),
    endedAt: instant().nullable(),
    keptAt: instant().nullable(),
    isBreakGlass: p.boolean(),
    endNoticeAt: instant().nullable(),
    review: p.text().$type<'justified' | 'not-justified'>().nullable(),
    reviewComment: p.text().nullable(),
    reviewedBy: p.uuid().nullable(),
    reviewedAt: instant().nullable(),
    endedWith: p.json<EndedWith>().nullable(),
  },
});

/** Approvers of items by stage; `endedAt`: no longer an approver. */
export const RequestApproverRow = defineEntity({
  name: 'RequestApproverRow',
  tableName: 'request_approver',
  properties: {
    itemId: p.uuid().primary(),
    stage: p.integer().primary().autoincrement(false),
    approverId: p.uuid().primary(),
    inPlaceOf: p.uuid().nullable(),
    requestId: p.uuid(),
    via: p.text(),
    level: p.integer(),
    askedAt: instant(),
    endedAt: instant().nullable(),
    endReason: p.text().nullable(),
  },
});

/** Answers of approvers, and their outcomes. */
export const RequestAnswerRow = defineEntity({
  name: 'RequestAnswerRow',
  tableName: 'request_answer',
  properties: {
    id: p.uuid().primary(),
    itemId: p.uuid(),
    requestId: p.uuid(),
    stage: p.integer().nullable(),
    givenBy: p.uuid(),
    approves: p.boolean(),
    comment: p.text(),
    givenAt: instant(),
    outcome: p.text().nullable(),
    judgedAt: instant().nullable(),
  },
});
