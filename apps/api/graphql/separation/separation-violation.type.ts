import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { PageInfo } from '../connection.ts';
import { InstantScalar } from '../scalars.ts';
import { CaseType } from '../cases/case.type.ts';

@ObjectType('SeparationViolation', {
  description: 'Violation of a separation-of-duties rule by the grants of a person. For administrators, operators and auditors.',
})
export class SeparationViolationType {
  @Field(() => String, { description: 'Name of the rule.' })
  rule!: string;
  @Field(() => ID, { description: 'Id of the person.' })
  identityId!: string;
  @Field(() => [String], { description: 'Names of the roles and entitlements in conflict.' })
  names!: readonly string[];
  @Field(() => [String], { description: 'Names of those that were observed in a target and not granted by Tenure.' })
  observed!: readonly string[];
  @Field(() => InstantScalar, { description: 'Time at which the violation was detected.' })
  since!: string;
  @Field(() => CaseType, { description: 'Case about it, which closes by itself when the conflict is gone.' })
  case!: CaseType;
}

@ObjectType('SeparationViolationEdge', { description: 'Violation on a page.' })
export class SeparationViolationEdge {
  @Field(() => String, { description: 'Cursor of the violation, for the argument after.' })
  cursor!: string;
  @Field(() => SeparationViolationType, { description: 'The violation.' })
  node!: SeparationViolationType;
}

@ObjectType('SeparationViolationConnection', { description: 'Page of violations.' })
export class SeparationViolationConnection {
  @Field(() => [SeparationViolationEdge], { description: 'Violations of the page, each with its cursor.' })
  edges!: readonly SeparationViolationEdge[];
  @Field(() => PageInfo, { description: 'Position of the page.' })
  pageInfo!: PageInfo;
  @Field(() => Int, { description: 'Number of violations on all pages.' })
  totalCount!: number;
}
