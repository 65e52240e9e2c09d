import { Field, ID, ObjectType } from '@nestjs/graphql';
import { InstantScalar } from '../graphql/scalars.ts';

@ObjectType('Login', { description: 'A login (issuer and subject) of an identity provider that is bound to a person.' })
export class LoginType {
  @Field(() => String, { description: 'Name of the identity provider.' })
  provider!: string;
  @Field(() => String, { description: "The issuer's URL (OpenID Connect) or entity id (SAML)." })
  issuer!: string;
  @Field(() => String, { nullable: true, description: 'SAML: the format of the name identifier. Null: OpenID Connect, or bound before that was kept.' })
  nameIdFormat!: string | null;
  @Field(() => InstantScalar, { description: 'When it was first let in as this person.' })
  boundAt!: string;
  @Field(() => InstantScalar)
  lastLoginAt!: string;
  @Field(() => Boolean, {
    description:
      'Whether it lets in somebody with rights in Tenure: mayLink of the provider says so, an administrator or their one-time link confirmed it, or nothing but this provider has ever said anything of the person.',
  })
  mayActWithRights!: boolean;
}

@ObjectType('LoginLink', { description: 'Binds the login of whoever follows it to a person, once.' })
export class LoginLinkType {
  @Field(() => String, { description: 'Where to log in. Shown only now, and for that person alone: whoever has it can become them.' })
  url!: string;
  @Field(() => InstantScalar)
  expiresAt!: string;
}

@ObjectType('EndedLogins')
export class EndedLogins {
  @Field(() => ID)
  identityId!: string;
  @Field(() => [LoginType], { description: 'Those that have ended.' })
  ended!: readonly LoginType[];
}
