import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType('ServiceToken', { description: 'API token of a service.' })
export class ServiceTokenType {
  @Field(() => ID)
  id!: string;
  @Field(() => String)
  name!: string;
  @Field(() => [String], { description: 'Maximum roles: admin, operator, auditor, or source:<name> for recordFacts of that source.' })
  roles!: readonly string[];
  @Field(() => String, { description: 'Creator: person <id>, service <id>, or the command on the machine.' })
  createdBy!: string;
  @Field(() => ID, { nullable: true, description: 'Id of the person whose rights limit the token; null: no person created it.' })
  identityId!: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the service token that created it, and with which it ends; null: none.' })
  parentId!: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the owner, who gets the case TOKEN_ENDING of a source token; null: operators get it.' })
  responsibleId!: string | null;
  @Field(() => InstantScalar)
  createdAt!: string;
  @Field(() => InstantScalar)
  expiresAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of the last use, to the minute; null: never used.' })
  lastUsedAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time of revocation; null: not revoked.' })
  revokedAt!: string | null;
}

@InputType()
export class CreateServiceTokenInput {
  @Field(() => String)
  name!: string;
  @Field(() => [String], { description: 'admin, operator, auditor, or source:<name> of a source in tenure.yaml.' })
  roles!: readonly string[];
  @Field(() => InstantScalar, { description: 'At most a year ahead, and no later than the end of your own token or admin grant.' })
  expiresAt!: string;
  @Field(() => ID, { nullable: true, description: 'For tokens of sources: id of the owner, who gets the case TOKEN_ENDING. Default: the operators.' })
  responsibleId?: string | null;
}

@ObjectType()
export class CreatedServiceToken {
  @Field(() => String, { description: 'Shown now and never again: Tenure keeps only its hash.' })
  token!: string;
  @Field(() => ServiceTokenType)
  serviceToken!: ServiceTokenType;
}
