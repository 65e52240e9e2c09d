import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { BatchChangeStatusEnum } from '../graphql/enums.ts';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType('Import', { description: 'Many batches of one source that are judged as one.' })
export class ImportType {
  @Field(() => ID)
  id!: string;
  @Field(() => String)
  source!: string;
  @Field(() => BatchChangeStatusEnum, {
    name: 'status',
    description: 'FREE: it goes on, or is carried through (finishedAt); HELD: it waits for a person as a wave of this id.',
  })
  standing!: string;
  @Field(() => Int, { description: 'Records that are new or have changed; once it is finished.' })
  people!: number;
  @Field(() => InstantScalar)
  createdAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'When all of it was in force, or it was discarded.' })
  finishedAt!: string | null;
}

@InputType({ description: 'Shows that an import names everybody of whom its source speaks, so that whoever is missing is gone.' })
export class FeedProofInput {
  @Field(() => Int, { description: 'How many people it names.' })
  count!: number;
  @Field(() => String, { description: 'SHA-256 (hexadecimal) of their externalIds in the order of their bytes, one a line, without a line break at the end.' })
  digest!: string;
}

@ObjectType()
export class FinishedImport {
  @Field(() => ImportType)
  import!: ImportType;
  @Field(() => Int, { description: 'Records that are new or have changed, with those who are not named any more.' })
  records!: number;
  @Field(() => Int, { description: 'People who are not named any more: with proof, their time ends.' })
  vanished!: number;
}
