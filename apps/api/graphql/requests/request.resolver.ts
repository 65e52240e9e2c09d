import { Inject } from '@nestjs/common';
import { Args, Context, ID, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import {
  answerItem,
  type AskedItem,
  extendableItem,
  decideRequestedAccessAs,
  mayReview,
  openRequest,
  returnAccess,
  withdrawRequest,
} from '@tenure/engine/requests';
import { Forbidden, RequestRefused, checkedReason } from '@tenure/domain';
import type { WholeRequest } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { RequestedAccessDecisionEnum } from '../enums.ts';
import { checkedId, pageSize } from '../connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { readRequest, readRequests } from './read-requests.ts';
import { AccessRequestType, RequestAccessInput } from './request.type.ts';

/** Requests that are read at a time. */
const mostRequests = 100;
@Resolver(() => AccessRequestType)
export class RequestResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => AccessRequestType, {
    description:
      'Access request by id. For the requester, the person whom it is for, everybody who is or was asked to approve it, administrators, operators and auditors.',
  })
  @Allow(...readers, 'self')
  async accessRequest(
    @Args('id', { type: () => ID, description: 'Id of the request.' }) id: string,
    @Context() context: GraphqlContext,
  ): Promise<AccessRequestType> {
    const { store, clock } = this.dependencies;
    const caller = callerOf(context);
    const isReader = readers.some((role) => caller.roles.has(role));
    checkedId('id', id);
    const isReviewer = isReader || (await store.read((tx) => mayReview(tx, caller, id, clock())));
    const found = await readRequests(this.dependencies, [id], context, (whole) => isReviewer || concerns(whole, caller.id));
    const [request] = found;
    // The same message whether or not there is such a request.
    if (request === undefined) throw new Forbidden('You may not read this request: it is not by you, not for you, and never waited for your approval.');
    return request;
  }

  @Query(() => [AccessRequestType], { description: 'Requests by you and for you, the newest first; at most 100.' })
  @Allow('self')
  async myRequests(@Context() context: GraphqlContext): Promise<readonly AccessRequestType[]> {
    const ids = await this.dependencies.store.read((tx) => tx.requests.idsOf(callerOf(context).id, mostRequests));
    return readRequests(this.dependencies, ids, context);
  }

  @Query(() => [AccessRequestType], {
    description: 'Requests that wait for your approval, the newest first. All of them in pages: cases(filter: { mine: true, kind: REQUEST_APPROVAL }).',
  })
  @Allow('self')
  async myApprovals(
    @Args('first', { type: () => Int, defaultValue: 25, description: 'Number of requests, 1 to 100.' }) first: number,
    @Context() context: GraphqlContext,
  ): Promise<readonly AccessRequestType[]> {
    const size = pageSize(first);
    const ids = await this.dependencies.store.read((tx) => tx.requests.idsWaitingFor(callerOf(context).id, size));
    return readRequests(this.dependencies, ids, context);
  }

  @Mutation(() => AccessRequestType, {
    description:
      'Requests roles and entitlements for yourself or a person whose manager you are, as the policy allows. Each item is decided separately. For people with a session.',
  })
  @Allow('self')
  async requestAccess(
    @Args('input', { type: () => RequestAccessInput, description: 'Request.' }) input: RequestAccessInput,
    @Context() context: GraphqlContext,
  ): Promise<AccessRequestType> {
    const { id } = callerOf(context);
    const items = input.items.map(
      ({ kind, name, duration, exceptions }): AskedItem => ({ kind, name, duration: duration ?? null, exceptions: exceptions ?? [] }),
    );
    return this.open(context, {
      identityId: checkedId('input.identityId', input.identityId ?? id),
      justification: checkedReason(input.justification, 'input.justification'),
      items,
    });
  }

  @Mutation(() => AccessRequestType, {
    description: 'Requests an extension of an approved item: a new request with a duration that counts from its approval. For the person with the grant.',
  })
  @Allow('self')
  async extendAccess(
    @Args('itemId', { type: () => ID, description: 'Id of the item to extend.' }) itemId: string,
    @Args('duration', { type: () => String, nullable: true, description: 'Duration, ISO 8601, such as P30D. Absent: the maximum of the policy.' }) duration:
      | string
      | null,
    @Args('justification', { type: () => String, description: 'Justification, 1 to 1000 characters. The approvers can read it.' }) justification: string,
    @Context() context: GraphqlContext,
  ): Promise<AccessRequestType> {
    const item = await this.dependencies.store.read((tx) => extendableItem(tx, checkedId('itemId', itemId), callerOf(context).id));
    const exceptions = item.exceptions.map(({ rule, control }) => ({ rule, control }));
    const items = [{ kind: item.kind, name: item.name, duration, exceptions, extends: item.id }];
    return this.open(context, { identityId: item.identityId, justification: checkedReason(justification, 'justification'), items });
  }

  @Mutation(() => AccessRequestType, {
    description:
      'Approves or denies one item, as one of its approvers. The same answer again changes nothing. Refused with REQUEST_CLOSED if the item is decided, NOT_YOUR_DECISION, or OWN_REQUEST.',
  })
  @Allow('self')
  async decideRequestItem(
    @Args('itemId', { type: () => ID, description: 'Id of the item.' }) itemId: string,
    @Args('approve', { type: () => Boolean, description: 'True: approves. False: denies.' }) approves: boolean,
    @Args('comment', { type: () => String, defaultValue: '', description: 'Comment, at most 1000 characters, visible to the requester.' }) comment: string,
    @Args('stage', {
      type: () => String,
      nullable: true,
      description: 'Name of the stage that you have read, so that a repeated answer does not count for the next stage. Absent: the current stage.',
    })
    stage: string | null,
    @Context() context: GraphqlContext,
  ): Promise<AccessRequestType> {
    const { store, engine, clock } = this.dependencies;
    const answer = { itemId: checkedId('itemId', itemId), by: callerOf(context).id, approves, comment, stage };
    const answered = await store.transaction(actOf(context, clock()), (tx) => answerItem(tx, engine, answer));
    // After the transaction, since a refusal is stored too.
    if (answered.outcome !== 'counted') throw new RequestRefused(answered.outcome);
    return readRequest(this.dependencies, answered.requestId, context);
  }

  @Mutation(() => AccessRequestType, {
    description: 'Withdraws the items of a request that are not decided yet. For the requester, or the person whom it is for.',
  })
  @Allow('self')
  async withdrawRequest(
    @Args('id', { type: () => ID, description: 'Id of the request.' }) id: string,
    @Context() context: GraphqlContext,
  ): Promise<AccessRequestType> {
    const { store, clock } = this.dependencies;
    await store.transaction(actOf(context, clock()), (tx) => withdrawRequest(tx, checkedId('id', id), callerOf(context).id));
    return readRequest(this.dependencies, id, context);
  }

  @Mutation(() => AccessRequestType, { description: 'Returns access that was granted to you by a request, before it expires.' })
  @Allow('self')
  async returnAccess(
    @Args('itemId', { type: () => ID, description: 'Id of the item.' }) itemId: string,
    @Context() context: GraphqlContext,
  ): Promise<AccessRequestType> {
    const { store, engine, clock } = this.dependencies;
    const { requestId } = await store.transaction(actOf(context, clock()), (tx) => returnAccess(tx, engine, checkedId('itemId', itemId), callerOf(context).id));
    return readRequest(this.dependencies, requestId, context);
  }

  @Mutation(() => AccessRequestType, {
    description:
      'Decides a case REQUESTED_ACCESS_QUESTIONABLE: keeps or removes a grant that the policy would no longer let the person request. For owners of the role or entitlement, administrators and operators.',
  })
  @Allow('self', 'admin', 'operator')
  async decideRequestedAccess(
    @Args('itemId', { type: () => ID, description: 'Id of the item.' }) itemId: string,
    @Args('decision', { type: () => RequestedAccessDecisionEnum, description: 'Decision.' }) decision: 'keep' | 'drop',
    @Args('reason', { type: () => String, description: described.reason }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<AccessRequestType> {
    const { store, engine, clock } = this.dependencies;
    const caller = callerOf(context);
    const because = checkedReason(reason);
    const decided = { itemId: checkedId('itemId', itemId), decision, reason: because };
    const { requestId } = await store.transaction(actOf(context, clock()), (tx) => decideRequestedAccessAs(tx, engine, caller, decided));
    return readRequest(this.dependencies, requestId, context);
  }

  private async open(context: GraphqlContext, asked: { identityId: string; justification: string; items: readonly AskedItem[] }): Promise<AccessRequestType> {
    const { store, engine, clock } = this.dependencies;
    const requestedBy = callerOf(context).id;
    const { requestId } = await store.transaction(actOf(context, clock()), (tx) => openRequest(tx, engine, { ...asked, requestedBy }));
    return readRequest(this.dependencies, requestId, context);
  }
}

function concerns({ request, approvers }: WholeRequest, id: string): boolean {
  return request.identityId === id || request.requestedBy === id || approvers.some(({ approverId }) => approverId === id);
}
