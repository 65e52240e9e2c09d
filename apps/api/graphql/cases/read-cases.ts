import { Forbidden, TENURE_TARGET, mustExist } from '@tenure/domain';
import type { InboxCount } from '@tenure/store';
import { readers } from '../../access/allow.ts';
import type { ApiDependencies } from '../../server/dependencies.ts';
import { type Connection, connectionOf, eventBefore, pageSize } from '../connection.ts';
import { callerOf, type GraphqlContext } from '../../server/context.ts';
import { answererOf } from '@tenure/engine/cases';
import type { CaseFilter } from './case.type.ts';
import { type CaseView, viewCases } from './view-cases.ts';
import { wantedCases } from './wanted-cases.ts';

/** A page of cases, with how many there are of the whole filter. */
export interface PageOfCases extends Connection<CaseView> {
  readonly totalCount: number;
  readonly counts: readonly InboxCount[];
}

/** A page of the inbox as this caller may see it, and its counts by kind and status. @throws InputInvalid */
export async function pageOfCases(
  { store, clock, configuration }: Pick<ApiDependencies, 'store' | 'clock' | 'configuration'>,
  context: GraphqlContext,
  { filter, first, after }: { readonly filter: CaseFilter | null; readonly first: number; readonly after: string | null },
): Promise<PageOfCases> {
  const size = pageSize(first);
  const before = eventBefore(after);
  const caller = callerOf(context);
  const now = clock();
  const { found, counts } = await store.read(async (tx) => {
    const wanted = wantedCases(filter, caller, await answererOf(tx, caller, now), now);
    const counts = await tx.inbox.counts(wanted, now);
    if (counts.length === 0 && wanted.target !== undefined && readers.some((role) => caller.roles.has(role))) {
      // There may be cases of a target that is no longer in tenure.yaml.
      const { length } = await tx.inbox.counts({ target: wanted.target }, now);
      if (length === 0) mustExist('filter.target', 'target', wanted.target, [...Object.keys(configuration.targets), TENURE_TARGET]);
    }
    return { found: await tx.inbox.page(wanted, size + 1, before), counts };
  });
  const totalCount = counts.reduce((sum, { count }) => sum + count, 0);
  const views = await viewCases(found, context, now);
  return { ...connectionOf(views, size, after, ({ openedAt, id }) => [openedAt, id]), counts, totalCount };
}

/** One case, for readers and for those who may answer it. @throws Forbidden to others, also when there is none */
export async function visibleCase({ store, clock }: Pick<ApiDependencies, 'store' | 'clock'>, context: GraphqlContext, id: string): Promise<CaseView | null> {
  const { roles } = callerOf(context);
  const isOpenTo = readers.some((role) => roles.has(role)) || (await context.loaders.isTheirs.load(id));
  if (!isOpenTo) throw new Forbidden('You may not read this case: it is not assigned to you, and does not wait for your answer.');
  const found = await store.read((tx) => tx.inbox.get(id));
  const [view = null] = await viewCases(found === null ? [] : [found], context, clock());
  return view;
}
