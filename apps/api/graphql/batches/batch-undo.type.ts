import { Field, ID, ObjectType } from '@nestjs/graphql';

@ObjectType({ description: 'Undo that a batch change carries out.' })
export class BatchUndo {
  @Field(() => ID, { description: 'Id of the batch change that is undone.' })
  batchChangeId!: string;
  @Field(() => String, { description: 'Name of the actor that requested the undo.' })
  requestedBy!: string;
  @Field(() => String, { description: 'Reason of the request, free text of the actor.' })
  reason!: string;
}
