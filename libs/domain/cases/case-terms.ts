import type { PolicyDocument } from '../policy/policy.ts';
import type { Approvers } from '../requests/request-policy.ts';
import type { WorkingCalendar } from '../time/working-time.ts';
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

/** What somebody has to see on the same day, and who is asked where policy says nothing. */
const usual: Readonly<Partial<Record<CaseKind, Partial<CaseTerms>>>> = {
  'target-refuses': { deadline: 'PT4H' },
  'identity-provider-fails': { deadline: 'PT4H' },
  'target-refuses-change': { deadline: 'P1D' },
  'account-not-visible': { deadline: 'PT4H' },
  'end-not-confirmed': { deadline: 'PT4H' },
  'separation-conflict': { owner: [{ kind: 'owner' }], deadline: 'P5D' },
  'separation-violation': { owner: [{ kind: 'owner' }], deadline: 'P5D' },
  'requested-access-questionable': { owner: [{ kind: 'owner' }], deadline: 'P5D' },
  'facts-missing': { deadline: 'P5D' },
  transfer: { deadline: 'P14D' },
  'contract-ending': { owner: [{ kind: 'sponsor' }] },
  'change-budget': { owner: [{ kind: 'owner' }], deadline: 'PT4H' },
  'token-ending': { deadline: 'P5D' },
  'urgent-ends': { deadline: 'PT1H' },
  inactive: { owner: [{ kind: 'manager' }], deadline: 'P14D' },
};

const otherwise: CaseTerms = { owner: [], deadline: 'P2D', escalateTo: [] };

type Said = Partial<Pick<PolicyDocument, 'cases' | 'breakGlass' | 'calendars'>>;

/**
 * What a case goes by: the policy's rule for its kind, and where that says nothing what is usual.
 * @param evidence of the case, which may name the rule that it comes from
 */
export function caseTerms(policy: Said, kind: CaseKind, evidence: Readonly<Record<string, unknown>> = {}): CaseTerms {
  const rule = policy.cases?.find(({ kinds }) => kinds === undefined || kinds.includes(kind));
  const { calendar, ...own } = { ...otherwise, ...(kind === 'break-glass-review' ? reviewTerms(policy, evidence) : usual[kind]) };
  // A deadline that is said for cases is said in days of the calendar on the wall.
  const counted = rule?.deadline === undefined ? { deadline: own.deadline, ...(calendar === undefined ? {} : { calendar }) } : { deadline: rule.deadline };
  return {
    ...own,
    ...counted,
    ...(rule?.owner === undefined ? {} : { owner: [rule.owner] }),
    ...(rule?.escalateTo === undefined ? {} : { escalateTo: [rule.escalateTo] }),
  };
}

/** Emergency access has to be reviewed, by whom and within what the rule says by which it was taken. */
function reviewTerms({ breakGlass = [], calendars = {} }: Said, evidence: Readonly<Record<string, unknown>>): Partial<CaseTerms> {
  const rule = breakGlass.find(({ name }) => name === evidence['rule']);
  if (rule === undefined) return { goesOn: true };
  const calendar = rule.calendar !== undefined && Object.hasOwn(calendars, rule.calendar) ? calendars[rule.calendar] : undefined;
  return { owner: rule.reviewers, deadline: rule.reviewWithin, ...(calendar === undefined ? {} : { calendar }), goesOn: true };
}
