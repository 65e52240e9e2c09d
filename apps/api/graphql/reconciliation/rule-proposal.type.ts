import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';

@ObjectType('RuleProposal', {
  description: 'Rule of the policy that would justify access found in a target. Nothing applies it: copy it into a policy file, and read its plan.',
})
export class RuleProposalType {
  @Field(() => String, { nullable: true, description: 'YAML of the rule; null: the people share no attribute that does not name one of them.' })
  yaml!: string | null;
  @Field(() => String, { description: 'Name of the entitlement that it gives.' })
  entitlement!: string;
  @Field(() => Int, { description: 'Number of people whose found access it justifies.' })
  people!: number;
  @Field(() => Int, { description: 'Number of other active people who would get the entitlement by it and do not have it now.' })
  others!: number;
  @Field(() => [ID], { description: 'Ids of some of these others.' })
  examples!: readonly string[];
}

@InputType({ description: 'Found access for which a rule is proposed: either findingIds, or target and name.' })
export class ProposedRuleInput {
  @Field(() => [ID], { nullable: true, description: 'Ids of the findings, all about one group. Absent: target and name are given.' })
  findingIds?: readonly string[] | null;
  @Field(() => String, { nullable: true, description: 'Name of the target. Absent: findingIds are given.' })
  target?: string | null;
  @Field(() => String, { nullable: true, description: 'Name of the group there, as the finding has it. Absent: findingIds are given.' })
  name?: string | null;
}
