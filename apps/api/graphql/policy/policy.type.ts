import { Field, Int, ObjectType } from '@nestjs/graphql';
import { InstantScalar, JsonScalar } from '../scalars.ts';

@ObjectType('PolicyVersion', {
  description: 'Configuration version: the policy and tenure.yaml as they were when decisions named this version. For administrators, operators and auditors.',
})
export class PolicyVersionType {
  @Field(() => Int, { description: 'Number of the version.' })
  version!: number;
  @Field(() => InstantScalar, { description: 'Time at which the version was put in force.' })
  createdAt!: string;
  @Field(() => JsonScalar, {
    description: 'Policy with the keys of the files under policy/ and all defaults filled in; docs/policy-reference.md describes them.',
  })
  document!: unknown;
  @Field(() => JsonScalar, {
    nullable: true,
    description: 'Settings of tenure.yaml as written there, with references instead of secrets; null: put in force before tenure.yaml was stored.',
  })
  settings!: unknown;
  @Field(() => String, {
    nullable: true,
    description: 'Kind and id of the actor that put the version in force; null: put in force before this was stored.',
  })
  publishedBy!: string | null;
}
