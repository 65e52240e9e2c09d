import type { Type } from '@nestjs/common';
import { ActorResolver, AuditEventResolver, AuditEventsResolver } from './audit/audit-event.resolver.ts';
import { BatchItemsResolver } from './batches/batch-items.resolver.ts';
import { BatchUndoResolver } from './batches/batch-undo.resolver.ts';
import { CaseResolver } from './cases/case.resolver.ts';
import { CaseChangedResolver } from './cases/case-changed.resolver.ts';
import { OwnCaseResolver } from './cases/own-case.resolver.ts';
import { ConnectionResolver, IdentityProviderHealthResolver, TargetHealthResolver } from './connections/connection.resolver.ts';
import { DelegationResolver } from './approvers/delegation.resolver.ts';
import { PreviewResolver } from './previews/preview.resolver.ts';
import { SeparationViolationResolver } from './separation/separation-violation.resolver.ts';
import { SeparationExceptionResolver } from './separation/separation-exception.resolver.ts';
import { FindingHandlingResolver } from './reconciliation/finding-handling.resolver.ts';
import { IgnoredFindingsResolver } from './reconciliation/ignored-findings.resolver.ts';
import { QuarantinedAccountResolver, QuarantinedAccountsResolver } from './reconciliation/quarantined-account.resolver.ts';
import { FindingResolver, FindingsResolver } from './reconciliation/finding.resolver.ts';
import { ReconciliationRunResolver } from './reconciliation/reconciliation-run.resolver.ts';
import { RepairResolver } from './repairs/repair.resolver.ts';
import { SuspensionPlacedByResolver, SuspensionResolver } from './suspensions/suspension.resolver.ts';
import { IdentitiesResolver, IdentityConnectionResolver } from './identities/identities.resolver.ts';
import { IdentityResolver } from './identities/identity.resolver.ts';
import { IdentityChangedResolver } from './identities/identity-changed.resolver.ts';
import { ReactivationResolver } from './identities/reactivation.resolver.ts';
import { CertificateResolver } from './leavers/certificate.resolver.ts';
import { TerminationResolver } from './leavers/termination.resolver.ts';
import { NotificationChoiceResolver } from './notifications/notification-choice.resolver.ts';
import { AccountResolver } from './accounts/account.resolver.ts';
import { OperationResolver } from './operations/operation.resolver.ts';
import { PlannedDifferenceResolver, PlannedSeparationResolver, PlannedLifeResolver, BatchChangePlanLineResolver } from './policy/example-people.resolver.ts';
import { PolicyResolver } from './policy/policy.resolver.ts';
import { ImportResolver } from './intake/import.resolver.ts';
import { RecordCorrectionResolver } from './intake/record-correction.resolver.ts';
import { RecordFactsResolver } from './intake/record-facts.resolver.ts';
import { BreakGlassResolver } from './requests/break-glass.resolver.ts';
import { RequestResolver } from './requests/request.resolver.ts';
import { RequestableResolver } from './requests/requestable.resolver.ts';
import { LoginResolver } from './login/login.resolver.ts';
import { SessionResolver } from './login/session.resolver.ts';
import { SponsorResolver } from './sponsors/sponsor.resolver.ts';
import { ApplicationResolver, GrantUseResolver, IdentityApplicationsResolver } from './applications/application.resolver.ts';
import { TargetModeResolver, TargetPlanResolver } from './targets/target.resolver.ts';
import { BatchChangeResolver } from './batches/batch-change.resolver.ts';
import { ServiceTokenResolver } from './tokens/service-token.resolver.ts';

/** Resolvers of the whole schema. */
export const resolvers: readonly Type[] = [
  IdentitiesResolver,
  IdentityConnectionResolver,
  IdentityResolver,
  IdentityChangedResolver,
  AccountResolver,
  OperationResolver,
  TerminationResolver,
  CertificateResolver,
  CaseResolver,
  CaseChangedResolver,
  SeparationViolationResolver,
  SeparationExceptionResolver,
  SuspensionResolver,
  SuspensionPlacedByResolver,
  ConnectionResolver,
  TargetHealthResolver,
  IdentityProviderHealthResolver,
  TargetModeResolver,
  TargetPlanResolver,
  ApplicationResolver,
  IdentityApplicationsResolver,
  GrantUseResolver,
  ReconciliationRunResolver,
  RepairResolver,
  FindingsResolver,
  FindingHandlingResolver,
  IgnoredFindingsResolver,
  QuarantinedAccountsResolver,
  QuarantinedAccountResolver,
  FindingResolver,
  OwnCaseResolver,
  AuditEventsResolver,
  AuditEventResolver,
  ActorResolver,
  PreviewResolver,
  PolicyResolver,
  PlannedDifferenceResolver,
  PlannedLifeResolver,
  PlannedSeparationResolver,
  BatchChangePlanLineResolver,
  ReactivationResolver,
  RecordFactsResolver,
  RecordCorrectionResolver,
  ImportResolver,
  RequestResolver,
  RequestableResolver,
  NotificationChoiceResolver,
  BreakGlassResolver,
  BatchChangeResolver,
  BatchItemsResolver,
  BatchUndoResolver,
  DelegationResolver,
  SessionResolver,
  LoginResolver,
  SponsorResolver,
  ServiceTokenResolver,
];
