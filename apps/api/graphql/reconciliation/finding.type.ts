import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../connection.ts';
import { InstantScalar, JsonScalar } from '../scalars.ts';
import { FindingKindEnum, FindingStatusEnum } from './reconciliation.enums.ts';

@ObjectType('Finding', {
  description:
    'Difference between a target and what Tenure knows and the policy justifies, as a reconciliation run showed it. For administrators, operators and auditors.',
})
export class FindingType {
  @Field(() => ID, { description: 'Id of the finding.' })
  id!: string;
  @Field(() => String, { description: 'Name of the target.' })
  target!: string;
  @Field(() => FindingKindEnum, { description: 'Kind of the finding.' })
  kind!: string;
  @Field(() => String, { nullable: true, description: 'Name of the group, attribute or SoD rule; null: the account as a whole.' })
  name!: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'Id of the person whose account it is, whose mark it bears, or who is proposed as its owner; null: nobody is known.',
  })
  identityId!: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Id of the account in the target; null: the account does not exist there, or the finding is about no account.',
  })
  nativeId!: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'User name in the target of an account that Tenure does not manage; null: see the accounts of the person.',
  })
  userName!: string | null;
  @Field(() => Boolean, { description: 'True: a person who left can use the account.' })
  isUrgent!: boolean;
  @Field(() => JsonScalar, { description: 'Evidence by name, as described in docs/reconciliation.md: states and ids, no values of attributes.' })
  evidence!: unknown;
  @Field(() => InstantScalar, { description: 'Time at which a run first showed it.' })
  firstSeenAt!: string;
  @Field(() => InstantScalar, { description: 'Time at which a run last showed it.' })
  lastSeenAt!: string;
  @Field(() => ID, { description: 'Id of the run that last showed it.' })
  runId!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which a complete run no longer showed it, or a decision answered it; null: it is open.' })
  closedAt!: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the run that no longer showed it; null: it is open, or a decision answered it.' })
  closedRunId!: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the last batch change that was to correct it; null: none.' })
  batchId!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time until which it is ignored; null: it is not ignored.' })
  ignoredUntil!: string | null;
}

export const FindingConnection = connectionType('Finding', 'findings', () => FindingType);

@InputType('FindingFilter', { description: 'Conditions for findings; all of them apply.' })
export class FindingFilterInput {
  @Field(() => String, { nullable: true, description: 'Name of the target. Absent: all targets.' })
  target?: string | null;
  @Field(() => FindingKindEnum, { nullable: true, description: 'Kind. Absent: any kind.' })
  kind?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the person. Absent: anybody, and nobody.' })
  identityId?: string | null;
  @Field(() => FindingStatusEnum, { nullable: true, description: 'Status. Absent: open and closed.' })
  status?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the batch change that corrects it. Absent: in any, and in none.' })
  batchId?: string | null;
}
