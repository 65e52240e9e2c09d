import { Field, Float, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { BatchApproval } from '../batches/batch-item.type.ts';
import { connectionType } from '../graphql/connection.ts';
import { BatchProblemEnum, BatchChangeKindEnum, BatchChangeStatusEnum } from '../graphql/enums.ts';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType({ description: 'From where on something waits for a person: more people than count; or more than from, when they are more than this share.' })
export class ChangeLimit {
  @Field(() => Int)
  count!: number;
  @Field(() => Float)
  share!: number;
  @Field(() => Int)
  from!: number;
}

@ObjectType({ description: 'How many people a wave touches in one way.' })
export class BatchChangePlanLine {
  @Field(() => String, { description: 'A target; * for all of them together.' })
  target!: string;
  @Field(() => BatchChangeKindEnum)
  kind!: string;
  @Field(() => Int)
  people!: number;
  @Field(() => Int, { description: 'People to whom the same source did this within the window of the budget.' })
  earlier!: number;
  @Field(() => Int, { description: 'Accounts in use there; for *, everybody who is active.' })
  population!: number;
  @Field(() => ChangeLimit)
  limit!: ChangeLimit;
  @Field(() => Boolean, { description: 'Whether this is why the wave waits.' })
  isOver!: boolean;
  @Field(() => [ID], { description: 'Some of them.' })
  examples!: readonly string[];
}

@ObjectType({ description: 'What a wave would do, before anything of it is done.' })
export class BatchChangePlan {
  @Field(() => String, {
    description: 'Digest of the plan, for releaseWave. Differs once the batch change would do more, or to other people; stays valid when items only fall away.',
  })
  digest!: string;
  @Field(() => Int, { description: 'People for whom something would change.' })
  people!: number;
  @Field(() => [BatchChangePlanLine], { description: 'The largest first.' })
  changes!: readonly BatchChangePlanLine[];
}

@ObjectType('BatchChange', { description: 'A change of many people that waits for a person, or did: records of a source, or a policy version.' })
export class BatchChangeType {
  @Field(() => ID)
  id!: string;
  @Field(() => BatchChangeStatusEnum, { name: 'status' })
  standing!: string;
  @Field(() => String, { nullable: true, description: 'Whose records it consists of; null: it is a policy version.' })
  source!: string | null;
  @Field(() => String, { nullable: true, description: 'SHA-256 of the policy.' })
  policyDigest!: string | null;
  @Field(() => Int, { description: 'Records, or people in the case of a policy version.' })
  people!: number;
  @Field(() => BatchChangePlan)
  plan!: BatchChangePlan;
  @Field(() => InstantScalar)
  createdAt!: string;
  @Field(() => InstantScalar, { nullable: true })
  decidedAt!: string | null;
  @Field(() => String, { nullable: true })
  decisionReason!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'When all of it was carried out, or when it was closed.' })
  finishedAt!: string | null;
  @Field(() => ID, { nullable: true, description: 'The batch change that this one was approved as a part of.' })
  partOf!: string | null;
  @Field(() => BatchProblemEnum, { nullable: true, description: 'Why it waits for approval again though it was approved, or needed no approval.' })
  problem!: string | null;
  @Field(() => BatchApproval, { nullable: true, description: 'The effect of this approval; null except in the answer of releaseWave.' })
  approval?: BatchApproval | null;
}

export const BatchChangeConnection = connectionType('BatchChange', () => BatchChangeType);

@InputType({ description: 'Which part of a wave is released; several conditions hold together, without any it is all of it.' })
export class BatchChangePartInput {
  @Field(() => [ID], { nullable: true, description: 'Only records of these people.' })
  identityIds?: readonly string[] | null;
  @Field(() => [BatchChangeKindEnum], { nullable: true, description: 'Only records that do nothing but this: [CREATE] releases just the hires.' })
  kinds?: readonly string[] | null;
}
