import { Field, ID, ObjectType } from '@nestjs/graphql';

@ObjectType('PersonName', { description: 'Somebody by name, for those who may not read all that is known of them.' })
export class PersonNameType {
  @Field(() => ID)
  id!: string;
  @Field(() => String)
  displayName!: string;
}
