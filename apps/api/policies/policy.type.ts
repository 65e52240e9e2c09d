import { Field, Int, ObjectType } from '@nestjs/graphql';
import { InstantScalar, JsonScalar } from '../graphql/scalars.ts';

@ObjectType('PolicyVersion', { description: 'The policy as it was when decisions named this version.' })
export class PolicyVersionType {
  @Field(() => Int)
  version!: number;
  @Field(() => InstantScalar)
  createdAt!: string;
  @Field(() => JsonScalar, { description: 'Roles, entitlements, birthright, group and lifecycle rules.' })
  document!: unknown;
}
