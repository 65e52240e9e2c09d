import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { AttemptOutcomeEnum, ChangeKindEnum, OperationStatusEnum } from '../enums.ts';
import { InstantScalar, JsonScalar } from '../scalars.ts';

@ObjectType('OperationsResult', { description: 'Result of a mutation for many operations.' })
export class OperationsResultType {
  @Field(() => Int, { description: 'Number of operations that were changed.' })
  count!: number;
  @Field(() => Int, { name: 'notCancelled', description: 'Number of operations that end access and are therefore not cancelled; 0 for retryOperations.' })
  left!: number;
  @Field(() => Boolean, { description: 'False: more operations match; call the mutation again.' })
  isAll!: boolean;
}

@ObjectType('OperationAttempt', { description: 'Attempt at an operation, or all consecutive attempts that failed with the same error.' })
export class OperationAttemptType {
  @Field(() => ID, { description: 'Id of the entry.' })
  id!: string;
  @Field(() => InstantScalar, { description: 'Time of the first of these attempts.' })
  at!: string;
  @Field(() => InstantScalar, { description: 'Time of the last of these attempts; equal to at where count is 1.' })
  lastAt!: string;
  @Field(() => Int, { description: 'Number of attempts that failed with this code and message; 1 for a success.' })
  count!: number;
  @Field(() => AttemptOutcomeEnum, { description: 'Outcome of the attempt.' })
  outcome!: string;
  @Field(() => String, { nullable: true, description: 'Code of the error; null: the attempt succeeded.' })
  code!: string | null;
  @Field(() => String, { nullable: true, description: 'Message of the error; null: the attempt succeeded.' })
  message!: string | null;
}

@ObjectType('OperationError', { description: 'Error of an attempt.' })
export class OperationErrorType {
  @Field(() => String, { description: 'Stable code of the error.' })
  code!: string;
  @Field(() => String, { description: 'Error and remedy, without secrets and personal data.' })
  message!: string;
  @Field(() => InstantScalar, { description: 'Time of the attempt.' })
  at!: string;
}

@ObjectType('Operation', { description: 'Idempotent change of one account in a target, with its attempts. For administrators, operators and auditors.' })
export class OperationType {
  @Field(() => ID, { description: 'Id of the operation.' })
  id!: string;
  @Field(() => ID, { description: 'Id of the person.' })
  identityId!: string;
  @Field(() => ID, { description: 'Id of the account.' })
  accountId!: string;
  @Field(() => String, { description: 'Name of the target in tenure.yaml.' })
  target!: string;
  @Field(() => ChangeKindEnum, { description: 'Kind of change.' })
  kind!: string;
  @Field(() => OperationStatusEnum, { description: 'Status of the operation.' })
  status!: string;
  @Field(() => Int, { description: 'Number of attempts.' })
  attemptCount!: number;
  @Field(() => OperationErrorType, { nullable: true, description: 'Error of the last failed attempt; null: no attempt failed.' })
  lastError!: OperationErrorType | null;
  @Field(() => JsonScalar, { description: 'Reason by name: grants with their origins, or the lifecycle state.' })
  reason!: unknown;
  @Field(() => JsonScalar, {
    description: 'Content of the change: kind, names of the attributes to write, or the entitlement to add or remove. Without attribute values.',
  })
  change!: unknown;
  @Field(() => String, { description: 'Correlation id of the request that caused the operation.' })
  correlationId!: string;
  @Field(() => InstantScalar, { description: 'Time at which the operation was planned.' })
  createdAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which it was carried out, abandoned or superseded; null: pending or failed.' })
  finishedAt!: string | null;
}
