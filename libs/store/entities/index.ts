import { AccountRow, CaseCommentRow, CaseRow, GrantRow, OperationAttemptRow, OperationRow, PolicyVersionRow } from './access.ts';
import { AuditEventRow, AuditLaneRow, AuditSealRow } from './audit.ts';
import { ConnectionCheckRow, SourceContactRow } from './connections.ts';
import { DelegationRow } from './delegations.ts';
import { HoldRow } from './holds.ts';
import { AccountReadingRow } from './leavers.ts';
import { MembershipShownRow, ObservationRow } from './observations.ts';
import { DecisionLinkRow, NoticeChoiceRow, NoticeDeliveryRow, NoticeReceiverRow, NoticeRow } from './notices.ts';
import { IdentityRow, LoginConfirmationRow, LoginLinkRow, LoginSubjectRow, PersonKeyRow, SourceRecordRow } from './people.ts';
import { ConsumedAssertionRow, LoginRequestRow, OutboxRow } from './process.ts';
import { AccessRequestRow, RequestAnswerRow, RequestApproverRow, RequestItemRow } from './requests.ts';
import { SeparationExceptionRow } from './separation-exceptions.ts';
import { BatchItemRow, BudgetUseRow, ImportSeenRow, WaveMemberRow, WaveRow } from './waves.ts';

/** The tables of Tenure that the ORM reads; credentials and what else is read by statements alone are not among them. */
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
  HoldRow,
  ConnectionCheckRow,
  SourceContactRow,
  OutboxRow,
  WaveRow,
  WaveMemberRow,
  BatchItemRow,
  ImportSeenRow,
  BudgetUseRow,
  AccessRequestRow,
  RequestItemRow,
  RequestApproverRow,
  RequestAnswerRow,
  NoticeRow,
  NoticeDeliveryRow,
  NoticeReceiverRow,
  NoticeChoiceRow,
  DecisionLinkRow,
  DelegationRow,
  SeparationExceptionRow,
  LoginRequestRow,
  ConsumedAssertionRow,
  AuditLaneRow,
  AuditSealRow,
  AuditEventRow,
];
