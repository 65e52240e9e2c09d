import { Inject } from '@nestjs/common';
import { Args, Int, Query, Resolver } from '@nestjs/graphql';
import type { AuditEvent, Store } from '@tenure/store';
import { Allow } from '../access/allow.ts';
import { storeToken } from '../dependencies.ts';
import { checkedId, type Connection, connectionOf, eventBefore, pageSize } from '../graphql/connection.ts';
import { AuditEventConnection, AuditEventFilter } from './audit-event.type.ts';
import { sentenceOf } from './sentence.ts';

/** An event with its sentence. */
export type AuditEventView = AuditEvent & { readonly sentence: string };

export function viewEvent(event: AuditEvent): AuditEventView {
  return { ...event, sentence: sentenceOf(event) };
}

@Resolver()
export class AuditEventResolver {
  constructor(@Inject(storeToken) private readonly store: Store) {}

  @Query(() => AuditEventConnection, { description: 'What happened, the newest first.' })
  @Allow('admin', 'auditor')
  async auditEvents(
    @Args('filter', { type: () => AuditEventFilter, nullable: true }) filter: AuditEventFilter | null,
    @Args('first', { type: () => Int, defaultValue: 25 }) first: number,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
  ): Promise<Connection<AuditEventView>> {
    const size = pageSize(first);
    const { identityId, subjectId, action, correlationId } = filter ?? {};
    const wanted = {
      ...(identityId == null ? {} : { identityId: checkedId(identityId) }),
      ...(subjectId == null ? {} : { subjectId }),
      ...(action == null ? {} : { action }),
      ...(correlationId == null ? {} : { correlationId }),
    };
    const events = await this.store.read((tx) => tx.audit.page(wanted, size + 1, eventBefore(after)));
    return connectionOf(events.map(viewEvent), size, after, ({ at, id }) => [at, id]);
  }
}
