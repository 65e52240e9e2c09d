import type { RepairPlan } from '@tenure/domain';
import type { Actor, StoredRepair } from '@tenure/store';
import type { RepairPlanType, RepairType } from './repair.type.ts';

/** Names of what moves, by column. */
const kinds: Readonly<Record<string, string>> = {
  'source_record.identity_id': 'records',
  'login_subject.identity_id': 'logins',
  'access_request.identity_id': 'requests',
  'access_request.requested_by': 'requests-made',
  'request_item.identity_id': 'request-items',
  'request_approver.approver_id': 'approvals',
  'request_approver.in_place_of': 'approvals-by-deputies',
  'request_answer.given_by': 'answers',
  'delegation.from_id': 'delegations-given',
  'delegation.to_id': 'delegations-received',
  'case_file.identity_id': 'cases',
  'case_file.owner_id': 'cases-owned',
  'case_file.claimed_by': 'cases-claimed',
  'hold.identity_id': 'suspensions',
  'separation_exception.identity_id': 'separation-exceptions',
  'ignored_findings.owner_id': 'ignored-findings',
  'credential.identity_id': 'service-tokens',
  'service_token.responsible_id': 'service-tokens-cared-for',
  'notice_delivery.recipient_id': 'notifications',
  'identity.merged_into': 'merged-identities',
  'urgent_end.caller': 'urgent-ends',
  'account.identity_id': 'accounts',
};

/** The plan as clients see it. */
export function viewPlan({ moved, ...plan }: RepairPlan): RepairPlanType {
  return { ...plan, moved: Object.entries(moved).map(([column, count]) => ({ kind: kinds[column] ?? column, count })) };
}

/** The repair as clients see it. */
export function viewRepair({ plan, requestedBy, decidedBy, undoneBy, ...repair }: StoredRepair): RepairType {
  return {
    ...repair,
    plan: viewPlan(plan),
    requestedBy: actor(requestedBy),
    decidedBy: decidedBy === null ? null : actor(decidedBy),
    undoneBy: undoneBy === null ? null : actor(undoneBy),
  };
}

function actor(by: string): Actor {
  const [kind = 'service', ...id] = by.split(' ');
  return { kind: kind as Actor['kind'], id: id.join(' ') };
}
