import type { PolicyDocument } from '../policy/policy.ts';
import type { Approvers } from '../requests/request-policy.ts';
import type { WorkingCalendar } from '../time/working-time.ts';
import type { CaseContent } from './case-evidence.ts';
import type { CaseKind } from './case-kind.ts';

/** What a case goes by. */
export interface CaseTerms {
  /** The first of them who is there; empty, or nobody there: any operator. */
  readonly owner: readonly Approvers[];
  /** ISO 8601. */
  readonly deadline: string;
  /** In its working time the deadline is counted; absent: by the days of whom it is about. */
  readonly calendar?: WorkingCalendar;
  /** Whose it becomes then; empty: any operator's, or where it goes on the next in line. */
  readonly escalateTo: readonly Approvers[];
  /** It has to be answered: at each further deadline it goes on to the next in line, as approvals do, until somebody has. Absent: it goes up once. */
  readonly goesOn?: true;
}

/** Terms of each kind where policy says nothing; what is left out is as with most cases. */
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
};

const otherwise: CaseTerms = { owner: [], deadline: 'P2D', escalateTo: [] };

type Said = Partial<Pick<PolicyDocument, 'cases' | 'breakGlass' | 'calendars'>>;

/** What a case goes by: the policy's rule for its kind, and where that says nothing what is usual. */
export function caseTerms(policy: Said, found: CaseContent): CaseTerms {
  const rule = policy.cases?.find(({ kinds }) => kinds === undefined || kinds.includes(found.kind));
  const review = found.kind === 'break-glass-review' ? reviewTerms(policy, found.evidence.rule) : {};
  const { calendar, ...own } = { ...otherwise, ...usual[found.kind], ...review };
  // A deadline that is said for cases is said in days of the calendar on the wall.
  const counted = rule?.deadline === undefined ? { deadline: own.deadline, ...(calendar === undefined ? {} : { calendar }) } : { deadline: rule.deadline };
  return {
    ...own,
    ...counted,
    ...(rule?.owner === undefined ? {} : { owner: [rule.owner] }),
    ...(rule?.escalateTo === undefined ? {} : { escalateTo: [rule.escalateTo] }),
  };
}

/** Break-glass access has to be reviewed, by whom and within what the rule says by which it was taken. */
function reviewTerms({ breakGlass = [], calendars = {} }: Said, takenBy: string | undefined): Partial<CaseTerms> {
  const rule = breakGlass.find(({ name }) => name === takenBy);
  if (rule === undefined) return {};
  const calendar = rule.calendar !== undefined && Object.hasOwn(calendars, rule.calendar) ? calendars[rule.calendar] : undefined;
  return { owner: rule.reviewers, deadline: rule.reviewWithin, ...(calendar === undefined ? {} : { calendar }) };
}
