import type { PolicyDocument } from '../policy/policy.ts';
import type { Approvers } from '../requests/request-policy.ts';
import type { WorkingCalendar } from '../time/working-time.ts';
import type { CaseContent } from './case-evidence.ts';
import type { CaseKind } from './case-kind.ts';

/** Owner, deadline and escalation of a case. */
export interface CaseTerms {
  /** Candidates for the owner: the first who is available; empty, or none is available: any operator. */
  readonly owner: readonly Approvers[];
  /** ISO 8601 duration. */
  readonly deadline: string;
  /** Calendar in whose working time the deadline is counted; absent: in calendar days in the time zone of the person whom the case is about. */
  readonly calendar?: WorkingCalendar;
  /** Owner after the deadline; empty: any operator, or with `goesOn` the next in line. */
  readonly escalateTo: readonly Approvers[];
  /** True if it must be answered: each deadline escalates it to the next in line, as with approvals, until it is. Absent: it is escalated once. */
  readonly goesOn?: true;
}

/** Default terms of each kind; absent parts are in `otherwise`. */
const usual: Readonly<Record<CaseKind, Partial<CaseTerms>>> = {
  'operation-failed': {},
  'account-conflict': {},
  'target-refuses': { deadline: 'PT4H' },
  'identity-provider-fails': { deadline: 'PT4H' },
  'target-refuses-change': { deadline: 'P1D' },
  'write-without-effect': {},
  'not-visible': {},
  'account-moved': {},
  'account-not-visible': { deadline: 'PT4H' },
  'end-not-confirmed': { deadline: 'PT4H' },
  'leaver-with-access': { deadline: 'PT1H' },
  'reconciliation-findings': { deadline: 'P5D' },
  'target-not-read': { deadline: 'P1D' },
  'target-restored': { deadline: 'PT4H' },
  'quarantine-failed': { deadline: 'P5D' },
  'target-observed': { deadline: 'P5D' },
  'protected-account': { deadline: 'P1D' },
  'ambiguous-record': {},
  'ambiguous-login': {},
  'policy-evaluation': {},
  'separation-conflict': { owner: [{ kind: 'owner' }], deadline: 'P5D' },
  'separation-violation': { owner: [{ kind: 'owner' }], deadline: 'P5D' },
  'hire-called-off': {},
  'end-before-start': {},
  transfer: { deadline: 'P14D' },
  'facts-missing': { deadline: 'P5D' },
  'break-glass-review': { goesOn: true },
  'request-without-approver': {},
  'requested-access-questionable': { owner: [{ kind: 'owner' }], deadline: 'P5D' },
  'contract-ending': { owner: [{ kind: 'sponsor' }] },
  'sponsor-missing': {},
  inactive: { owner: [{ kind: 'manager' }], deadline: 'P14D' },
  'change-budget': { owner: [{ kind: 'owner' }], deadline: 'PT4H' },
  'vanished-from-feed': {},
  'notice-undeliverable': {},
  'token-ending': { deadline: 'P5D' },
  'urgent-ends': { deadline: 'PT1H' },
  'repair-approval': {},
  'logout-not-confirmed': { deadline: 'PT4H' },
  'application-address': { deadline: 'PT4H' },
};

const otherwise: CaseTerms = { owner: [], deadline: 'P2D', escalateTo: [] };

type Said = Partial<Pick<PolicyDocument, 'cases' | 'breakGlass' | 'calendars'>>;

/** Terms of a case: from the policy's rule for its kind, otherwise the defaults. */
export function caseTerms(policy: Said, found: CaseContent): CaseTerms {
  const rule = policy.cases?.find(({ kinds }) => kinds === undefined || kinds.includes(found.kind));
  const review = found.kind === 'break-glass-review' ? reviewTerms(policy, found.evidence.rule) : {};
  const { calendar, ...own } = { ...otherwise, ...usual[found.kind], ...review };
  // The deadline of a rule for cases is counted in calendar days.
  const counted = rule?.deadline === undefined ? { deadline: own.deadline, ...(calendar === undefined ? {} : { calendar }) } : { deadline: rule.deadline };
  return {
    ...own,
    ...counted,
    ...(rule?.owner === undefined ? {} : { owner: [rule.owner] }),
    ...(rule?.escalateTo === undefined ? {} : { escalateTo: [rule.escalateTo] }),
  };
}

/** Terms of the review of break-glass access: reviewers and deadline of the rule by which it was taken. */
function reviewTerms({ breakGlass = [], calendars = {} }: Said, takenBy: string | undefined): Partial<CaseTerms> {
  const rule = breakGlass.find(({ name }) => name === takenBy);
  if (rule === undefined) return {};
  const calendar = rule.calendar !== undefined && Object.hasOwn(calendars, rule.calendar) ? calendars[rule.calendar] : undefined;
  return { owner: rule.reviewers, deadline: rule.reviewWithin, ...(calendar === undefined ? {} : { calendar }) };
}
