import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../connection.ts';
import { ActorKindEnum } from '../enums.ts';
import { InstantScalar, JsonScalar } from '../scalars.ts';

@ObjectType('Actor', { description: 'Person, service or component that caused an event.' })
export class ActorType {
  @Field(() => ActorKindEnum, { description: 'Kind of the actor.' })
  kind!: string;
  @Field(() => String, { description: 'Id of the person or service token; otherwise the name of the source, identity provider or component of Tenure.' })
  id!: string;
}

@ObjectType('TimelineEntry', { description: 'Event of a person, as a sentence.' })
export class TimelineEntryType {
  @Field(() => ID, { description: 'Id of the event.' })
  id!: string;
  @Field(() => InstantScalar, { description: 'Time of the event.' })
  at!: string;
  @Field(() => String, { description: 'Action, such as grant.given.' })
  action!: string;
  @Field(() => String, { description: 'The event as an English sentence.' })
  sentence!: string;
  @Field(() => ActorType, { description: 'Actor that caused the event.' })
  actor!: ActorType;
  @Field(() => String, { description: 'Kind of the subject, such as grant, account, record or case.' })
  subjectKind!: string;
  @Field(() => String, { description: 'Id of the subject.' })
  subjectId!: string;
  @Field(() => JsonScalar, { description: 'Reason of the event by name: rules, versions, records and requests, no personal data.' })
  reason!: unknown;
  @Field(() => String, { description: 'Correlation id, shared by all events that one request caused.' })
  correlationId!: string;
}

@ObjectType('AuditEvent', { description: 'Event of the audit. For administrators and auditors.' })
export class AuditEventType extends TimelineEntryType {
  @Field(() => ID, { nullable: true, description: 'Id of the person whom the event is about; null: no person.' })
  identityId!: string | null;
  @Field(() => JsonScalar, {
    nullable: true,
    description: 'Personal data of the event, such as a reason in free text; null: none was recorded, or the person has been erased.',
  })
  personal!: unknown;
}

export const AuditEventConnection = connectionType('AuditEvent', 'audit events', () => AuditEventType);

@InputType({ description: 'Conditions on audit events; an event has to meet all of them. An absent condition is not checked.' })
export class AuditEventFilter {
  @Field(() => ID, { nullable: true, description: 'Id of the person whom the event is about, identities that were merged into theirs included. Absent: any.' })
  identityId?: string | null;
  @Field(() => String, { nullable: true, description: 'Id of the subject: a record, grant, case or other object. Absent: any.' })
  subjectId?: string | null;
  @Field(() => String, { nullable: true, description: 'Action, such as grant.given. An unknown action is refused with INPUT_INVALID. Absent: any.' })
  action?: string | null;
  @Field(() => String, { nullable: true, description: 'Correlation id of one request. Absent: any.' })
  correlationId?: string | null;
  @Field(() => ActorKindEnum, { nullable: true, description: 'Kind of the actor. Absent: any.' })
  actorKind?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Id of the actor: of a person or service token, or the name of a source or identity provider. Absent: any.',
  })
  actorId?: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Earliest time, inclusive. Absent: no limit.' })
  from?: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Latest time, exclusive. Absent: no limit.' })
  until?: string | null;
}
