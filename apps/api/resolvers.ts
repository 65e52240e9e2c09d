import type { Type } from '@nestjs/common';
import { ActorResolver, AuditEventResolver, AuditEventsResolver } from './audit/audit-event.resolver.ts';
import { BatchItemsResolver } from './batches/batch-items.resolver.ts';
import { CaseResolver } from './cases/case.resolver.ts';
import { CaseChangedResolver } from './cases/case-changed.resolver.ts';
import { OwnCaseResolver } from './cases/own-case.resolver.ts';
import { ConnectionResolver, IdentityProviderHealthResolver, TargetHealthResolver } from './connections/connection.resolver.ts';
import { DelegationResolver } from './delegations/delegation.resolver.ts';
import { ForesightResolver } from './foresight/foresight.resolver.ts';
import { SeparationViolationResolver } from './cases/separation-violation.resolver.ts';
import { SeparationExceptionResolver } from './cases/separation-exception.resolver.ts';
import { FindingResolver, FindingsResolver } from './graphql/reconciliation/finding.resolver.ts';
import { ReconciliationRunResolver } from './graphql/reconciliation/reconciliation-run.resolver.ts';
import { HoldPlacedByResolver, HoldResolver } from './holds/hold.resolver.ts';
import { IdentitiesResolver, IdentityConnectionResolver } from './identities/identities.resolver.ts';
import { IdentityResolver } from './identities/identity.resolver.ts';
import { IdentityChangedResolver } from './identities/identity-changed.resolver.ts';
import { ReactivationResolver } from './identities/reactivation.resolver.ts';
import { CertificateResolver } from './leavers/certificate.resolver.ts';
import { TerminationResolver } from './leavers/termination.resolver.ts';
import { NoticeChoiceResolver } from './notices/notice-choice.resolver.ts';
import { AccountResolver } from './accounts/account.resolver.ts';
import { OperationResolver } from './operations/operation.resolver.ts';
import { PlannedDifferenceResolver, PlannedHoldResolver, PlannedLifeResolver, WavePlanLineResolver } from './policies/example-people.resolver.ts';
import { PolicyResolver } from './policies/policy.resolver.ts';
import { ImportResolver } from './records/import.resolver.ts';
import { RecordCorrectionResolver } from './records/record-correction.resolver.ts';
import { RecordFactsResolver } from './records/record-facts.resolver.ts';
import { EmergencyResolver } from './requests/emergency.resolver.ts';
import { RequestResolver } from './requests/request.resolver.ts';
import { RequestableResolver } from './requests/requestable.resolver.ts';
import { LoginResolver } from './logins/login.resolver.ts';
import { SessionResolver } from './sessions/session.resolver.ts';
import { SponsorResolver } from './sponsors/sponsor.resolver.ts';
import { WaveResolver } from './waves/wave.resolver.ts';
import { ServiceTokenResolver } from './tokens/service-token.resolver.ts';

/** Everything that GraphQL answers with. */
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
  HoldResolver,
  HoldPlacedByResolver,
  ConnectionResolver,
  TargetHealthResolver,
  IdentityProviderHealthResolver,
  ReconciliationRunResolver,
  FindingsResolver,
  FindingResolver,
  OwnCaseResolver,
  AuditEventsResolver,
  AuditEventResolver,
  ActorResolver,
  ForesightResolver,
  PolicyResolver,
  PlannedDifferenceResolver,
  PlannedLifeResolver,
  PlannedHoldResolver,
  WavePlanLineResolver,
  ReactivationResolver,
  RecordFactsResolver,
  RecordCorrectionResolver,
  ImportResolver,
  RequestResolver,
  RequestableResolver,
  NoticeChoiceResolver,
  EmergencyResolver,
  WaveResolver,
  BatchItemsResolver,
  DelegationResolver,
  SessionResolver,
  LoginResolver,
  SponsorResolver,
  ServiceTokenResolver,
];
