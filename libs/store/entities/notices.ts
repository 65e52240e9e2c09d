import { defineEntity, p } from '@mikro-orm/core';
import type { Instant, Notice, NoticeKind } from '@tenure/domain';
import { InstantType } from './instant-type.ts';

/** Something that somebody is to be told: ids and names of the policy, no personal data. */
export const NoticeRow = defineEntity({
  name: 'NoticeRow',
  tableName: 'notice',
  properties: {
    id: p.uuid().primary(),
    kind: p.text().$type<NoticeKind>(),
    key: p.text(),
    /** `identity/<id>`, `role/<name>`, `manager/<id>` or `sponsor/<id>`. */
    recipient: p.text(),
    about: p.json<Notice['about']>(),
    data: p.json<Notice['data']>(),
    correlationId: p.text(),
    createdAt: p.type(InstantType).$type<Instant>(),
    /** When it was found out whom that means; `null`: not yet. */
    plannedAt: p.type(InstantType).$type<Instant>().nullable(),
  },
});
