import { Inject } from '@nestjs/common';
import { Args, Context, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { Actor, AuditFilter, StoredIdentity, Transaction } from '@tenure/store';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { type Connection, connectionOf, pageSize, positionBefore } from '../connection.ts';
import type { GraphqlContext } from '../../server/context.ts';
import { described } from '../described.ts';
import { mustExist } from '@tenure/domain';
import { IdentityType } from '../identities/identity.type.ts';
import { ActorType, AuditEventConnection, AuditEventFilter, AuditEventType } from './audit-event.type.ts';
import { loadNames } from './load-names.ts';
import { idsIn } from './with-names.ts';
import { type AuditEventView, viewEvents } from './view-events.ts';
import { wantedEvents } from './wanted-events.ts';

type Counted = Connection<AuditEventView> & { readonly wanted: AuditFilter };

@Resolver(() => AuditEventConnection)
@Allow('admin', 'auditor')
export class AuditEventsResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => AuditEventConnection, {
    description:
      'Audit events, the newest first. Among events of one request, which have the same time, an effect comes before its cause. For administrators and auditors.',
  })
  @Allow('admin', 'auditor')
  async auditEvents(
    @Args('filter', { type: () => AuditEventFilter, nullable: true, description: 'Conditions. Absent: all events.' }) filter: AuditEventFilter | null,
    @Args('first', { type: () => Int, defaultValue: 25, description: described.first }) first: number,
    @Args('after', { type: () => String, nullable: true, description: described.after }) after: string | null,
    @Context() { loaders }: GraphqlContext,
  ): Promise<Counted> {
    const size = pageSize(first);
    const before = positionBefore(after);
    const asked = wantedEvents(filter);
    const { events, wanted } = await this.dependencies.store.read(async (tx) => {
      const wanted = await withMerged(tx, asked);
      const found = await tx.audit.page(wanted, size + 1, before);
      if (found.length === 0) await this.mustBeKnownSource(tx, wanted);
      return { events: found, wanted };
    });
    return { ...connectionOf(await viewEvents(events, loaders), size, after, ({ at, position }) => [at, String(position)]), wanted };
  }

  @ResolveField(() => Int, { description: 'Number of events on all pages.' })
  totalCount(@Parent() { wanted }: Counted): Promise<number> {
    return this.dependencies.store.read((tx) => tx.audit.count(wanted));
  }

  /** Checks that a source is known: one in tenure.yaml, or one that is no longer there and has events. */
  private async mustBeKnownSource(tx: Transaction, { actorKind, actorId }: AuditFilter): Promise<void> {
    if (actorKind !== 'source' || actorId === undefined || (await tx.audit.page({ actorKind, actorId }, 1, null)).length > 0) return;
    const { sources, identityProviders } = this.dependencies.configuration;
    mustExist('filter.actorId', 'source or identity provider', actorId, [...Object.keys(sources), ...Object.keys(identityProviders)]);
  }
}

/** Events about a person include those about identities that were merged into theirs. */
async function withMerged(tx: Transaction, { identityId, ...wanted }: AuditFilter): Promise<AuditFilter> {
  if (identityId === undefined) return wanted;
  return { ...wanted, identityIds: [identityId, ...((await tx.repairs.mergedInto([identityId])).get(identityId) ?? [])] };
}

@Resolver(() => AuditEventType)
@Allow('admin', 'auditor')
export class AuditEventResolver {
  @ResolveField(() => IdentityType, { nullable: true, description: 'Person whom the event is about; null: no person.' })
  async identity(@Parent() { identityId }: AuditEventView, @Context() { loaders }: GraphqlContext): Promise<StoredIdentity | null> {
    return identityId === null ? null : loaders.identity.load(identityId);
  }
}

@Resolver(() => ActorType)
@Allow(...readers)
export class ActorResolver {
  @ResolveField(() => String, {
    description: 'Display name of the person, or name of the service token; otherwise the id. For administrators, operators and auditors.',
  })
  async name(@Parent() { id, kind }: Actor, @Context() { loaders }: GraphqlContext): Promise<string> {
    // A command of an operator acts as a service without an id: `npm run token`.
    return kind === 'person' || kind === 'service' ? ((await loadNames(idsIn(id), loaders)).get(id) ?? id) : id;
  }
}
