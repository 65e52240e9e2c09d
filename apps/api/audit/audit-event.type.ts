import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../graphql/connection.ts';
import { ActorKindEnum } from '../graphql/enums.ts';
import { InstantScalar, JsonScalar } from '../graphql/scalars.ts';

@ObjectType('Actor')
export class ActorType {
  @Field(() => ActorKindEnum)
  kind!: string;
  @Field(() => String, { description: 'Id of a person or service token; otherwise the name of the source or component of Tenure.' })
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

@InputType({ description: 'Conditions on audit events; an event has to meet all of them.' })
export class AuditEventFilter {
  @Field(() => ID, { nullable: true, description: 'Id of the person whom the event is about.' })
  identityId?: string | null;
  @Field(() => String, { nullable: true, description: 'Id of the subject: a record, grant, case or other object.' })
  subjectId?: string | null;
  @Field(() => String, { nullable: true, description: 'Action, such as grant.given. An unknown action is refused with INPUT_INVALID.' })
  action?: string | null;
  @Field(() => String, { nullable: true, description: 'Correlation id of one request.' })
  correlationId?: string | null;
  @Field(() => ActorKindEnum, { nullable: true, description: 'Kind of the actor.' })
  actorKind?: string | null;
  @Field(() => String, { nullable: true, description: 'Id of the actor: of a person or service token, or the name of a source or identity provider.' })
  actorId?: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Earliest time, inclusive.' })
  from?: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Latest time, exclusive.' })
  until?: string | null;
}
