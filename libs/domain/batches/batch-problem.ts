/** Why a batch change that was approved waits again: its source is not in tenure.yaml, or what is left of it failed again and again. */
export type BatchProblem = 'source-removed' | 'not-taken';
