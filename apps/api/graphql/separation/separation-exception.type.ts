import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../connection.ts';
import { InstantScalar } from '../scalars.ts';
import { PersonNameType } from '../requests/person-name.type.ts';

@ObjectType('SeparationException', {
  description: 'SoD exception: grants that a person may have together for a time although a separation-of-duties rule excludes it.',
})
export class SeparationExceptionType {
  @Field(() => ID, { description: 'Id of the exception.' })
  id!: string;
  @Field(() => PersonNameType, { description: 'Person whom the exception is for.' })
  for!: PersonNameType;
  @Field(() => String, { description: 'Name of the separation-of-duties rule.' })
  rule!: string;
  @Field(() => [String], { description: 'Names of the roles and entitlements that the exception covers, and no others.' })
  names!: readonly string[];
  @Field(() => String, { description: 'Compensating control, such as a monthly review.' })
  control!: string;
  @Field(() => String, { nullable: true, description: 'Reason of the person who granted it; null: it was requested, and the request has the justification.' })
  reason!: string | null;
  @Field(() => PersonNameType, { nullable: true, description: 'Person who granted the exception from a case; null: the approvers of the request did.' })
  grantedBy!: PersonNameType | null;
  @Field(() => ID, { nullable: true, description: 'Id of the request that it belongs to; null: it was granted from a case.' })
  requestId!: string | null;
  @Field(() => InstantScalar, { description: 'Begin of the exception.' })
  validFrom!: string;
  @Field(() => InstantScalar, { description: 'End of the exception.' })
  validUntil!: string;
}

export const SeparationExceptionConnection = connectionType('SeparationException', 'SoD exceptions', () => SeparationExceptionType);

@InputType({ description: 'SoD exception from a separation-of-duties rule for the person of a case.' })
export class GrantSeparationExceptionInput {
  @Field(() => ID, { description: 'Id of the case, of kind SEPARATION_VIOLATION or SEPARATION_CONFLICT.' })
  caseId!: string;
  @Field(() => [String], { description: 'Names of the roles and entitlements that the exception covers, as you have read them in the case.' })
  names!: readonly string[];
  @Field(() => String, { description: 'Compensating control, such as a monthly review.' })
  control!: string;
  @Field(() => InstantScalar, { description: 'End of the exception, at most a year ahead.' })
  until!: string;
  @Field(() => String, { description: 'Reason, 1 to 1000 characters; stored in the audit.' })
  reason!: string;
}
