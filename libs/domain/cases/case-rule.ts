import type { PolicyDocument } from '../policy.ts';
import type { Approvers } from '../requests/request-policy.ts';
import type { CaseKind } from './case-kind.ts';

/** Whose cases are, and by when they should be answered. The first rule that names a kind applies. */
export interface CaseRule {
  readonly name: string;
  /** Absent: every kind. */
  readonly kinds?: readonly CaseKind[];
  /** Who is asked. Absent: any operator. */
  readonly owner?: Approvers;
  /** ISO 8601 duration from when the case was opened, and again from when it was escalated. Absent: the kind's usual one. */
  readonly deadline?: string;
  /** Whose it becomes when the deadline has passed. Absent: the operators'. */
  readonly escalateTo?: Approvers;
}

/** What a kind of case goes by. */
export interface CaseTerms {
  /** `null`: any operator. */
  readonly owner: Approvers | null;
  readonly deadline: string;
  /** `null`: any operator. */
  readonly escalateTo: Approvers | null;
}

/** What somebody has to see on the same day, and who is asked where policy says nothing. */
const usual: Readonly<Partial<Record<CaseKind, Partial<CaseTerms>>>> = {
  'target-refuses': { deadline: 'PT4H' },
  'end-not-confirmed': { deadline: 'PT4H' },
  'separation-conflict': { owner: { kind: 'owner' }, deadline: 'P5D' },
  'separation-violation': { owner: { kind: 'owner' }, deadline: 'P5D' },
  'requested-access-questionable': { owner: { kind: 'owner' }, deadline: 'P5D' },
  'facts-missing': { deadline: 'P5D' },
  transfer: { deadline: 'P14D' },
  'contract-ending': { owner: { kind: 'sponsor' } },
  'change-budget': { owner: { kind: 'owner' }, deadline: 'PT4H' },
  inactive: { owner: { kind: 'manager' }, deadline: 'P14D' },
};

const otherwise: CaseTerms = { owner: null, deadline: 'P2D', escalateTo: null };

/** What a kind goes by: the policy's rule for it, and where that says nothing what is usual. */
export function caseTerms({ cases = [] }: Pick<PolicyDocument, 'cases'>, kind: CaseKind): CaseTerms {
  const rule = cases.find(({ kinds }) => kinds === undefined || kinds.includes(kind));
  const said = {
    ...(rule?.owner === undefined ? {} : { owner: rule.owner }),
    ...(rule?.deadline === undefined ? {} : { deadline: rule.deadline }),
    ...(rule?.escalateTo === undefined ? {} : { escalateTo: rule.escalateTo }),
  };
  return { ...otherwise, ...usual[kind], ...said };
}
