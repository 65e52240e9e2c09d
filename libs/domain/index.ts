export { type AuditContent, auditContent, type NewAuditContent, newAuditContent, reasonOf, sentenceOfEvent } from './audit/audit-event.ts';
export type { AccountAction, AuditAction, AuditReasons, Justification, OperationReason, StoredReason } from './audit/audit-reasons.ts';
export { auditActions, isAuditAction } from './audit/sentences.ts';
export type { EndRefusal } from './lifecycle/end-refusal.ts';
export * from './accounts/account.ts';
export {
  type AcceptedChange,
  type AcceptedWrites,
  afterChange,
  type GivenMembership,
  inGroup,
  NOTHING_ACCEPTED,
  withDesired,
} from './accounts/accepted-writes.ts';
export {
  type Conclusion,
  type ConclusionQuestion,
  type ConclusionStatus,
  conclude,
  EQUAL_READINGS,
  READINGS_SPREAD,
  untilNextReading,
} from './accounts/conclude.ts';
export {
  type Aspect,
  ASPECTS,
  MEMBERSHIP_EVIDENCE,
  type MembershipEvidence,
  type MembershipQuestion,
  type MembershipSighting,
  type Observation,
  type Verdict,
  VERDICTS,
  verdictOf,
} from './accounts/observation.ts';
export { openedRoles, type TokenMaker, tokenMayLastUntil } from './tokens/opened-roles.ts';
export { type CompiledMapping, compileMapping, evaluateMapping } from './accounts/account-mapping.ts';
export { canonicalValue, changedAttributes, ruleOf, sameValue } from './accounts/account-values.ts';
export type { Adoption } from './accounts/adoption.ts';
export { whyNeverAdopting } from './accounts/decide-adoption.ts';
export { isInDomains, type SourceTrust, type TrustBySource, type VouchedRecord, type Vouching } from './accounts/vouching.ts';
export { adopts, whyNotAdopted } from './accounts/adopts.ts';
export type { BatchOrigin, KeptAccess, UndoOrigin } from './batches/batch-origin.ts';
export type { BatchProblem } from './batches/batch-problem.ts';
export {
  BATCH_ITEM_RESULTS,
  type BatchItemResult,
  FALL_AWAY_REASONS,
  type FallAwayReason,
  type ItemState,
  itemState,
  NOBODY,
  type PersonChange,
  type RecordState,
} from './batches/batch-item.ts';
export {
  type ChangeBudget,
  DEFAULT_LIMITS,
  DEFAULT_URGENT_ENDS,
  DEFAULT_WINDOW,
  IN_ALL,
  LOSING_KINDS,
  BATCH_CHANGE_KINDS,
  type BatchChangeKind,
  type ChangeLimit,
  type ChangeLimits,
} from './batches/change-budget.ts';
export { countKey, countPeople, type EvaluatedCount, evaluateBatch, mayBeOver, type PersonInBatch, type ChangeCount } from './batches/evaluate-batch.ts';
export { type CountedChange, countedChanges, type DecidedState } from './batches/counted-changes.ts';
export { checkFacts, type FactProblem } from './identity/check-facts.ts';
export { checkPolicy, type PolicyContext, TENURE_ROLES, TENURE_TARGET } from './policy/check-policy.ts';
export { checkSeparationOfDuties, type SeparationException, type SeparationViolation } from './separation/check-separation-of-duties.ts';
export type { LoginDoubt, LoginObjection, Objection, SubjectChange, WhyAmbiguous } from './cases/ambiguity.ts';
export type { CaseContent, CaseEvidence, NewCaseContent, StoredEvidence } from './cases/case-evidence.ts';
export { CASE_KINDS, type CaseKind } from './cases/case-kind.ts';
export { caseOwner } from './cases/case-owner.ts';
export { CASE_RESOLUTIONS, type CaseResolution, resolutionOf } from './cases/case-resolution.ts';
export { CLOSES_BY } from './cases/closes-by.ts';
export { shownEvidence } from './cases/shown-evidence.ts';
export type { CaseRule } from './cases/case-rule.ts';
export { type CaseTerms, caseTerms } from './cases/case-terms.ts';
export { type CaseProgress, type CaseStep, nextCaseStep } from './cases/next-case-step.ts';
export { type Claims, type ClaimsMapping, claimHolds, claimText, compileClaims, statesExactly } from './login/claims.ts';
export { firstNo, type LoginCheck, mustPass } from './login/login-check.ts';
export { type LoginDemands, NOTHING_STATED, type SourceDetails, type SourceFacts } from './login/login-demands.ts';
export { LOGIN_REFUSALS, type LoginRefusal } from './login/login-refusal.ts';
export { mayState } from './identity/stated-facts.ts';
export {
  type AbsentClaims,
  claimsReadBy,
  compileLoginMapping,
  compileUserType,
  type LeftOut,
  type LoginClaims,
  type LoginMapping,
  readLoginClaims,
} from './login/login-claims.ts';
export { type AccessComparison, type AccessDifference, compareAccess } from './access/compare-access.ts';
export { compilePolicy, type Policy } from './policy/compile-policy.ts';
export {
  CONNECTION_KINDS,
  CONNECTION_STEPS,
  type ConnectionCheck,
  type ConnectionFailure,
  type ConnectionKind,
  type ConnectionLimit,
  type ConnectionStep,
  failedAt,
  failureOf,
  type KnownSteps,
  passed,
  type StepResult,
} from './connections/connection-check.ts';
export { type ContractEnding, contractEnding } from './lifecycle/contract-ending.ts';
export {
  addDuration,
  durationToMilliseconds,
  earliest,
  endOfDay,
  instantOf,
  isDate,
  isDuration,
  isTimeZone,
  nextTimeOfDay,
  parseInstant,
  subtractDuration,
  toInstant,
} from './time/dates.ts';
export { type AccessDecision, type AccessQuestion, decideAccess, type Memory } from './access/decide-access.ts';
export { deriveLifecycle } from './lifecycle/derive-lifecycle.ts';
export { type AccountsQuestion, desiredAccounts } from './accounts/desired-accounts.ts';
export { type EndedWith, endOfTime, isSameTime } from './lifecycle/ended-with.ts';
export * from './errors.ts';
export { evaluatePolicy, type PolicyAnswer, type PolicyQuestion } from './policy/evaluate-policy.ts';
export type { ExpressionEnvironment } from './expressions/expression-environment.ts';
export { ExpressionRefused } from './expressions/expression-rules.ts';
export { checkExpression, compileExpression, type Evaluated, type Expression, type ExpressionType } from './expressions/expressions.ts';
export * from './identity/facts.ts';
export { grantsAt } from './access/grants-at.ts';
export type { Inactivity } from './lifecycle/inactivity.ts';
export {
  type DueChange,
  endsAccess,
  type Suspension,
  SUSPENSION_KINDS,
  type SuspensionKind,
  suspensionOf,
  isTargetSuspended,
} from './suspensions/suspension.ts';
export { BUILT_IN_ATTRIBUTES } from './identity/identity-facts.ts';
export * from './lifecycle/lifecycle.ts';
export type { Stage } from './lifecycle/stage.ts';
export { lookAgainAt, type LookAgainQuestion, readUnseenAt } from './lifecycle/look-again.ts';
export { isMailAddress } from './notifications/mail-address.ts';
export { type MergeInput, mergeFacts } from './identity/merge-facts.ts';
export { displayName } from './identity/display-name.ts';
export { grantedUntil } from './access/granted-until.ts';
export { didYouMean, nearestName } from './text/nearest-name.ts';
export { type MissingFacts, missingFacts } from './identity/missing-facts.ts';
export { nextWakeUp } from './lifecycle/next-wake-up.ts';
export * from './notifications/notification.ts';
export { mayMove, OPERATION_MOVES } from './accounts/operation.ts';
export { planAccount, type PlanScope } from './accounts/plan-account.ts';
export { disprovedBy, sharedRefusal } from './accounts/shared-refusal.ts';
export { isStillPlanned, sameChange, withoutStopped } from './accounts/stopped-changes.ts';
export { managedEntitlements, planChanges, type TargetPlan } from './accounts/plan-changes.ts';
export { foldCase, hasControlCharacters, isPlainText, normalText } from './text/plain-text.ts';
export * from './policy/policy.ts';
export { pathText, PolicyInvalid, type PolicyProblem } from './policy/policy-invalid.ts';
export { readForActivityAt, reportedActivity } from './lifecycle/reported-activity.ts';
export { isCalledOff, relationshipBounds, type Span, spans } from './identity/relationship.ts';
export { RETENTION, RETENTION_KINDS, type Retention, type RetentionKind } from './time/retention.ts';
export type { AskedException } from './requests/asked-exception.ts';
export { DELEGATED_KINDS, type DelegatedKind, type Delegation, delegationLine, isDelegated, nextHandOver } from './requests/delegation.ts';
export { type ItemProgress, type ItemStep, type ItemVote, nextStep, placesOf } from './requests/next-step.ts';
export { type BreakGlassEvaluation, endOf, evaluateBreakGlass, evaluateRequest, type RequestEvaluation, conflictsOfKept } from './requests/evaluate-request.ts';
export { type AccessName, mayAsk, mayBreakGlass, offered } from './requests/may-ask.ts';
export type * from './requests/request-policy.ts';
export * from './repairs/repair.ts';
export type { RequestedAccess } from './requests/requested-access.ts';
export { type RequestRefusal, RequestRefused } from './requests/request-refused.ts';
export {
  compileSqlStatement,
  replaceNames,
  isKeptWhenAbsent,
  type ParameterisedStatement,
  SQL_STATEMENT_NAMES,
  type SqlStatement,
  StatementInvalid,
} from './accounts/sql-statement.ts';
export { reportedEnd } from './lifecycle/termination.ts';
export { addWorkingTime, dueAfter, isWorkingDuration, WEEKDAYS, type Weekday, type WorkingCalendar } from './time/working-time.ts';
export { checkedReason } from './text/checked-reason.ts';
export { mustExist } from './text/must-exist.ts';
export type { Trigger } from './lifecycle/lifecycle.ts';
export { type ConcludedFindings, concludeFindings } from './reconciliation/concluded-findings.ts';
export { type DifferenceScope, differencesOf, isOver, type JoinedAccount, type KnownAccount, type StagedAccount } from './reconciliation/differences-of.ts';
export {
  type AccountKeys,
  type AccountOwner,
  keyAttributes,
  type KeyHolder,
  keyText,
  type OwnerSearch,
  searchOwners,
} from './reconciliation/account-owner.ts';
export { type AccountUse, type Dormancy, dormancyOf } from './reconciliation/dormancy.ts';
export { type Difference, FINDING_KINDS, type FindingCause, type FindingEvidence, type FindingKind } from './reconciliation/finding.ts';
export { matchesGroups } from './reconciliation/group-patterns.ts';
export { type QuietHours, quietUntil } from './reconciliation/quiet-hours.ts';
export { type ChangedAccount, isRebuilt, type OlderAccounts, type RestoredTarget, restoredSince } from './reconciliation/restored-target.ts';
export { type CorrectableFinding, type CorrectionItem, correctionItems, correctionsOf, isCorrectable } from './reconciliation/correction-items.ts';
export {
  FINDING_HANDLINGS,
  type FindingHandling,
  type FindingHandlings,
  HANDLED_KINDS,
  handlingOf,
  handlingsOf,
  whyNotHandled,
} from './reconciliation/finding-handling.ts';
export { type AccountFacts, NOT_NOBODYS, type NotNobodys, whyNotNobodys } from './reconciliation/why-not-nobodys.ts';
export { ADOPTION_STATES, type AdoptionObjection, type AdoptionState, type RequestedAdoption } from './reconciliation/requested-adoption.ts';
export { ruleYaml, type SharedCondition, sharedConditions, type SharedFacts } from './reconciliation/rule-proposal.ts';
export { QUARANTINE_STATES, type QuarantineState } from './reconciliation/quarantine-state.ts';
export {
  type EvaluatedReading,
  evaluateReading,
  provesAbsence,
  provesPresence,
  READING_REASONS,
  READING_VERDICTS,
  type ReadingProof,
  type ReadingReason,
  type ReadingVerdict,
} from './reconciliation/reading-verdict.ts';
export { type ListedQuestion, listedAccount } from './reconciliation/listed-account.ts';
export { countedInTarget } from './batches/counted-in-target.ts';
export { type FirstContact, firstMode, MODE_REASONS, type ModeReason, TARGET_MODES, type TargetMode } from './targets/target-mode.ts';
export { stageAccount } from './reconciliation/stage-account.ts';
export { type ApplicationMapping, type CompiledApplication, compileApplication } from './applications/compile-application.ts';
export { decideEntry, type EntryDecision, type EntryQuestion, type EntryRefusal, type ReleasedClaims } from './applications/decide-entry.ts';
export { lettingEntitlements } from './applications/letting-entitlements.ts';
