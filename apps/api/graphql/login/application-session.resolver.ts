import { Inject } from '@nestjs/common';
import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { ApplicationSessionType } from './session.type.ts';
import type { ApplicationSessionView } from './view-sessions.ts';

@Resolver(() => ApplicationSessionType)
export class ApplicationSessionResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @ResolveField(() => String, { description: 'Display name of the application.' })
  @Allow(...readers, 'self')
  title(@Parent() { application }: ApplicationSessionView): string {
    return this.dependencies.configuration.applications[application ?? '']?.title ?? application ?? '';
  }
}
