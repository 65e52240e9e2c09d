import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { GrantKindEnum, OriginKindEnum } from '../graphql/enums.ts';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType('Origin', { description: 'One reason why something is held. It stays while any of its origins holds.' })
export class OriginType {
  @Field(() => OriginKindEnum)
  kind!: string;
  @Field(() => String, { description: "The rule's name, source/group, or the request's id." })
  name!: string;
  @Field(() => String, { description: 'The reason in words.' })
  sentence!: string;
  @Field(() => Int)
  policyVersion!: number;
  @Field(() => String, { nullable: true, description: 'The role that carries the entitlement.' })
  viaRole!: string | null;
  @Field(() => [ID], { description: 'Source records whose facts the decision rested on.' })
  recordIds!: readonly string[];
  @Field(() => [String], { description: 'The sources of these records.' })
  sources!: readonly string[];
  @Field(() => InstantScalar)
  validFrom!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'At this instant it is over; null: as long as the origin holds.' })
  validUntil!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Since when its rule holds no longer, while its grace runs: a planned removal.' })
  endingSince?: string | null;
}

@ObjectType('GrantAt', { description: 'A role or an entitlement at an instant, with every reason for it.' })
export class GrantAtType {
  @Field(() => GrantKindEnum)
  kind!: string;
  @Field(() => String)
  name!: string;
  @Field(() => String)
  title!: string;
  @Field(() => String, { nullable: true, description: 'The target that an entitlement is for.' })
  target!: string | null;
  @Field(() => String, { nullable: true })
  targetTitle!: string | null;
  @Field(() => [OriginType])
  origins!: readonly OriginType[];
  @Field(() => InstantScalar, { description: 'The earliest of its origins.' })
  validFrom!: string;
  @Field(() => InstantScalar, {
    nullable: true,
    description: 'Known end of the grant: the latest end of its origins, or the termination of the person if that is earlier; null: neither is known.',
  })
  validUntil!: string | null;
}

@ObjectType('Grant', { description: 'A role or an entitlement that somebody holds, with every reason for it.' })
export class GrantType extends GrantAtType {
  @Field(() => ID)
  id!: string;
  @Field(() => InstantScalar)
  grantedAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'null: it is held, or will be from validFrom on.' })
  endedAt!: string | null;
  @Field(() => String, { nullable: true })
  endReason!: string | null;
}
