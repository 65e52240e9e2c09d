import { Field, ID, ObjectType } from '@nestjs/graphql';
import { InstantScalar } from '../scalars.ts';

@ObjectType({ description: 'Undo that a batch change carries out.' })
export class BatchUndo {
  @Field(() => ID, { description: 'Id of the batch change that is undone.' })
  batchChangeId!: string;
  @Field(() => String, { description: 'Name of the actor that requested the undo.' })
  requestedBy!: string;
  @Field(() => String, { description: 'Reason of the request, free text of the actor.' })
  reason!: string;
  @Field(() => InstantScalar, {
    nullable: true,
    description: 'End of memberships that come back to people though no rule gives them; null: not an undo of corrections.',
  })
  accessUntil!: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'Id of the person who answers for these memberships; null: nobody does, or it is not an undo of corrections.',
  })
  accessOwnerId!: string | null;
}
