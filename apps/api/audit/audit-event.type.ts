import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../graphql/connection.ts';
import { ActorKindEnum } from '../graphql/enums.ts';
import { InstantScalar, JsonScalar } from '../graphql/scalars.ts';

@ObjectType('Actor')
export class ActorType {
  @Field(() => ActorKindEnum)
  kind!: string;
  @Field(() => String)
  id!: string;
}

@ObjectType('TimelineEntry', { description: 'Something that happened to a person, as a sentence.' })
export class TimelineEntryType {
  @Field(() => ID)
  id!: string;
  @Field(() => InstantScalar)
  at!: string;
  @Field(() => String)
  action!: string;
  @Field(() => String)
  sentence!: string;
  @Field(() => ActorType)
  actor!: ActorType;
  @Field(() => String)
  subjectKind!: string;
  @Field(() => String)
  subjectId!: string;
  @Field(() => JsonScalar, { description: 'Rules, versions, records, requests: no personal data.' })
  reason!: unknown;
  @Field(() => String, { description: 'Ties together all that came of one request.' })
  correlationId!: string;
}

@ObjectType('AuditEvent')
export class AuditEventType extends TimelineEntryType {
  @Field(() => ID, { nullable: true })
  identityId!: string | null;
  @Field(() => JsonScalar, { nullable: true, description: 'null: none was recorded, or the person has been erased.' })
  personal!: unknown;
}

export const AuditEventConnection = connectionType('AuditEvent', () => AuditEventType);

@InputType()
export class AuditEventFilter {
  @Field(() => ID, { nullable: true })
  identityId?: string | null;
  @Field(() => String, { nullable: true })
  subjectId?: string | null;
  @Field(() => String, { nullable: true })
  action?: string | null;
  @Field(() => String, { nullable: true })
  correlationId?: string | null;
}
