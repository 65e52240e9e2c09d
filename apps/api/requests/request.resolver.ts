import { randomUUID } from 'node:crypto';
import { Inject } from '@nestjs/common';
import { Args, Context, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { advanceRequest, type AskedItem, judgeAccess, mayJudgeAccess, openRequest, returnAccess, reviewKey, withdrawRequest } from '@tenure/activities';
import { Forbidden, InputInvalid, RequestRefused } from '@tenure/domain';
import type { Transaction, WholeRequest } from '@tenure/store';
import { Allow, readers } from '../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../dependencies.ts';
import { KeepOrDropEnum } from '../graphql/enums.ts';
import { checkedId } from '../graphql/connection.ts';
import { actOf, callerOf, type GraphqlContext } from '../graphql/context.ts';
import { checkedReason } from '../operations/judge-operation.ts';
import { readRequest, readRequests } from './read-requests.ts';
import { AccessRequestType, RequestAccessInput } from './request.type.ts';

/** Requests that are read at a time. */
const mostRequests = 100;
/** Characters of a comment. */
const longestComment = 1000;

@Resolver(() => AccessRequestType)
export class RequestResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => AccessRequestType, { description: 'For whoever asked, whom it is for, who is or was asked to approve it, and readers.' })
  @Allow(...readers, 'self')
  async accessRequest(@Args('id', { type: () => ID }) id: string, @Context() context: GraphqlContext): Promise<AccessRequestType> {
    const caller = callerOf(context);
    const isReader = readers.some((role) => caller.roles.has(role));
    const isReviewer = isReader || (await this.reviews(checkedId(id), caller.id));
    const found = await readRequests(this.dependencies, [id], context, (whole) => isReviewer || concerns(whole, caller.id));
    const [request] = found;
    // The same words whether or not there is such a request.
    if (request === undefined) throw new Forbidden('this request is not for you to see');
    return request;
  }

  @Query(() => [AccessRequestType], { description: 'What you asked for, or others for you; the newest first.' })
  @Allow('self')
  async myRequests(@Context() context: GraphqlContext): Promise<readonly AccessRequestType[]> {
    const ids = await this.dependencies.store.read((tx) => tx.requests.idsOf(callerOf(context).id, mostRequests));
    return readRequests(this.dependencies, ids, context);
  }

  @Query(() => [AccessRequestType], { description: 'Requests that wait for an answer of yours; the newest first.' })
  @Allow('self')
  async myApprovals(@Context() context: GraphqlContext): Promise<readonly AccessRequestType[]> {
    const { id } = callerOf(context);
    const ids = await this.dependencies.store.read((tx) => tx.requests.idsWaitingFor(id));
    return readRequests(this.dependencies, ids, context, (whole) => waitsFor(whole, id));
  }

  @Mutation(() => AccessRequestType, { description: 'Asks for roles and entitlements that policy lets be asked for. Each is decided by itself.' })
  @Allow('self')
  async requestAccess(
    @Args('input', { type: () => RequestAccessInput }) input: RequestAccessInput,
    @Context() context: GraphqlContext,
  ): Promise<AccessRequestType> {
    const { id } = callerOf(context);
    const items = input.items.map(
      ({ kind, name, duration, exceptions }): AskedItem => ({ kind, name, duration: duration ?? null, exceptions: exceptions ?? [] }),
    );
    return this.open(context, { identityId: checkedId(input.identityId ?? id), justification: checkedReason(input.justification), items });
  }

  @Mutation(() => AccessRequestType, { description: 'Asks for what was approved to last longer: a new request, whose time counts from its approval.' })
  @Allow('self')
  async extendAccess(
    @Args('itemId', { type: () => ID }) itemId: string,
    @Args('duration', { type: () => String, nullable: true }) duration: string | null,
    @Args('justification', { type: () => String }) justification: string,
    @Context() context: GraphqlContext,
  ): Promise<AccessRequestType> {
    const item = await this.dependencies.store.read((tx) => tx.requests.item(checkedId(itemId)));
    if (item === null || item.identityId !== callerOf(context).id) throw new Forbidden('this is not your access');
    if (item.isBreakGlass) throw new RequestRefused('NOT_REQUESTABLE', { name: item.name, reason: 'break-glass' });
    if (item.status !== 'approved') throw new RequestRefused('REQUEST_CLOSED', { itemId });
    const exceptions = item.exceptions.map(({ rule, control }) => ({ rule, control }));
    const items = [{ kind: item.kind, name: item.name, duration, exceptions, extends: item.id }];
    return this.open(context, { identityId: item.identityId, justification: checkedReason(justification), items });
  }

  @Mutation(() => AccessRequestType, {
    description: 'Approves or denies one item. Said again, it changes nothing; refused with REQUEST_CLOSED when late, NOT_YOUR_DECISION, OWN_REQUEST.',
  })
  @Allow('self')
  async decideRequestItem(
    @Args('itemId', { type: () => ID }) itemId: string,
    @Args('approve', { type: () => Boolean }) approves: boolean,
    @Args('comment', { type: () => String, defaultValue: '' }) comment: string,
    @Context() context: GraphqlContext,
  ): Promise<AccessRequestType> {
    const { store, clock, requestDecisions } = this.dependencies;
    if (comment.length > longestComment) throw new InputInvalid(`comment has at most ${longestComment} characters`);
    if (requestDecisions === undefined) throw new RequestRefused('REQUESTS_UNAVAILABLE');
    const answerId = randomUUID();
    const by = callerOf(context).id;
    const act = actOf(context, clock());
    const { requestId, identityId } = await store.transaction(act, async (tx) => {
      const item = await this.mustBeAsked(tx, checkedId(itemId), by);
      await tx.requests.addAnswer({
        id: answerId,
        itemId,
        requestId: item.requestId,
        stage: null,
        givenBy: by,
        approves,
        comment,
        givenAt: act.now,
        outcome: null,
        judgedAt: null,
      });
      return item;
    });
    await requestDecisions.decide({ answerId, requestId, identityId, correlationId: context.correlationId });
    return readRequest(this.dependencies, requestId, context);
  }

  @Mutation(() => AccessRequestType, { description: 'Takes back what has not been decided yet.' })
  @Allow('self')
  async withdrawRequest(@Args('id', { type: () => ID }) id: string, @Context() context: GraphqlContext): Promise<AccessRequestType> {
    const { store, clock } = this.dependencies;
    await store.transaction(actOf(context, clock()), (tx) => withdrawRequest(tx, checkedId(id), callerOf(context).id));
    return readRequest(this.dependencies, id, context);
  }

  @Mutation(() => AccessRequestType, { description: 'Gives back what you asked for and no longer need.' })
  @Allow('self')
  async returnAccess(@Args('itemId', { type: () => ID }) itemId: string, @Context() context: GraphqlContext): Promise<AccessRequestType> {
    const { store, loop, clock } = this.dependencies;
    const { requestId } = await store.transaction(actOf(context, clock()), (tx) => returnAccess(tx, loop, checkedId(itemId), callerOf(context).id));
    return readRequest(this.dependencies, requestId, context);
  }

  @Mutation(() => AccessRequestType, {
    description:
      'Keeps or drops what somebody holds by a request that policy would not let them ask for any more. For owners of the role or entitlement, and operators.',
  })
  @Allow('self', 'admin', 'operator')
  async judgeRequestedAccess(
    @Args('itemId', { type: () => ID }) itemId: string,
    @Args('decision', { type: () => KeepOrDropEnum }) decision: 'keep' | 'drop',
    @Args('reason', { type: () => String }) reason: string,
    @Context() context: GraphqlContext,
  ): Promise<AccessRequestType> {
    const { store, loop, clock } = this.dependencies;
    const caller = callerOf(context);
    const because = checkedReason(reason);
    const requestId = await store.transaction(actOf(context, clock()), async (tx) => {
      const known = await tx.requests.item(checkedId(itemId));
      const isOperator = caller.roles.has('admin') || caller.roles.has('operator');
      const isOwn = known?.identityId === caller.id;
      if (known === null || isOwn || !(isOperator || (await mayJudgeAccess(tx, loop, known, caller.id))))
        throw new Forbidden('this is for its owner to decide');
      return (await judgeAccess(tx, loop, known.id, decision, because)).requestId;
    });
    return readRequest(this.dependencies, requestId, context);
  }

  /** Whether the review of it has come to be somebody's to answer. */
  private reviews(requestId: string, id: string): Promise<boolean> {
    return this.dependencies.store.read(async (tx) => {
      const items = (await tx.requests.whole([requestId])).flatMap((whole) => whole.items.filter(({ isBreakGlass }) => isBreakGlass));
      const cases = await tx.cases.openOfKeys(items.map((item) => reviewKey(item.id)));
      return cases.some(({ ownerId }) => ownerId === id);
    });
  }

  private async open(context: GraphqlContext, asked: { identityId: string; justification: string; items: readonly AskedItem[] }): Promise<AccessRequestType> {
    const { store, loop, clock } = this.dependencies;
    const requestedBy = callerOf(context).id;
    const { requestId } = await store.transaction(actOf(context, clock()), (tx) => openRequest(tx, loop, { ...asked, requestedBy }));
    return readRequest(this.dependencies, requestId, context);
  }

  /** Early, so that strangers write nothing; the request judges it again. @throws RequestRefused */
  private async mustBeAsked(tx: Transaction, itemId: string, by: string): Promise<{ requestId: string; identityId: string }> {
    const item = await tx.requests.item(itemId);
    if (item === null) throw new RequestRefused('NOT_YOUR_DECISION');
    const read = async (): Promise<WholeRequest | undefined> => (await tx.requests.whole([item.requestId]))[0];
    let whole = await read();
    if (whole?.request.identityId === by || whole?.request.requestedBy === by) throw new RequestRefused('OWN_REQUEST');
    if (whole !== undefined && item.status === 'open' && !wasAsked(whole, itemId, by)) {
      await advanceRequest(tx, this.dependencies.loop, item.requestId);
      whole = await read();
    }
    if (whole === undefined || !wasAsked(whole, itemId, by)) throw new RequestRefused('NOT_YOUR_DECISION');
    return { requestId: item.requestId, identityId: item.identityId };
  }
}

function wasAsked({ approvers }: WholeRequest, itemId: string, by: string): boolean {
  return approvers.some((one) => one.itemId === itemId && one.approverId === by);
}

function concerns({ request, approvers }: WholeRequest, id: string): boolean {
  return request.identityId === id || request.requestedBy === id || approvers.some(({ approverId }) => approverId === id);
}

/** Whether an open item waits for somebody who has not answered yet. */
function waitsFor({ items, approvers, answers }: WholeRequest, id: string): boolean {
  return items.some(
    (item) =>
      item.status === 'open' &&
      approvers.some((one) => one.itemId === item.id && one.stage === item.stage && one.approverId === id && one.endedAt === null) &&
      !answers.some((one) => one.itemId === item.id && one.stage === item.stage && one.givenBy === id && one.outcome === 'counted'),
  );
}
