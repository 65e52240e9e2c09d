export { enterTarget, isProvisional } from './enter-target.ts';
export { followModes, type FollowedMode } from './follow-modes.ts';
export { observedTargets } from './observed-targets.ts';
export { observeTarget } from './observe-target.ts';
export { countKinds, type PlannedInTarget, planOfTarget } from './plan-target.ts';
export { switchOnTarget } from './switch-on.ts';
