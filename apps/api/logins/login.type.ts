import { Field, ID, ObjectType } from '@nestjs/graphql';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType('Login', { description: 'Federated login (issuer and subject of an identity provider) that is bound to a person.' })
export class LoginType {
  @Field(() => String, { description: 'Name of the identity provider.' })
  provider!: string;
  @Field(() => String, { description: "The issuer's URL (OpenID Connect) or entity id (SAML)." })
  issuer!: string;
  @Field(() => String, { nullable: true, description: 'SAML: the format of the name identifier. Null: OpenID Connect, or bound before formats were stored.' })
  nameIdFormat!: string | null;
  @Field(() => InstantScalar, { description: 'When it was bound to this person (RFC 3339).' })
  boundAt!: string;
  @Field(() => InstantScalar, { description: 'When it last logged in (RFC 3339).' })
  lastLoginAt!: string;
  @Field(() => Boolean, {
    description:
      'True when it may log in a person with rights in Tenure: the provider has mayLink: [privileged], an administrator or a one-time link confirmed it, or no other source has a record of the person.',
  })
  mayActWithRights!: boolean;
}

@ObjectType('LoginLink', { description: 'One-time login link: the first login with it is bound to the person.' })
export class LoginLinkType {
  @Field(() => String, {
    description: 'Address at which to log in. Returned only here; give it to that person alone, since whoever has it can log in as them.',
  })
  url!: string;
  @Field(() => InstantScalar)
  expiresAt!: string;
}

@ObjectType('EndedLogins')
export class EndedLogins {
  @Field(() => ID)
  identityId!: string;
  @Field(() => [LoginType], { description: 'Bindings that were ended.' })
  ended!: readonly LoginType[];
}
