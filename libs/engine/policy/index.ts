export type { PlannedDifference, PlannedLife, PolicyPlan } from './policy-plan.ts';
export { planVersion } from './plan-version.ts';
export { publishPolicy, putInForce, type StartedPolicy, startPolicy } from './publish-policy.ts';
export { currentPolicy, isBehind, policyInForce } from './read-policy.ts';
export { runPolicyTest } from './run-policy-test.ts';
