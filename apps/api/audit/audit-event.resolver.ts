import { Inject } from '@nestjs/common';
import { Args, Int, Query, Resolver } from '@nestjs/graphql';
import type { AuditEvent, Store } from '@tenure/store';
import { Allow } from '../access/allow.ts';
import type { Caller } from '../access/caller.ts';
import { mayReadWordsAbout } from '../access/words-about.ts';
import { storeToken } from '../dependencies.ts';
import { checkedId, type Connection, connectionOf, eventBefore, pageSize } from '../graphql/connection.ts';
import { AuditEventConnection, AuditEventFilter } from './audit-event.type.ts';
import { sentenceOf } from './sentence.ts';

/** An event with its sentence. */
export type AuditEventView = AuditEvent & { readonly sentence: string };

/** @param caller without the reasons that others gave for what they did about the caller; absent: somebody who reads everything */
export function viewEvent(event: AuditEvent, caller?: Pick<Caller, 'id' | 'roles'>): AuditEventView {
  const isOpen = caller === undefined || mayReadWordsAbout(caller, event.identityId, event.actor.kind === 'person' ? event.actor.id : null);
  const shown = isOpen ? event : { ...event, personal: null };
  return { ...shown, sentence: sentenceOf(shown) };
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
    return connectionOf(
      events.map((event) => viewEvent(event)),
      size,
      after,
      ({ at, id }) => [at, id],
    );
  }
}
