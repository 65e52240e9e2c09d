export type { Access, NewAttempt, NewestVersions, OperationAttempt, StoredGrant, StoredVersion } from './access/access.ts';
export type { StoredSettings } from './access/attested-settings.ts';
export type { StoredAccount } from './access/stored-account.ts';
export type { StoredOperation } from './access/stored-operation.ts';
export { describeChange } from './access/access.ts';
export type { ActContext, Actor, Audit, AuditEntry, AuditEvent, AuditFilter } from './audit/audit.ts';
export { type AuditAnchor, anchorLine, anchorValue, type TakenAnchor } from './audit/audit-anchor.ts';
export type { AuditHead } from './audit/audit-heads.ts';
export type { AuditProof, AuditProofSettings } from './audit/verify-audit.ts';
export type { ApplicationPeople, ApplicationUse } from './applications/application-people.ts';
export type { ApplicationRequest, ApplicationRequests } from './applications/application-requests.ts';
export type { ApplicationSession, ApplicationSessions, NewApplicationSession } from './applications/application-sessions.ts';
export type { SessionNode, SessionNotice, SessionTrees } from './login/session-trees.ts';
export type { LogoutNotice, LogoutNoticeResult, LogoutNotices, LogoutNoticeStatus, UnconfirmedLogouts } from './applications/logout-notices.ts';
export type { KeyPurpose, KeyState, NewKey, SigningKeys, StoredKey } from './keys/signing-keys.ts';
export type { Budgets, BudgetUse } from './batches/budgets.ts';
export type { Case, CaseComment, CaseFile, CaseOf, Cases, CaseSelection, NewCase, TendedCase } from './cases/cases.ts';
export type { BatchProblem, CaseKind } from '@tenure/domain';
export type { ConnectionName, Connections, StoredConnection, WaitingForTarget } from './connections/connections.ts';
export type { GroupLeases, GroupMembershipWrite, GroupOfTarget } from './access/group-leases.ts';
export type { Suspensions, StoredSuspension } from './suspensions/suspensions.ts';
export type { Answerer, Inbox, InboxCase, InboxCaseOf, InboxContent, InboxCount, InboxFilter, InboxKind } from './cases/inbox.ts';
export { type Changes, followChanges } from './database/changes.ts';
export type { DecisionLink, DecisionLinks, DecisionQuestion } from './requests/decision-links.ts';
export type {
  BatchItem,
  BatchItems,
  BatchPart,
  BatchTally,
  CarriedOutPerson,
  NewBatchItem,
  PendingRecord,
  PlannedItem,
  SettledItem,
} from './batches/batch-items.ts';
export type { BatchChange, BatchChanges, BatchDecision, BatchPlan } from './batches/batch-changes.ts';
export type { Delegations, StoredDelegation } from './approvers/delegations.ts';
export type { Identities, IdentityFilter, StoredIdentity, StoredRecord } from './identities/identities.ts';
export type { Import, Imports } from './batches/imports.ts';
export { listen, type Listener } from './database/listen.ts';
export type { LoginLink, LoginLinks } from './login/login-links.ts';
export type { KeysOfLogin, LoginSubject, PendingLogin, SettledBy, SettledLogin } from './login/login-subject.ts';
export type { AnsweredLogin, BoundSubject, Logins, RepeatedLogin } from './login/logins.ts';
export { mustBeMigrated } from './database/must-be-migrated.ts';
export { migrate, openStore, type Store, type StoreSettings, type Transaction, unstorableText } from './open-store.ts';
export type { ApprovalNotifications, Delivery, NewDelivery, Notifications, Receiver, UnplannedNotification } from './notifications/notifications.ts';
export type { Observations, StoredObservation, WithoutEffect } from './observations/observations.ts';
export type { Finding, FindingCount, FindingFilter, Findings } from './reconciliation/findings.ts';
export type { FindingCauses, RestoredFindings } from './reconciliation/finding-causes.ts';
export type { AccountSigns, ListedAccount, OwnerRow, Signs, UsedAccount } from './reconciliation/signs.ts';
export type { TargetPaces } from './reconciliation/target-pace.ts';
export type { IgnoredFindings, IgnoringOfFindings } from './reconciliation/ignored-findings.ts';
export type { NewQuarantine, QuarantinedAccount, QuarantinedAccounts, QuarantineFilter } from './reconciliation/quarantined-accounts.ts';
export type { AnsweredLook, Looks, StoredLook } from './reconciliation/looks.ts';
export {
  type ReconciliationRun,
  type ReconciliationRuns,
  RUN_TRIGGERS,
  type RunPage,
  type RunProgress,
  type RunResult,
  type RunTrigger,
} from './reconciliation/runs.ts';
export type { NewTargetMode, StoredTargetMode, TargetModes } from './targets/target-modes.ts';
export { mostUnproven, type UnprovenAccounts } from './reconciliation/unproven-accounts.ts';
export type { JoinedRow } from './reconciliation/joined-row.ts';
export type { ReconciledAccount, ReconciledAccounts } from './reconciliation/reconciled-accounts.ts';
export type { StagedMembership, StagedRow, Staging } from './reconciliation/staging.ts';
export type { ReleasedUserName, Repairs, StoredRepair } from './repairs/repairs.ts';
export { MOVED_BY_MERGE, MOVED_WITH_ACCOUNT, STAYS } from './repairs/identity-references.ts';
export type { SharedRefusals, StoredRefusal } from './access/shared-refusals.ts';
export type { Outbox, OutboxMessage, OutboxQueue } from './outbox/outbox.ts';
export { type Pulse, TIMED, type Timed, timerAllowance } from './upkeep/pulse.ts';
export type { Candidate, RecordKey, Records, Wanted } from './identities/records.ts';
export type { Trigger } from '@tenure/domain';
export type { AccessRequest, RequestAnswer, RequestApprover, RequestItem, RequestItemStatus, Requests, WholeRequest } from './requests/requests.ts';
export type { Sponsorship, Sponsorships } from './identities/sponsorships.ts';
export type { ExceptionInForce, SeparationExceptions, StoredSeparationException } from './separation/separation-exceptions.ts';
export { createSigner, type Signer, type VerificationKey } from './audit/signer.ts';
export type { Reading, Readings } from './observations/readings.ts';
export { type Credential, type CredentialKind, type EndedCredential, endOf, isUseToNote } from './tokens/credentials.ts';
export { hashToken } from './tokens/hash-token.ts';
export { type NewServiceToken, type ServiceToken, tokenEndingKey } from './tokens/service-tokens.ts';
export type { LoginRequest, Session, SessionBounds, Sessions } from './login/sessions.ts';
export { createVault, type Vault } from './audit/vault.ts';
export type { AccountInUse, AccountsThatMatter, People, PersonToAsk, PeopleChanges, Person } from './identities/people.ts';
export type { ClaimedAccount } from './access/claimed-account.ts';
export type { BatchRun, BatchMember, BatchRange, BatchRuns } from './batches/batch-runs.ts';
export { EXPIRING_ROWS, type ExpiringRows } from './upkeep/expiring-rows.ts';
export { TABLE_BOUNDS } from './upkeep/table-bounds.ts';
export type { Upkeep } from './upkeep/upkeep.ts';
export type { UrgentEnds } from './identities/urgent-ends.ts';
export { mustBeSupported } from './database/must-be-supported.ts';
