import { AccountRow, GrantRow, OperationAttemptRow, OperationRow, PolicyVersionRow } from '../access/entities.ts';
import { AuditEventRow, AuditLaneRow, AuditSealRow } from '../audit/entities.ts';
import { ConnectionCheckRow, SourceContactRow } from '../connections/entities.ts';
import { DelegationRow } from '../approvers/entities.ts';
import { SuspensionRow } from '../suspensions/entities.ts';
import { AccountReadingRow } from '../observations/reading-entity.ts';
import { MembershipShownRow, ObservationRow } from '../observations/entities.ts';
import { NotificationChoiceRow, NotificationDeliveryRow, NotificationReceiverRow, NotificationRow } from '../notifications/entities.ts';
import { IdentityRow, LoginConfirmationRow, LoginLinkRow, LoginSubjectRow, PersonKeyRow, SourceRecordRow } from '../identities/entities.ts';
import { OutboxRow } from '../outbox/entities.ts';
import { AccessRequestRow, RequestAnswerRow, RequestApproverRow, RequestItemRow } from '../requests/entities.ts';
import { SeparationExceptionRow } from '../separation/entities.ts';
import { BatchItemRow, BudgetUseRow, ImportSeenRow, BatchMemberRow, BatchRow } from '../batches/entities.ts';
import { CaseCommentRow, CaseRow } from '../cases/entities.ts';
import { DecisionLinkRow } from '../requests/decision-link-entity.ts';
import { ConsumedAssertionRow, LoginRequestRow } from '../login/entities.ts';

/** Tables of Tenure that the ORM reads; those that only statements read, such as credentials, are not among them. */
export const entities = [
  IdentityRow,
  SourceRecordRow,
  LoginSubjectRow,
  LoginConfirmationRow,
  LoginLinkRow,
  PersonKeyRow,
  PolicyVersionRow,
  GrantRow,
  AccountRow,
  OperationRow,
  OperationAttemptRow,
  AccountReadingRow,
  ObservationRow,
  MembershipShownRow,
  CaseRow,
  CaseCommentRow,
  SuspensionRow,
  ConnectionCheckRow,
  SourceContactRow,
  OutboxRow,
  BatchRow,
  BatchMemberRow,
  BatchItemRow,
  ImportSeenRow,
  BudgetUseRow,
  AccessRequestRow,
  RequestItemRow,
  RequestApproverRow,
  RequestAnswerRow,
  NotificationRow,
  NotificationDeliveryRow,
  NotificationReceiverRow,
  NotificationChoiceRow,
  DecisionLinkRow,
  DelegationRow,
  SeparationExceptionRow,
  LoginRequestRow,
  ConsumedAssertionRow,
  AuditLaneRow,
  AuditSealRow,
  AuditEventRow,
];
