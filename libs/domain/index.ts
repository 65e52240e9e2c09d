export { type AuditContent, auditContent, type NewAuditContent, newAuditContent, reasonOf, sentenceOfEvent } from './audit/audit-event.ts';
export type { AccountAction, AuditAction, AuditReasons, Justification, OperationReason, StoredReason } from './audit/audit-reasons.ts';
export { auditActions, isAuditAction } from './audit/sentences.ts';
export type { EndRefusal } from './end-refusal.ts';
export * from './account.ts';
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
export { openedRoles, type TokenMaker, tokenMayLastUntil } from './credentials/opened-roles.ts';
export { type CompiledMapping, compileMapping, evaluateMapping } from './account-mapping.ts';
export { canonicalValue, changedAttributes, ruleOf, sameValue } from './account-values.ts';
export type { Adoption } from './accounts/adoption.ts';
export { whyNeverAdopting } from './accounts/decide-adoption.ts';
export { isInDomains, type SourceTrust, type TrustBySource, type VouchedRecord, type Vouching } from './accounts/vouching.ts';
export { adopts, whyNotAdopted } from './adopts.ts';
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
  WAVE_CHANGE_KINDS,
  type WaveChangeKind,
  type WaveLimit,
  type WaveLimits,
} from './budget/change-budget.ts';
export { countKey, countWave, type JudgedCount, judgeWave, mayBeOver, type PersonInWave, type WaveCount } from './budget/judge-wave.ts';
export { type WaveChange, waveChanges, type WaveStanding } from './budget/wave-changes.ts';
export { checkFacts, type FactProblem } from './check-facts.ts';
export { checkPolicy, type PolicyContext, TENURE_ROLES, TENURE_TARGET } from './check-policy.ts';
export { checkSeparationOfDuties, type SeparationException, type SeparationViolation } from './check-separation-of-duties.ts';
export type { LoginDoubt, LoginObjection, Objection, SubjectChange, WhyAmbiguous } from './cases/ambiguity.ts';
export type { CaseContent, CaseEvidence, NewCaseContent, StoredEvidence } from './cases/case-evidence.ts';
export { CASE_KINDS, type CaseKind } from './cases/case-kind.ts';
export { caseOwner } from './cases/case-owner.ts';
export { CLOSES_BY } from './cases/closes-by.ts';
export type { CaseRule } from './cases/case-rule.ts';
export { type CaseTerms, caseTerms } from './cases/case-terms.ts';
export { type CaseProgress, type CaseStep, nextCaseStep } from './cases/next-case-step.ts';
export { type Claims, type ClaimsMapping, claimHolds, claimText, compileClaims, statesExactly } from './claims.ts';
export { LOGIN_REFUSALS, type LoginRefusal } from './login-refusal.ts';
export { mayState } from './stated-facts.ts';
export { type AbsentClaims, claimsReadBy, type LeftOut, type LoginClaims, type LoginMapping, readLoginClaims } from './login-claims.ts';
export { type AccessComparison, type AccessDifference, compareAccess } from './compare-access.ts';
export { compilePolicy, type Policy } from './compile-policy.ts';
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
export { type ContractEnding, contractEnding } from './contract-ending.ts';
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
} from './dates.ts';
export { type AccessDecision, type AccessQuestion, decideAccess, type Memory } from './decide-access.ts';
export { deriveLifecycle } from './derive-lifecycle.ts';
export { type AccountsQuestion, desiredAccounts } from './desired-accounts.ts';
export { type EndedWith, endOfTime, isSameTime } from './ended-with.ts';
export * from './errors.ts';
export { evaluatePolicy, type PolicyAnswer, type PolicyQuestion } from './evaluate-policy.ts';
export type { ExpressionEnvironment } from './expression-environment.ts';
export { ExpressionRefused } from './expression-rules.ts';
export { checkExpression, compileExpression, type Evaluated, type Expression, type ExpressionType } from './expressions.ts';
export * from './facts.ts';
export { grantsAt } from './grants-at.ts';
export type { Inactivity } from './inactivity.ts';
export { type ChangeToHold, endsAccess, type Hold, HOLD_KINDS, type HoldKind, holdOn, isTargetHeld } from './hold.ts';
export { BUILT_IN_ATTRIBUTES } from './identity-facts.ts';
export * from './lifecycle.ts';
export type { Stage } from './stage.ts';
export { lookAgainAt, type LookAgainQuestion, readUnseenAt } from './look-again.ts';
export { isMailAddress } from './mail-address.ts';
export { type MergeInput, mergeFacts } from './merge-facts.ts';
export { displayName } from './display-name.ts';
export { heldUntil } from './held-until.ts';
export { didYouMean, nearestName } from './nearest-name.ts';
export { type MissingFacts, missingFacts } from './missing-facts.ts';
export { nextWakeUp } from './next-wake-up.ts';
export * from './notice.ts';
export { mayMove, OPERATION_MOVES } from './operation.ts';
export { planAccount, type PlanScope } from './plan-account.ts';
export { disprovedBy, sharedRefusal } from './accounts/shared-refusal.ts';
export { isStillPlanned, sameChange, withoutStopped } from './accounts/stopped-changes.ts';
export { managedEntitlements, planChanges, type TargetPlan } from './plan-changes.ts';
export { foldCase, hasControlCharacters, isPlainText, normalText } from './plain-text.ts';
export * from './policy.ts';
export { pathText, PolicyInvalid, type PolicyProblem } from './policy-invalid.ts';
export { readForActivityAt, reportedActivity } from './reported-activity.ts';
export { isCalledOff, relationshipBounds, type Span, spans } from './relationship.ts';
export { RETENTION, RETENTION_KINDS, type Retention, type RetentionKind } from './retention.ts';
export type { AskedException } from './requests/asked-exception.ts';
export { DELEGATED_KINDS, type DelegatedKind, type Delegation, delegationLine, isDelegated, nextHandOver } from './requests/delegation.ts';
export { type ItemProgress, type ItemStep, type ItemVote, nextStep, placesOf } from './requests/next-step.ts';
export { type BreakGlassJudgement, endOf, judgeBreakGlass, judgeRequest, type RequestJudgement } from './requests/judge-request.ts';
export { type AccessName, mayAsk, mayBreakGlass, offered } from './requests/may-ask.ts';
export type * from './requests/request-policy.ts';
export type { RequestedAccess } from './requests/requested-access.ts';
export { type RequestRefusal, RequestRefused } from './requests/request-refused.ts';
export {
  compileSqlStatement,
  isKeptWhenAbsent,
  type ParameterisedStatement,
  SQL_STATEMENT_NAMES,
  type SqlStatement,
  StatementInvalid,
} from './sql-statement.ts';
export { reportedEnd } from './termination.ts';
export { addWorkingTime, dueAfter, isWorkingDuration, WEEKDAYS, type Weekday, type WorkingCalendar } from './working-time.ts';
export { checkedReason } from './checked-reason.ts';
export { mustExist } from './must-exist.ts';
