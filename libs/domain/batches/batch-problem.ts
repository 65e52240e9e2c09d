/** Reason for which an approved batch change waits for approval again: its source is not in tenure.yaml, or its remaining items failed repeatedly. */
export type BatchProblem = 'source-removed' | 'not-taken';
