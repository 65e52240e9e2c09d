import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../graphql/connection.ts';
import {
  AccountStateEnum,
  BatchItemResultEnum,
  FallAwayReasonEnum,
  GrantKindEnum,
  LifecycleStateEnum,
  RecordStatusEnum,
  BatchChangeKindEnum,
} from '../graphql/enums.ts';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType({ description: 'Number of items of a batch change, by result.' })
export class BatchTally {
  @Field(() => Int, { description: 'Wait for approval, or for the worker once approved.' })
  pending!: number;
  @Field(() => Int)
  carriedOut!: number;
  @Field(() => Int)
  fellAway!: number;
  @Field(() => Int)
  discarded!: number;
}

@ObjectType({ description: 'The effect of one approval.' })
export class BatchApproval {
  @Field(() => Int, { description: 'Items that the worker carries out now.' })
  scheduled!: number;
  @Field(() => ID, { nullable: true, description: 'Batch change with the scheduled items: this one, or the part split from it. null: none is scheduled.' })
  scheduledIn!: string | null;
  @Field(() => Int, { description: 'Approved items that fell away, since newer information arrived.' })
  fellAway!: number;
  @Field(() => Int, { description: 'Approved items that an earlier approval of a part covers.' })
  approvedBefore!: number;
  @Field(() => Int, { name: 'remaining', description: 'Items that still wait for approval.' })
  left!: number;
}

@ObjectType()
export class BatchItemChange {
  @Field(() => String, { description: 'A target; * for the person as a whole.' })
  target!: string;
  @Field(() => BatchChangeKindEnum)
  kind!: string;
}

@ObjectType()
export class BatchItemGrant {
  @Field(() => GrantKindEnum)
  kind!: string;
  @Field(() => String)
  name!: string;
  @Field(() => InstantScalar)
  validFrom!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'End of the grant, or termination of the person if that is earlier; null: neither is known.' })
  validUntil!: string | null;
}

@ObjectType()
export class BatchItemAccount {
  @Field(() => String)
  target!: string;
  @Field(() => AccountStateEnum, { description: 'The desired state.' })
  state!: string;
}

@ObjectType()
export class BatchItemRecord {
  @Field(() => ID)
  id!: string;
  @Field(() => String)
  version!: string;
  @Field(() => RecordStatusEnum, { nullable: true })
  status!: string | null;
  @Field(() => InstantScalar, { nullable: true })
  endedAt!: string | null;
  @Field(() => String, { nullable: true, description: 'The last day (YYYY-MM-DD), in place of endedAt.' })
  endedOn!: string | null;
}

@ObjectType({ description: 'A person before or after an item of a batch change: names and states, without attributes.' })
export class BatchItemState {
  @Field(() => LifecycleStateEnum, { nullable: true, description: 'null: nothing had been decided about the person.' })
  state!: string | null;
  @Field(() => [BatchItemGrant])
  grants!: readonly BatchItemGrant[];
  @Field(() => [BatchItemAccount])
  accounts!: readonly BatchItemAccount[];
  @Field(() => BatchItemRecord, { nullable: true, description: 'The record that the item is about; null: there was none, or the item is pending.' })
  record?: BatchItemRecord | null;
}

@ObjectType('BatchItem', { description: 'One item of a batch change: a record of a source, or a person whom a policy version changes.' })
export class BatchItemType {
  @Field(() => String, { nullable: true, description: "The source's own id of the record; null in a policy version." })
  externalId!: string | null;
  @Field(() => String, { nullable: true, description: 'Of the record; null in a policy version.' })
  version!: string | null;
  @Field(() => ID, { nullable: true, description: 'null: the item would create the person.' })
  identityId!: string | null;
  @Field(() => Boolean, { description: 'A complete import did not name the person.' })
  hasVanished!: boolean;
  @Field(() => [BatchItemChange], { description: 'As the change budget counts them.' })
  changes!: readonly BatchItemChange[];
  @Field(() => BatchItemState, { nullable: true, description: 'As planned while pending, as it was once carried out. null: unknown.' })
  before!: BatchItemState | null;
  @Field(() => BatchItemState, { nullable: true, description: 'As planned while pending, as decided once carried out. null: unknown.' })
  after!: BatchItemState | null;
  @Field(() => BatchItemResultEnum)
  result!: string;
  @Field(() => FallAwayReasonEnum, { nullable: true, description: 'Why the item fell away; null unless the result is FELL_AWAY.' })
  reason!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'When the item got its result; null while pending.' })
  settledAt!: string | null;
}

export const BatchItemConnection = connectionType('BatchItem', () => BatchItemType);
