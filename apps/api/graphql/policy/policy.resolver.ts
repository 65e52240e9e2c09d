import { Inject } from '@nestjs/common';
import { Args, Context, Int, Query, Resolver } from '@nestjs/graphql';
import { documentAsWritten } from '@tenure/config';
import type { PolicyPlan } from '@tenure/engine/policy';
import type { Previews } from '@tenure/engine/previews';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken, previewsToken } from '../../server/dependencies.ts';
import { callerOf, type GraphqlContext } from '../../server/context.ts';
import { PolicyVersionType } from './policy.type.ts';
import { PolicyFileInput, PolicyPlanType } from './policy-plan.type.ts';

/** Largest version number that the database can store. */
const mostVersions = 2_147_483_647;

@Resolver()
export class PolicyResolver {
  constructor(
    @Inject(dependenciesToken) private readonly dependencies: ApiDependencies,
    @Inject(previewsToken) private readonly previews: Previews,
  ) {}

  @Query(() => PolicyVersionType, {
    nullable: true,
    description: 'Configuration version by number; null: there is none. For administrators, operators and auditors.',
  })
  @Allow(...readers)
  async policyVersion(
    @Args('version', { type: () => Int, description: 'Number of the version.' }) version: number,
    @Context() context: GraphqlContext,
  ): Promise<PolicyVersionType | null> {
    const found = version < 1 || version > mostVersions ? null : await context.loaders.policy.load(version);
    return found === null ? null : { ...found, document: documentAsWritten(found.document) };
  }

  @Query(() => PolicyPlanType, {
    description: 'Changes of access of all people under another policy, grouped by rule. Nothing is stored. For administrators, operators and auditors.',
  })
  @Allow(...readers)
  previewPolicy(
    @Args('files', { type: () => [PolicyFileInput], description: 'All files of policy/ together.' }) files: readonly PolicyFileInput[],
    @Context() context: GraphqlContext,
  ): Promise<PolicyPlan> {
    return this.previews.plan(callerOf(context).id, files, this.dependencies.clock());
  }
}
