/** Column that refers to a person. Tables and columns of this list are part of statements: they are constants. */
export interface IdentityReference {
  readonly table: string;
  readonly column: string;
  /** Expression for the key of a row, without personal data. */
  readonly key: string;
  /** Condition on the rows that move when `$1` is merged into `$2`. */
  readonly where: string;
}

/** Columns whose rows go to the identity into which another is merged, in the order in which they move. */
export const MOVED_BY_MERGE: readonly IdentityReference[] = [
  // The operators' record about a person says what was decided about this identity.
  reference('source_record', 'identity_id', `source <> 'operator'`),
  { table: 'login_subject', column: 'identity_id', key: `md5(issuer || '|' || subject)`, where: 'true' },
  // Closed requests are read through the merged identity; those that give access, or may, go on.
  reference('access_request', 'identity_id', `(status = 'open' or exists (select from request_item i where i.request_id = t.id and i.status = 'approved'))`),
  reference('access_request', 'requested_by', `status = 'open'`),
  reference('request_item', 'identity_id', `exists (select from access_request r where r.id = t.request_id and r.identity_id = $2::uuid)`),
  {
    table: 'request_approver',
    column: 'approver_id',
    key: `item_id || '/' || stage`,
    where: `ended_at is null and exists (select from request_item i where i.id = t.item_id and i.status = 'open' and i.identity_id <> $2::uuid)
      and not exists (select from request_approver o where o.item_id = t.item_id and o.stage = t.stage and o.approver_id = $2::uuid)`,
  },
  {
    table: 'request_approver',
    column: 'in_place_of',
    key: `item_id || '/' || stage || '/' || approver_id`,
    where: `ended_at is null and approver_id <> $2::uuid and exists (select from request_item i where i.id = t.item_id and i.status = 'open')`,
  },
  // So that one person counts once: of two answers in one stage, the first stays.
  reference(
    'request_answer',
    'given_by',
    `exists (select from request_item i where i.id = t.item_id and i.status = 'open')
      and not exists (select from request_answer o where o.item_id = t.item_id and o.stage is not distinct from t.stage and o.given_by = $2::uuid)`,
  ),
  reference('delegation', 'from_id', 'revoked_at is null and to_id <> $2::uuid'),
  reference('delegation', 'to_id', 'revoked_at is null and from_id <> $2::uuid'),
  // Cases that a decision about this identity opened close with their cause: their key names it.
  reference(
    'case_file',
    'identity_id',
    `status = 'open' and key not like '%' || $1::text || '%' and key not like 'end-not-confirmed/%'
      and (operation_id is null or exists (select from operation o where o.id = t.operation_id and o.identity_id = $2::uuid))`,
  ),
  reference('case_file', 'owner_id', `status = 'open' and identity_id is distinct from $2::uuid`),
  reference('case_file', 'claimed_by', `status = 'open' and identity_id is distinct from $2::uuid`),
  reference(
    'hold',
    'identity_id',
    `ended_at is null and (kind = 'identity' or exists (select from operation o where o.id = t.operation_id and o.identity_id = $2::uuid))`,
  ),
  // Nobody grants themselves an exception.
  reference('separation_exception', 'identity_id', 'revoked_at is null and ended_with is null and granted_by <> $2::uuid'),
  reference('ignored_findings', 'owner_id', 'ended_at is null'),
  reference('credential', 'identity_id', `kind = 'service-token'`),
  reference('service_token', 'responsible_id', 'true'),
  // Of one thing one notification: a person who gets it already does not get it twice.
  reference(
    'notice_delivery',
    'recipient_id',
    `status = 'waiting' and not exists (select from notice_delivery o where o.key = t.key and o.kind = t.kind and o.channel = t.channel and o.endpoint = t.endpoint
      and o.recipient_id = $2::uuid)`,
  ),
  reference('identity', 'merged_into', 'true'),
  { table: 'urgent_end', column: 'caller', key: 'id::text', where: 'true' },
];

/** Columns whose rows go with an account that moves. */
export const MOVED_WITH_ACCOUNT: readonly (readonly [table: string, column: string])[] = [
  ['operation', 'identity_id'],
  ['finding', 'identity_id'],
];

/** Columns that refer to a person and stay as they are when the identity is merged, with the reason. */
export const STAYS: Readonly<Record<string, string>> = {
  'access_grant.identity_id': 'grants follow from a new decision about both',
  'sponsorship.identity_id': 'the sponsor follows from a new decision',
  'sponsorship.sponsor_id': 'people whose sponsor it was get another one by a new decision: their facts name the sponsor',
  'person_key.identity_id': 'each identity keeps the key that its audit is encrypted with, so that each can be erased',
  'audit_event.identity_id': 'history; it is read with that of the identity that goes on',
  'account_reading.identity_id': 'evidence of a certificate',
  'request_item.reviewed_by': 'history of a decision',
  'separation_exception.granted_by': 'history of a decision',
  'login_confirmation.identity_id': 'confirmations end: each was given for a login of this identity',
  'decision_link.approver_id': 'links end: they were sent to an address of this identity',
  'login_link.identity_id': 'links end: they would bind a login to this identity',
  'notice_choice.identity_id': 'the choice of the identity that goes on counts',
  'wave_member.identity_id': 'a batch run decides about both',
  'batch_item.identity_id': 'plan of a batch change; its record finds its person when it is carried out',
  'outbox.identity_id': 'a signal to a workflow that decides anew',
  'urgent_end.identity_id': 'count of a budget',
  'application_subject.identity_id': 'a name at an application is never given to another identity',
  'application_use.identity_id': 'history of the use of access',
  'repair.identity_id': 'history of a repair',
  'repair.other_id': 'history of a repair',
  'released_user_name.identity_id': 'history of a user name',
};

function reference(table: string, column: string, where: string): IdentityReference {
  return { table, column, key: 'id::text', where };
}
