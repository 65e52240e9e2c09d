import { InputInvalid } from '@tenure/domain';
import type { Answerer, InboxFilter, InboxKind } from '@tenure/store';
import { readers } from '../../access/allow.ts';
import type { Caller } from '@tenure/engine/callers';
import { checkedId } from '../connection.ts';
import type { CaseFilter } from './case.type.ts';

/** Maximum number of characters of a text to look for. */
const longestText = 200;

/** Cases that a filter selects. A caller who may not read everything gets only those that they may answer. @throws InputInvalid */
export function wantedCases(filter: CaseFilter | null, caller: Caller, answerer: Answerer, now: string): InboxFilter {
  const { status, kind, kinds, identityId, target, ownerId, mine, claimedByMe, claimed, overdue, escalated, text } = filter ?? {};
  if ((text ?? '').length > longestText) throw new InputInvalid(`filter.text has at most ${longestText} characters`);
  const isReader = readers.some((role) => caller.roles.has(role));
  const wanted = [...(kind == null ? [] : [kind]), ...(kinds ?? [])];
  return {
    ...(status == null ? {} : { status }),
    ...(kind == null && kinds == null ? {} : { kinds: wanted as readonly InboxKind[] }),
    ...(identityId == null ? {} : { identityId: checkedId('filter.identityId', identityId) }),
    ...(target == null ? {} : { target }),
    ...(ownerId == null ? {} : { ownerId: checkedId('filter.ownerId', ownerId) }),
    ...(claimedByMe === true ? { claimedBy: caller.id } : {}),
    ...(claimed == null ? {} : { isClaimed: claimed }),
    ...(overdue === true ? { overdueAt: now } : {}),
    ...(escalated == null ? {} : { isEscalated: escalated }),
    ...(text?.trim() ? { text: text.trim() } : {}),
    ...(mine === true || !isReader ? { for: answerer } : {}),
  };
}
