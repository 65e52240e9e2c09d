import { defineEntity, p } from '@mikro-orm/core';
import type { Instant, Trigger } from '@tenure/domain';
import { InstantType } from './instant-type.ts';

/** Many people at once. Temporal is told of it once, as of an outbox row. */
export const WaveRow = defineEntity({
  name: 'WaveRow',
  tableName: 'wave',
  properties: {
    id: p.uuid().primary(),
    trigger: p.text().$type<Trigger>(),
    /** Whether the people's access was decided when it was opened, so that only the targets are left. */
    isDecided: p.boolean(),
    people: p.integer(),
    correlationId: p.text(),
    createdAt: p.type(InstantType).$type<Instant>(),
    /** When Temporal took it. */
    startedAt: p.type(InstantType).$type<Instant>().nullable(),
    finishedAt: p.type(InstantType).$type<Instant>().nullable(),
  },
});

/** Who belongs to a wave. Gone when it is finished. */
export const WaveMemberRow = defineEntity({
  name: 'WaveMemberRow',
  tableName: 'wave_member',
  properties: {
    waveId: p.uuid().primary(),
    identityId: p.uuid().primary(),
    /** A date of theirs has changed: their own life has to be told. */
    mustWake: p.boolean(),
  },
});
