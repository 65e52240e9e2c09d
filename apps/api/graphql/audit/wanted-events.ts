import { auditActions, InputInvalid, isAuditAction, mustExist } from '@tenure/domain';
import type { Actor, AuditFilter } from '@tenure/store';
import { checkedId } from '../connection.ts';
import type { AuditEventFilter } from './audit-event.type.ts';

/** @throws InputInvalid when an action does not exist, or the time ends before it begins */
export function wantedEvents(filter: AuditEventFilter | null): AuditFilter {
  const { identityId, subjectId, action, correlationId, actorKind, actorId, from, until } = filter ?? {};
  if (action != null && !isAuditAction(action)) mustExist('filter.action', 'action', action, auditActions());
  if (from != null && until != null && until <= from) throw new InputInvalid('filter.until must be later than filter.from');
  return {
    ...(identityId == null ? {} : { identityId: checkedId('filter.identityId', identityId) }),
    ...(subjectId == null ? {} : { subjectId }),
    ...(action == null ? {} : { action }),
    ...(correlationId == null ? {} : { correlationId }),
    ...(actorKind == null ? {} : { actorKind: actorKind as Actor['kind'] }),
    ...(actorId == null ? {} : { actorId }),
    ...(from == null ? {} : { from }),
    ...(until == null ? {} : { until }),
  };
}
