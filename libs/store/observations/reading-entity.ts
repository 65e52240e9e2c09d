import { defineEntity, p } from '@mikro-orm/core';
import type { DesiredAccount, Instant } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

/** Observations of leavers' accounts, on which certificates are based. Rows are only added. */
export const AccountReadingRow = defineEntity({
  name: 'AccountReadingRow',
  tableName: 'account_reading',
  properties: {
    id: p.uuid().primary(),
    identityId: p.uuid(),
    accountId: p.uuid(),
    target: p.text(),
    at: p.type(InstantType).$type<Instant>(),
    found: p.text().$type<DesiredAccount['state'] | 'not-visible'>(),
    entitlements: p.json<readonly string[]>(),
    wanted: p.text().$type<DesiredAccount['state']>(),
    isAsWanted: p.boolean(),
    correlationId: p.text(),
  },
  indexes: [{ properties: ['identityId', 'at'] }],
});
