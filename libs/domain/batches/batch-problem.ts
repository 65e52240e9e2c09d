/**
 * Reason for which an approved batch change waits for approval again: its source is not in tenure.yaml, its remaining items failed repeatedly, or the
 * target that it corrects is only observed by now.
 */
export type BatchProblem = 'source-removed' | 'not-taken' | 'target-observed';
