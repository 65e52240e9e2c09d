import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { LifecycleStateEnum, TerminationOutcomeEnum } from '../graphql/enums.ts';

@ObjectType('Termination', { description: 'What terminateNow or liftTermination came to for one person.' })
export class TerminationType {
  @Field(() => ID)
  identityId!: string;
  @Field(() => TerminationOutcomeEnum)
  outcome!: string;
  @Field(() => LifecycleStateEnum, { nullable: true, description: 'Where the life stands now; null: there is no such person.' })
  state!: string | null;
  @Field(() => Int, { description: 'Sessions that ended with it.' })
  sessionsEnded!: number;
  @Field(() => [String], { description: 'Targets in which something is to be done now.' })
  targets!: readonly string[];
}
