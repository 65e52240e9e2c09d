import { defineEntity, p } from '@mikro-orm/core';
import type { EndedWith, Instant } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

/** What the owner of a rule of separation lets a person hold together, for a time. */
export const SeparationExceptionRow = defineEntity({
  name: 'SeparationExceptionRow',
  tableName: 'separation_exception',
  properties: {
    id: p.uuid().primary(),
    identityId: p.uuid(),
    caseId: p.uuid(),
    rule: p.text(),
    names: p.json<readonly string[]>(),
    control: p.text(),
    reason: p.text(),
    grantedBy: p.uuid(),
    validFrom: p.type(InstantType).$type<Instant>(),
    validUntil: p.type(InstantType).$type<Instant>(),
    revokedAt: p.type(InstantType).$type<Instant>().nullable(),
    endedWith: p.json<EndedWith>().nullable(),
  },
});
