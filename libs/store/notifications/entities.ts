import { defineEntity, p } from '@mikro-orm/core';
import type { Instant, Notification, NotificationKind } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

/** Something that somebody is to be told: ids and names of the policy, no personal data. */
export const NotificationRow = defineEntity({
  name: 'NotificationRow',
  tableName: 'notice',
  properties: {
    id: p.uuid().primary(),
    kind: p.text().$type<NotificationKind>(),
    key: p.text(),
    /** `identity/<id>`, `owners/<case>`, `role/<name>`, `manager/<id>` or `sponsor/<id>`. */
    recipient: p.text(),
    about: p.json<Notification['about']>(),
    data: p.json<Notification['data']>(),
    /** The person it is about, else the request or the case: made by the database from `about`. */
    aboutId: p.text().nullable(),
    /** The order in which notifications were written. */
    position: p.bigint('number'),
    correlationId: p.text(),
    createdAt: p.type(InstantType).$type<Instant>(),
    /** When it was found out whom that means; `null`: not yet. */
    plannedAt: p.type(InstantType).$type<Instant>().nullable(),
    /** Number of times that finding that out has failed. */
    attempts: p.integer(),
    /** When it is tried next; `null`: at once. */
    dueAt: p.type(InstantType).$type<Instant>().nullable(),
  },
});

/** One way in which one person or program is told: a mail or a call of a webhook. */
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
    /** The notification's; `null` where no order matters, as for a digest. */
    aboutId: p.text().nullable(),
    /** The notification's. */
    position: p.bigint('number'),
    status: p.text().$type<'waiting' | 'sent' | 'skipped' | 'failed'>(),
    attempts: p.integer(),
    /** When it is tried next. */
    dueAt: p.type(InstantType).$type<Instant>(),
    /** When it was to be delivered at first; `null`: planned by a version before. */
    dueSince: p.type(InstantType).$type<Instant>().nullable(),
    /** What was wrong last, or why it was not sent, in a word. */
    code: p.text().nullable(),
    createdAt: p.type(InstantType).$type<Instant>(),
    settledAt: p.type(InstantType).$type<Instant>().nullable(),
  },
});

/** A receiver that fails; gone with the next delivery that succeeds. */
export const NotificationReceiverRow = defineEntity({
  name: 'NotificationReceiverRow',
  tableName: 'notice_receiver',
  properties: {
    channel: p.text().$type<'mail' | 'webhook'>().primary(),
    endpoint: p.text().primary(),
    /** Failed attempts in a row. */
    failures: p.integer(),
    /** What was wrong last. */
    code: p.text(),
    failingSince: p.type(InstantType).$type<Instant>(),
    /** When one delivery is tried again; `null`: it has not failed often enough to be paused. */
    retryAt: p.type(InstantType).$type<Instant>().nullable(),
  },
});

/** What somebody chose about their mail. */
export const NotificationChoiceRow = defineEntity({
  name: 'NotificationChoiceRow',
  tableName: 'notice_choice',
  properties: { identityId: p.uuid().primary(), approvals: p.text().$type<'each' | 'digest'>() },
});
