export type { PlannedDifference, PlannedLife, PolicyPlan } from './plan-policy.ts';
export { runPolicyTest } from './run-policy-test.ts';
