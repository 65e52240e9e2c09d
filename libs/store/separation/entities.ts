import { defineEntity, p } from '@mikro-orm/core';
import type { EndedWith, Instant } from '@tenure/domain';
import { InstantType } from '../database/instant-type.ts';

/** SoD exceptions: conflicting access that the owner of an SoD rule allows a person for a limited time. */
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
