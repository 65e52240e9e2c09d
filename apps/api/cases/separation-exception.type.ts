import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../graphql/connection.ts';
import { InstantScalar } from '../graphql/scalars.ts';
import { PersonNameType } from '../requests/person-name.type.ts';

@ObjectType('SeparationException', { description: 'What somebody may hold together, for a time, although a rule of separation of duties excludes it.' })
export class SeparationExceptionType {
  @Field(() => ID)
  id!: string;
  @Field(() => PersonNameType, { description: 'Who may hold it together.' })
  for!: PersonNameType;
  @Field(() => String)
  rule!: string;
  @Field(() => [String], { description: 'What may be held together, and nothing besides.' })
  names!: readonly string[];
  @Field(() => String, { description: 'What is done instead of separating.' })
  control!: string;
  @Field(() => String, { nullable: true, description: 'null: it was asked for; the request has its justification.' })
  reason!: string | null;
  @Field(() => PersonNameType, { nullable: true, description: 'Who allowed it; null: the approvers of the request.' })
  grantedBy!: PersonNameType | null;
  @Field(() => ID, { nullable: true, description: 'With which it was asked for; null: it was allowed from a case.' })
  requestId!: string | null;
  @Field(() => InstantScalar)
  validFrom!: string;
  @Field(() => InstantScalar, { description: 'At this instant it is over.' })
  validUntil!: string;
}

export const SeparationExceptionConnection = connectionType('SeparationException', () => SeparationExceptionType);

@InputType()
export class GrantSeparationExceptionInput {
  @Field(() => ID)
  caseId!: string;
  @Field(() => [String], { description: 'What may be held together: the names of the case as you have seen it.' })
  names!: readonly string[];
  @Field(() => String, { description: 'What is done instead of separating, e.g. a monthly review.' })
  control!: string;
  @Field(() => InstantScalar, { description: 'At most a year ahead.' })
  until!: string;
  @Field(() => String)
  reason!: string;
}
