import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../connection.ts';
import {
  AccountStateEnum,
  BatchItemResultEnum,
  FallAwayReasonEnum,
  GrantKindEnum,
  LifecycleStateEnum,
  RecordStatusEnum,
  BatchChangeKindEnum,
} from '../enums.ts';
import { InstantScalar } from '../scalars.ts';

@ObjectType({ description: 'Number of items of a batch change, by result.' })
export class BatchTally {
  @Field(() => Int, { description: 'Items that wait for approval or, once approved, for the worker.' })
  pending!: number;
  @Field(() => Int, { description: 'Items that are in force.' })
  carriedOut!: number;
  @Field(() => Int, { name: 'obsolete', description: 'Items that newer information makes unnecessary.' })
  fellAway!: number;
  @Field(() => Int, { description: 'Items that an operator discarded.' })
  discarded!: number;
}

@ObjectType({ description: 'Effect of one approval of a batch change.' })
export class BatchApproval {
  @Field(() => Int, { description: 'Items that the worker carries out now.' })
  scheduled!: number;
  @Field(() => ID, {
    nullable: true,
    description: 'Id of the batch change with the scheduled items: this one, or the part split from it; null: no item is scheduled.',
  })
  scheduledIn!: string | null;
  @Field(() => Int, { name: 'obsolete', description: 'Approved items that newer information makes unnecessary.' })
  fellAway!: number;
  @Field(() => Int, { description: 'Approved items that an earlier approval of a part covers.' })
  approvedBefore!: number;
  @Field(() => Int, { name: 'remaining', description: 'Items that still wait for approval.' })
  left!: number;
}

@ObjectType({ description: 'Change that an item makes.' })
export class BatchItemChange {
  @Field(() => String, { description: 'Name of the target; * for the person as a whole.' })
  target!: string;
  @Field(() => BatchChangeKindEnum, { description: 'Kind of change.' })
  kind!: string;
}

@ObjectType({ description: 'Grant of a person before or after an item.' })
export class BatchItemGrant {
  @Field(() => GrantKindEnum, { description: 'Kind of the grant.' })
  kind!: string;
  @Field(() => String, { description: 'Name of the role or entitlement in the policy.' })
  name!: string;
  @Field(() => InstantScalar, { description: 'Begin of the grant.' })
  validFrom!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'End of the grant, or termination of the person if that is earlier; null: neither is known.' })
  validUntil!: string | null;
}

@ObjectType({ description: 'Account of a person before or after an item.' })
export class BatchItemAccount {
  @Field(() => String, { description: 'Name of the target.' })
  target!: string;
  @Field(() => AccountStateEnum, { description: 'Desired state of the account.' })
  state!: string;
}

@ObjectType({ description: 'Source record of a person before or after an item.' })
export class BatchItemRecord {
  @Field(() => ID, { description: 'Id of the record.' })
  id!: string;
  @Field(() => String, { description: 'Version of the record.' })
  version!: string;
  @Field(() => RecordStatusEnum, { nullable: true, description: 'Status of the relationship; null: the source does not decide about it.' })
  status!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'End of the relationship; null: none is stated, or endedOn states it.' })
  endedAt!: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Last day of the relationship (YYYY-MM-DD), in the time zone of the person; null: none is stated, or endedAt states it.',
  })
  endedOn!: string | null;
}

@ObjectType({ description: 'State of a person before or after an item: names and states, without attributes.' })
export class BatchItemState {
  @Field(() => LifecycleStateEnum, { nullable: true, description: 'Lifecycle state; null: nothing had been decided about the person.' })
  state!: string | null;
  @Field(() => [BatchItemGrant], { description: 'Grants of the person.' })
  grants!: readonly BatchItemGrant[];
  @Field(() => [BatchItemAccount], { description: 'Accounts of the person, one for each target.' })
  accounts!: readonly BatchItemAccount[];
  @Field(() => BatchItemRecord, { nullable: true, description: 'Record that the item is about; null: there was none, or the item is pending.' })
  record?: BatchItemRecord | null;
}

@ObjectType('BatchItem', {
  description: 'Item of a batch change: a record of a source, a person whom a configuration version changes, or a record that an undo restores.',
})
export class BatchItemType {
  @Field(() => String, { nullable: true, description: 'Id of the record in its source; null: in a configuration version or an undo.' })
  externalId!: string | null;
  @Field(() => String, { nullable: true, description: 'Version of the record; null: in a configuration version or an undo.' })
  version!: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the person; null: the item would create the person, or corrects an account of nobody.' })
  identityId!: string | null;
  @Field(() => Boolean, { description: 'True if a complete import did not contain the person.' })
  hasVanished!: boolean;
  @Field(() => [BatchItemChange], { description: 'Changes, as the change budget counts them.' })
  changes!: readonly BatchItemChange[];
  @Field(() => BatchItemState, { nullable: true, description: 'State before the item: as planned while pending, as it was once carried out; null: unknown.' })
  before!: BatchItemState | null;
  @Field(() => BatchItemState, { nullable: true, description: 'State after the item: as planned while pending, as decided once carried out; null: unknown.' })
  after!: BatchItemState | null;
  @Field(() => BatchItemResultEnum, { description: 'Result of the item.' })
  result!: string;
  @Field(() => FallAwayReasonEnum, { nullable: true, description: 'Reason why the item is obsolete; null: the result is not OBSOLETE.' })
  reason!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which the item got its result; null: the item is pending.' })
  settledAt!: string | null;
}

export const BatchItemConnection = connectionType('BatchItem', 'items of a batch change', () => BatchItemType);
