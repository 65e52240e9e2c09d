export type { PlannedDifference, PlannedLife, PolicyPlan } from './policy-plan.ts';
export { runPolicyTest } from './run-policy-test.ts';
