import { Inject } from '@nestjs/common';
import { Args, Context, Int, Query, Resolver } from '@nestjs/graphql';
import type { PolicyPlan } from '@tenure/activities';
import { readPolicyFiles } from '@tenure/config';
import { ConfigurationInvalid, InputInvalid, type PolicyDocument } from '@tenure/domain';
import { Allow, readers } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import type { GraphqlContext } from '../graphql/context.ts';
import type { PolicyVersion } from '../graphql/loaders.ts';
import { PolicyVersionType } from './policy.type.ts';
import { PolicyFileInput, PolicyPlanType } from './policy-plan.type.ts';

/** Above what the database counts to. */
const mostVersions = 2_147_483_647;

@Resolver()
export class PolicyResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => PolicyVersionType, { nullable: true })
  @Allow(...readers)
  async policyVersion(@Args('version', { type: () => Int }) version: number, @Context() context: GraphqlContext): Promise<PolicyVersion | null> {
    return version < 1 || version > mostVersions ? null : context.loaders.policy.load(version);
  }

  @Query(() => PolicyPlanType, {
    description: 'Who would gain and lose what under another policy, grouped by rule. All files of policy/ together; nothing is written.',
  })
  @Allow(...readers)
  previewPolicy(@Args('files', { type: () => [PolicyFileInput] }) files: readonly PolicyFileInput[]): Promise<PolicyPlan> {
    const { store, loop, clock } = this.dependencies;
    return loop.planPolicy(store, this.read(files), clock());
  }

  private read(files: readonly PolicyFileInput[]): PolicyDocument {
    try {
      return readPolicyFiles(this.dependencies.configuration, files);
    } catch (error) {
      // What somebody sends is their input, not our configuration.
      if (error instanceof ConfigurationInvalid) throw new InputInvalid(error.message, {}, { cause: error });
      throw error;
    }
  }
}
