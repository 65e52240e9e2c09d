import type { Approvers } from '../requests/request-policy.ts';
import type { CaseKind } from './case-kind.ts';

/** Rule for the owner and deadline of cases. The first rule that names a kind applies. */
export interface CaseRule {
  readonly name: string;
  /** Absent: every kind. */
  readonly kinds?: readonly CaseKind[];
  /** Owner of the cases. Absent: any operator. */
  readonly owner?: Approvers;
  /** ISO 8601 duration after the case was opened, and again after it was escalated. Absent: the default of the kind. */
  readonly deadline?: string;
  /** Owner after the deadline has passed. Absent: the operators. */
  readonly escalateTo?: Approvers;
}
