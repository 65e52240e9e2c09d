import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { BatchChangeStatusEnum } from '../enums.ts';
import { InstantScalar } from '../scalars.ts';

@ObjectType('Import', {
  description:
    'Import: many batches of records of one source that are checked against the change budget as one. For the source, and for administrators, operators and auditors.',
})
export class ImportType {
  @Field(() => ID, { description: 'Id of the import, and of the batch change if it waits for approval.' })
  id!: string;
  @Field(() => String, { description: 'Name of the source.' })
  source!: string;
  @Field(() => BatchChangeStatusEnum, {
    name: 'status',
    description: 'Status. APPROVED: the worker carries it out until finishedAt. WAITS_FOR_APPROVAL: it waits as the batch change of the same id.',
  })
  standing!: string;
  @Field(() => Int, { description: 'Number of records that are new or have changed; 0 before finishImport.' })
  people!: number;
  @Field(() => InstantScalar, { description: 'Time of startImport.' })
  createdAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which all records were in force, or the import was discarded; null: not finished.' })
  finishedAt!: string | null;
}

@InputType({ description: 'Proof that an import is complete: everybody who is missing in it is terminated.' })
export class FeedProofInput {
  @Field(() => Int, { description: 'Number of people in the import.' })
  count!: number;
  @Field(() => String, { description: 'SHA-256 (hexadecimal) of the externalIds in byte order, one per line, without a line break at the end.' })
  digest!: string;
}

@ObjectType({ description: 'Result of finishImport.' })
export class FinishedImport {
  @Field(() => ImportType, { description: 'The import.' })
  import!: ImportType;
  @Field(() => Int, { description: 'Number of records that are new or have changed, including people who are missing in the import.' })
  records!: number;
  @Field(() => Int, { description: 'Number of people who are missing in the import; with proof of completeness they are terminated.' })
  vanished!: number;
}
