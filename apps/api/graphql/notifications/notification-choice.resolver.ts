import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import { chooseApprovalNotifications } from '@tenure/engine/notifications';
import type { ApprovalNotifications } from '@tenure/store';
import { Allow } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { ApprovalNotificationModeEnum } from '../enums.ts';

/** A person's choice about their mail. */
@Resolver()
export class NotificationChoiceResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => ApprovalNotificationModeEnum, { description: 'Mode of the mails about approvals that wait for you.' })
  @Allow('self')
  myApprovalNotifications(@Context() context: GraphqlContext): Promise<ApprovalNotifications> {
    return this.dependencies.store.read((tx) => tx.notifications.choiceOf(callerOf(context).id));
  }

  @Mutation(() => ApprovalNotificationModeEnum, { description: 'Sets the mode of the mails about approvals that wait for you. For people with a session.' })
  @Allow('self')
  async setApprovalNotifications(
    @Args('approvals', { type: () => ApprovalNotificationModeEnum, description: 'Mode.' }) approvals: ApprovalNotifications,
    @Context() context: GraphqlContext,
  ): Promise<ApprovalNotifications> {
    const { store, clock } = this.dependencies;
    const { id } = callerOf(context);
    await store.transaction(actOf(context, clock()), (tx) => chooseApprovalNotifications(tx, id, approvals));
    return approvals;
  }
}
