import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType('ServiceToken', { description: 'API token of a service.' })
export class ServiceTokenType {
  @Field(() => ID)
  id!: string;
  @Field(() => String)
  name!: string;
  @Field(() => [String], { description: 'What it opens at most: admin, operator, auditor, or source:<name> for recordFacts of that source.' })
  roles!: readonly string[];
  @Field(() => String, { description: 'Who made it: person <id>, service <id>, or the command on the machine.' })
  createdBy!: string;
  @Field(() => ID, { nullable: true, description: 'The person whose rights it opens at most; null: no person made it.' })
  identityId!: string | null;
  @Field(() => ID, { nullable: true, description: 'The token it was made with, with which it ends; null: it was made with none.' })
  parentId!: string | null;
  @Field(() => ID, { nullable: true, description: 'The person who is asked when a token of a source nears its end; null: the operators are.' })
  responsibleId!: string | null;
  @Field(() => InstantScalar)
  createdAt!: string;
  @Field(() => InstantScalar)
  expiresAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Its last use, to the minute; null: it was never used.' })
  lastUsedAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'When it was ended before its time; null: it was not.' })
  revokedAt!: string | null;
}

@InputType()
export class CreateServiceTokenInput {
  @Field(() => String)
  name!: string;
  @Field(() => [String], { description: 'admin, operator, auditor, or source:<name> of a source in tenure.yaml.' })
  roles!: readonly string[];
  @Field(() => InstantScalar, { description: 'At most a year ahead, and no later than what it is made with.' })
  expiresAt!: string;
  @Field(() => ID, { nullable: true, description: 'For tokens of sources: the person who is asked when it nears its end.' })
  responsibleId?: string | null;
}

@ObjectType()
export class CreatedServiceToken {
  @Field(() => String, { description: 'Shown now and never again: Tenure keeps only its hash.' })
  token!: string;
  @Field(() => ServiceTokenType)
  serviceToken!: ServiceTokenType;
}
