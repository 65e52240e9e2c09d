import type { ApprovalStage, Approvers, BreakGlassRule, CaseRule, Owner, RequestRule, WorkingCalendar } from '@tenure/domain';

/** An owner as it is written. It has one of the two, which the schema ensures. */
export interface RawOwner {
  readonly person?: string;
  readonly holders?: string;
}

interface RawStage extends Pick<ApprovalStage, 'name' | 'remindAfter' | 'deadline' | 'calendar'> {
  readonly approvers: readonly (string | RawOwner)[];
  readonly quorum?: number;
  readonly escalateTo?: readonly (string | RawOwner)[];
  readonly otherwise?: ApprovalStage['otherwise'];
}

/** A rule under `requestable` as it is written. */
export interface RawRequestRule extends Omit<RequestRule, 'roles' | 'entitlements' | 'stages'> {
  readonly roles?: readonly string[];
  readonly entitlements?: readonly string[];
  readonly stages: readonly RawStage[];
}

/** A rule under `breakGlass` as it is written. */
export interface RawBreakGlassRule extends Omit<BreakGlassRule, 'roles' | 'entitlements' | 'reviewers' | 'tell'> {
  readonly roles?: readonly string[];
  readonly entitlements?: readonly string[];
  readonly reviewers: readonly (string | RawOwner)[];
  readonly tell?: readonly (string | RawOwner)[];
}

/** Returns the rule with all defaults. */
export function breakGlassRule({ roles = [], entitlements = [], reviewers, tell = [], ...rule }: RawBreakGlassRule): BreakGlassRule {
  return { ...rule, roles, entitlements, reviewers: reviewers.map(approversOf), tell: tell.map(approversOf) };
}

/** A calendar as it is written. */
export interface RawCalendar extends Pick<WorkingCalendar, 'timeZone' | 'days'> {
  /** `09:00-17:00` */
  readonly hours: string;
  readonly holidays?: readonly string[];
}

/** Returns the calendar with all defaults. */
export function workingCalendar({ hours, holidays = [], ...calendar }: RawCalendar): WorkingCalendar {
  const [from = '', to = ''] = hours.split('-');
  return { ...calendar, from, to, holidays };
}

/** A rule under `cases` as it is written. */
export interface RawCaseRule extends Omit<CaseRule, 'owner' | 'escalateTo'> {
  readonly owner?: string | RawOwner;
  readonly escalateTo?: string | RawOwner;
}

/** Returns the rule with its owners in the form of the domain. */
export function caseRule({ owner, escalateTo, ...rule }: RawCaseRule): CaseRule {
  return {
    ...rule,
    ...(owner === undefined ? {} : { owner: approversOf(owner) }),
    ...(escalateTo === undefined ? {} : { escalateTo: approversOf(escalateTo) }),
  };
}

/** Returns the rule with all defaults. */
export function requestRule({ roles = [], entitlements = [], stages, ...rule }: RawRequestRule): RequestRule {
  return { ...rule, roles, entitlements, stages: stages.map(approvalStage) };
}

/** Returns a property to spread into the owned thing; empty if no owner is named. */
export function readOwner(owner: RawOwner | undefined): { owner?: Owner } {
  return owner === undefined ? {} : { owner: ownerOf(owner) };
}

function approvalStage({ approvers, quorum = 1, escalateTo = [], otherwise = 'deny', ...stage }: RawStage): ApprovalStage {
  return { ...stage, approvers: approvers.map(approversOf), quorum, escalateTo: escalateTo.map(approversOf), otherwise };
}

function approversOf(raw: string | RawOwner): Approvers {
  return typeof raw === 'string' ? { kind: raw as 'manager' | 'sponsor' | 'owner' } : ownerOf(raw);
}

/** Returns an owner in the form of the domain. */
export function ownerOf({ person, holders }: RawOwner): Owner {
  return person === undefined ? { kind: 'holders', name: holders ?? '' } : { kind: 'person', userName: person };
}
