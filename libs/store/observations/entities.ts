import { defineEntity, p } from '@mikro-orm/core';
import type { Aspect, Instant, Verdict } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

/** Groups in which a target has shown a member: only of these does an answer without members count as evidence. */
export const MembershipShownRow = defineEntity({
  name: 'MembershipShownRow',
  tableName: 'membership_shown',
  properties: { target: p.text().primary(), entitlement: p.text().primary(), at: p.type(InstantType).$type<Instant>() },
});

/** Observations: the last one of each aspect of each account. */
export const ObservationRow = defineEntity({
  name: 'ObservationRow',
  tableName: 'observation',
  properties: {
    accountId: p.uuid().primary(),
    aspect: p.text().$type<Aspect>().primary(),
    name: p.text().primary(),
    target: p.text(),
    verdict: p.text().$type<Verdict>(),
    value: p.text().nullable(),
    evidence: p.text(),
    desired: p.text().nullable(),
    readings: p.integer(),
    since: p.type(InstantType).$type<Instant>(),
    at: p.type(InstantType).$type<Instant>(),
    run: p.text(),
  },
});
