import { Field, Int, ObjectType } from '@nestjs/graphql';
import { InstantScalar, JsonScalar } from '../graphql/scalars.ts';

@ObjectType('PolicyVersion', { description: 'Configuration version: the policy and tenure.yaml as they were when decisions named this version.' })
export class PolicyVersionType {
  @Field(() => Int)
  version!: number;
  @Field(() => InstantScalar)
  createdAt!: string;
  @Field(() => JsonScalar, { description: 'Roles, entitlements, birthright, group and lifecycle rules.' })
  document!: unknown;
  @Field(() => JsonScalar, {
    nullable: true,
    description:
      'Settings of tenure.yaml as they are written there, with references to secrets in place of secrets; null for versions that were put in force before tenure.yaml was kept.',
  })
  settings!: unknown;
  @Field(() => String, {
    nullable: true,
    description: 'Actor who put the version in force, kind and id; null for versions that were put in force before it was noted.',
  })
  publishedBy!: string | null;
}
