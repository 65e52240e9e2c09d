import { AccountRow, CaseRow, GrantRow, OperationAttemptRow, OperationRow, PolicyVersionRow } from './access.ts';
import { AuditEventRow, AuditLaneRow } from './audit.ts';
import { DelegationRow } from './delegations.ts';
import { AccountReadingRow } from './leavers.ts';
import { IdentityRow, LoginSubjectRow, PersonKeyRow, SourceRecordRow } from './people.ts';
import { ConsumedAssertionRow, LoginRequestRow, OutboxRow, ServiceTokenRow, SessionRow } from './process.ts';
import { AccessRequestRow, RequestAnswerRow, RequestApproverRow, RequestItemRow } from './requests.ts';
import { WaveMemberRow, WaveRow } from './waves.ts';

/** Every table of Tenure. */
export const entities = [
  IdentityRow,
  SourceRecordRow,
  LoginSubjectRow,
  PersonKeyRow,
  PolicyVersionRow,
  GrantRow,
  AccountRow,
  OperationRow,
  OperationAttemptRow,
  AccountReadingRow,
  CaseRow,
  OutboxRow,
  WaveRow,
  WaveMemberRow,
  AccessRequestRow,
  RequestItemRow,
  RequestApproverRow,
  RequestAnswerRow,
  DelegationRow,
  SessionRow,
  ServiceTokenRow,
  LoginRequestRow,
  ConsumedAssertionRow,
  AuditLaneRow,
  AuditEventRow,
];
