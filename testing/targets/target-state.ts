/** State of an account in a target, looked up directly and not through Tenure. */
export interface TargetState {
  readonly exists: boolean;
  /** False when it does not exist. */
  readonly enabled: boolean;
  /** Names of groups or roles, sorted. */
  readonly groups: readonly string[];
}

export const absent: TargetState = { exists: false, enabled: false, groups: [] };

/** A target that runs. */
export interface RunningTarget {
  readonly url: string;
  look(userName: string): Promise<TargetState>;
  stop(): Promise<void>;
}
