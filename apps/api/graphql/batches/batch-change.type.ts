import { Field, Float, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { BatchApproval } from './batch-item.type.ts';
import { connectionType } from '../connection.ts';
import { BatchProblemEnum, BatchChangeKindEnum, BatchChangeStatusEnum } from '../enums.ts';
import { InstantScalar } from '../scalars.ts';

@ObjectType({
  description:
    'Limit of the change budget. A change waits for approval when it concerns more people than count, or more people than from that are also a larger share than share.',
})
export class ChangeLimit {
  @Field(() => Int, { description: 'Number of people above which approval is always needed.' })
  count!: number;
  @Field(() => Float, { description: 'Share of the population, 0 to 1, above which approval is needed.' })
  share!: number;
  @Field(() => Int, { description: 'Number of people up to which share is not checked.' })
  from!: number;
}

@ObjectType({ description: 'Number of people with one kind of change in one target.' })
export class BatchChangePlanLine {
  @Field(() => String, { description: 'Name of the target; * for all of them together.' })
  target!: string;
  @Field(() => BatchChangeKindEnum, { description: 'Kind of change.' })
  kind!: string;
  @Field(() => Int, { description: 'Number of people.' })
  people!: number;
  @Field(() => Int, { description: 'Number of people whom the same source changed in this way within the window of the change budget.' })
  earlier!: number;
  @Field(() => Int, { description: 'Number of accounts in use in the target; for *, number of active people.' })
  population!: number;
  @Field(() => ChangeLimit, { description: 'Limit of the change budget for this line.' })
  limit!: ChangeLimit;
  @Field(() => Boolean, { description: 'True if this line exceeds the change budget, so that the batch change waits for approval.' })
  isOver!: boolean;
  @Field(() => [ID], { description: 'Ids of some of these people.' })
  examples!: readonly string[];
}

@ObjectType({ description: 'Plan of a batch change: what it would change, computed without carrying anything out.' })
export class BatchChangePlan {
  @Field(() => String, {
    description:
      'Digest of the plan, for approveBatchChange. It changes when the batch change would do more, or to other people; it stays valid when items only fall away.',
  })
  digest!: string;
  @Field(() => Int, { description: 'Number of people who would change.' })
  people!: number;
  @Field(() => [BatchChangePlanLine], { description: 'Numbers of people by target and kind of change, the largest first.' })
  changes!: readonly BatchChangePlanLine[];
}

@ObjectType('BatchChange', {
  description:
    'Change of many people at once that waits for approval or waited for it: records of a source, a new configuration version, or the undo of another batch change. For administrators, operators and auditors, and for the people whom the policy lets approve it.',
})
export class BatchChangeType {
  @Field(() => ID, { description: 'Id of the batch change.' })
  id!: string;
  @Field(() => BatchChangeStatusEnum, { name: 'status', description: 'Status of the batch change.' })
  standing!: string;
  @Field(() => String, {
    nullable: true,
    description:
      'Name of the source whose records it consists of; null: it is a configuration version, switches a target on, corrects findings, or undoes another batch change.',
  })
  source!: string | null;
  @Field(() => String, { nullable: true, description: 'Name of the target that it switches on; null: it switches none on.' })
  switchesOn?: string | null;
  @Field(() => String, { nullable: true, description: 'Name of the target whose findings it corrects; null: it corrects none.' })
  corrects?: string | null;
  @Field(() => String, { nullable: true, description: 'SHA-256 (hexadecimal) of the policy; null: it puts no configuration version in force.' })
  policyDigest!: string | null;
  @Field(() => Int, { nullable: true, description: 'Configuration version that it has put in force; null: none, or not yet.' })
  policyVersion!: number | null;
  @Field(() => Int, { description: 'Number of people: one for each record, or all whom a configuration version changes.' })
  people!: number;
  @Field(() => BatchChangePlan, { description: 'Changes that the items would make.' })
  plan!: BatchChangePlan;
  @Field(() => InstantScalar, { description: 'Time at which the batch change began to wait, or its import began.' })
  createdAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of the approval or of the discard; null: no decision was made.' })
  decidedAt!: string | null;
  @Field(() => String, { nullable: true, description: 'Reason of the decision, free text of the actor, or a sentence of Tenure; null: no decision was made.' })
  decisionReason!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which all items were carried out, or the batch change was closed; null: not finished.' })
  finishedAt!: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the batch change that this one was approved as a part of; null: it is no part.' })
  partOf!: string | null;
  @Field(() => BatchProblemEnum, {
    nullable: true,
    description: 'Problem that makes the batch change wait again after an approval, or without needing one; null: none.',
  })
  problem!: string | null;
  @Field(() => BatchApproval, { nullable: true, description: 'Effect of this approval; null: except in the answer of approveBatchChange.' })
  approval?: BatchApproval | null;
}

export const BatchChangeConnection = connectionType('BatchChange', 'batch changes', () => BatchChangeType);

@InputType({ description: 'Part of a batch change that is approved. An item has to meet all conditions.' })
export class BatchChangePartInput {
  @Field(() => [ID], { nullable: true, description: 'Ids of people: only their records. Absent: records of everybody.' })
  identityIds?: readonly string[] | null;
  @Field(() => [BatchChangeKindEnum], {
    nullable: true,
    description: 'Kinds of change: only records that cause no others, such as [CREATE] for hires alone. Absent: any.',
  })
  kinds?: readonly string[] | null;
}
