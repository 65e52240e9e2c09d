import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { LifecycleStateEnum, TerminationOutcomeEnum } from '../enums.ts';
import { InstantScalar } from '../scalars.ts';

@ObjectType('Termination', { description: 'Result of terminateNow, terminate or withdrawTermination for one person.' })
export class TerminationType {
  @Field(() => ID, { description: 'Id of the person.' })
  identityId!: string;
  @Field(() => TerminationOutcomeEnum, { description: 'Outcome for this person.' })
  outcome!: string;
  @Field(() => LifecycleStateEnum, { nullable: true, description: 'Lifecycle state after the call; null: no such person exists.' })
  state!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'End that an operator has set; a source may set an earlier one; null: none.' })
  endsAt!: string | null;
  @Field(() => Int, { description: 'Number of sessions that were ended.' })
  sessionsEnded!: number;
  @Field(() => ID, { nullable: true, description: 'Id of the case in which a second person decides; null: the outcome is not WAITS_FOR_APPROVAL.' })
  caseId?: string | null;
  @Field(() => [String], { description: 'Names of the targets with operations to carry out now.' })
  targets!: readonly string[];
}
