import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../graphql/connection.ts';
import { ActorKindEnum } from '../graphql/enums.ts';
import { InstantScalar, JsonScalar } from '../graphql/scalars.ts';

@ObjectType('Actor')
export class ActorType {
  @Field(() => ActorKindEnum)
  kind!: string;
  @Field(() => String, { description: "A person's or a service token's id; else the name of the source, or of the part of Tenure." })
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

@InputType({ description: 'Events that fit everything that is said.' })
export class AuditEventFilter {
  @Field(() => ID, { nullable: true, description: 'Of the person whom they are about.' })
  identityId?: string | null;
  @Field(() => String, { nullable: true, description: 'Of the record, grant, case or whatever they are about.' })
  subjectId?: string | null;
  @Field(() => String, { nullable: true, description: 'For example grant.given. An action that does not exist is INPUT_INVALID.' })
  action?: string | null;
  @Field(() => String, { nullable: true, description: 'Of one request.' })
  correlationId?: string | null;
  @Field(() => ActorKindEnum, { nullable: true, description: 'Who did it.' })
  actorKind?: string | null;
  @Field(() => String, { nullable: true, description: "Who did it: a person's or a service token's id, or the name of a source or identity provider." })
  actorId?: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'At this instant or later.' })
  from?: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Before this instant.' })
  until?: string | null;
}
