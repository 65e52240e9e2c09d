export { beginRun } from './begin-run.ts';
export { correctAccounts } from './correct-accounts.ts';
export { evaluateRun } from './evaluate-run.ts';
export { finishRun } from './finish-run.ts';
export { joinedIn, type ReconciledTarget, scopeOfRun, stagedIn } from './reconciled-target.ts';
export { recordSightings, type Sighting } from './record-sightings.ts';
export { requestRun, requestRunAfterRecovery, type RunRequest } from './request-run.ts';
export { stagePage } from './stage-page.ts';
