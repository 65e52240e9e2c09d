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
