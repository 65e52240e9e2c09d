import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { AttemptOutcomeEnum, ChangeKindEnum, OperationStatusEnum } from '../graphql/enums.ts';
import { InstantScalar, JsonScalar } from '../graphql/scalars.ts';

@ObjectType('OperationsResult', { description: 'What came of saying the same of many operations.' })
export class OperationsResultType {
  @Field(() => Int)
  count!: number;
  @Field(() => Int, { name: 'notCancelled', description: 'Those that end access: these are not left undone.' })
  left!: number;
  @Field(() => Boolean, { description: 'false: there are more; call it again.' })
  isAll!: boolean;
}

@ObjectType('OperationAttempt', { description: 'Attempt at an operation, or all attempts that failed with the same error.' })
export class OperationAttemptType {
  @Field(() => ID)
  id!: string;
  @Field(() => InstantScalar, { description: 'Time of the first of these attempts.' })
  at!: string;
  @Field(() => InstantScalar, { description: 'Time of the last of these attempts; equal to at where count is 1.' })
  lastAt!: string;
  @Field(() => Int, { description: 'Number of attempts that failed with this code and message.' })
  count!: number;
  @Field(() => AttemptOutcomeEnum)
  outcome!: string;
  @Field(() => String, { nullable: true })
  code!: string | null;
  @Field(() => String, { nullable: true })
  message!: string | null;
}

@ObjectType('OperationError')
export class OperationErrorType {
  @Field(() => String)
  code!: string;
  @Field(() => String)
  message!: string;
  @Field(() => InstantScalar)
  at!: string;
}

@ObjectType('Operation', { description: 'One idempotent change in one target, with its story.' })
export class OperationType {
  @Field(() => ID)
  id!: string;
  @Field(() => ID)
  identityId!: string;
  @Field(() => ID)
  accountId!: string;
  @Field(() => String)
  target!: string;
  @Field(() => ChangeKindEnum)
  kind!: string;
  @Field(() => OperationStatusEnum)
  status!: string;
  @Field(() => Int)
  attemptCount!: number;
  @Field(() => OperationErrorType, { nullable: true })
  lastError!: OperationErrorType | null;
  @Field(() => JsonScalar, { description: 'Why it was planned: grants with their origins, or where the life stands.' })
  reason!: unknown;
  @Field(() => JsonScalar, { description: 'What it does, without values.' })
  change!: unknown;
  @Field(() => String)
  correlationId!: string;
  @Field(() => InstantScalar)
  createdAt!: string;
  @Field(() => InstantScalar, { nullable: true })
  finishedAt!: string | null;
}
