export { enterTarget, isProvisional } from './enter-target.ts';
export { observedTargets } from './observed-targets.ts';
