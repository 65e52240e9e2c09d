import { observedTargets } from '@tenure/engine/targets';
import type { WholeRequest } from '@tenure/store';
import type { ApiDependencies } from '../../server/dependencies.ts';
import { callerOf, type GraphqlContext } from '../../server/context.ts';
import type { AccessRequestType } from './request.type.ts';
import { viewRequest } from './view-request.ts';
import { currentPolicy } from '@tenure/engine/policy';

/** Requests as people read them, without those that this caller may not see. */
export async function readRequests(
  { store, engine, configuration }: ApiDependencies,
  ids: readonly string[],
  context: GraphqlContext,
  mayBeSeen: (whole: WholeRequest) => boolean = () => true,
): Promise<readonly AccessRequestType[]> {
  const { found, ...terms } = await store.read(async (tx) => ({
    found: await tx.requests.whole(ids),
    document: (await currentPolicy(tx, engine)).document,
    observed: await observedTargets(tx),
  }));
  return Promise.all(found.filter(mayBeSeen).map((whole) => viewRequest(whole, { ...terms, configuration }, context.loaders, callerOf(context))));
}

/** Request that the caller has just changed. */
export async function readRequest(dependencies: ApiDependencies, id: string, context: GraphqlContext): Promise<AccessRequestType> {
  const [request] = await readRequests(dependencies, [id], context);
  if (request === undefined) throw new Error(`request ${id} is gone`);
  return request;
}
