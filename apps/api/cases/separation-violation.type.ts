import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { PageInfo } from '../graphql/connection.ts';
import { InstantScalar } from '../graphql/scalars.ts';
import { CaseType } from './case.type.ts';

@ObjectType('SeparationViolation', { description: 'A person holds together what a rule of separation of duties excludes.' })
export class SeparationViolationType {
  @Field(() => String)
  rule!: string;
  @Field(() => ID)
  identityId!: string;
  @Field(() => [String], { description: 'What is held together.' })
  names!: readonly string[];
  @Field(() => [String], { description: 'What of it was seen in a target and not given by Tenure.' })
  observed!: readonly string[];
  @Field(() => InstantScalar)
  since!: string;
  @Field(() => CaseType, { description: 'Closes by itself when the conflict is gone.' })
  case!: CaseType;
}

@ObjectType('SeparationViolationEdge')
export class SeparationViolationEdge {
  @Field(() => String)
  cursor!: string;
  @Field(() => SeparationViolationType)
  node!: SeparationViolationType;
}

@ObjectType('SeparationViolationConnection')
export class SeparationViolationConnection {
  @Field(() => [SeparationViolationEdge])
  edges!: readonly SeparationViolationEdge[];
  @Field(() => PageInfo)
  pageInfo!: PageInfo;
  @Field(() => Int)
  totalCount!: number;
}
