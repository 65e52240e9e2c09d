import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../connection.ts';
import { InstantScalar } from '../scalars.ts';
import { FindingKindEnum } from './reconciliation.enums.ts';

@ObjectType('IgnoredFindings', {
  description: 'Findings that are ignored until a date: one, or all of a kind in a target. For administrators, operators and auditors.',
})
export class IgnoredFindingsType {
  @Field(() => ID, { description: 'Id of the ignored findings, for stopIgnoringFindings.' })
  id!: string;
  @Field(() => String, { description: 'Name of the target.' })
  target!: string;
  @Field(() => FindingKindEnum, { description: 'Kind of the findings.' })
  kind!: string;
  @Field(() => String, { nullable: true, description: 'Name of the group or attribute; null: every name.' })
  name!: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the one finding; null: all of this kind and name, also later ones.' })
  findingId!: string | null;
  @Field(() => InstantScalar, { description: 'Time until which they are ignored.' })
  until!: string;
  @Field(() => String, { description: 'Reason of the actor.' })
  reason!: string;
  @Field(() => ID, { nullable: true, description: 'Id of the person who answers for it; null: nobody is named.' })
  ownerId!: string | null;
  @Field(() => InstantScalar, { description: 'Time since which they are ignored.' })
  createdAt!: string;
  @Field(() => InstantScalar, {
    nullable: true,
    description: 'Time at which they came back: the date was reached, the finding was closed, or somebody stopped it; null: they are ignored.',
  })
  endedAt!: string | null;
  @Field(() => String, { nullable: true, description: 'Reason of the person who stopped it; null: nobody has.' })
  endReason!: string | null;
}

export const IgnoredFindingsConnection = connectionType('IgnoredFindings', 'ignored findings', () => IgnoredFindingsType);

@InputType('IgnoredFindingsFilter', { description: 'Conditions for ignored findings; all of them apply.' })
export class IgnoredFindingsFilter {
  @Field(() => String, { nullable: true, description: 'Name of the target. Absent: all targets.' })
  target?: string | null;
  @Field(() => Boolean, { nullable: true, description: 'True: findings that are ignored now; false: those that are no longer. Absent: both.' })
  isActive?: boolean | null;
}

@InputType({ description: 'Findings to ignore: either findingId, or target and kind.' })
export class IgnoreFindingsInput {
  @Field(() => ID, { nullable: true, description: 'Id of the one finding. Absent: target and kind are given.' })
  findingId?: string | null;
  @Field(() => String, { nullable: true, description: 'Name of the target. Absent: findingId is given.' })
  target?: string | null;
  @Field(() => FindingKindEnum, { nullable: true, description: 'Kind of the findings. Absent: findingId is given.' })
  kind?: string | null;
  @Field(() => String, { nullable: true, description: 'Name of the group or attribute. Absent: every name.' })
  name?: string | null;
  @Field(() => InstantScalar, { description: 'Time until which they are ignored, in the future.' })
  until!: string;
  @Field(() => String, { description: 'Reason, 1 to 1000 characters; stored with the ignored findings.' })
  reason!: string;
  @Field(() => ID, { nullable: true, description: 'Id of the active person who answers for it. Absent: you, or nobody where you are a service.' })
  ownerId?: string | null;
}
