import { Inject } from '@nestjs/common';
import { Args, Context, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { endOf, type ReleasedUserName, type StoredGrant, type StoredSuspension, type StoredIdentity, type StoredRecord } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { AccountType } from '../accounts/account.type.ts';
import { type AccountView, viewAccounts } from '../accounts/view-accounts.ts';
import { TimelineEntryType } from '../audit/audit-event.type.ts';
import { type AuditEventView, viewEvents } from '../audit/view-events.ts';
import { CaseType } from '../cases/case.type.ts';
import { type CaseView, viewCases } from '../cases/view-cases.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { GrantType } from '../grants/grant.type.ts';
import { type GrantView, viewGrants } from '../grants/view-grants.ts';
import { pageSize } from '../connection.ts';
import { callerOf, type GraphqlContext } from '../../server/context.ts';
import { ProvisioningSuspensionType } from '../suspensions/suspension.type.ts';
import { OperationType } from '../operations/operation.type.ts';
import { type OperationView, viewOperation } from '../operations/view-operation.ts';
import { RecordType } from '../intake/record.type.ts';
import { ReleasedUserNameType } from '../repairs/repair.type.ts';
import { UsualLength } from '../../server/limits.ts';
import { SessionType } from '../login/session.type.ts';
import type { SessionView } from '../login/view-sessions.ts';
import { AssertedGroupsType, AttributeType, IdentityType, WorkflowType } from './identity.type.ts';
import { displayName, viewAttributes } from './view-attributes.ts';
import { type WorkflowView, workflowOf } from './workflow-link.ts';

const own = [...readers, 'self'] as const;

@Resolver(() => IdentityType)
export class IdentityResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @ResolveField(() => String, { description: 'Display name of the person, or the user name if no name is known.' })
  @Allow(...own)
  displayName(@Parent() identity: StoredIdentity): string {
    return displayName(identity);
  }

  @ResolveField(() => [AttributeType], { description: 'Merged attributes, in the order of their names.' })
  @Allow(...own)
  async attributes(@Parent() identity: StoredIdentity, @Context() { loaders }: GraphqlContext): Promise<readonly AttributeType[]> {
    return viewAttributes(identity, await loaders.records.load(identity.id), this.dependencies.configuration);
  }

  @ResolveField(() => [AssertedGroupsType], { description: 'Groups that login sources assert. A source that has never sent groups is missing.' })
  @Allow(...own)
  assertedGroups(@Parent() { groups }: StoredIdentity): readonly AssertedGroupsType[] {
    return Object.entries(groups).map(([source, asserted]) => ({ source, ...asserted }));
  }

  @ResolveField(() => [GrantType], { description: 'Grants that are in force or begin later, in the order of their names.' })
  @Allow(...own)
  async grants(
    @Parent() identity: StoredIdentity,
    @Args('includeEnded', { type: () => Boolean, defaultValue: false, description: 'True: also grants that have ended, the newest first.' })
    includeEnded: boolean,
    @Context() { loaders }: GraphqlContext,
  ): Promise<readonly GrantView<StoredGrant>[]> {
    const grants = await (includeEnded ? loaders.allGrants : loaders.currentGrants).load(identity.id);
    return viewGrants(grants, identity, this.dependencies.clock(), loaders, this.dependencies.configuration);
  }

  @ResolveField(() => [AccountType], { description: 'Accounts of the person, one for each target.' })
  @Allow(...own)
  async accounts(@Parent() { id }: StoredIdentity, @Context() { loaders }: GraphqlContext): Promise<readonly AccountView[]> {
    return viewAccounts(await loaders.accounts.load(id), this.dependencies.configuration, await loaders.targetModes.load(''));
  }

  @ResolveField(() => [OperationType], { description: 'Operations in targets, the newest first. For administrators, operators and auditors.' })
  @Allow(...readers)
  async operations(
    @Parent() { id }: StoredIdentity,
    @Args('first', { type: () => Int, defaultValue: 20, description: 'Number of operations, 1 to 100.' }) first: number,
    @Context() { loaders }: GraphqlContext,
  ): Promise<readonly OperationView[]> {
    return (await loaders.operations(pageSize(first)).load(id)).map(viewOperation);
  }

  @ResolveField(() => [RecordType], { description: 'Source records of the person.' })
  @Allow(...own)
  records(@Parent() { id }: StoredIdentity, @Context() { loaders }: GraphqlContext): Promise<readonly StoredRecord[]> {
    return loaders.records.load(id);
  }

  @ResolveField(() => [CaseType], { description: 'Cases about the person, the newest first. For administrators, operators and auditors.' })
  @Allow(...readers)
  async cases(@Parent() { id }: StoredIdentity, @Context() context: GraphqlContext): Promise<readonly CaseView[]> {
    return viewCases(await context.loaders.cases.load(id), context, this.dependencies.clock());
  }

  @ResolveField(() => [ProvisioningSuspensionType], {
    description: "Suspensions in force of the person's provisioning and operations. For administrators, operators and auditors.",
  })
  @Allow(...readers)
  suspensions(@Parent() { id }: StoredIdentity, @Context() { loaders }: GraphqlContext): Promise<readonly StoredSuspension[]> {
    return loaders.suspensions.load(id);
  }

  @ResolveField(() => [TimelineEntryType], {
    description: 'Events of the person, the newest first. Reasons that others gave are for administrators, operators and auditors, not for the person.',
  })
  @Allow(...own)
  async timeline(
    @Parent() { id }: StoredIdentity,
    @Args('first', { type: () => Int, defaultValue: 50, description: 'Number of events, 1 to 100.' }) first: number,
    @Context() context: GraphqlContext,
  ): Promise<readonly AuditEventView[]> {
    return viewEvents(await context.loaders.timeline(pageSize(first)).load(id), context.loaders, callerOf(context));
  }

  @UsualLength(5)
  @ResolveField(() => [SessionType], {
    description:
      'Sessions of the person, the newest first, each with those at applications below it. For the person, and for administrators, operators and auditors.',
  })
  @Allow(...own)
  sessions(
    @Parent() { id }: StoredIdentity,
    @Args('includeEnded', {
      type: () => Boolean,
      defaultValue: false,
      description: 'True: also those that have ended or expired, for the week for which they are kept, and ended ones below others.',
    })
    includeEnded: boolean,
    @Context() { loaders }: GraphqlContext,
  ): Promise<readonly SessionView[]> {
    return (includeEnded ? loaders.allSessions : loaders.sessions).load(id);
  }

  @ResolveField(() => Int, { description: 'Number of open sessions of the person. For the person, and for administrators, operators and auditors.' })
  @Allow(...own)
  async sessionCount(@Parent() { id }: StoredIdentity, @Context() { loaders }: GraphqlContext): Promise<number> {
    const now = this.dependencies.clock();
    // One that is idle for too long is listed while a session at an application below it is open.
    return (await loaders.sessions.load(id)).filter((session) => endOf(session) > now).length;
  }

  @ResolveField(() => IdentityType, { nullable: true, description: 'Identity into which it was merged; null: it was not merged.' })
  @Allow(...readers)
  async mergedInto(@Parent() { mergedInto = null }: StoredIdentity, @Context() { loaders }: GraphqlContext): Promise<StoredIdentity | null> {
    return mergedInto === null ? null : loaders.identity.load(mergedInto);
  }

  @UsualLength(2)
  @ResolveField(() => [IdentityType], {
    description: 'Identities that were merged into it, whose events are part of its timeline. For administrators, operators and auditors.',
  })
  @Allow(...readers)
  async mergedIdentities(@Parent() { id }: StoredIdentity, @Context() { loaders }: GraphqlContext): Promise<readonly StoredIdentity[]> {
    const found = await loaders.identity.loadMany([...(await loaders.merged.load(id))]);
    return found.flatMap((one) => (one === null || one instanceof Error ? [] : [one]));
  }

  @UsualLength(2)
  @ResolveField(() => [ReleasedUserNameType], {
    description: 'User names that the person had until they were released. For administrators, operators and auditors.',
  })
  @Allow(...readers)
  releasedUserNames(@Parent() { id }: StoredIdentity, @Context() { loaders }: GraphqlContext): Promise<readonly ReleasedUserName[]> {
    return loaders.releasedUserNames.load(id);
  }

  @ResolveField(() => WorkflowType, { description: 'Identity lifecycle workflow of the person. For administrators, operators and auditors.' })
  @Allow(...readers)
  workflow(@Parent() { id }: StoredIdentity): WorkflowView {
    return workflowOf(this.dependencies, id);
  }
}
