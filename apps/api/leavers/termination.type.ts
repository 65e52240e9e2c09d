import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { LifecycleStateEnum, TerminationOutcomeEnum } from '../graphql/enums.ts';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType('Termination', { description: 'What terminateNow, terminate or liftTermination came to for one person.' })
export class TerminationType {
  @Field(() => ID)
  identityId!: string;
  @Field(() => TerminationOutcomeEnum)
  outcome!: string;
  @Field(() => LifecycleStateEnum, { nullable: true, description: 'Where the life stands now; null: there is no such person.' })
  state!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'The end that an operator has said; null: none. What a source says may come sooner.' })
  endsAt!: string | null;
  @Field(() => Int, { description: 'Sessions that ended with it.' })
  sessionsEnded!: number;
  @Field(() => ID, { nullable: true, description: 'Id of the case in which a second person decides; null unless the outcome is WAITS.' })
  caseId?: string | null;
  @Field(() => [String], { description: 'Targets in which something is to be done now.' })
  targets!: readonly string[];
}
