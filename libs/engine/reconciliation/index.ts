export { beginRun } from './begin-run.ts';
export { evaluateRun } from './evaluate-run.ts';
export { finishRun } from './finish-run.ts';
export { joinedIn, type ReconciledTarget, scopeOfRun, stagedIn } from './reconciled-target.ts';
export { requestRun, requestRunAfterRecovery, type RunRequest } from './request-run.ts';
export { stagePage } from './stage-page.ts';
