import { Args, Context, Int, Query, Resolver } from '@nestjs/graphql';
import { Allow, readers } from '../access/allow.ts';
import type { GraphqlContext } from '../graphql/context.ts';
import type { PolicyVersion } from '../graphql/loaders.ts';
import { PolicyVersionType } from './policy.type.ts';

/** Above what the database counts to. */
const mostVersions = 2_147_483_647;

@Resolver()
export class PolicyResolver {
  @Query(() => PolicyVersionType, { nullable: true })
  @Allow(...readers)
  async policyVersion(@Args('version', { type: () => Int }) version: number, @Context() context: GraphqlContext): Promise<PolicyVersion | null> {
    return version < 1 || version > mostVersions ? null : context.loaders.policy.load(version);
  }
}
