import { defineEntity, p } from '@mikro-orm/core';
import type { Instant, Notification, NotificationKind } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

/** Notifications: ids and names of the policy, no personal data. */
export const NotificationRow = defineEntity({
  name: 'NotificationRow',
  tableName: 'notice',
  properties: {
    id: p.uuid().primary(),
    kind: p.text().$type<NotificationKind>(),
    key: p.text(),
    /** Recipient: `identity/<id>`, `owners/<case>`, `role/<name>`, `manager/<id>` or `sponsor/<id>`. */
    recipient: p.text(),
    about: p.json<Notification['about']>(),
    data: p.json<Notification['data']>(),
    /** Id of the person it is about, else of the request or the case: computed by the database from `about`. */
    aboutId: p.text().nullable(),
    /** Position in the order of writing. */
    position: p.bigint('number'),
    correlationId: p.text(),
    createdAt: p.type(InstantType).$type<Instant>(),
    /** When its deliveries were planned; `null`: not yet. */
    plannedAt: p.type(InstantType).$type<Instant>().nullable(),
    /** Number of failed attempts to plan it. */
    attempts: p.integer(),
    /** When planning is tried next; `null`: at once. */
    dueAt: p.type(InstantType).$type<Instant>().nullable(),
  },
});

/** Deliveries: one mail to a person, or one call of a webhook. */
export const NotificationDeliveryRow = defineEntity({
  name: 'NotificationDeliveryRow',
  tableName: 'notice_delivery',
  properties: {
    id: p.uuid().primary(),
    noticeId: p.uuid(),
    kind: p.text(),
    key: p.text(),
    channel: p.text().$type<'mail' | 'webhook'>(),
    /** The webhook's name; empty for a mail. */
    endpoint: p.text(),
    recipientId: p.uuid().nullable(),
    /** `aboutId` of the notification; `null` where no order matters, as for a digest. */
    aboutId: p.text().nullable(),
    /** `position` of the notification. */
    position: p.bigint('number'),
    status: p.text().$type<'waiting' | 'sent' | 'skipped' | 'failed'>(),
    attempts: p.integer(),
    /** When delivery is tried next. */
    dueAt: p.type(InstantType).$type<Instant>(),
    /** When it was due originally; `null`: planned by an earlier version of Tenure. */
    dueSince: p.type(InstantType).$type<Instant>().nullable(),
    /** Code of the last error, or of the reason for which it was not sent. */
    code: p.text().nullable(),
    createdAt: p.type(InstantType).$type<Instant>(),
    settledAt: p.type(InstantType).$type<Instant>().nullable(),
  },
});

/** Failing receivers; a row is deleted with the next successful delivery. */
export const NotificationReceiverRow = defineEntity({
  name: 'NotificationReceiverRow',
  tableName: 'notice_receiver',
  properties: {
    channel: p.text().$type<'mail' | 'webhook'>().primary(),
    endpoint: p.text().primary(),
    /** Number of failed attempts in a row. */
    failures: p.integer(),
    /** Code of the last error. */
    code: p.text(),
    failingSince: p.type(InstantType).$type<Instant>(),
    /** When one delivery is tried again; `null`: the receiver is not paused, since it has not failed often enough. */
    retryAt: p.type(InstantType).$type<Instant>().nullable(),
  },
});

/** Preferences of people about their mail. */
export const NotificationChoiceRow = defineEntity({
  name: 'NotificationChoiceRow',
  tableName: 'notice_choice',
  properties: { identityId: p.uuid().primary(), approvals: p.text().$type<'each' | 'digest'>() },
});
